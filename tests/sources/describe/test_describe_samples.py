"""Dumps that others published: what is read from them, and that nothing in them is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from describe_text import show

from ringwall.model.addresses import show_addresses
from ringwall.model.network import Network
from ringwall.sources.describe import read_describe
from ringwall.sources.describe.lists import ASIDE, READ, canonical

DATA = Path(__file__).parents[2] / "data" / "snapshots"
GOLDENS = Path(__file__).parent / "goldens"
SAMPLES = ("acl-1", "nat-gateway", "load-balancer", "hybrid-cloud", "transit-gateway-peering")


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RINGWALL_RENEW=1 writes the goldens anew; read the difference before committing it."""
    monkeypatch.chdir(DATA)
    text = show(read_describe(Path(name)))
    golden = GOLDENS / f"{name}.txt"
    if os.environ.get("RINGWALL_RENEW"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_list_is_read_or_on_record(name: str) -> None:
    network = read_describe(DATA / name)
    recorded = {gap.origin.pointer.split("/")[0] for gap in network.gaps}
    for file in sorted((DATA / name).rglob("*.json")):
        for key, value in json.loads(file.read_text(encoding="utf-8")).items():
            known = canonical(key) in READ or canonical(key) in ASIDE
            assert known or key in recorded or not value, f"{file.name}: {key}"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_resource_is_on_the_network(name: str) -> None:
    """An independent count of ids in the raw files, against the keys of the Network."""
    network = read_describe(DATA / name)
    held = _ids_of(network)
    for file in sorted((DATA / name).rglob("*.json")):
        if file.name == "TargetGroups.json":  # some belong to VPCs that the dump leaves out
            continue
        for value in json.loads(file.read_text(encoding="utf-8")).values():
            for key in ("VpcId", "SubnetId", "NetworkInterfaceId", "GroupId", "RouteTableId"):
                for one in _values(value, key):
                    gaps = {gap.subject for gap in network.gaps}
                    assert one in held or one in gaps, f"{file.name}: {key} {one}"


def _ids_of(network: Network) -> set[str]:
    return {
        *network.vpcs,
        *network.subnets,
        *network.interfaces,
        *network.security_groups,
        *network.route_tables,
    }


def _values(value: object, key: str) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in _values(one, key)]
    if isinstance(value, dict):
        own = [value[key]] if isinstance(value.get(key), str) and value[key] else []
        return own + [found for one in value.values() for found in _values(one, key)]
    return []


def test_file_and_folder_say_the_same() -> None:
    one = read_describe(DATA / "acl-1" / "account.json")
    many = read_describe(DATA / "acl-1")
    assert one.interfaces == many.interfaces
    assert one.network_acls == many.network_acls


def test_published_names_are_the_interfaces_names() -> None:
    """The published result calls every end NAME[ADDRESS]."""
    text = (DATA / "acl-1" / "expected-connectivity.txt").read_text(encoding="utf-8")
    network = read_describe(DATA / "acl-1")
    for card in network.interfaces.values():
        assert f"{card.name}[{show_addresses(card.addresses)}]" in text


def test_lines_are_those_of_the_file() -> None:
    """Every rule's origin names the line on which its object opens."""
    network = read_describe(DATA / "nat-gateway")
    folder = DATA / "nat-gateway"
    for table in network.route_tables.values():
        for route in table.routes:
            assert route.origin.line is not None
            lines = (folder / route.origin.source).read_text(encoding="utf-8").splitlines()
            assert lines[route.origin.line - 1].strip() == "{"
            assert str(route.destination) in lines[route.origin.line]


def test_missing_route_tables_leave_local_traffic_alone() -> None:
    network = read_describe(DATA / "acl-1")
    tables = network.route_tables.values()
    assert all(not route.certain for table in tables for route in table.routes)
    affected = {name for gap in network.gaps for name in gap.affects}
    assert affected == set(network.internet_gateways)


def test_a_dump_reads_the_same_twice() -> None:
    assert read_describe(DATA / "hybrid-cloud") == read_describe(DATA / "hybrid-cloud")
