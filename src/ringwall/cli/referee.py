"""The prover and the kernel asked the same questions: what each says, and where they differ.

The rooms that prove and rehearse know nothing of each other; they meet here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringwall.facts.load import facts
from ringwall.model.addresses import IPAddress, address_at, position
from ringwall.model.network import WAY_KINDS, Network
from ringwall.model.services import ICMP, ICMPV6, has_ports, place_of
from ringwall.model.verdict import Packet
from ringwall.prove.ends import End, family, interface_end, internet_end
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Spot
from ringwall.rehearse.lab import Lab
from ringwall.rehearse.plan import INTERNET, Plan
from ringwall.rehearse.probes import Outcome, Probe

#: An echo's answer, by protocol: type and code.
_ECHO_ANSWER = {ICMP: 0, ICMPV6: 129 << 8}
_NO_ENDS = (*WAY_KINDS, "load-balancer", "vpc-endpoint")
#: Seconds of silence that satisfy even a busy machine: TCP asks again after one.
_PATIENCE = 1.5
_ECHO = {ICMP: 8 << 8, ICMPV6: 128 << 8}


@dataclass(frozen=True, slots=True)
class Question:
    """A packet between two ends, as the prover takes it and as the kernel sends it."""

    source: End
    target: End
    packet: Packet
    probe: Probe


@dataclass(frozen=True, slots=True)
class Answer:
    """What was claimed (None: not known, or nothing was claimed) and what happened."""

    question: Question
    forward: bool | None
    reply: bool | None
    outcome: Outcome

    @property
    def agrees(self) -> bool:
        """Did the kernel do what was claimed, as far as anything was?"""
        told = self.outcome
        if self.forward is not None and told.arrived is not self.forward:
            return False
        if self.forward is not True or self.reply is None:
            return True
        return told.answered is self.reply

    @property
    def came_uncalled(self) -> bool:
        """Did something arrive, or an answer come back, that was claimed to be stopped?"""
        told = self.outcome
        return (self.forward is False and told.arrived) or (self.reply is False and told.answered)

    def __str__(self) -> str:
        said = {True: "yes", False: "no", None: "unknown"}
        told = self.outcome
        return (
            f"{self.question.source} -> {self.question.target}: {self.question.packet}: "
            f"arrives {said[told.arrived]} (claimed {said[self.forward]}), "
            f"is answered {said[told.answered]} (claimed {said[self.reply]})"
        )


def question(
    plan: Plan,
    source: End,
    target: End,
    *,
    protocol: int,
    port: int = 0,
    client_port: int = 0,
    version: int = 4,
    outside: str = "",
) -> Question | None:
    """A question between two ends (interfaces, the Internet); None where they have no addresses
    of that IP version. ``outside`` is the address on the Internet's side, by default any."""
    one, here = _stands(plan, source, version, outside)
    other, there = _stands(plan, target, version, outside)
    if one is None or other is None:
        return None
    sent_to = str(other)
    if source.kind == "internet" and version == 4 and target.interface is not None:
        sent_to = plan.seats[target.interface.id].public or sent_to
    ports = client_port if has_ports(protocol) else None
    packet = Packet(position(one), position(other), protocol, port, ports)
    probe = Probe(here, str(one), there, sent_to, protocol, port, ports or 0)
    return Question(source, target, packet, probe)


def _stands(plan: Plan, end: End, version: int, outside: str) -> tuple[IPAddress | None, str]:
    if end.interface is None:
        found = address_at(position(outside)) if outside else _outside(end, version)
        return (found if found and found.version == version else None), INTERNET
    seat = plan.seats.get(end.interface.id)
    for text in seat.addresses if seat is not None else ():
        address = address_at(position(text))
        if seat is not None and address.version == version:
            return address, seat.node
    return None, ""


def _outside(end: End, version: int) -> IPAddress | None:
    """An address of the Internet's, or a bucket's: one that people know for examples, if any."""
    wanted = family(end.addresses, version)
    for text in facts("special-purpose-addresses").values["examples"]:
        if position(text) in wanted:
            return address_at(position(text))
    return address_at(wanted.first) if wanted else None


def claims(prover: Prover, one: Question) -> tuple[bool | None, bool | None]:
    """Does the question arrive, and would an answer come back to the asker's port?"""
    packet = one.packet
    a, b = (
        _spot(prover, end, place)
        for end, place in ((one.source, packet.source), (one.target, packet.destination))
    )
    forward = _holds(prover, prover.forward(a, b), place_of(packet.protocol, packet.port))
    heard: int | None = packet.source_port
    if packet.protocol in _ECHO:
        heard = _ECHO_ANSWER[packet.protocol] if packet.port == _ECHO[packet.protocol] else None
    elif not has_ports(packet.protocol):
        heard = 0
    if heard is None:
        return forward, None
    return forward, _holds(prover, prover.reply(a, b), place_of(packet.protocol, heard))


def _spot(prover: Prover, end: End, place: int) -> Spot:
    atoms = prover.parts.addresses
    return Spot(atoms.starts[atoms.index(place)], end.interface, end.bucket)


def _holds(prover: Prover, passing: tuple[int, int, str], place: int) -> bool | None:
    sure, possible, _ = passing
    bit = 1 << prover.parts.services.index(place)
    if sure & bit:
        return True
    return None if possible & bit else False


def connection(probe: Probe) -> tuple[object, ...]:
    """Questions of one key, either way round, are one connection to whoever tracks them."""
    one = probe.source_address if probe.source == INTERNET else probe.source
    other = probe.address if probe.target == INTERNET else probe.target
    port = probe.port if has_ports(probe.protocol) else 0
    ends_of_it = sorted(((one, probe.client_port), (other, port)))
    return (probe.protocol, ":" in probe.address, *ends_of_it)


def ask(
    lab: Lab, prover: Prover, questions: Sequence[Question], *, patience: float = 0.3
) -> list[Answer]:
    """Ask both. Where they differ the kernel is asked once more, with more patience: a busy
    machine may be late, and a late packet is no finding."""
    claimed = [claims(prover, one) for one in questions]
    found = _together(questions, claimed, lab.ask([q.probe for q in questions], patience=patience))
    again = [number for number, one in enumerate(found) if not one.agrees]
    if again:
        second = lab.ask([questions[n].probe for n in again], patience=max(_PATIENCE, patience))
        for number, outcome in zip(again, second, strict=True):
            found[number] = Answer(questions[number], *claimed[number], outcome)
    return found


def _together(
    questions: Iterable[Question],
    claimed: Iterable[tuple[bool | None, bool | None]],
    outcomes: Iterable[Outcome],
) -> list[Answer]:
    return [
        Answer(one, forward, reply, outcome)
        for one, (forward, reply), outcome in zip(questions, claimed, outcomes, strict=True)
    ]


def ends(network: Network, plan: Plan) -> list[End]:
    """The ends that may ask and be asked anything: the Internet, and interfaces that have a seat.

    What listens at a load balancer, and that an endpoint opens nothing, are no matters of filters.
    """
    played = [
        interface
        for id, interface in sorted(network.interfaces.items())
        if interface.kind not in _NO_ENDS and id in plan.seats and plan.seats[id].addresses
    ]
    return [internet_end(), *(interface_end(network, one) for one in played)]
