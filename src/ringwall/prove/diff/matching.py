"""Which units and ends of one network are those of the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ringwall.prove.ends import ON_PREMISES, on_premises_end
from ringwall.prove.engine import Prover, Unit


@dataclass(frozen=True, slots=True)
class Matched:
    """A unit by the name that is told, as each network has it (None: it has no such unit)."""

    name: str
    before: Unit | None
    after: Unit | None

    @property
    def outside(self) -> bool:
        return self.name in ("internet", ON_PREMISES)


def matched(before: Prover, after: Prover) -> tuple[Matched, ...]:
    """Every unit of both networks, each once.

    Units are the same where they carry the same service's name, the same owner or the same id;
    else where one name that people gave (a name tag) stands for exactly one unit on each side, as
    between a template, whose ids are logical, and a dump of what was made from it.
    """
    mine = {one.name: one for one in (*before.units(), *_outside(before))}
    theirs = {one.name: one for one in (*after.units(), *_outside(after))}
    found = [Matched(name, mine[name], theirs[name]) for name in mine if name in theirs]
    left = {name: unit for name, unit in mine.items() if name not in theirs}
    right = {name: unit for name, unit in theirs.items() if name not in mine}
    ours, others = _by_label(left), _by_label(right)
    for label in [one for one in ours if one in others]:
        one, other = ours[label], others[label]
        found.append(Matched(label, one, other))
        del left[one.name], right[other.name]
    found += [Matched(name, unit, None) for name, unit in left.items()]
    found += [Matched(name, None, unit) for name, unit in right.items()]
    return tuple(sorted(found, key=lambda one: (not one.outside, one.name)))


def _outside(prover: Prover) -> tuple[Unit, ...]:
    premises = on_premises_end(prover.network)
    if premises is None:
        return (prover.internet(),)
    return prover.internet(), Unit(ON_PREMISES, ON_PREMISES, (premises,))


def _by_label(units: dict[str, Unit]) -> dict[str, Unit]:
    """Units by the one name that all their ends go by, where no other unit goes by it."""
    labels = {name: {end.name for end in unit.ends} - {"", name} for name, unit in units.items()}
    single = {name: found.pop() for name, found in labels.items() if len(found) == 1}
    times = Counter(single.values())
    return {label: units[name] for name, label in single.items() if times[label] == 1}
