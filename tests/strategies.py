"""Random valid specs, for the properties of every room.

``valid_specs()`` draws plain values as a YAML file would hold them; ``spec_text`` writes them as
YAML, and ``spec_files()`` draws what the loader makes of that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from ringwall.facts.load import facts
from ringwall.spec.load import SpecFile, parse_spec

Plain = dict[str, Any]

_BALANCERS = ("web", "partners", "admin-door")
_APPS = ("api", "inference", "worker", "portal", "billing", "search", "model-gw", "eval2")
_STORES = {
    "postgres": ("records", "audit", "ledger", "users"),
    "redis": ("cache", "sessions", "queue", "limits"),
    "bucket": ("documents", "uploads", "models", "exports"),
}
_OFFICES = ("203.0.113.0/24", "198.51.100.64/26", "192.0.2.8/32")
_OUTSIDE = ("203.0.113.0/25", "198.51.100.0/24", "8.8.8.8/32", "1.1.0.0/16", "0.0.0.0/0")
_TYPES = ("t3.medium", "t4g.small", "g6.xlarge", "c7g.large", "m7i.2xlarge")
_CIDRS = ("10.0.0.0/16", "10.20.0.0/17", "172.20.0.0/18", "192.168.0.0/16", "100.64.0.0/16")


def _some(pool: Sequence[str], most: int, *, least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), min_size=least, max_size=most, unique=True)


@st.composite
def valid_specs(
    draw: st.DrawFn,
    *,
    most_apps: int = 8,
    most_balancers: int = 3,
    most_stores: int = 4,
    nats: Sequence[str] = ("per-zone", "single", "none"),
) -> Plain:
    """A spec that loads: 1-3 load balancers, 1-8 services connected at random (circles too), 0-4
    stores of each kind, egress, 2-6 zones, any Region.

    The network's block is wide enough for the zones; guarantees are drawn so that they contradict
    no flow (whether they hold is for a proof to say: a single NAT gateway does not survive).
    """
    apps = draw(_some(_APPS, most_apps, least=1))
    balancers = draw(_some(_BALANCERS, min(most_balancers, len(apps)), least=1))
    services: Plain = {name: draw(_balancer()) for name in balancers}
    services |= _apps(draw, apps, balancers)
    for kind, names in _STORES.items():
        for name in draw(_some(names, most_stores)):
            services[name] = {"kind": kind, "from": draw(_some(apps, len(apps), least=1))}
    network = draw(_network(nats))
    egress = {} if network["spec"]["nat"] == "none" else _egress(draw, apps)
    spec: Plain = {
        "name": draw(st.sampled_from(("clinic", "a", "model-hub-2", "x" * 31))),
        "region": network["region"],
        "frameworks": draw(_some(("soc2", "hipaa"), 2)),
        "network": network["spec"],
        "services": services,
        "egress": egress,
    }
    if draw(st.booleans()):
        spec["guarantees"] = [{"never": "internet -> data"}, {"layers": 2}]
    return spec


@st.composite
def _network(draw: st.DrawFn, nats: Sequence[str]) -> Plain:
    regions = facts("regions").values
    region = draw(st.sampled_from(sorted(regions)))
    zones = draw(st.integers(2, min(6, len(regions[region]["zones"]))))
    spec = {
        "cidr": draw(st.sampled_from(_CIDRS)),
        "zones": zones,
        "nat": draw(st.sampled_from(list(nats))),
    }
    return {"region": region, "spec": spec}


@st.composite
def _balancer(draw: st.DrawFn) -> Plain:
    one: Plain = {"kind": "load-balancer", "listen": draw(st.sampled_from((443, 8443)))}
    if draw(st.booleans()):
        one["from"] = draw(st.one_of(st.just("internet"), _some(_OFFICES, 3, least=1)))
    return one


def _apps(draw: st.DrawFn, apps: list[str], balancers: list[str]) -> Plain:
    """Each load balancer gets at least one service; a service has paths unless it is the first
    behind every one of its load balancers."""
    fronts: dict[str, set[str]] = {name: set() for name in apps}
    for at, balancer in enumerate(balancers):
        fronts[apps[at]].add(balancer)
        for name in draw(_some(apps, 3)):
            fronts[name].add(balancer)
    made: Plain = {}
    served: set[str] = set()
    for name in apps:
        mine = [one for one in balancers if one in fronts[name]]
        others = [one for one in draw(_some(apps, 3)) if one != name]
        service: Plain = {"kind": "service", "port": draw(st.sampled_from((8080, 8000, 50051)))}
        if mine and served & set(mine):
            service["paths"] = [f"/{name}/*"]
        else:
            served |= set(mine)
        if not mine and draw(st.booleans()):
            service["protocol"] = "udp"
        if draw(st.booleans()):
            service["instances"] = draw(st.sampled_from(_TYPES))
        if mine + others:
            service["from"] = mine + others
        made[name] = service
    return made


def _egress(draw: st.DrawFn, apps: list[str]) -> Plain:
    found: Plain = {}
    for name in draw(_some(apps, 3)):
        blocks = draw(_some(_OUTSIDE[:-1], 3, least=1))
        if draw(st.integers(0, 9)) == 0:
            blocks = [_OUTSIDE[-1]]
        port = st.sampled_from((443, 5432, 53))
        found[name] = [
            {
                "to": block,
                "port": draw(port),
                "protocol": draw(st.sampled_from(("tcp", "tcp", "udp"))),
                "why": "a partner of ours",
            }
            for block in blocks
        ]
    return found


def spec_text(spec: Plain) -> str:
    """A drawn spec as YAML (JSON is YAML), a key to a line where a person would have one."""
    return json.dumps(spec, indent=1) + "\n"


def spec_files(**limits: Any) -> st.SearchStrategy[SpecFile]:
    """Loaded random specs; takes the same limits as :func:`valid_specs`."""
    return valid_specs(**limits).map(lambda spec: parse_spec(spec_text(spec)))
