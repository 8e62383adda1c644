"""Names of services: free to use, and still apart from each other once AWS has them.

The design names most resources after one service, some after two (a target group after a service
and its load balancer, a cache's user after the cache and its client). Hyphens are lost on the way:
``model-api`` becomes ``ModelApi``. So two names can meet, and are told to part here.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.errors import Diagnostic
from ringwall.spec.model import LoadBalancer, Postgres, Redis, Workload
from ringwall.spec.sheet import ENDPOINTS, INTERNET, TIERS, Sheet

#: What a name already means elsewhere in a spec or in the network.
_RESERVED = {
    INTERNET: "it means everything outside",
    ENDPOINTS: "it means the interface endpoints",
    **dict.fromkeys(TIERS, "it means a tier"),
    "default": "the network's default security group has this name",
    "access-logs": "the bucket of the load balancers' access logs has this name",
    "flow-logs": "the bucket of the flow logs has this name",
    "scaling-service": "the role of Auto Scaling has this name",
    "empty-default-group": "what empties the default security group has this name",
}
#: What the design adds to a database's name for resources that any service may have too.
_DATABASE_PARTS = ("monitoring", "postgresql", "upgrade")


def reserved(sheet: Sheet) -> Iterator[Diagnostic]:
    for name in sheet.declared:
        if name in _RESERVED:
            yield Diagnostic(
                "RW-SPEC-020",
                f"a service cannot be called `{name}`: {_RESERVED[name]}",
                sheet.key("services", name),
                "choose another name, and use it in every `from` too",
            )


def alike(sheet: Sheet) -> Iterator[Diagnostic]:
    """Two names that differ only in hyphens give AWS resources whose names differ only in case."""
    seen: dict[str, str] = {}
    for name in sheet.declared:
        first = seen.setdefault(_bare(name), name)
        if first != name:
            yield Diagnostic(
                "RW-SPEC-020",
                f"`{name}` and `{first}` differ only in hyphens, which AWS's resource ids have not",
                sheet.key("services", name),
                "rename one of the two",
                ((sheet.key("services", first), f"`{first}` is here"),),
            )


def joined(sheet: Sheet) -> Iterator[Diagnostic]:
    """A name made of two names, and another that reads the same."""
    for group in (_named_after(sheet), _cache_users(sheet)):
        seen: dict[str, tuple[str, ...]] = {}
        for names in group:
            first = seen.setdefault(_bare("".join(names)), names)
            if first != names and max(len(first), len(names)) > 1:
                yield Diagnostic(
                    "RW-SPEC-020",
                    f"{_words(names)} and {_words(first)} would share the name of a resource",
                    sheet.key("services", names[0]),
                    f"rename `{names[0]}` or `{first[0]}`",
                    ((sheet.key("services", first[0]), f"`{first[0]}` is here"),),
                )


def _bare(name: str) -> str:
    return name.replace("-", "").casefold()


def _words(names: tuple[str, ...]) -> str:
    return " with ".join(f"`{name}`" for name in names)


def _named_after(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    spec = sheet.spec
    yield from ((name,) for name in spec.services)
    for name, one in spec.of_kind(Workload).items():
        fronts = [
            source for source in one.sources if isinstance(sheet.service(source), LoadBalancer)
        ]
        yield from ((name, front) for front in fronts)
    yield from ((name, part) for name in spec.of_kind(Postgres) for part in _DATABASE_PARTS)


def _cache_users(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    for name, one in sheet.spec.of_kind(Redis).items():
        yield from ((name, client) for client in dict.fromkeys(one.sources))
