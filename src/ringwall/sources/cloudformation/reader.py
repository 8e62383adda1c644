"""From a template to a Network: the readers in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.origin import Origin
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.cloudformation.acls import read_acls
from ringwall.sources.cloudformation.attached import read_attached
from ringwall.sources.cloudformation.balancers import read_balancers
from ringwall.sources.cloudformation.buckets import read_buckets
from ringwall.sources.cloudformation.compute import read_compute
from ringwall.sources.cloudformation.databases import read_databases
from ringwall.sources.cloudformation.firewalls import read_firewalls
from ringwall.sources.cloudformation.groups import read_groups
from ringwall.sources.cloudformation.peering import read_peerings
from ringwall.sources.cloudformation.prefix_lists import read_prefix_lists
from ringwall.sources.cloudformation.public_access import read_public_access
from ringwall.sources.cloudformation.reading import Reading
from ringwall.sources.cloudformation.routing import read_gateway_endpoints, read_route_tables
from ringwall.sources.cloudformation.stack import evaluate
from ringwall.sources.cloudformation.template import load_template
from ringwall.sources.cloudformation.transit import read_transit
from ringwall.sources.cloudformation.unmodelled import record_unmodelled
from ringwall.sources.cloudformation.vpcs import read_internet_gateways, read_subnets, read_vpcs
from ringwall.sources.cloudformation.vpn import read_vpn

#: Each looks only at what those before it put on the Network.
_READERS: tuple[Callable[[Reading], None], ...] = (
    read_vpcs,
    read_subnets,
    read_internet_gateways,
    read_peerings,
    read_vpn,
    read_transit,
    read_firewalls,
    read_public_access,
    read_prefix_lists,
    read_groups,
    read_acls,
    read_compute,
    read_databases,
    read_attached,
    read_balancers,
    read_route_tables,
    read_gateway_endpoints,
    read_buckets,
    record_unmodelled,
)


def read_template(
    text: str,
    source: str,
    *,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Network:
    """Read a CloudFormation template, JSON or YAML, into a Network.

    ``source`` names the material in messages and origins, ``region`` is where the stack is made
    (left out: the facts' default), ``parameters`` override the template's defaults. The ids on the
    Network are logical ids. Raises InputError with every complaint found (RW-CFN-001 to -011).
    """
    home = region or str(facts("cfn-types").values["default_region"])
    try:
        template = load_template(text, source)
        reading = Reading(evaluate(template, home, parameters or {}), NetworkBuilder(source, home))
        for read in _READERS:
            read(reading)
    except RecursionError as mistake:
        message = "references and functions lead through one another too deep to follow"
        raise InputError.at(Origin(source), "RW-CFN-002", message) from mistake
    if reading.problems:
        raise InputError(tuple(dict.fromkeys(reading.problems)))
    return reading.net.build()
