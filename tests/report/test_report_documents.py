"""Documents: the keys that were promised, and every document against its published schema."""

from __future__ import annotations

import json

import jsonschema
import pytest
import report_networks as made
from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.addresses import of_cidr, position
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.services import ALL_SERVICES, ICMP, icmp_set, tcp, whole_protocol
from ringwall.model.verdict import Explanation, Packet, PairReach, Reach, ReturnPorts, Trace
from ringwall.report import documents
from ringwall.report.connections import connections, pair_verdict

NAMES = ("check", "proofs", "explanation", "pairs", "errors")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema_and_names_its_version(name: str) -> None:
    found = documents.schema(name)
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["title"] == f"ringwall.{name}/1"


def test_an_unknown_schema_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        documents.schema("nonesuch")


@pytest.mark.parametrize("bad", [False, True])
def test_check_and_proofs_keep_to_their_schemas(bad: bool) -> None:
    proofs = made.proofs(bad=bad)
    check = documents.check_document(made.CLINIC, made.CLINIC_POLICY, proofs)
    jsonschema.validate(check, documents.schema("check"))
    jsonschema.validate(documents.proofs_document(made.CLINIC, proofs), documents.schema("proofs"))
    assert check["counts"] == {"proved": 4 if bad else 7, "violated": 2 if bad else 0,
                               "unknown": 1 if bad else 0}  # fmt: skip
    assert json.dumps(check) == json.dumps(
        documents.check_document(made.CLINIC, made.CLINIC_POLICY, proofs)
    )


@pytest.mark.parametrize("verdict", list(Reach))
def test_an_explanation_has_exactly_the_promised_keys(verdict: Reach) -> None:
    document = documents.explanation_document(made.answer(verdict))
    jsonschema.validate(document, documents.schema("explanation"))
    assert list(document) == [
        "schema", "verdict", "from", "to", "packet", "forward", "return", "blockers",
        "changes", "return_ports", "return_ranges", "client_ports", "assumptions",
    ]  # fmt: skip
    assert document["verdict"] == verdict.value
    assert document["packet"] == {
        "source": "10.0.0.4", "destination": "10.0.32.4",
        "protocol": "tcp", "port": 5432, "source_port": 32768,
    }  # fmt: skip


def test_every_blocker_is_told_with_its_direction_and_place() -> None:
    document = documents.explanation_document(made.answer(Reach.BLOCKED))
    told = [(one["direction"], one["layer"], one["place"]) for one in document["blockers"]]  # type: ignore[attr-defined]
    assert told == [
        ("forward", "security-group", "template.json:40:5 WebGroup"),
        ("forward", "network-acl", "template.json:60:5 PublicAcl"),
        ("return", "network-acl", "template.json:70:5 DataAcl"),
    ]


def test_a_hop_repeats_its_deciding_step() -> None:
    hops = documents.explanation_document(made.answer(Reach.BLOCKED))["forward"]
    assert [hop["code"] for hop in hops] == ["ENI_SG_RULES_MISMATCH", "SUBNET_ACL_RESTRICTION", ""]  # type: ignore[attr-defined]
    hops = documents.explanation_document(made.answer(Reach.REACHABLE))["forward"]
    assert hops[1]["rule"] == "rule 200 allow tcp/5432 to 10.0.32.0/20"  # type: ignore[index]


def test_protocols_without_ports_are_told_as_such() -> None:
    packet = Packet(position("10.0.0.4"), position("2001:db8::1"), 47)
    trace = Trace(packet, (), None)
    answer = Explanation(Reach.UNKNOWN, "a", "b", trace, None, ReturnPorts.NONE)
    document = documents.explanation_document(answer)
    jsonschema.validate(document, documents.schema("explanation"))
    assert document["packet"] == {
        "source": "10.0.0.4", "destination": "2001:db8::1",
        "protocol": 47, "port": None, "source_port": None,
    }  # fmt: skip
    assert document["client_ports"] is None


def _row(services: IntervalSet, replies: IntervalSet, possible: IntervalSet) -> PairReach:
    block = of_cidr("10.0.0.0/24")
    return PairReach("a", "b", block, block, services, possible, replies, possible, ("why",))


def test_a_pair_lists_connections_and_what_else_is_possible() -> None:
    rows = [
        _row(tcp(443), tcp(1024, 65535), tcp(443) | tcp(1024, 65535)),
        _row(EMPTY, EMPTY, EMPTY),
        _row(ALL_SERVICES, ALL_SERVICES, ALL_SERVICES),
    ]
    document = documents.pairs_document(rows, made.CLINIC.gaps)
    jsonschema.validate(document, documents.schema("pairs"))
    first, second, third = document["pairs"]  # type: ignore[misc]
    assert first["connections"] == [  # type: ignore[has-type]
        {
            "protocol": "tcp", "ports": [[443, 443]],
            "return_ports": "some", "return_ranges": [[1024, 65535]],
        }
    ]  # fmt: skip
    assert "possible" in first  # type: ignore[has-type]
    assert (second["verdict"], second["connections"]) == ("blocked", [])  # type: ignore[has-type]
    assert "possible" not in third  # type: ignore[has-type]
    assert third["connections"][0]["protocol"] == "all"  # type: ignore[has-type]


def test_icmp_and_the_other_protocols_are_grouped() -> None:
    ping = connections(icmp_set(ICMP, 8, -1), whole_protocol(ICMP))
    assert [(one.protocol, one.types, one.ports) for one in ping] == [("icmp", ("type 8",), None)]
    rest = connections(ALL_SERVICES - tcp(22), ALL_SERVICES)
    assert [one.protocol for one in rest] == ["icmp", "tcp", "udp", "icmpv6", "other"]
    assert sum(high - low + 1 for low, high in rest[-1].numbers) == 252


@pytest.mark.parametrize(
    ("services", "replies", "possible", "verdict"),
    [
        (tcp(443), tcp(5000), tcp(443), Reach.REACHABLE),
        (tcp(443), EMPTY, EMPTY, Reach.BLOCKED),
        (tcp(443), whole_protocol(17), tcp(443), Reach.UNKNOWN),
        (EMPTY, EMPTY, tcp(443), Reach.UNKNOWN),
    ],
)
def test_a_pair_is_reachable_only_with_replies_of_the_same_protocol(
    services: IntervalSet, replies: IntervalSet, possible: IntervalSet, verdict: Reach
) -> None:
    assert pair_verdict(_row(services, replies, possible)) is verdict


@given(
    st.lists(st.tuples(st.integers(0, 256 * 65536 - 1), st.integers(0, 300000)), max_size=4),
    st.lists(st.tuples(st.integers(0, 256 * 65536 - 1), st.integers(0, 300000)), max_size=4),
)
def test_connections_hold_every_port_exactly(
    services: list[tuple[int, int]], replies: list[tuple[int, int]]
) -> None:
    most = 256 * 65536 - 1
    both = [
        IntervalSet.of(*((low, min(most, low + size)) for low, size in one))
        for one in (services, replies)
    ]
    document = documents.pairs_document([_row(both[0], both[1], both[0])], ())
    jsonschema.validate(document, documents.schema("pairs"))
    found = EMPTY
    for one in connections(*both):
        if one.protocol in {"tcp", "udp"}:
            number = {"tcp": 6, "udp": 17}[one.protocol]
            ports = one.ports or ((0, 65535),)
            found |= IntervalSet.of(*((number << 16 | a, number << 16 | b) for a, b in ports))
    wanted = both[0] & (whole_protocol(6) | whole_protocol(17))
    if both[0] != ALL_SERVICES:
        assert found == wanted
