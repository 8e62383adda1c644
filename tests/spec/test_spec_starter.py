"""What ``ringwall init`` writes loads, whatever is answered; what cannot hold is told."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.spec.load import parse_spec
from ringwall.spec.starter import Answers, starter, zones_of

REGIONS = sorted(facts("regions").values)
# Words that YAML or Ringwall's own names could trip over.
NAMES = ("api", "web", "records", "web-1", "cache", "documents", "null", "true", "no", "on", "y")


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    region = draw(st.sampled_from(REGIONS))
    there = len(facts("regions").values[region]["zones"])
    services = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    arn = f"arn:aws:acm:{region}:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    return Answers(
        name=draw(st.sampled_from(("clinic", "null", "a-1"))),
        region=region,
        cidr=draw(st.sampled_from(("10.0.0.0/16", "192.168.0.0/20"))),
        zones=draw(st.one_of(st.none(), st.integers(2, min(6, there)))),
        nat=draw(st.sampled_from(("per-zone", "single", "none"))),
        frameworks=tuple(draw(st.permutations(("soc2", "hipaa")))[: draw(st.integers(0, 2))]),
        services=tuple(services),
        postgres=draw(st.booleans()),
        redis=draw(st.booleans()),
        bucket=draw(st.booleans()),
        certificate=draw(st.sampled_from((None, arn))),
    )


@given(answers())
@settings(max_examples=150, deadline=None)
def test_every_combination_of_answers_loads(given_answers: Answers) -> None:
    text = starter(given_answers)
    spec = parse_spec(text).spec
    assert spec.name == given_answers.name
    assert spec.network.zones == zones_of(given_answers)
    assert set(given_answers.services) <= set(spec.services)
    stores = (given_answers.postgres, given_answers.redis, given_answers.bucket)
    assert len(spec.services) == 1 + len(given_answers.services) + sum(stores)
    assert max(len(line) for line in text.splitlines()) <= 140


def test_the_commented_egress_can_be_uncommented() -> None:
    text = starter(Answers())
    lines = [line[2:] if line.startswith(("# egress", "#   ")) else line for line in
             text.splitlines()]  # fmt: skip
    assert parse_spec("\n".join(lines)).spec.egress["api"][0].why == "payment provider"


def test_it_explains_itself_to_a_newcomer() -> None:
    text = starter(Answers(nat="single"))
    assert text.count("#") > 10
    assert "ringwall check" in text
    assert "take `survives` out" in text
    assert yaml.safe_load(text)["name"] == "my-app"


@pytest.mark.parametrize(
    "bad",
    [
        Answers(name="Not A Name"),
        Answers(name="a: b # c\n'd'"),
        Answers(region="mars-1"),
        Answers(region="us-west-1", zones=3),
        Answers(cidr="8.8.8.0/24"),
        Answers(services=()),
        Answers(services=("api", "api")),
        Answers(services=("internet",)),
        Answers(services=("x y",)),
        Answers(certificate="not an arn"),
    ],
)
def test_answers_that_cannot_hold_are_told(bad: Answers) -> None:
    with pytest.raises(InputError):
        starter(bad)
