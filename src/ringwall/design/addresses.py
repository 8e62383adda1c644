"""The address plan: which part of the VPC belongs to which tier and zone.

Everything is cut from the VPC's block by position, with room for eight zones a tier from the
start:

=========  =================================  =====================  ================
tier       share of the VPC                   in 10.20.0.0/16        a zone's subnet
=========  =================================  =====================  ================
app        first half                         10.20.0.0/17           /20
data       third quarter                      10.20.128.0/18         /21
public     first half of the last quarter     10.20.192.0/19         /22
reserved   last eighth                        10.20.224.0/19         (tiers to come)
=========  =================================  =====================  ================

So an added zone takes the next free slot, an added service a place in a subnet that stands, and a
later tier a part of the reserved eighth: none of them renumbers anything. Only another ``cidr``
does (and one zone less gives back the last zone's slots).
"""

from __future__ import annotations

from ipaddress import IPv4Network

from ringwall.design.blueprint import AddressPlan
from ringwall.spec.load import SpecFile
from ringwall.spec.model import Tier

#: Zones that a tier's block has room for, as a power of two: eight.
_SLOT_BITS = 3


def address_plan(file: SpecFile) -> AddressPlan:
    """The plan for the VPC of a checked spec."""
    wanted = file.spec.network
    return plan_of(IPv4Network(wanted.cidr), wanted.zones)


def plan_of(vpc: IPv4Network, zones: int) -> AddressPlan:
    """Cut a block for up to eight zones.

    In a /21 a public subnet is a /27, the least that a load balancer takes: a smaller block is
    refused with the spec.
    """
    app, rest = vpc.subnets()
    data, last = rest.subnets()
    public, _ = last.subnets()
    blocks: dict[Tier, IPv4Network] = {"public": public, "app": app, "data": data}
    subnets = {
        tier: tuple(block.subnets(prefixlen_diff=_SLOT_BITS))[:zones]
        for tier, block in blocks.items()
    }
    return AddressPlan(vpc, blocks, subnets)


def reserved(plan: AddressPlan) -> IPv4Network:
    """The part of the VPC that no tier owns yet."""
    _, rest = plan.vpc.subnets()
    _, last = rest.subnets()
    _, free = last.subnets()
    return free
