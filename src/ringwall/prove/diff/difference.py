"""``ringwall diff``: connections gained, lost and changed between two networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from ringwall.model.addresses import AddressSet, position
from ringwall.model.difference import Change, ChangeKind, Difference, RuleChange
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import Network
from ringwall.model.services import (
    TCP,
    ServiceSet,
    has_ports,
    ports_of,
    show_services,
    whole_protocol,
)
from ringwall.model.verdict import Packet, Step
from ringwall.prove.diff.compare import Comparison, Delta, Spotted, share
from ringwall.prove.diff.matching import Matched, matched
from ringwall.prove.diff.rules import changed_rules
from ringwall.prove.diff.states import Cell, States
from ringwall.prove.ends import End, bucket_end, interface_end, internet_end, on_premises_end
from ringwall.prove.explain import explain_packet
from ringwall.prove.swift import prover_of

#: Rule changes are tried one by one only where all of them together take seconds, not minutes.
MOST_TRIES, MOST_ENDS = 40, 120
_PLAIN = tuple(position(text) for text in ("198.51.100.7", "203.0.113.7", "2001:db8::7"))


def difference(before: Network, after: Network) -> Difference:
    """All that passes in one network and not in the other, or is answered otherwise.

    Both directions of every pair of units are looked at, the Internet and on-premises included.
    Raises nothing on networks that have nothing in common: then everything is gained and lost.
    """
    old, new = States(prover_of(before)), States(prover_of(after))
    units = matched(old.prover, new.prover)
    changes = tuple(_changes(Comparison(old, new), units))
    return Difference(
        before.source,
        after.source,
        changes,
        tuple(one.name for one in units if one.before is None),
        tuple(one.name for one in units if one.after is None),
        tuple(_rule_changes(before, after, old, bool(changes))),
    )


def _changes(comparison: Comparison, units: tuple[Matched, ...]) -> Iterator[Change]:
    for source, target in product(units, units):
        groups: dict[Delta, list[Spotted]] = {}
        for one in comparison.between(source, target):
            groups.setdefault(one.delta, []).append(one)
        everywhere = _pairs(source, target)
        for found, spotted in groups.items():
            yield from _told(comparison, source, target, found, spotted, everywhere)


def _pairs(source: Matched, target: Matched) -> int:
    """How many pairs of ends two units have, where ends are told apart at all."""
    one, other = source.before, target.before
    return len(one.ends) * len(other.ends) if one is not None and other is not None else 1


def _told(
    comparison: Comparison,
    source: Matched,
    target: Matched,
    found: Delta,
    spotted: list[Spotted],
    everywhere: int,
) -> Iterator[Change]:
    ends = tuple(dict.fromkeys(f"{one.ends[0]} -> {one.ends[1]}" for one in spotted))
    apart = () if "" in spotted[0].ends or len(ends) >= everywhere else ends
    base = Change(
        "gained",
        source.name,
        target.name,
        EMPTY,
        source_addresses=_where(source, [one.source for one in spotted]),
        target_addresses=_where(target, [one.target for one in spotted]),
        ends=apart,
    )
    first = spotted[0]
    kinds: tuple[tuple[ChangeKind, ServiceSet, str], ...] = (
        ("gained", found.gained, "it passes now"),
        ("lost", found.lost, "it passes no more"),
        ("changed", found.answers, _answers(found, comparison.clients(first.before, first.after))),
        ("changed", found.spread, _spread(found, first)),
        ("unknown", found.unknown, "whether this differs is not known"),
    )
    for kind, services, detail in kinds:
        if not services:
            continue
        clients = comparison.clients(first.before, first.after)
        old = share(found.before, services, clients) if kind in ("lost", "changed") else None
        new = share(found.after, services, clients) if kind in ("gained", "changed") else None
        step = None if kind == "unknown" else _step(comparison, first, services)
        reasons = found.reasons if kind == "unknown" else ()
        yield replace(
            base, kind=kind, services=services, detail=detail, before=old, after=new, step=step,
            reasons=reasons,
        )  # fmt: skip


def _where(matched: Matched, addresses: list[AddressSet]) -> AddressSet:
    return IntervalSet.union_of(addresses) if matched.outside else EMPTY


def _answers(found: Delta, clients: tuple[int, int]) -> str:
    """What becomes of answers, by the client's TCP ports where those tell."""
    words = []
    for replies in (found.before, found.after):
        ports = ports_of(replies, TCP)
        if not found.answers & whole_protocol(TCP):
            words.append("come back" if replies else "are lost")
        elif not ports:
            words.append("are lost at every client port")
        elif ports == IntervalSet((clients,)):
            words.append(f"come back to every client port {clients[0]}-{clients[1]}")
        else:
            shown = show_services(replies & whole_protocol(TCP), most=3).replace("tcp/", "")
            words.append(f"come back to client ports {shown}")
    return f"answers {words[0].replace('come', 'came').replace('are', 'were')}, now they {words[1]}"


def _spread(found: Delta, spotted: Spotted) -> str:
    after = spotted.after.state.every if spotted.after is not None else EMPTY
    if found.spread <= after:
        return "it passed between some of their ends, now between all"
    return "it passed between all of their ends, now between some"


# --- the rule that decides ----------------------------------------------------------------


def _step(comparison: Comparison, spotted: Spotted, services: ServiceSet) -> Step | None:
    """The rule of the second network that lets in, or stops, what changed."""
    cell = spotted.after
    if cell is None:
        return None
    network = comparison.after.prover.network
    one, other = _end(network, cell, source=True), _end(network, cell, source=False)
    if one is None or other is None:
        return None
    place = _telling(services)
    protocol, port = place >> 16, place & 65535
    ports = comparison.after.prover.client_ports(cell.a)
    answered = ports_of(spotted.delta.after, protocol) if has_ports(protocol) else EMPTY
    deaf = IntervalSet((ports,)) - answered
    packet = Packet(
        one.addresses.first, other.addresses.first, protocol, port,
        ((deaf or IntervalSet((ports,))).first) if has_ports(protocol) else None,
    )  # fmt: skip
    told = explain_packet(network, one, other, packet, client_ports=ports)
    steps = (*told.forward.steps, *(told.reply.steps if told.reply is not None else ()))
    stopped = next((step for step in steps if step.allowed is False), None)
    if stopped is not None:
        return stopped
    groups = [step for step in told.forward.steps if step.layer == "security-group"]
    return groups[-1] if groups else (told.forward.steps or (None,))[-1]


def _end(network: Network, cell: Cell, *, source: bool) -> End | None:
    """The end at one side of a cell, narrowed to one address of it."""
    spot, addresses = (cell.a, cell.source) if source else (cell.b, cell.target)
    if spot.interface is not None:
        end: End | None = interface_end(network, spot.interface)
    elif spot.bucket is not None:
        end = bucket_end(network, spot.bucket)
    elif spot.premises:
        end = on_premises_end(network)
    else:
        end = internet_end()
    if end is None or not addresses:
        return None
    usual = spot.place if spot.place in addresses else addresses.first
    place = next((one for one in _PLAIN if one in addresses), usual)
    return replace(end, addresses=IntervalSet(((place, place),)))


def _telling(services: ServiceSet) -> int:
    narrow = services & whole_protocol(TCP) or services
    low, high = narrow.intervals[0]
    return low + 1 if low == TCP << 16 and high > low else low


# --- rules ----------------------------------------------------------------------------------


def _rule_changes(
    before: Network, after: Network, old: States, differs: bool
) -> Iterator[RuleChange]:
    changed = list(changed_rules(before, after))
    small = len(changed) <= MOST_TRIES and len(before.interfaces) <= MOST_ENDS
    for one in changed:
        if not differs and len(changed) == 1:
            yield one.told(False)
        elif small:
            yield one.told(_matters(old, one.tried))
        else:
            yield one.told(None)


def _matters(old: States, tried: Network) -> bool:
    """Does one change by itself change any connection?"""
    new = States(prover_of(tried))
    comparison = Comparison(old, new)
    units = matched(old.prover, new.prover)
    return any(True for one, other in product(units, units) for _ in comparison.between(one, other))
