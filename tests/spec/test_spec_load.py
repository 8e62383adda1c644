"""Good specs load, whatever they say; bad ones never end in anything but located complaints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringwall.model.errors import InputError
from ringwall.spec import load
from ringwall.spec.load import load_spec, parse_spec
from ringwall.spec.model import LoadBalancer, Workload
from strategies import Plain, spec_text, valid_specs

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/ringwall.yaml"))
CLINIC = (ROOT / "examples/clinic/ringwall.yaml").read_text(encoding="utf-8")

MINIMAL = """\
name: hello
services:
  web: {kind: load-balancer}
  api:
    kind: service
    from: web
    scale: {min: 2}
  records: {kind: postgres, from: [api, worker]}
  worker: {kind: service}
"""


def complaints(text: str) -> list[str]:
    """The messages about a text; fails where one is not as messages have to be."""
    try:
        parse_spec(text)
    except InputError as error:
        found = error.diagnostics
    else:
        return []
    for one in found:
        assert one.code.startswith("RW-SPEC-")
        assert one.origin.line is not None
        assert one.origin.line <= text.count("\n") + text.count("\r") + 2
        assert one.message == " ".join(one.message.split())
        assert not one.message.endswith(".")
        assert one.message[0].islower() or not one.message[0].isalpha() or one.message[:3] == "RDS"
        assert "\n" not in one.help
    return [one.message for one in found]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_examples_load(path: Path) -> None:
    assert load_spec(path).spec.services


def test_there_are_examples_of_every_size() -> None:
    assert {path.parent.name for path in EXAMPLES} >= {"minimal", "clinic", "chat", "large"}


def test_defaults_are_filled_in() -> None:
    spec = parse_spec(MINIMAL).spec
    assert spec.region == "us-east-1"
    assert spec.network.zones == 3
    assert spec.services["web"].sources == ("internet",)
    assert spec.services["web"].tier == "public"
    assert spec.services["api"].sources == ("web",)
    assert list(spec.of_kind(LoadBalancer)) == ["web"]
    assert list(spec.of_kind(Workload)) == ["api", "worker"]


@pytest.mark.parametrize(
    ("key", "line", "column"),
    [
        (("name",), 1, 7),
        (("region",), 1, 1),  # not written: the start of the file
        (("services",), 2, 1),  # a block: its key
        (("services", "web", "kind"), 3, 15),
        (("services", "web", "listen"), 3, 8),  # not written: the braces around it
        (("services", "api"), 4, 3),
        (("services", "api", "from"), 6, 11),
        (("services", "api", "from", 0), 6, 11),
        (("services", "api", "scale", "min"), 7, 18),
        (("services", "records", "from", 1), 8, 41),
    ],
)
def test_every_value_keeps_its_place(key: tuple[str | int, ...], line: int, column: int) -> None:
    origin = parse_spec(MINIMAL, "x.yaml").origin(*key)
    assert (origin.source, origin.line, origin.column) == ("x.yaml", line, column)


def test_words_mean_what_yaml_1_2_says() -> None:
    text = MINIMAL.replace("{kind: service}", "{kind: service, health: /on}")
    spec = parse_spec(text.replace("name: hello", "name: no")).spec
    assert spec.name == "no"


@given(valid_specs())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_valid_specs_load(spec: Plain) -> None:
    assert complaints(spec_text(spec)) == []
    assert complaints(yaml.safe_dump(spec, sort_keys=False)) == []
    loaded = parse_spec(spec_text(spec)).spec
    assert list(loaded.services) == list(spec["services"])


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_text_is_a_fault_of_ours(text: str) -> None:
    assert complaints(text)


@given(st.text(alphabet=":-[]{}&*!|>'\"%@`#?,~ \t\n\rax01", max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_punctuation_is_a_fault_of_ours(text: str) -> None:
    assert complaints(text)


_JUNK = st.sampled_from(
    ["", " ", "\t", "\n", ":", "- ", "{", "]", "'", '"', "&a ", "*a", "!!x ", "---\n", "null", "-1",
     "9" * 400, "0.5", "true", "\x07", "\u2028", "ü", "internet", "kind", "from", "services"]
)  # fmt: skip


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_no_slip_of_the_pen_is_a_fault_of_ours(data: st.DataObject) -> None:
    text = CLINIC
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(_JUNK) + text[end:]
    complaints(text)


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(valid_specs(most_apps=3, most_stores=1), st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_odd_value_is_a_fault_of_ours(spec: Plain, data: st.DataObject) -> None:
    node: object = spec
    # Walk to a random place, and put anything there, under a known key or a new one.
    for _ in range(data.draw(st.integers(0, 4))):
        if not isinstance(node, dict | list) or not node:
            break
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        at = data.draw(st.sampled_from(keys))
        inner = node[at]  # type: ignore[index]  # a key or an index of this very node
        if not isinstance(inner, dict | list) or data.draw(st.booleans()):
            node[at] = data.draw(_VALUES)  # type: ignore[index]
            break
        node = inner
    complaints(json.dumps(spec))


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "{" * 50_000, "a: " * 50_000, "- " * 50_000, "a:\n" * 20_000, "? " * 50_000,
     "a: &x [1]\n" * 10_000, "x: '" + "y" * 200_000, "#" * 200_000, '"' * 99_999],
)  # fmt: skip
def test_nothing_exhausts_us(text: str) -> None:
    assert complaints(text)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_spec(path)
    (one,) = caught.value.diagnostics
    assert one.code == "RW-SPEC-001"
    assert one.origin.source == str(path)
    return one.message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.yaml") == "there is no such file"
    assert refused(tmp_path) == "this is a folder, not a file"
    assert refused(Path("nul\0byte")).startswith("the file cannot be read")
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (load.MAX_BYTES + 1))
    assert refused(huge) == "the file is larger than 256 KiB, which no spec needs"


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: a\nregion: ü\n".encode("latin-1"))
    with pytest.raises(InputError) as caught:
        load_spec(path)
    (one,) = caught.value.diagnostics
    assert (one.origin.line, one.origin.column) == (2, 9)
    assert one.message == "the byte 0xfc here is not UTF-8"


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert load_spec(path).origin("name").column == 7
