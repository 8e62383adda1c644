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

from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from ringwall.design.blueprint import AddressPlan
from ringwall.model.errors import InputError
from ringwall.spec.load import SpecFile
from ringwall.spec.model import Tier

SLOTS = 8
WIDEST, NARROWEST = 16, 21


def address_plan(file: SpecFile) -> AddressPlan:
    """The plan for the spec's VPC; raises InputError on a block that cannot be cut."""
    place = file.origin("network", "cidr")
    text = file.spec.network.cidr
    try:
        vpc = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise InputError.at(
            place,
            "RW-DESIGN-002",
            f"`{text}` is no IPv4 block",
            "write a block with all host bits zero, such as 10.20.0.0/16",
        ) from None
    if not WIDEST <= vpc.prefixlen <= NARROWEST:
        raise InputError.at(
            place,
            "RW-DESIGN-003",
            f"`{text}` cannot be cut into three tiers of {SLOTS} zones",
            f"choose a block from /{WIDEST} to /{NARROWEST}",
        )
    return plan_of(vpc, file.spec.network.zones)


def plan_of(vpc: IPv4Network, zones: int) -> AddressPlan:
    """Cut a block of /16 to /21 for up to eight zones."""
    app, rest = vpc.subnets()
    data, last = rest.subnets()
    public, _reserved = last.subnets()
    blocks: dict[Tier, IPv4Network] = {"public": public, "app": app, "data": data}
    subnets = {
        tier: tuple(block.subnets(prefixlen_diff=3))[:zones] for tier, block in blocks.items()
    }
    return AddressPlan(vpc, blocks, subnets)


def reserved(plan: AddressPlan) -> IPv4Network:
    """The part of the VPC that no tier owns yet."""
    _first, rest = plan.vpc.subnets()
    _data, last = rest.subnets()
    _public, free = last.subnets()
    return free
