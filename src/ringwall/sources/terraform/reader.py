"""From a plan or a state to a Network: the readers in their order."""

from __future__ import annotations

from collections.abc import Callable

from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.origin import Origin
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.terraform.acls import read_acls
from ringwall.sources.terraform.attached import read_attached
from ringwall.sources.terraform.balancers import read_balancers
from ringwall.sources.terraform.buckets import read_buckets
from ringwall.sources.terraform.catalogue import Catalogue
from ringwall.sources.terraform.compute import read_compute
from ringwall.sources.terraform.databases import read_databases
from ringwall.sources.terraform.document import Plan, load_plan
from ringwall.sources.terraform.firewalls import read_firewalls
from ringwall.sources.terraform.gateways import (
    read_endpoints,
    read_gateway_endpoints,
    read_nat_gateways,
)
from ringwall.sources.terraform.groups import read_groups
from ringwall.sources.terraform.peering import read_peerings
from ringwall.sources.terraform.prefix_lists import read_prefix_lists
from ringwall.sources.terraform.public_access import read_public_access
from ringwall.sources.terraform.reading import Reading
from ringwall.sources.terraform.references import Resolver
from ringwall.sources.terraform.routes import read_route_tables
from ringwall.sources.terraform.transit import read_transit
from ringwall.sources.terraform.unmodelled import record_unmodelled
from ringwall.sources.terraform.vpcs import (
    provider_region,
    read_internet_gateways,
    read_subnets,
    read_vpcs,
)
from ringwall.sources.terraform.vpn import read_vpn

#: Each looks only at what those before it put on the Network.
_READERS: tuple[Callable[[Reading], None], ...] = (
    read_vpcs,
    read_subnets,
    read_internet_gateways,
    read_prefix_lists,
    read_groups,
    read_acls,
    read_compute,
    read_public_access,
    read_peerings,
    read_vpn,
    read_databases,
    read_attached,
    read_nat_gateways,
    read_endpoints,
    read_balancers,
    read_transit,
    read_firewalls,
    read_route_tables,
    read_gateway_endpoints,
    read_buckets,
    record_unmodelled,
)


def read_plan(text: str, source: str, *, region: str | None = None) -> Network:
    """Read the JSON of ``terraform show -json`` of a plan or a state into a Network.

    ``source`` names the material in messages and origins; ``region`` is where resources are made
    whose provider does not tell (left out: the facts' default). The ids on the Network are
    Terraform addresses; ids of AWS's that are known already are further words for the same. What
    the plan deletes is not there. Raises InputError with every complaint found (RW-TF-001 to
    -004, -010).
    """
    plan = load_plan(text, source)
    try:
        reading = Reading(Catalogue(Resolver(plan)), NetworkBuilder(source))
        reading.net.region = _region(plan, reading) or region or _default_region()
        for read in _READERS:
            read(reading)
    except RecursionError as mistake:
        message = "references lead through one another too deep to follow"
        raise InputError.at(Origin(source), "RW-TF-003", message) from mistake
    if reading.problems:
        raise InputError(tuple(dict.fromkeys(reading.problems)))
    return reading.net.build()


def _default_region() -> str:
    return str(facts("terraform").values["default_region"])


def _region(plan: Plan, reading: Reading) -> str:
    """The Region of the plan's own provider, else the one that its zones lie in."""
    found = provider_region(reading, "aws")
    if found:
        return found
    for one in plan.resources:
        zone = one.values.get("availability_zone")
        if isinstance(zone, str) and zone[-1:].isalpha() and zone[-2:-1].isdigit():
            return zone[:-1]
    return ""
