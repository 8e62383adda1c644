"""What every noun reader shares: typed access to attributes, what they name, gaps, complaints.

An attribute may be absent, known, or known only after apply. One that names a resource and is not
known yet is looked up in the configuration (:mod:`.references`). Where that leaves several
resources open, one rule helps often: an id that is not known can only be that of a resource whose
id is not known either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.model.tags import NO_TAGS, Tags
from ringwall.sources.builder import GapKind, NetworkBuilder
from ringwall.sources.terraform.blocks import all_references, from_written, may_be
from ringwall.sources.terraform.catalogue import Catalogue, Named, id_texts, ident_of
from ringwall.sources.terraform.document import Resource
from ringwall.sources.terraform.references import Resolver
from ringwall.sources.terraform.values import LATER, Data, Unknown, first_unknown


@dataclass(slots=True)
class Reading:
    """One run over one plan: the builder that it fills and the complaints that it gathers.

    ``understood`` grows with the types that readers have asked for.
    """

    catalogue: Catalogue
    net: NetworkBuilder
    problems: list[Diagnostic] = field(default_factory=list)
    understood: set[str] = field(default_factory=set)

    @property
    def resolver(self) -> Resolver:
        return self.catalogue.resolver

    @property
    def renamed(self) -> dict[str, str]:
        return self.catalogue.renamed

    @property
    def source(self) -> str:
        return self.resolver.plan.source

    def resource(self, address: str) -> Resource | None:
        return self.catalogue.resource(address)

    def type_of(self, address: str) -> str:
        return self.catalogue.type_of(address)

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
            for one in self.catalogue.types.get((mode, kind), ()):
                yield self.props(one)

    def props(self, resource: Resource) -> Props:
        written = self.resolver.config_of(resource).get("expressions")
        return Props(self, resource, resource.values, written)

    def props_at(self, address: str, *types: str) -> Props | None:
        """The attributes of the resource at an address, when it is of one of these types."""
        found = self.catalogue.resource(address)
        if found is None or (types and found.type not in types):
            return None
        return self.props(found)

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
                entries = from_written(one)
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
        fitting = [one for one in expression if may_be(one, block)]
        if len(fitting) == 1:
            return fitting[0], False
        if len(expression) == count and expression[index] in fitting:
            return expression[index], False
        return {"references": [ref for one in fitting for ref in all_references(one)]}, True

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
            return Named((self.reading.catalogue.address_of(value, types),))
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
                known.append(self.reading.catalogue.address_of(one, types))
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
        found = reading.catalogue.named_by(followed, types)
        ids = [name for name in (ident_of(one) for one in found.targets) if name not in taken]
        if several:
            ids += [reading.catalogue.address_of(one, types) for one in id_texts(found.constants)]
        ids = list(dict.fromkeys(reading.renamed.get(name, name) for name in ids))
        doubt = "; ".join(found.doubts)
        if not several and len(ids) == 1 and not doubt:
            return Named((ids[0],))
        if several and ids and not doubt:
            return Named(tuple(ids))
        possible = reading.catalogue.makes(types) if types else []
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
