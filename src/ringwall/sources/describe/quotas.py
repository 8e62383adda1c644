"""Quotas that a dump breaks: AWS cannot have said this, so something in it is not AWS's.

Only ceilings count that AWS does not lift on request (facts: ``quotas``, ``max``); an account's own
quotas are not in a dump.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ringwall.facts.load import facts
from ringwall.model.network import AclEntry, CidrPeer, SecurityGroupRule
from ringwall.model.origin import Origin
from ringwall.sources.builder import NetworkBuilder


class _Count(NamedTuple):
    subject: str
    quota: str
    what: str
    number: int
    origin: Origin


def note_quotas(builder: NetworkBuilder) -> None:
    """Puts on record what is more than AWS allows; nothing is judged otherwise for it."""
    known = facts("quotas")
    for one in _counts(builder):
        most = known.values["vpc"][one.quota]["max"]
        if one.number > most:
            message = (
                f"`{one.subject}` has {one.number:,} {one.what}, and AWS allows {most:,} at most "
                f"(quotas as of {known.as_of}): all of them are judged"
            )
            builder.gap("unresolved", one.subject, message, origin=one.origin)


def _counts(builder: NetworkBuilder) -> Iterator[_Count]:
    for group in builder.security_groups.values():
        for way, rules in (("ingress", group.ingress), ("egress", group.egress)):
            number = _heavier(rules)
            what = f"{way} rules for one address family"
            yield _Count(group.id, "group-rules-per-direction", what, number, group.origin)
    for acl in builder.network_acls.values():
        for egress, way in ((False, "ingress"), (True, "egress")):
            number = _longer([one for one in acl.entries if one.egress is egress])
            what = f"{way} rules for one address family"
            yield _Count(acl.id, "acl-rules-per-direction", what, number, acl.origin)
    for table in builder.route_tables.values():
        number = sum(not route.propagated for route in table.routes)
        yield _Count(table.id, "routes-per-table", "static routes", number, table.origin)
    for card in builder.interfaces.values():
        number = len(card.groups)
        yield _Count(card.id, "groups-per-interface", "security groups", number, card.origin)


def _heavier(rules: Sequence[SecurityGroupRule]) -> int:
    """Rules of the family that has more: a rule by group or prefix list counts for both."""
    versions = [one.peer.cidr.version if isinstance(one.peer, CidrPeer) else 0 for one in rules]
    return len(versions) - min(versions.count(4), versions.count(6))


def _longer(entries: Sequence[AclEntry]) -> int:
    """Entries of the family that has more, with AWS's final one."""
    versions = [one.cidr.version for one in entries]
    return max(versions.count(4), versions.count(6)) + 1
