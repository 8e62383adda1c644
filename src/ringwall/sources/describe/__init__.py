"""What the ``describe-*`` calls of an account say, as one Network.

A dump is a file or a folder of JSON answers, in whatever files and under whatever names: the keys
inside tell what each list is. Lists that are not read, calls that are missing and ids that lead
nowhere are on record as gaps; JSON that is damaged raises InputError (codes ``RW-DUMP-nnn``).
"""

from __future__ import annotations

from pathlib import Path

from ringwall.model.network import Network
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.access import read_group_ties, read_public_access
from ringwall.sources.describe.balancers import read_balancers
from ringwall.sources.describe.dump import read_dump
from ringwall.sources.describe.firewalls import read_firewalls
from ringwall.sources.describe.gateways import read_endpoints, read_nat_gateways
from ringwall.sources.describe.interfaces import label_interfaces, read_interfaces
from ringwall.sources.describe.missing import note_missing
from ringwall.sources.describe.overlaps import note_overlaps
from ringwall.sources.describe.peerings import read_peerings
from ringwall.sources.describe.places import (
    read_internet_gateways,
    read_places,
    read_prefix_lists,
)
from ringwall.sources.describe.premises import read_premises
from ringwall.sources.describe.quotas import note_quotas
from ringwall.sources.describe.routes import read_route_tables
from ringwall.sources.describe.rules import read_network_acls, read_security_groups
from ringwall.sources.describe.stores import read_stores
from ringwall.sources.describe.transit import read_transit_gateways
from ringwall.sources.describe.transit_tables import read_transit_tables

__all__ = ["read_describe"]


def read_describe(path: Path) -> Network:
    """The Network of a dump: a JSON file, or a folder with such files at any depth.

    Origins name files relative to ``path`` and elements as ``NetworkAcls/3/Entries/0``, with the
    line of the element's opening brace.

    Raises InputError: RW-DUMP-001 nothing to read there, 002 no text, 003 no JSON, 004 no value
    that JSON or AWS has, 005 no describe output at all, 006 a value of the wrong type, 007 a value
    that means nothing (an address, a port, a protocol), 008 a missing id,
    009 one id in two Regions.
    """
    builder = NetworkBuilder(source=path.as_posix())
    dump = read_dump(path, builder)
    read_places(dump, builder)
    read_internet_gateways(dump, builder)
    read_prefix_lists(dump, builder)
    read_public_access(dump, builder)
    read_network_acls(dump, builder)
    read_security_groups(dump, builder)
    read_group_ties(dump, builder)
    read_interfaces(dump, builder)
    read_nat_gateways(dump, builder)
    read_endpoints(dump, builder)
    read_firewalls(dump, builder)
    read_peerings(dump, builder)
    read_transit_gateways(dump, builder)
    read_transit_tables(dump, builder)
    read_premises(dump, builder)
    read_balancers(dump, builder)
    read_stores(dump, builder)
    read_route_tables(dump, builder)
    label_interfaces(dump, builder)
    note_missing(dump, builder)
    note_overlaps(builder)
    note_quotas(builder)
    return builder.build()
