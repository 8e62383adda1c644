"""Policy files: what they mean, the mistakes people make in them, and the schema beside them.

``policies/NAME.yaml`` and ``NAME.txt`` are a mistake and what is told of it; ``RINGWALL_RENEW=1``
writes the tables anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.policy import INTERNET, Layers, Never, Only, Policy, Selector, Survives
from ringwall.model.services import ALL_SERVICES, icmp_set, tcp, udp, whole_protocol
from ringwall.spec.policy_codes import CODES
from ringwall.spec.policy_file import is_policy_text, load_policy, parse_policy
from ringwall.spec.policy_schema import policy_schema

FOLDER = Path(__file__).parent / "policies"
CASES = sorted(FOLDER.glob("*.yaml"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "clinic" / "policy.yaml"
#: Mistakes that no schema can see: the reader alone refuses them.
BEYOND_A_SCHEMA = {
    "duplicate-key", "alias", "not-yaml", "empty", "only-comment", "nothing-asked",
    "never-protocol", "never-port", "never-range-backwards", "never-all-ports", "never-two-arrows",
    "flow-protocol", "flow-ports-of-gre", "flow-icmp-type", "flow-clients-range",
    "ends-internet", "ends-two-words", "ends-nested", "layers-between-services",
}  # fmt: skip


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place_and_its_mend(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_policy(path)
    lines = []
    for one in caught.value.diagnostics:
        assert one.help, "every mistake has a mend"
        assert one.code in CODES or one.code.startswith("RW-SPEC-00")
        lines.append(f"{one.origin.line}:{one.origin.column} {one.code} {one.message}")
        lines.append(f"    help: {one.help}")
    told = "\n".join(lines) + "\n"
    golden = path.with_suffix(".txt")
    if os.environ.get("RINGWALL_RENEW") == "1":
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def test_every_mistake_has_its_table_and_every_code_its_mistake() -> None:
    assert {path.stem for path in CASES} == {path.stem for path in FOLDER.glob("*.txt")}
    told = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
    assert {code for code in CODES if code not in told} == set()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_schema_refuses_what_it_can_see(path: Path) -> None:
    if path.stem in BEYOND_A_SCHEMA:
        return
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), policy_schema())


def test_the_schema_and_the_reader_take_the_example() -> None:
    jsonschema.validate(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")), policy_schema())
    assert load_policy(EXAMPLE).flows


def test_what_a_policy_means() -> None:
    policy = parse_policy(
        """
ends: {office: [198.51.100.0/24, vpn-users]}
flows:
  - web -> db tcp/5432, udp/53
  - {from: [internet, office], to: web, ports: [443, 8000-8100], clients: [linux, windows]}
  - {from: web, to: db, protocol: icmp, port: 8}
guarantees:
  - never: internet -> db
  - never: office -> web tcp/22
  - only: web -> db
  - only: web -> db all
  - layers: 2
  - layers: 3
    between: internet -> db
  - survives: zone
  - always: on-premises -> db tcp/5432
    clients: 40000-50000
""",
        "p.yaml",
    )
    web, db = Selector("named", "web"), Selector("named", "db")
    office = Selector("named", "office", ("198.51.100.0/24", "vpn-users"))
    assert [(one.source, one.target, one.services, one.client_ports) for one in policy.flows] == [
        (web, db, tcp(5432) | udp(53), (1024, 65535)),
        (INTERNET, web, tcp(443) | tcp(8000, 8100), (32768, 60999)),
        (INTERNET, web, tcp(443) | tcp(8000, 8100), (49152, 65535)),
        (office, web, tcp(443) | tcp(8000, 8100), (32768, 60999)),
        (office, web, tcp(443) | tcp(8000, 8100), (49152, 65535)),
        (web, db, icmp_set(1, 8, -1), (1024, 65535)),
        (Selector("on-premises"), db, tcp(5432), (40000, 50000)),
    ]
    never, never_ssh, only, only_all, layers, between, survives = policy.guarantees
    assert isinstance(never, Never)
    assert isinstance(never_ssh, Never)
    assert (never.services, never_ssh.services) == (ALL_SERVICES, tcp(22))
    assert isinstance(only, Only)
    assert isinstance(only_all, Only)
    assert (only.services, only_all.services) == (None, whole_protocol(-1))
    assert isinstance(layers, Layers)
    assert isinstance(between, Layers)
    assert (layers.between, between.between) == (None, (INTERNET, db))
    assert isinstance(survives, Survives)
    assert not policy.closed
    assert never_ssh.source.origin.line == 9


def test_nothing_but_the_flows() -> None:
    policy = parse_policy("flows: [web -> db tcp/1]\nguarantees: [{only: flows}]\n")
    assert policy == Policy(policy.flows, (), closed=True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("flows: []\n", True),
        ("guarantees:\n  - never: a -> b\n", True),
        ('{"guarantees": [{"never": "a -> b"}]}', True),
        ("name: x\nservices: {}\nguarantees: []\n", False),
        ('{"name": "x", "guarantees": []}', False),
        ("hello\n", False),
    ],
)
def test_a_policy_is_told_from_a_spec(text: str, answer: bool) -> None:
    assert is_policy_text(text) is answer


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["internet -> db", "web -> db tcp/443", "flows", "zone", "linux"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["ends", "flows", "guarantees", "never", "only", "layers", "between",
                         "survives", "always", "from", "to", "port", "ports", "protocol",
                         "clients", "why", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["ends", "flows", "guarantees", "other"]), _VALUES, max_size=3)
)
def test_no_shape_is_a_crash(document: object) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    found: tuple[Diagnostic, ...] = ()
    try:
        parse_policy(text)
    except InputError as error:
        found = error.diagnostics
    assert all(one.origin.line for one in found)
