"""The network as a whole: addresses, Region, zones, endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from ringwall.facts.load import facts
from ringwall.model.errors import Diagnostic
from ringwall.spec.blocks import BadBlock, block_of
from ringwall.spec.sheet import Sheet
from ringwall.spec.words import listing, meant, quote

_EXAMPLE = "10.20.0.0/16"
_GATEWAYS = ("s3", "dynamodb")


def addresses(sheet: Sheet) -> Iterator[Diagnostic]:
    """The VPC's block: written exactly, private, of a size to work with, and not taken."""
    where = sheet.place("network", "cidr")
    block = block_of(sheet.spec.network.cidr, _EXAMPLE)
    if isinstance(block, BadBlock):
        yield Diagnostic("RW-SPEC-040", block.message, where, block.help)
        return
    known = facts("vpc-blocks").values
    widest, narrowest = known["prefix"]
    if not widest <= block.prefixlen <= narrowest:
        size = "large for a VPC" if block.prefixlen < widest else "small for three tiers"
        yield Diagnostic(
            "RW-SPEC-043",
            f"`{block}` is too {size}",
            where,
            f"choose a prefix from /{widest} to /{narrowest}: "
            f"`{block.network_address}/{min(max(block.prefixlen, widest), narrowest)}`",
        )
    if not any(block.subnet_of(IPv4Network(one)) for one in known["private"]):
        yield Diagnostic(
            "RW-SPEC-042",
            f"`{block}` is not private: others on the Internet have these addresses",
            where,
            f"choose a block in {listing(known['private'])}",
        )
    for taken, why in known["taken"].items():
        if block.overlaps(IPv4Network(taken)):
            yield Diagnostic(
                "RW-SPEC-044",
                f"`{block}` overlaps `{taken}`: {why}",
                where,
                f"choose another block, such as `{_EXAMPLE}`",
            )


def region(sheet: Sheet) -> Iterator[Diagnostic]:
    known: dict[str, dict[str, list[str]]] = facts("regions").values
    name, zones = sheet.spec.region, sheet.spec.network.zones
    where = sheet.place("region")
    if name not in known:
        as_of = facts("regions").as_of
        zone = next(
            (one for one in known if name[:-1] == one and name in known[one]["zones"]), None
        )
        help = f"that is a zone; its Region is `{zone}`" if zone else ""
        yield Diagnostic(
            "RW-SPEC-045",
            f"there is no Region {quote(name)}",
            where,
            help
            or meant(
                name,
                list(known),
                otherwise=f"a commercial Region known on {as_of}, such as `us-east-1`",
            ),
        )
        return
    there = len(known[name]["zones"])
    if zones > there:
        written = ("network", "zones") in sheet.origins
        message = f"`{name}` has {there} zones for new customers, and {zones} are asked for"
        if not written:
            message = f"`{name}` has {there} zones for new customers, and the default is {zones}"
        yield Diagnostic(
            "RW-SPEC-046",
            message,
            sheet.place("network", "zones") if written else where,
            f"write `zones: {there}` under `network`",
            ((where, f"the Region is `{name}` by this"),) if written else (),
        )


def endpoints(sheet: Sheet) -> Iterator[Diagnostic]:
    """Names of AWS services, as in the last part of an endpoint's full name."""
    seen: dict[str, int] = {}
    for at, name in enumerate(sheet.spec.network.endpoints or ()):
        where = sheet.place("network", "endpoints", at)
        short = re.sub(r"^(com\.amazonaws|aws)\.([a-z]{2}(-[a-z]+)+-[0-9]\.)?", "", name)
        if name in seen:
            first = sheet.place("network", "endpoints", seen[name])
            yield Diagnostic(
                "RW-SPEC-047",
                f"the endpoint {quote(name)} stands twice",
                where,
                "keep one of the two",
                ((first, "the first is here"),),
            )
        elif short != name:
            yield Diagnostic(
                "RW-SPEC-047",
                f"{quote(name)} is the full name of an endpoint",
                where,
                f"the service alone is enough: `{short}`",
            )
        elif name in _GATEWAYS:
            yield Diagnostic(
                "RW-SPEC-047",
                f"`{name}` is reached through a gateway endpoint, not through an interface",
                where,
                "take it out",
            )
        elif not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", name):
            yield Diagnostic(
                "RW-SPEC-047",
                f"{quote(name)} is no name of an AWS service",
                where,
                "for example `logs`, `ssm` or `ecr.api`",
            )
        seen.setdefault(name, at)


def frameworks(sheet: Sheet) -> Iterator[Diagnostic]:
    named = sheet.spec.frameworks
    for at, name in enumerate(named):
        if named.index(name) != at:
            first = sheet.place("frameworks", named.index(name))
            yield Diagnostic(
                "RW-SPEC-027",
                f"`{name}` stands twice in `frameworks`",
                sheet.place("frameworks", at),
                "keep one of the two",
                ((first, "the first is here"),),
            )
