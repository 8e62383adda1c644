"""What every noun reader shares: typed access to attributes, what they name, gaps, complaints.

An attribute may be absent, known, or known only after apply. One that names a resource and is not
known yet is looked up in the configuration (:mod:`.references`). Where that leaves several
resources open, one rule helps often: an id that is not known can only be that of a resource whose
id is not known either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.model.tags import NO_TAGS, Tags
from ringwall.sources.builder import GapKind, NetworkBuilder
from ringwall.sources.terraform.document import Resource
from ringwall.sources.terraform.references import Found, Resolver, Target, leaves, references_in
from ringwall.sources.terraform.values import LATER, Data, Unknown, first_unknown

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
class Reading:
    """One run over one plan: the builder that it fills and the complaints that it gathers.

    ``renamed`` leads from ids of AWS's, and from what AWS makes beside a VPC, to the ids on the
    Network; ``understood`` grows with the types that readers have asked for.
    """

    resolver: Resolver
    net: NetworkBuilder
    problems: list[Diagnostic] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    understood: set[str] = field(default_factory=set)
    _types: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)
    _known: dict[str, list[Resource]] = field(default_factory=dict)
    _at: dict[str, Resource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.resolver.plan.resources:
            self._types.setdefault((one.mode, one.type), []).append(one)
            self._at[one.address] = one
            for key in ("id", "arn", "allocation_id"):
                value = one.values.get(key)
                if isinstance(value, str) and value:
                    held = self._known.setdefault(value, [])
                    if one not in held:
                        held.append(one)

    @property
    def source(self) -> str:
        return self.resolver.plan.source

    def resource(self, address: str) -> Resource | None:
        return self._at.get(address)

    def type_of(self, address: str) -> str:
        found = self._at.get(address)
        return found.type if found else ""

    def of_type(self, *types: str) -> Iterator[Props]:
        """The managed resources of these types."""
        return self._of_type("managed", types)

    def data(self, *types: str) -> Iterator[Props]:
        """The data sources of these types."""
        return self._of_type("data", types)

    def deleted(self, *types: str) -> Iterator[Props]:
        """What the plan deletes or replaces, as it was: a state may still repeat it elsewhere."""
        for one in self.resolver.plan.deleted:
            if one.type in types:
                yield Props(self, one, one.values)

    def _of_type(self, mode: str, types: Iterable[str]) -> Iterator[Props]:
        self.understood.update(types)
        for kind in types:
            for one in self._types.get((mode, kind), ()):
                yield self.props(one)

    def props(self, resource: Resource) -> Props:
        written = self.resolver.config_of(resource).get("expressions")
        return Props(self, resource, resource.values, written)

    def props_at(self, address: str, *types: str) -> Props | None:
        """The attributes of the resource at an address, when it is of one of these types."""
        found = self._at.get(address)
        if found is None or (types and found.type not in types):
            return None
        return self.props(found)

    def address_of(self, text: str, types: tuple[str, ...] = ()) -> str:
        """The address of what has this id or ARN; the text itself where the plan does not say."""
        held = self._known.get(text, [])
        fitting = [one for one in held if not types or one.type in types]
        managed = [one for one in fitting if one.mode == "managed"]
        if managed or fitting:
            return (managed or fitting)[0].address
        return self.renamed.get(text, text)

    def gap(
        self,
        kind: GapKind,
        resource: Resource,
        message: str,
        *,
        affects: tuple[str, ...] = (),
    ) -> None:
        origin = Origin(self.source, resource.address)
        self.net.gap(kind, resource.address, message, affects=affects, origin=origin)

    def complain(self, resource: Resource, path: str, message: str, help: str = "") -> None:
        origin = Origin(self.source, f"{resource.address}/{path}".rstrip("/"))
        self.problems.append(Diagnostic("RW-TF-010", message, origin, help))

    def makes(self, types: tuple[str, ...]) -> list[Resource]:
        """The resources of these types whose id is not known yet."""
        return [
            one
            for kind in types
            for one in self._types.get(("managed", kind), ())
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
        if last in IMPLICIT or last in _PARTS:
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
        written = self.resolver.config_of(one).get("expressions")
        expression = written.get(first) if isinstance(written, Mapping) else None
        if expression is None:
            # AWS picks this part of it: an address, for example.
            return Found([Target(one)] if right else [])
        scope = self.resolver.scope_of(one)
        return self.named_by(self.resolver.follow(expression, scope), types, depth + 1)


@dataclass(frozen=True, slots=True)
class Props:
    """A mapping of attributes inside a resource; ``path`` is its place there.

    ``written`` is the tree of expressions for these attributes. ``shared`` says that it stands for
    several blocks at once, for the plan does not say which expression belongs to which.
    """

    reading: Reading
    resource: Resource
    entries: Mapping[str, Data]
    written: object = None
    path: str = ""
    shared: bool = False

    @property
    def id(self) -> str:
        return self.resource.address

    @property
    def label(self) -> str:
        return self.resource.name

    def expression(self, key: str) -> object:
        if self.shared and isinstance(self.written, Mapping) and "references" in self.written:
            return self.written
        return self.written.get(key) if isinstance(self.written, Mapping) else None

    def get(self, key: str) -> Data:
        """The value; None where it is not set, a mark where it is known only after apply."""
        found = self.entries.get(key)
        if found is None and key not in self.entries and not self.resource.complete:
            expression = self.expression(key)
            if isinstance(expression, Mapping) and expression.get("references"):
                return LATER
        return found

    def given(self, key: str) -> bool:
        """Is there a value, or an expression for one? A value that AWS picks counts as none."""
        found = self.get(key)
        if isinstance(found, Unknown):
            written = self.reading.resolver.config_of(self.resource)
            return self.expression(key) is not None or not written
        return found is not None and found not in ("", ())

    def origin(self, key: str = "") -> Origin:
        parts = (self.id, self.path, key)
        return Origin(self.reading.source, "/".join(part for part in parts if part))

    def _wrong(self, key: str, wanted: str) -> None:
        value = self.entries.get(key)
        message = f"`{key}` of `{self.id}` must be {wanted}"
        if isinstance(value, str | int | float | bool):
            message += f", not `{value}`"
        path = "/".join(part for part in (self.path, key) if part)
        self.reading.complain(self.resource, path, message)

    def text(self, key: str, default: str = "") -> str:
        """A text, or a number as text; ``default`` where absent or not known."""
        value = self.get(key)
        if value is None or isinstance(value, Unknown) or value == "":
            return default
        if isinstance(value, str | int | float):
            return str(value)
        self._wrong(key, "a text")
        return default

    def unknown(self, key: str) -> str:
        """Why a value that is given is not known; empty where it is known or absent."""
        value = self.get(key)
        return value.reason if isinstance(value, Unknown) else ""

    def truth(self, key: str, default: bool) -> bool | None:
        """A boolean, ``default`` where absent or left to AWS, None where it is not known."""
        value = self.get(key)
        if isinstance(value, Unknown):
            return None if self.given(key) else default
        if value is None or value == "":
            return default
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        self._wrong(key, "true or false")
        return default

    def number(self, key: str) -> int | Unknown | None:
        """A whole number, None where absent."""
        value = self.get(key)
        if value is None or isinstance(value, Unknown) or value == "":
            return value if isinstance(value, Unknown) else None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        digits = value.strip().removeprefix("-") if isinstance(value, str) else ""
        if digits.isascii() and digits.isdigit() and len(digits) < 12:
            return int(str(value))
        self._wrong(key, "a whole number")
        return None

    def count(self, key: str) -> int | None:
        found = self.number(key)
        return found if isinstance(found, int) else None

    def cidr(self, key: str) -> IPNetwork | Unknown | None:
        """A CIDR block, None where absent or (with a complaint) where it is none."""
        value = self.get(key)
        if value is None or isinstance(value, Unknown) or value == "":
            return value if isinstance(value, Unknown) else None
        return self.block(key, value)

    def block(self, key: str, value: Data) -> IPNetwork | Unknown | None:
        if isinstance(value, Unknown):
            return value
        try:
            return parse_network(str(value).strip())
        except ValueError:
            self._wrong(key, "a CIDR block, such as 10.0.0.0/16")
            return None

    def items(self, key: str) -> tuple[Data, ...]:
        """The entries of a list; a lone value counts as a list of one."""
        value = self.get(key)
        if value is None or isinstance(value, Unknown) or value == "":
            return ()
        return value if isinstance(value, tuple) else (value,)

    def each(self, key: str) -> Iterator[Props]:
        """The mappings of a list: nested blocks."""
        value = self.get(key)
        listed = self.items(key)
        for index, one in enumerate(listed):
            if isinstance(one, Mapping):
                path = "/".join(part for part in (self.path, key, str(index)) if part)
                written, shared = self._block_expression(key, index, one, len(listed))
                yield replace(self, entries=one, written=written, path=path, shared=shared)
            elif not isinstance(one, Unknown):
                self._wrong(key, "a list of blocks")
        if isinstance(value, Unknown):
            # Nothing of the blocks is known, but constants and names in them are written down.
            expression = self.expression(key)
            for index, one in enumerate(expression if isinstance(expression, list) else ()):
                path = "/".join(part for part in (self.path, key, str(index)) if part)
                entries = _from_written(one)
                yield replace(self, entries=entries, written=one, path=path, shared=False)

    def _block_expression(
        self, key: str, index: int, block: Mapping[str, Data], count: int
    ) -> tuple[object, bool]:
        """The expressions of one block, and whether they stand for several blocks."""
        expression = self.expression(key)
        if isinstance(expression, Mapping):
            return expression, True
        if not isinstance(expression, list):
            return None, False
        fitting = [one for one in expression if _may_be(one, block)]
        if len(fitting) == 1:
            return fitting[0], False
        if len(expression) == count and expression[index] in fitting:
            return expression[index], False
        return {"references": [ref for one in fitting for ref in _all_references(one)]}, True

    def inner(self, key: str) -> Props:
        """The first of nested blocks; empty where there is none."""
        nested = replace(self, path=f"{self.path}/{key}".lstrip("/"), shared=False)
        value = self.get(key)
        if isinstance(value, Mapping):
            return replace(nested, entries=value, written=self.expression(key))
        return next(self.each(key), replace(nested, entries={}, written=None))

    def tags(self) -> Tags:
        """Tags, those of the provider's ``default_tags`` included where they are known."""
        found: dict[str, str] = {}
        for key in ("tags_all", "tags"):
            value = self.get(key)
            if isinstance(value, Mapping):
                found |= {
                    name: str(one)
                    for name, one in value.items()
                    if isinstance(one, str | int | float)
                }
        return found or NO_TAGS

    def name(self, *keys: str) -> str:
        """The ``Name`` tag, else the first of these attributes that is given."""
        found = self.tags().get("Name", "")
        return found or next((self.text(key) for key in keys if self.text(key)), "")

    def named(self, key: str, *types: str) -> Named:
        """The one resource that an attribute names; no ids where it is absent."""
        value = self.get(key)
        if isinstance(value, str) and value:
            return Named((self.reading.address_of(value, types),))
        if not isinstance(value, Unknown):
            if value is not None and value != "":
                self._wrong(key, "one id")
            return Named()
        if not self.given(key):
            return Named()
        return self._later(key, types, several=False, taken=())

    def names(self, key: str, *types: str) -> Named:
        """All resources that a list names."""
        value = self.get(key)
        if isinstance(value, Unknown):
            if not self.given(key):
                return Named()
            return self._later(key, types, several=True, taken=())
        known: list[str] = []
        later = 0
        for one in self.items(key):
            if isinstance(one, str) and one:
                known.append(self.reading.address_of(one, types))
            elif isinstance(one, Unknown) or one is None:
                later += 1
            else:
                self._wrong(key, "a list of ids")
        if not later:
            return Named(tuple(dict.fromkeys(known)))
        rest = self._later(key, types, several=True, taken=tuple(known))
        doubt = rest.doubt
        if not doubt and len(rest.ids) != later:
            doubt = f"`{key}` of `{self.id}` holds {later} that the plan does not name surely"
        return Named(tuple(dict.fromkeys((*known, *rest.ids))), doubt)

    def gathered(self, key: str, inner: str, *types: str) -> Named:
        """All resources that an attribute names in any of the nested blocks ``key``."""
        blocks = list(self.each(key))
        known = [one.named(inner, *types) for one in blocks]
        if blocks and not any(one.doubt for one in known):
            return Named(tuple(dict.fromkeys(name for one in known for name in one.ids)))
        expression = self.expression(key)
        if not isinstance(expression, list):
            return self._later(key, types, several=True, taken=())
        parts = [one.get(inner) for one in expression if isinstance(one, Mapping)]
        whole = replace(self, entries={inner: LATER}, written={inner: parts}, shared=False)
        return whole._later(inner, types, several=True, taken=())

    def _later(
        self, key: str, types: tuple[str, ...], *, several: bool, taken: tuple[str, ...]
    ) -> Named:
        """What an attribute names that is not known yet."""
        reading = self.reading
        scope = reading.resolver.scope_of(self.resource)
        followed = reading.resolver.follow(self.expression(key), scope)
        found = reading.named_by(followed, types)
        ids = [name for name in (_ident(one) for one in found.targets) if name not in taken]
        if several:
            ids += [reading.address_of(one, types) for one in _id_texts(found.constants)]
        ids = list(dict.fromkeys(reading.renamed.get(name, name) for name in ids))
        doubt = "; ".join(found.doubts)
        if not several and len(ids) == 1 and not doubt:
            return Named((ids[0],))
        if several and ids and not doubt:
            return Named(tuple(ids))
        possible = reading.makes(types) if types else []
        if not several and len(possible) == 1 and not (ids and ids != [possible[0].address]):
            # Nothing else gets an id only now, so it can be no other.
            return Named((possible[0].address,))
        more = [one.address for one in possible if one.address not in taken]
        ids = ids or more
        shown = ", ".join(f"`{one}`" for one in ids[:4]) or "nothing that the plan shows"
        why = doubt or first_unknown(self.get(key)) or LATER.reason
        return Named(tuple(ids), f"`{key}` of `{self.id}` may name {shown}: {why}")

    def one(self, key: str, *types: str, affects: tuple[str, ...] = ()) -> str:
        """The id of what an attribute names; where it is not sure, a gap is put on record."""
        found = self.named(key, *types)
        if found.doubt:
            reading = self.reading
            reading.gap("unresolved", self.resource, found.doubt, affects=affects or (self.id,))
        return found.id

    def many(self, key: str, *types: str, affects: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The ids of all that a list names; where they are not sure, a gap is put on record."""
        found = self.names(key, *types)
        if found.doubt:
            reading = self.reading
            reading.gap("unresolved", self.resource, found.doubt, affects=affects or (self.id,))
        return found.ids


def _ident(target: Target) -> str:
    address = target.resource.address
    return f"{address}.{target.attribute}" if target.attribute else address


def _id_texts(constants: Iterable[object]) -> Iterator[str]:
    """The ids among constants: texts in lists, and texts of AWS's own form."""
    for one in constants:
        if isinstance(one, list | tuple):
            yield from (text for text in one if isinstance(text, str) and text)
        elif isinstance(one, str) and _ID.fullmatch(one):
            yield one


def _all_references(expression: object) -> list[str]:
    return [name for leaf in leaves(expression) for name in references_in(leaf)]


def _from_written(block: object) -> dict[str, Data]:
    """The attributes of a block of which only the configuration tells."""
    found: dict[str, Data] = {}
    for key, one in block.items() if isinstance(block, Mapping) else ():
        if isinstance(one, Mapping) and "constant_value" in one:
            value = one["constant_value"]
            found[str(key)] = tuple(value) if isinstance(value, list) else value
        else:
            found[str(key)] = LATER
    return found


def _may_be(written: object, block: Mapping[str, Data]) -> bool:
    """May these expressions be those of a block? No constant in them contradicts it."""
    if not isinstance(written, Mapping):
        return False
    for key, one in written.items():
        if isinstance(one, Mapping) and "constant_value" in one:
            wanted, value = one["constant_value"], block.get(str(key))
            if isinstance(wanted, list):
                wanted = tuple(wanted)
            if not isinstance(value, Unknown) and _plain(value) != _plain(wanted):
                return False
    return True


def _plain(value: object) -> object:
    """Terraform writes 22 and "22" for the same; the order of a set does not matter."""
    if isinstance(value, tuple):
        return sorted(str(one) for one in value)
    return "" if value is None else str(value)
