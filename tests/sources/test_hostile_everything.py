"""Damaged dumps through the whole command: an answer or a located error, never a fault."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.app import run

SNAPSHOTS = Path(__file__).parents[1] / "data" / "snapshots"
DUMPS = ("nat-gateway", "load-balancer", "transit-gateway-peering")
JUNK: list[Any] = [
    None, [], {}, -1, "", True, 10**40, float("nan"), [None], {"a": None}, "0.0.0.0/0", "::/0",
    "\ud800", "\x00", 65536,
]  # fmt: skip
QUESTIONS = (
    ("prove",),
    ("prove", "--pairs", "--format", "json"),
    ("explain", "--from", "internet", "--to", "10.0.0.5"),
    ("explain", "--from", "10.0.0.5", "--to", "8.8.8.8", "--protocol", "udp", "--port", "53"),
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _damage(draw: random.Random, files: dict[str, Any]) -> None:
    if draw.random() < 0.1:
        del files[draw.choice(list(files))]
        return
    places = [one for held in files.values() for one in _places(held)]
    holder, key = draw.choice(places)
    texts = [(one, at) for one, at in places if isinstance(one[at], str)]
    turn = draw.randrange(4)
    if turn == 0:
        holder[key] = copy.deepcopy(draw.choice(JUNK))
    elif turn == 1:
        del holder[key]
    elif turn == 2 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:  # ids and blocks that dangle, repeat or go in circles
        (one, at), (other, its) = draw.choice(texts), draw.choice(texts)
        one[at] = other[its]


@pytest.mark.parametrize("name", DUMPS)
def test_damaged_dumps_are_answered_or_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, draw = SNAPSHOTS / name, random.Random(name)  # noqa: S311 - no secret
    whole = {str(one.relative_to(root)): json.loads(one.read_text())
             for one in sorted(root.rglob("*.json"))}  # fmt: skip
    for turn in range(25):
        files = copy.deepcopy(whole)
        for _ in range(draw.choice((1, 1, 3))):
            _damage(draw, files)
        folder = tmp_path / str(turn)
        for path, held in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(json.dumps(held))
        verb, *options = draw.choice(QUESTIONS)
        code = run([verb, str(folder), *options])
        told = capsys.readouterr().err
        assert code in {0, 1, 2, 3}, told
        assert code != 2 or "-->" in told or '"place"' in told


def test_an_address_in_no_known_subnet_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = SNAPSHOTS / "nat-gateway"
    cards = json.loads((root / "aws_configs/NetworkInterfaces.json").read_text())
    target = cards["NetworkInterfaces"][0]["NetworkInterfaceId"]
    code = run(["explain", str(root), "--from", "192.168.77.5", "--to", target])
    assert code in {0, 3}, capsys.readouterr().err
