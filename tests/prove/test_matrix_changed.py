"""A matrix made from another by following a change: equal to one made from nothing."""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_networks import networks
from random_small import acl_entries, group_rules, routes
from test_matrix_agrees import agree

from ringwall.model.addresses import parse_network
from ringwall.model.network import CidrPeer, Network, SecurityGroupRule
from ringwall.model.services import tcp
from ringwall.prove.matrix import Matrix

EXAMPLES = int(os.environ.get("RINGWALL_EXAMPLES", "60"))
LAX = [HealthCheck.too_slow, HealthCheck.data_too_large]
#: Blocks and ports that cut what the networks' own rules leave whole.
FINE = ["10.0.0.8/31", "10.0.1.0/29", "10.0.2.10/32", "10.0.0.128/25", "10.1.0.0/17"]
PORTS = [tcp(444), tcp(23, 25), tcp(2000, 40000)]


@st.composite
def rules(draw: st.DrawFn) -> SecurityGroupRule:
    if draw(st.booleans()):
        return draw(group_rules())
    block = parse_network(draw(st.sampled_from(FINE)))
    return SecurityGroupRule(CidrPeer(block), draw(st.sampled_from(PORTS)))


def other_group(draw: st.DrawFn, network: Network) -> Network:
    group = network.security_groups[draw(st.sampled_from(sorted(network.security_groups)))]
    side = draw(st.sampled_from(["ingress", "egress"]))
    kept = getattr(group, side)[draw(st.integers(0, 1)) :]
    changed = replace(group, **{side: (*kept, *draw(st.lists(rules(), max_size=2)))})
    return replace(network, security_groups={**network.security_groups, group.id: changed})


def other_acl(draw: st.DrawFn, network: Network) -> Network:
    acl = network.network_acls[draw(st.sampled_from(sorted(network.network_acls)))]
    entry = draw(acl_entries())
    if draw(st.booleans()):
        block = parse_network(draw(st.sampled_from(FINE)))
        entry = replace(entry, cidr=block, services=draw(st.sampled_from(PORTS)))
    changed = replace(acl, entries=(*acl.entries[draw(st.integers(0, 1)) :], entry))
    return replace(network, network_acls={**network.network_acls, acl.id: changed})


def other_member(draw: st.DrawFn, network: Network) -> Network:
    one = network.interfaces[draw(st.sampled_from(sorted(network.interfaces)))]
    groups = tuple(sorted(draw(st.sets(st.sampled_from(sorted(network.security_groups))))))
    changed = replace(one, groups=groups)
    return replace(network, interfaces={**network.interfaces, one.id: changed})


def other_route(draw: st.DrawFn, network: Network) -> Network:
    table = network.route_tables[draw(st.sampled_from(sorted(network.route_tables)))]
    changed = replace(table, routes=(*table.routes[1:], draw(routes())))
    return replace(network, route_tables={**network.route_tables, table.id: changed})


def without(draw: st.DrawFn, network: Network) -> Network:
    kind = draw(st.sampled_from(["security_groups", "interfaces", "network_acls"]))
    things = dict(getattr(network, kind))
    del things[draw(st.sampled_from(sorted(things)))]
    return replace(network, **{kind: things}) if things else network


CHANGES = [other_group, other_group, other_acl, other_acl, other_member, other_route, without]


def plain(network: Network) -> Network:
    """Without routes: what lies between two interfaces is ACLs only, and those are followed."""
    tables = {name: replace(one, routes=()) for name, one in network.route_tables.items()}
    return replace(network, route_tables=tables)


def follow(data: st.DataObject, network: Network) -> None:
    matrix = Matrix.of(network)
    if data.draw(st.booleans()):
        assert matrix.reach.shape == (len(matrix.classes),) * 2
    for _ in range(data.draw(st.integers(1, 3))):
        change = data.draw(st.sampled_from(CHANGES))
        network = change(data.draw, network)
        before = matrix
        matrix = before.changed(network)
    agree(network, matrix)


@given(networks(), st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=LAX)
def test_followed_on_random_networks(network: Network, data: st.DataObject) -> None:
    follow(data, network)


@given(networks(), st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=LAX)
def test_followed_where_only_acls_lie_between(network: Network, data: st.DataObject) -> None:
    follow(data, replace(plain(network), gaps=()))


@given(networks(full=True), st.data())
@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=LAX)
def test_followed_on_joined_networks(network: Network, data: st.DataObject) -> None:
    follow(data, network)
