"""The resources of a plan by their names, and what a reference comes to in the end.

An id that is known is looked up among the ids of the plan's own resources. A reference may name a
resource of another type than is wanted (``aws_subnet.a.vpc_id``): then it is followed further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ringwall.sources.terraform.document import Resource
from ringwall.sources.terraform.references import Found, Resolver, Target
from ringwall.sources.terraform.values import first_unknown

#: Attributes that are a resource's own identity.
_IDENTITIES = ("", "id", "arn", "name", "allocation_id", "bucket", "identifier", "key")
#: What AWS makes beside a VPC, by the attributes that name it.
IMPLICIT = {
    "default_security_group_id": "default_security_group_id",
    "default_network_acl_id": "default_network_acl_id",
    "default_route_table_id": "default_route_table_id",
    "main_route_table_id": "default_route_table_id",
}
_PARTS = (
    "primary_network_interface_id",
    "association_id",
    "cluster_security_group_id",
    "transit_gateway_attachment_id",
    "transit_gateway_vpc_attachment_id",
    "association_default_route_table_id",
    "propagation_default_route_table_id",
    "source_security_group_id",
    "network_interface_id",
    "prefix_list_id",
    "vpc_association_id",
    "transit_gateway_peering_attachment_id",
)
_ID = re.compile(r"arn:.+|[a-z]+-[0-9a-f]{8,17}")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Named:
    """What an attribute names. ``doubt`` says why that is not sure; then ``ids`` may hold several
    (for one that names a single resource: any one of them)."""

    ids: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def id(self) -> str:
        return self.ids[0] if self.ids else ""


@dataclass(slots=True)
class Catalogue:
    """The resources of one plan.

    ``renamed`` leads from ids of AWS's, and from what AWS makes beside a VPC, to the ids on the
    Network.
    """

    resolver: Resolver
    renamed: dict[str, str] = field(default_factory=dict)
    types: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)
    _known: dict[str, list[Resource]] = field(default_factory=dict)
    _at: dict[str, Resource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.resolver.plan.resources:
            self.types.setdefault((one.mode, one.type), []).append(one)
            self._at[one.address] = one
            for key in ("id", "arn", "allocation_id"):
                value = one.values.get(key)
                if isinstance(value, str) and value:
                    held = self._known.setdefault(value, [])
                    if one not in held:
                        held.append(one)

    def resource(self, address: str) -> Resource | None:
        return self._at.get(address)

    def type_of(self, address: str) -> str:
        found = self._at.get(address)
        return found.type if found else ""

    def address_of(self, text: str, types: tuple[str, ...] = ()) -> str:
        """The address of what has this id or ARN; the text itself where the plan does not say."""
        held = self._known.get(text, [])
        fitting = [one for one in held if not types or one.type in types]
        managed = [one for one in fitting if one.mode == "managed"]
        if managed or fitting:
            return (managed or fitting)[0].address
        return self.renamed.get(text, text)

    def makes(self, types: tuple[str, ...]) -> list[Resource]:
        """The resources of these types whose id is not known yet."""
        return [
            one
            for kind in types
            for mode in ("managed", "data")
            for one in self.types.get((mode, kind), ())
            if not isinstance(one.values.get("id"), str)
        ]

    def named_by(self, found: Found, types: tuple[str, ...], depth: int = 0) -> Found:
        """The same, with every target of another type followed to one of these types.

        An id that is known already stands among the constants afterwards.
        """
        reached = Found(constants=list(found.constants), doubts=list(found.doubts))
        for target in found.targets:
            reached.add(self._reached(target, types, depth))
        return reached

    def _reached(self, target: Target, types: tuple[str, ...], depth: int) -> Found:
        one = target.resource
        first = target.attribute.partition(".")[0].partition("[")[0]
        last = target.attribute.rpartition(".")[2]
        written = self.resolver.config_of(one).get("expressions")
        expression = written.get(first) if isinstance(written, Mapping) else None
        if last in IMPLICIT or (last in _PARTS and expression is None):
            value = one.values.get(last)
            if isinstance(value, str) and value:
                return Found(constants=[value])
            return Found([Target(one, IMPLICIT.get(last, last))])
        right = not types or one.type in types
        own = first in _IDENTITIES or (one.mode == "managed" and first not in one.values)
        if right and own:
            return Found([Target(one)])
        if not first or depth > _DEEPEST:
            return Found()
        value = one.values.get(first)
        if value is not None and not first_unknown(value):
            return Found(constants=[value])
        if expression is None:
            # AWS picks this part of it: an address, for example.
            return Found([Target(one)] if right else [])
        scope = self.resolver.scope_of(one)
        return self.named_by(self.resolver.follow(expression, scope), types, depth + 1)


def ident_of(target: Target) -> str:
    """The id that a target has on the Network: its address, and the part of it that is meant."""
    address = target.resource.address
    return f"{address}.{target.attribute}" if target.attribute else address


def id_texts(constants: Iterable[object]) -> Iterator[str]:
    """The ids among constants: texts in lists, and texts of AWS's own form."""
    for one in constants:
        if isinstance(one, list | tuple):
            yield from (text for text in one if isinstance(text, str) and text)
        elif isinstance(one, str) and _ID.fullmatch(one):
            yield one
