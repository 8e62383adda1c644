"""What passes between two units, told by what becomes of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet
from ringwall.model.intervals import EMPTY
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    icmp_set,
    port_range,
    whole_protocol,
)
from ringwall.model.standing import Reading, Standing
from ringwall.model.verdict import ReturnPorts, Step, Trace
from ringwall.prove.claims.case import Case, Meeting
from ringwall.prove.ends import ON_PREMISES, on_premises_end
from ringwall.prove.engine import Unit

_OUTSIDE = ("internet", ON_PREMISES)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of everything that may pass, as masks that do not overlap.

    ``whole``: it arrives and every client port hears the answer; ``some``: not every port does;
    ``mute``: it arrives and no port does; ``maybe``: not known.
    """

    whole: int = 0
    some: int = 0
    mute: int = 0
    maybe: int = 0

    def joined(self, other: Fate) -> Fate:
        return Fate(
            self.whole | other.whole,
            self.some | other.some,
            self.mute | other.mute,
            self.maybe | other.maybe,
        )


#: The parts of a fate, in the order in which they are told.
_PARTS = ("whole", "some", "mute", "maybe")


@dataclass(slots=True)
class Passage:
    """One fate, the source addresses that share it, and per part of it the meetings that have
    it, by what passes there."""

    fate: Fate
    addresses: list[AddressSet]
    meetings: dict[tuple[str, int], Meeting]
    reasons: tuple[str, ...] = ()

    def meeting(self, part: str, mask: int) -> tuple[Meeting, int]:
        """The first meeting at which some of ``mask`` has this fate, and that part of it."""
        for (name, held), meeting in self.meetings.items():
            if name == part and held & mask:
                return meeting, held & mask
        raise KeyError(part)


class Reach:
    """Looks at one network; every pair of units is looked at once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._seen: dict[tuple[str, str], tuple[Passage, ...]] = {}
        mask = case.prover.parts.services.mask
        deaf = [
            whole_protocol(one) - icmp_set(one, kind, -1)
            for one, kind in ((ICMP, 8), (ICMPV6, 128))
        ]
        #: ICMP messages other than echo requests: nobody answers them.
        self._told_only = mask(deaf[0] | deaf[1])
        low, high = facts("client-ports").values["any"]
        self.ephemeral = mask(port_range(TCP, low, high) | port_range(UDP, low, high))

    def outside(self) -> tuple[Unit, ...]:
        """The Internet, and the premises where something leads there."""
        premises = on_premises_end(self.case.network)
        internet = self.case.prover.internet()
        if premises is None:
            return (internet,)
        return internet, Unit(ON_PREMISES, ON_PREMISES, (premises,))

    def passages(self, source: Unit, target: Unit) -> tuple[Passage, ...]:
        """What passes from one unit to another; from outside, kept apart by source address."""
        key = (source.name, target.name)
        if key not in self._seen:
            self._seen[key] = tuple(self._look(source, target))
        return self._seen[key]

    def _look(self, source: Unit, target: Unit) -> Iterator[Passage]:
        by_place: dict[int, Passage] = {}
        for meeting, _ in self.case.meetings([source], [target]):
            fate, reason = self._fate(meeting)
            if fate == Fate():
                continue
            place = meeting.a.place if source.name in _OUTSIDE else -1
            passage = by_place.get(place)
            if passage is None:
                passage = by_place[place] = Passage(Fate(), [], {})
            _note(passage, meeting, fate, reason)
            passage.addresses.append(self.case.prover.addresses(meeting.a))
        alike: dict[Fate, Passage] = {}
        for passage in by_place.values():
            known = alike.setdefault(passage.fate, passage)
            if known is not passage:
                known.addresses += passage.addresses
        yield from alike.values()

    def _fate(self, meeting: Meeting) -> tuple[Fate, str]:
        prover = self.case.prover
        forward = prover.forward(meeting.a, meeting.b)
        if not forward.possible:
            return Fate(), ""
        reply = prover.reply(meeting.a, meeting.b)
        ports = prover.client_ports(meeting.one)
        told = forward.sure & self._told_only
        sure, possible = forward.sure & ~self._told_only, forward.possible & ~self._told_only
        whole = prover.wholly_answered(sure, reply.sure, ports)
        some = prover.answered(sure, reply.sure, ports) & ~whole
        some &= ~prover.wholly_answered(sure, reply.possible, ports)
        mute = sure & ~prover.answered(sure, reply.possible, ports)
        maybe = prover.answered(possible, reply.possible, ports) & ~(whole | some)
        maybe |= forward.possible & self._told_only & ~told
        reason = "; ".join(dict.fromkeys(x for x in (forward.reason, reply.reason) if x))
        return Fate(whole | told, some, mute, maybe), reason


def _note(passage: Passage, meeting: Meeting, fate: Fate, reason: str) -> None:
    passage.fate = passage.fate.joined(fate)
    for part in _PARTS:
        if mask := getattr(fate, part):
            passage.meetings.setdefault((part, mask), meeting)
    if fate.maybe:
        passage.reasons = tuple(dict.fromkeys((*passage.reasons, reason)))


# --- readings ---------------------------------------------------------------------------


def open_readings(
    reach: Reach, code: str, sources: Iterable[Unit], targets: Iterable[Unit], standing: Standing
) -> Iterator[Reading]:
    """What surely passes with its answers, and what may; one reading for each passage."""
    listed = list(targets)
    for source in sources:
        for target in listed:
            if source.name == target.name:
                continue
            for passage in reach.passages(source, target):
                base, fate = _base(code, source, target, passage), passage.fate
                for part in ("whole", "some", "mute"):
                    if mask := getattr(fate, part):
                        yield _told(reach, base, passage, part, mask, standing)
                if mask := fate.maybe & ~fate.whole:
                    yield _told(reach, base, passage, "maybe", mask, "unknown")


def half_readings(reach: Reach, source: Unit, target: Unit) -> Iterator[Reading]:
    """What arrives, and whose answer is lost at every client port, or at some.

    A network ACL that lets answers in lets in whatever looks like one: where the target opens
    connections to the source, what arrives mute at its ephemeral ports is told as open.
    """
    for passage in reach.passages(source, target):
        base, fate = _base("RW-HALF", source, target, passage), passage.fate
        answers = fate.mute & reach.ephemeral if reach.passages(target, source) else 0
        if mask := fate.mute & ~answers:
            yield _told(reach, base, passage, "mute", mask, "finding")
        if fate.some:
            yield _told(reach, base, passage, "some", fate.some, "finding")
        if answers:
            found = _told(reach, base, passage, "mute", answers, "open")
            why = f"{found.detail}: it is the way by which {target.name} hears answers"
            yield replace(found, detail=why)


def _base(code: str, source: Unit, target: Unit, passage: Passage) -> Reading:
    addresses = EMPTY
    if source.name in _OUTSIDE:
        addresses = AddressSet.union_of(passage.addresses)
    subject = f"{source.name} -> {target.name}"
    return Reading(code, "open", subject, "", source.name, target.name, addresses)


_REPLIES = {"whole": ReturnPorts.ALL, "some": ReturnPorts.SOME, "mute": ReturnPorts.NONE}


def _told(
    reach: Reach, base: Reading, passage: Passage, part: str, mask: int, standing: Standing
) -> Reading:
    case = reach.case
    meeting, held = passage.meeting(part, mask)
    low, high = case.prover.client_ports(meeting.one)
    what = {
        "whole": "it arrives, and every answer comes back",
        "some": f"it arrives, and the answer is lost at some client ports of {low}-{high}",
        "mute": f"it arrives, and the answer is lost at every client port {low}-{high}",
        "maybe": "it is not known whether it passes",
    }[part]
    return replace(
        base,
        standing=standing,
        detail=what,
        services=case.prover.services(mask),
        replies=_REPLIES.get(part),
        clients=(low, high),
        reasons=passage.reasons if part == "maybe" else (),
        step=_ruling(case.ways(meeting, held), lost=part in ("some", "mute")),
    )


def _ruling(ways: Iterator[Trace], *, lost: bool) -> Step | None:
    """The rule that decides: what stops the answer, what is unknown, or what lets the packet in."""
    forward = next(ways).steps
    if lost:
        return next((step for step in next(ways).steps if step.allowed is False), None)
    for step in forward:
        if step.allowed is not True:
            return step
    for step in next(ways).steps:
        if step.allowed is not True:
            return step
    groups = [step for step in forward if step.layer == "security-group"]
    deciding = groups or list(forward)
    return deciding[-1] if deciding else None
