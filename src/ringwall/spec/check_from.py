"""Who connects to whom: every ``from`` names somebody who can, may and does.

What is legal was decided once, here:

* Application services may connect to each other in a circle (``a`` from ``b`` and ``b`` from
  ``a``): two services that call each other are common, and the network can hold it. Only a
  service that lists *itself* is refused: its instances share one security group, and whether they
  may talk to each other is not a flow between services.
* A store never initiates, and nothing behind a load balancer may be a store.
* Only a load balancer takes connections from outside; it takes them from ``internet`` or from
  public IPv4 blocks (offices, partners) and from nothing inside, for its address is a public one.
* A service without ``from`` is legal (a worker that only calls others); a store that nobody
  connects to, and a load balancer with nothing behind it, are mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from ringwall.model.errors import Diagnostic
from ringwall.spec.blocks import BadBlock, block_of, looks_like_block, off_the_internet
from ringwall.spec.model import Bucket, LoadBalancer, Postgres, Redis, Service, Workload
from ringwall.spec.sheet import INTERNET, TIERS, Sheet
from ringwall.spec.words import listing, meant, quote

_STORES = (Postgres, Redis, Bucket)
_OFFICE = "203.0.113.0/24"
_NOUNS = {"postgres": "database", "redis": "cache", "bucket": "bucket", "service": "service"}


def entries(sheet: Sheet) -> Iterator[Diagnostic]:
    """Each entry of each ``from`` by itself."""
    for name, service in sheet.spec.services.items():
        seen: dict[str, int] = {}
        for at, source in enumerate(service.sources):
            if source in seen:
                yield Diagnostic(
                    "RW-SPEC-027",
                    f"{quote(source)} stands twice in this `from`",
                    sheet.place("services", name, "from", at),
                    "keep one of the two",
                    ((sheet.place("services", name, "from", seen[source]), "the first is here"),),
                )
                continue
            seen[source] = at
            check = _into_balancer if isinstance(service, LoadBalancer) else _into_inside
            yield from check(sheet, name, service, at)


def _into_balancer(sheet: Sheet, name: str, service: Service, at: int) -> Iterator[Diagnostic]:
    source, where = service.sources[at], sheet.place("services", name, "from", at)
    if source == INTERNET:
        return
    if looks_like_block(source):
        yield from _office(source, sheet, name, at)
    elif source in sheet.declared:
        yield Diagnostic(
            "RW-SPEC-024",
            f"a load balancer takes no connections from inside, not from `{source}`",
            where,
            f"let the service behind {quote(name)} take them: `from: [{source}]` there",
            ((sheet.key("services", source), f"{quote(source)} is here"),),
        )
    else:
        yield Diagnostic(
            "RW-SPEC-021",
            f"a load balancer takes connections from `internet` or from address "
            f"blocks, not from {quote(source)}",
            where,
            meant(source, (INTERNET,), otherwise=f"for example `from: [{_OFFICE}]`"),
        )


def _office(text: str, sheet: Sheet, name: str, at: int) -> Iterator[Diagnostic]:
    where = sheet.place("services", name, "from", at)
    block = block_of(text, _OFFICE)
    if isinstance(block, BadBlock):
        yield Diagnostic("RW-SPEC-040", block.message, where, block.help)
        return
    if block.prefixlen == 0:
        yield Diagnostic("RW-SPEC-026", f"`{text}` is everybody", where, "write `from: internet`")
        return
    never = off_the_internet(block)
    if never is not None:
        yield Diagnostic(
            "RW-SPEC-042",
            f"nobody on the Internet has an address in `{text}`, which meets `{never}`",
            where,
            "name the public addresses that your office shows to the world",
        )
    yield from _covered(block, sheet, name, at)


def _covered(block: IPv4Network, sheet: Sheet, name: str, at: int) -> Iterator[Diagnostic]:
    """A block that an earlier entry, or ``internet``, already holds or meets."""
    sources = sheet.spec.services[name].sources
    for before, other in enumerate(sources):
        earlier = None if other == INTERNET else block_of(other, _OFFICE)
        if before == at or isinstance(earlier, BadBlock) or (earlier and before > at):
            continue
        if earlier is None or earlier.overlaps(block):
            yield Diagnostic(
                "RW-SPEC-027",
                f"`{block}` overlaps {quote(other)}, which may connect already",
                sheet.place("services", name, "from", at),
                "keep the wider of the two",
                ((sheet.place("services", name, "from", before), f"{quote(other)} is here"),),
            )


def _into_inside(sheet: Sheet, name: str, service: Service, at: int) -> Iterator[Diagnostic]:
    """An entry of a service's or a store's ``from``."""
    source, where = service.sources[at], sheet.place("services", name, "from", at)
    related = ((sheet.place("services", name, "kind"), f"`{name}` is a `{service.kind}` by this"),)
    if source == INTERNET or (looks_like_block(source) and source not in sheet.declared):
        yield _public(name, service, source, sheet, at)
    elif source == name:
        yield Diagnostic(
            "RW-SPEC-022",
            f"`{name}` names itself in its `from`",
            where,
            "take it out: this is about connections between services",
        )
    elif source not in sheet.declared:
        yield _nobody(sheet, source, name, at)
    else:
        client = sheet.service(source)
        if isinstance(client, _STORES):
            yield Diagnostic(
                "RW-SPEC-023",
                f"{quote(source)} is a `{client.kind}`, and a store never opens a connection",
                where,
                f"did you mean it the other way round: `{source}: {{from: [{name}]}}`?"
                if isinstance(service, Workload)
                else "name the service that uses both",
                ((sheet.place("services", source, "kind"), f"a `{client.kind}` by this"),),
            )
        elif isinstance(client, LoadBalancer) and isinstance(service, _STORES):
            yield Diagnostic(
                "RW-SPEC-025",
                f"a load balancer cannot stand before a `{service.kind}`",
                where,
                "put a service between them: the load balancer connects to it, and it connects "
                f"to `{name}`",
                related,
            )


def _public(name: str, service: Service, source: str, sheet: Sheet, at: int) -> Diagnostic:
    noun = _NOUNS.get(service.kind, "service")
    balancers = [one for one in sheet.spec.of_kind(LoadBalancer) if one != INTERNET]
    mend = (
        f"take connections from a load balancer: `from: [{balancers[0]}]`"
        if balancers
        else "add a load balancer (`web: {kind: load-balancer}`) and write `from: [web]`"
    )
    if isinstance(service, _STORES):
        mend = "name the services that use it, such as `from: [api]`"
    return Diagnostic(
        "RW-SPEC-025",
        f"a public {noun}: `{name}` would take connections from {quote(source)}",
        sheet.place("services", name, "from", at),
        mend,
        ((sheet.place("services", name, "kind"), f"`{name}` is a `{service.kind}` by this"),),
    )


def _nobody(sheet: Sheet, source: str, name: str, at: int) -> Diagnostic:
    others = [one for one in sheet.declared if one != name]
    if source in TIERS:
        help = "name the services of that tier one by one"
    else:
        known = [*others, INTERNET]
        help = meant(source, known, otherwise=f"the services are {listing(others, last='and')}")
        if not others:
            help = "there is no other service yet"
    return Diagnostic(
        "RW-SPEC-021",
        f"`from` names {quote(source)}, and there is no such service",
        sheet.place("services", name, "from", at),
        help,
    )


def lonely(sheet: Sheet) -> Iterator[Diagnostic]:
    """Stores without clients, load balancers without targets or without visitors."""
    if not sheet.whole:
        return
    behind = {source for one in sheet.spec.services.values() for source in one.sources}
    example = next(iter(sheet.spec.of_kind(Workload)), "api")
    for name, service in sheet.spec.services.items():
        where = sheet.key("services", name)
        if isinstance(service, LoadBalancer) and name not in behind:
            yield Diagnostic(
                "RW-SPEC-028",
                f"nothing stands behind the load balancer `{name}`",
                where,
                f"let a service take connections from it: `{example}: {{from: [{name}]}}`",
            )
        if isinstance(service, LoadBalancer) and not service.sources:
            yield Diagnostic(
                "RW-SPEC-029",
                f"nobody may connect to the load balancer `{name}`",
                sheet.place("services", name, "from"),
                "write `from: internet`, or name blocks",
            )
        if isinstance(service, _STORES) and not service.sources:
            yield Diagnostic(
                "RW-SPEC-029",
                f"nothing connects to `{name}`",
                where,
                f"name the services that use it: `from: [{example}]`; or take it out",
            )
