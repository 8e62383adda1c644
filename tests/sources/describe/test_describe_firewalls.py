"""Network Firewall: policies and rule groups as the rules that the model judges by."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from describe_beyond import FIREWALL, FIREWALLS, GROUP, two
from describe_dumps import affected, messages, read

from ringwall.model.addresses import ALL_ADDRESSES, of_cidr, show_addresses
from ringwall.model.beyond import NetworkFirewall
from ringwall.model.errors import InputError
from ringwall.model.intervals import IntervalSet
from ringwall.model.services import show_services, tcp, whole_protocol
from ringwall.sources.describe import read_describe
from ringwall.sources.describe.firewall_words import Words

STATEFUL = GROUP.format("stateful", "then")


def wall(folder: Path, change: Callable[[dict[str, Any]], None] | None = None) -> NetworkFirewall:
    dump = two(FIREWALLS)
    if change is not None:
        change(dump)
    return read(folder, dump).firewalls[FIREWALL]


def test_endpoints_stand_in_their_subnet(tmp_path: Path) -> None:
    network = read(tmp_path, two(FIREWALLS))
    assert network.firewalls[FIREWALL].endpoints == ("vpce-1",)
    endpoint = network.endpoints["vpce-1"]
    assert (endpoint.kind, endpoint.subnets) == ("firewall", ("subnet-2",))
    assert network.gaps == ()
    network = read(tmp_path, two(FIREWALLS, VpcEndpoints=[]))
    assert network.endpoints["vpce-1"].subnets == ("subnet-2",)


def test_an_endpoint_of_appliances_is_unknown(tmp_path: Path) -> None:
    network = read(tmp_path, two(FIREWALLS, Firewalls=None))
    assert network.endpoints["vpce-1"].kind == "gateway-load-balancer"
    assert affected(network) == {"vpce-1"}


def test_a_tagged_endpoint_without_its_firewall_is_a_firewalls(tmp_path: Path) -> None:
    tags = [{"Key": "AWSNetworkFirewallManaged", "Value": "true"},
            {"Key": "Firewall", "Value": FIREWALL}]  # fmt: skip
    one = {**FIREWALLS["VpcEndpoints"][0], "Tags": tags}
    network = read(tmp_path, two(VpcEndpoints=[one]))
    assert network.endpoints["vpce-1"].kind == "firewall"


def test_stateless_rules_go_by_their_numbers(tmp_path: Path) -> None:
    found = wall(tmp_path)
    assert found.stateless_default == "forward"
    by_ports, others, last = found.stateless
    assert [one.priority for one in found.stateless] == sorted(
        one.priority for one in found.stateless
    )
    # Source ports are looked at in TCP and UDP only: other protocols pass by the same rule.
    assert by_ports.services == whole_protocol(6) | whole_protocol(17)
    assert (by_ports.action, by_ports.source_ports) == ("pass", ((53, 53),))
    assert others.source_ports is None
    assert not by_ports.services & others.services
    assert not by_ports.certain  # TCP flags
    assert (last.action, last.services, last.certain) == ("drop", tcp(23), True)
    assert show_addresses(last.sources) == "10.0.1.0/24"


def test_stateful_rules_and_variables(tmp_path: Path) -> None:
    found = wall(tmp_path)
    assert (found.strict, found.stateful_default, found.opaque) == (True, "drop", "")
    web, dns, tls, ping = found.stateful  # the alert decides nothing
    assert web.sources == of_cidr("10.0.0.0/16")  # $HOME_NET is the firewall's VPC
    assert web.destinations == of_cidr("10.0.2.0/24") - of_cidr("10.0.2.9/32")
    assert show_services(web.services) == "tcp/80, tcp/8000-8010"
    assert web.certain
    assert (dns.action, dns.both_ways) == ("drop", True)
    assert dns.sources == of_cidr("10.7.0.0/16")
    assert dns.destinations == of_cidr("10.0.0.0/8") - of_cidr("10.1.0.0/16")
    assert (tls.certain, tls.sources) == (False, ALL_ADDRESSES)
    assert tls.destinations == ALL_ADDRESSES - of_cidr("10.0.0.0/16")
    assert ping.services == whole_protocol(1) | whole_protocol(58)
    assert not ping.certain


def _source(dump: dict[str, Any], source: dict[str, Any]) -> None:
    dump["RuleGroups"][1]["RuleGroup"]["RulesSource"] = source


def _policy(dump: dict[str, Any]) -> dict[str, Any]:
    policy: dict[str, Any] = dump["FirewallPolicies"][0]["FirewallPolicy"]
    return policy


OPAQUE: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda dump: _source(dump, {"RulesString": "pass tcp any any -> any any"}), "Suricata"),
    (lambda dump: _source(dump, {"RulesSourceList": {"Targets": ["x"]}}), "list of domains"),
    (lambda dump: dump["RuleGroups"].pop(), "not in the dump"),
    (lambda dump: _policy(dump).update(TLSInspectionConfigurationArn="arn"), "inspects TLS"),
]


@pytest.mark.parametrize(("change", "why"), OPAQUE, ids=[one[1] for one in OPAQUE])
def test_what_is_not_understood_is_said(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], why: str
) -> None:
    found = wall(tmp_path, change)
    assert why in found.opaque
    assert len(found.stateless) == 3


@pytest.mark.parametrize("key", ["FirewallPolicies", "RuleGroups"])
def test_a_missing_policy_or_stateless_group_leaves_nothing_sure(tmp_path: Path, key: str) -> None:
    network = read(tmp_path, two(FIREWALLS, **{key: None}))
    assert affected(network) == {FIREWALL}
    assert "what passes is not known" in messages(network)


def test_default_order_has_no_default_drop(tmp_path: Path) -> None:
    found = wall(tmp_path, lambda dump: _policy(dump).pop("StatefulEngineOptions"))
    assert (found.strict, found.stateful_default) == (False, "pass")


def test_established_traffic_may_begin(tmp_path: Path) -> None:
    def change(dump: dict[str, Any]) -> None:
        _policy(dump)["StatefulDefaultActions"] = ["aws:drop_established"]

    found = wall(tmp_path, change)
    assert found.stateful_default == "drop"
    last = max(found.stateful, key=lambda one: one.priority)
    assert (last.action, last.certain) == ("pass", False)


def test_single_answers_appended(tmp_path: Path) -> None:
    """``describe-firewall`` and the like, one after the other in one file."""
    file = tmp_path / "dump.json"
    read(tmp_path, two(FIREWALLS, Firewalls=None, FirewallPolicies=None, RuleGroups=None))
    answers = [
        one for key in ("Firewalls", "FirewallPolicies", "RuleGroups") for one in FIREWALLS[key]
    ]
    text = "\n".join(json.dumps({**one, "UpdateToken": "x"}) for one in answers)
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    network = read_describe(file)
    assert network.gaps == ()
    assert len(network.firewalls[FIREWALL].stateful) == 4


def test_names_only(tmp_path: Path) -> None:
    named = [{"FirewallName": "wall", "FirewallArn": FIREWALL}]
    network = read(tmp_path, two(Firewalls=named))
    assert "`describe-firewall` tells the rest" in messages(network)


WRONG = [
    (("RuleDefinition", "Actions"), [], "should hold one of"),
    (("RuleDefinition", "MatchAttributes", "Protocols"), [6, "tcp"], "a whole number"),
    (("RuleDefinition", "MatchAttributes", "Protocols"), [300], "from 0 to 255"),
    (("Priority",), None, "`Priority` is missing"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG, ids=[one[2] for one in WRONG])
def test_wrong_rules_are_told(
    tmp_path: Path, path: tuple[str, ...], value: object, message: str
) -> None:
    dump = copy.deepcopy(two(FIREWALLS))
    source = dump["RuleGroups"][0]["RuleGroup"]["RulesSource"]
    rule = source["StatelessRulesAndCustomActions"]["StatelessRules"][0]
    for step in path[:-1]:
        rule = rule[step]
    rule[path[-1]] = value
    with pytest.raises(InputError) as caught:
        read(tmp_path, dump)
    (told,) = caught.value.diagnostics
    assert message in told.message
    assert told.origin.pointer.startswith("RuleGroups/0/RuleGroup/RulesSource")


WORDS = Words(
    {"A": ("10.0.0.0/8", "$B"), "B": ("$A",), "C": ("!10.0.0.0/8",), "E": ()},
    {"P": ("1:5", "!3")},
    {"L": of_cidr("10.7.0.0/16"), "U": None},
)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("ANY", ALL_ADDRESSES),
        ("10.0.0.1", of_cidr("10.0.0.1/32")),
        ("[10.0.0.0/9,10.128.0.0/9]", of_cidr("10.0.0.0/8")),
        ("[10.0.0.0/8,![10.1.0.0/16,10.2.0.0/16]]",
         of_cidr("10.0.0.0/8") - of_cidr("10.1.0.0/16") - of_cidr("10.2.0.0/16")),
        ("$C", ALL_ADDRESSES - of_cidr("10.0.0.0/8")),
        ("@L", of_cidr("10.7.0.0/16")),
        ("@U", None),
        ("$A", None),  # names itself
        ("$E", None),
        ("$NONE", None),
        ("", None),
        ("!" * 500, None),
        ("[" * 500 + "]" * 500, None),
        ("10.0.0.0/99", None),
    ],
)  # fmt: skip
def test_addresses_in_words(word: str, meant: IntervalSet | None) -> None:
    assert WORDS.address_set(word) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("$P", IntervalSet.of((1, 2), (4, 5))),
        ("1000:", IntervalSet.of((1000, 65535))),
        (":10", IntervalSet.of((0, 10))),
        ("70000", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_ports_in_words(word: str, meant: IntervalSet | None) -> None:
    assert WORDS.port_set(word) == meant
