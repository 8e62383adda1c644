"""The way out: who may connect to what on the Internet."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from ringwall.model.errors import Diagnostic
from ringwall.spec.blocks import BadBlock, block_of, off_the_internet
from ringwall.spec.model import LoadBalancer, Workload
from ringwall.spec.sheet import Sheet
from ringwall.spec.words import listing, meant, quote

_EXAMPLE = "203.0.113.0/24"


def clients(sheet: Sheet) -> Iterator[Diagnostic]:
    """Only an application service may be a key of ``egress``."""
    for name in sheet.spec.egress:
        where, service = sheet.key("egress", name), sheet.service(name)
        if name not in sheet.declared:
            apps = list(sheet.spec.of_kind(Workload))
            yield Diagnostic(
                "RW-SPEC-050",
                f"`egress` names {quote(name)}, and there is no such service",
                where,
                meant(
                    name,
                    apps,
                    otherwise=f"services of yours: {listing(apps, last='and')}"
                    if apps
                    else "there is no service of your own yet",
                ),
            )
        elif service is not None and not isinstance(service, Workload):
            why = (
                "a load balancer answers, and calls nobody"
                if isinstance(service, LoadBalancer)
                else "the data tier has no way out of the network"
            )
            yield Diagnostic(
                "RW-SPEC-050",
                f"`{name}` cannot have egress: {why}",
                where,
                "name the service of yours that makes the call",
                ((sheet.place("services", name, "kind"), f"a `{service.kind}` by this"),),
            )


def destinations(sheet: Sheet) -> Iterator[Diagnostic]:
    for name, listed in sheet.spec.egress.items():
        blocks: list[tuple[int, IPv4Network]] = []
        for at, one in enumerate(listed):
            where = sheet.place("egress", name, at, "to")
            block = block_of(one.to, _EXAMPLE)
            if isinstance(block, BadBlock):
                yield Diagnostic("RW-SPEC-040", block.message, where, block.help)
                continue
            yield from _inside(sheet, block, name, at)
            for before, other in blocks:
                same = listed[before].port == one.port and listed[before].protocol == one.protocol
                if same and other.overlaps(block):
                    yield _twice(sheet, name, (before, other), (at, block))
                    break
            blocks.append((at, block))


def _inside(sheet: Sheet, block: IPv4Network, name: str, at: int) -> Iterator[Diagnostic]:
    """A destination that lies in this network, or in nobody's part of the Internet."""
    where = sheet.place("egress", name, at, "to")
    vpc = block_of(sheet.spec.network.cidr, _EXAMPLE)
    if isinstance(vpc, IPv4Network) and vpc.overlaps(block) and block.prefixlen > 0:
        yield Diagnostic(
            "RW-SPEC-051",
            f"`{block}` overlaps this network, which is `{vpc}`",
            where,
            "egress is for the Internet; flows inside are said by `from`",
            ((sheet.place("network", "cidr"), "the network's block"),),
        )
        return
    never = off_the_internet(block)
    if never is not None:
        yield Diagnostic(
            "RW-SPEC-051",
            f"`{block}` is not on the Internet: it meets `{never}`",
            where,
            "name public addresses; `0.0.0.0/0` is the one way to say anywhere",
        )


def _twice(
    sheet: Sheet, name: str, first: tuple[int, IPv4Network], second: tuple[int, IPv4Network]
) -> Diagnostic:
    (before, earlier), (at, block) = first, second
    message = f"`{block}` overlaps `{earlier}` on the same port"
    if earlier == block:
        message = f"`{name}` may connect to `{block}` on this port already"
    return Diagnostic(
        "RW-SPEC-052",
        message,
        sheet.place("egress", name, at, "to"),
        "keep the wider of the two",
        ((sheet.place("egress", name, before, "to"), "the first is here"),),
    )


def no_way_out(sheet: Sheet) -> Iterator[Diagnostic]:
    if sheet.spec.network.nat != "none":
        return
    for name, listed in sheet.spec.egress.items():
        if listed:
            yield Diagnostic(
                "RW-SPEC-053",
                f"`{name}` has egress, and the network has no NAT gateway",
                sheet.key("egress", name),
                "write `nat: per-zone`, or `nat: single` to save money",
                ((sheet.place("network", "nat"), "`nat: none` is here"),),
            )
            return
