"""A whole rehearsal: every intended flow tried for real, then packets that nobody intended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from ringwall.cli.referee import Answer, Question, ask, connection, ends, question
from ringwall.model.network import Network
from ringwall.model.policy import Flow, Policy
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    has_ports,
    place_of,
    ranges_of,
)
from ringwall.prove.claims.case import Case
from ringwall.rehearse.lab import Lab
from ringwall.rehearse.plan import Plan

#: Pairs of ends that one flow is tried between.
_MOST_PAIRS = 12
_ECHO = {ICMP: 8 << 8, ICMPV6: 128 << 8}
#: What strangers try first, wherever they are.
_TEMPTING = (22, 80, 443, 3306, 3389, 5432, 6379, 8080)
#: The same packets in every rehearsal of a network.
_SEED = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """One flow and what became of it between its ends."""

    flow: Flow
    answers: tuple[Answer, ...]

    @property
    def works(self) -> bool:
        """Every question arrived and every answer came back (and there was something to ask)."""
        return bool(self.answers) and all(
            one.outcome.arrived and one.outcome.answered for one in self.answers
        )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """``strangers`` are packets at random between all ends, whatever was intended."""

    namespaces: int
    flows: tuple[Tried, ...]
    strangers: tuple[Answer, ...]
    left_out: tuple[str, ...]

    @property
    def differences(self) -> tuple[Answer, ...]:
        """Where the kernel did not do what the prover claimed. Where not everything is played,
        what stayed away proves nothing, and only what came against the claim counts."""
        answers = [one for tried in self.flows for one in tried.answers]
        wrong = [one for one in (*answers, *self.strangers) if not one.agrees]
        return tuple(one for one in wrong if not self.left_out or one.came_uncalled)


def rehearse(network: Network, policy: Policy | None, packets: int) -> Rehearsal:
    """Build the network, try every flow of the policy, then ``packets`` packets at random.

    Raises KernelRefusal where the kernel does not build it.
    """
    case = Case.of(network, policy or Policy(()))
    with Lab(case.network) as lab:
        asked = _Asked()
        wanted = [
            (flow, [asked.number(one) for one in _questions_of(case, lab.plan, flow)])
            for flow in case.policy.flows
        ]
        intended = len(asked.questions)
        for one in _strangers(case, lab.plan, packets):
            asked.number(one)
        answers = ask(lab, case.prover, asked.questions)
    tried = [
        Tried(flow, tuple(answers[n] for n in numbers if n is not None)) for flow, numbers in wanted
    ]
    return Rehearsal(
        len(lab.plan.nodes), tuple(tried), tuple(answers[intended:]), lab.plan.left_out
    )


class _Asked:
    """Questions without repetition; what would look like another one's connection is left out."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self._known: dict[tuple[object, ...], int] = {}

    def number(self, one: Question) -> int | None:
        key = connection(one.probe)
        if key not in self._known:
            self._known[key] = len(self.questions)
            self.questions.append(one)
        number = self._known[key]
        return number if self.questions[number].probe == one.probe else None


def _questions_of(case: Case, plan: Plan, flow: Flow) -> Iterator[Question]:
    """A flow between its ends: the edges of its ports, from the edges of its client ports."""
    pairs = (
        (one, other)
        for source in case.select(flow.source)
        for target in case.select(flow.target)
        for one in source.ends
        for other in target.ends
        if (one.kind, one.id) != (other.kind, other.id) and one.bucket is None
    )
    for one, other in islice(pairs, _MOST_PAIRS):
        for version in (4, 6):
            for protocol, port in _edges(flow.services, version):
                clients = flow.client_ports if has_ports(protocol) else (0,)
                for client in dict.fromkeys(clients):
                    found = question(
                        plan, one, other,
                        protocol=protocol, port=port, client_port=client, version=version,
                    )  # fmt: skip
                    if found is not None:
                        yield found


def _edges(services: ServiceSet, version: int) -> list[tuple[int, int]]:
    """The first and last port of each range; a ping where all ICMP is meant."""
    found: list[tuple[int, int]] = []
    ping = ICMP if version == 4 else ICMPV6
    if services == ALL_SERVICES:
        return [(TCP, 443), (UDP, 53), (ping, _ECHO[ping])]
    for one in ranges_of(services):
        if has_ports(one.protocol):
            found += [(one.protocol, max(port, 1)) for port in (one.low, one.high)]
        elif one.protocol == ping and place_of(ping, _ECHO[ping]) in services:
            found.append((ping, _ECHO[ping]))
    return list(dict.fromkeys(found))


def _strangers(case: Case, plan: Plan, packets: int) -> Iterator[Question]:
    draw = Random(_SEED)  # noqa: S311  # to be drawn again, not to be secret
    standing = ends(case.network, plan)
    if len(standing) < 2:
        return
    meant = [
        port
        for flow in case.policy.flows
        for one in ranges_of(flow.services)
        if has_ports(one.protocol)
        for port in (one.low, one.high)
    ]
    ports = sorted({*_TEMPTING, *(port for port in meant if port)})
    for _ in range(packets):
        one, other = draw.sample(standing, 2)
        version = draw.choice((4, 4, 4, 6))
        ping = ICMP if version == 4 else ICMPV6
        protocol = draw.choice((TCP, TCP, TCP, UDP, ping))
        found = question(
            plan,
            one,
            other,
            protocol=protocol,
            port=_ECHO.get(protocol) or draw.choice(ports),
            client_port=draw.randrange(1024, 65536),
            version=version,
        )
        if found is not None:
            yield found
