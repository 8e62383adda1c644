"""Guarantees: readable, about something, said once, and not against the intended flows."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.errors import Diagnostic
from ringwall.spec.guarantees import ARROW, Ends, ends_of, known_ends
from ringwall.spec.model import LayersGuarantee, LoadBalancer, NeverGuarantee, Spec
from ringwall.spec.sheet import ENDPOINTS, INTERNET, TIERS, Sheet
from ringwall.spec.source import Key
from ringwall.spec.words import meant, quote


def nevers(sheet: Sheet) -> Iterator[Diagnostic]:
    known = known_ends(sheet.declared)
    for at, one in enumerate(sheet.spec.guarantees):
        if not isinstance(one, NeverGuarantee):
            continue
        where = sheet.place("guarantees", at, "never")
        ends = ends_of(one.never)
        if ends is None:
            yield Diagnostic(
                "RW-SPEC-060",
                f"{quote(one.never)} does not read as SOURCE {ARROW} TARGET",
                where,
                f"two names with an arrow between them: `never: internet {ARROW} data`",
            )
            continue
        unknown = [name for name in (ends.source, ends.target) if name not in known]
        for name in unknown:
            yield Diagnostic(
                "RW-SPEC-061",
                f"{quote(name)} is no service, no tier and not `internet`",
                where,
                meant(name, known, otherwise="a tier is `public`, `app` or `data`"),
            )
        if not unknown and ends.source == ends.target and ends.source not in TIERS:
            yield Diagnostic(
                "RW-SPEC-061", f"both ends are `{ends.source}`", where, "name two different ends"
            )
        elif not unknown:
            yield from _against(sheet, at, ends)


def _against(sheet: Sheet, at: int, ends: Ends) -> Iterator[Diagnostic]:
    """Complain of the first intended flow that the guarantee forbids."""
    for source, target, path in _flows(sheet.spec):
        if _holds(sheet.spec, ends.source, source) and _holds(sheet.spec, ends.target, target):
            asked = f"`{target}` takes connections from `{source}`"
            if target == INTERNET:
                asked = f"`{source}` has egress"
            forbids = f"`{ends.source} {ARROW} {ends.target}` forbids what this file asks for"
            yield Diagnostic(
                "RW-SPEC-062",
                f"{forbids}: {asked}",
                sheet.place("guarantees", at, "never"),
                "take out one of the two",
                ((sheet.place(*path), "this flow is asked for here"),),
            )
            return


def _flows(spec: Spec) -> Iterator[tuple[str, str, Key]]:
    """Each intended flow as source, target and the place that asks for it.

    What `from` may not say is no intention, and is told elsewhere.
    """
    for name, service in spec.services.items():
        for at, source in enumerate(service.sources):
            if source in spec.services:
                yield source, name, ("services", name, "from", at)
            elif isinstance(service, LoadBalancer):
                yield INTERNET, name, ("services", name, "from", at)
    for name, listed in spec.egress.items():
        for at in range(len(listed)):
            yield name, INTERNET, ("egress", name, at)


def _holds(spec: Spec, end: str, member: str) -> bool:
    """Is a flow's end among those that a guarantee's end names?"""
    if end == member:
        return True
    service = spec.services.get(member)
    return end in TIERS and service is not None and service.tier == end and member != ENDPOINTS


def repeated(sheet: Sheet) -> Iterator[Diagnostic]:
    """The same guarantee twice, or two counts of layers."""
    seen: dict[object, int] = {}
    for at, one in enumerate(sheet.spec.guarantees):
        if isinstance(one, NeverGuarantee):
            same: object = ends_of(one.never) or one.never
            message = f"{quote(one.never)} is promised already"
        elif isinstance(one, LayersGuarantee):
            same, message = "layers", "`layers` is promised already"
        else:
            same, message = "survives", f"`survives: {one.survives}` is promised already"
        first = seen.setdefault(same, at)
        if first != at:
            yield Diagnostic(
                "RW-SPEC-063",
                message,
                sheet.place("guarantees", at),
                "keep one of the two",
                ((sheet.place("guarantees", first), "the first is here"),),
            )
