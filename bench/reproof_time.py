"""One change in a large network, proved anew: followed, from nothing, with BDDs and with z3.

    python bench/reproof_time.py [INTERFACES [TURNS]]

The engine follows a change with ``Matrix.changed``, new verdicts of all pairs included. From
nothing, it makes the whole matrix. BDDs and z3 judge again the pairs of which one side holds the
changed thing: a random sample of those, scaled up. Exit 1 where the followed matrix differs from
the one from nothing, or z3 or the BDDs differ from it.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

import numpy as np
from big_networks import Shape, big_network, with_changed_entry, with_changed_rule
from other_engines import Diagrams, Solver
from pairs_time import told

from ringwall.model.network import Network, Route
from ringwall.prove.matrix import Matrix

SIZE, TURNS = 2_000, 5
#: Holders of what changed, and faces whose pairs with them the BDDs judge; pairs for z3.
SIDE, ASKED_Z3 = 40, 40
HEAD = (
    "change             pairs  followed ms: wall (least to most)   CPU  from nothing ms: CPU"
    "       BDD CPU ms           z3 CPU ms"
)


def with_rule_removed(network: Network, turn: int) -> Network:
    """The network without the last rule of one group."""
    name = random.Random(turn).choice(sorted(network.security_groups))  # noqa: S311 - no secret
    group = network.security_groups[name]
    changed = replace(group, ingress=group.ingress[:-1])
    return replace(network, security_groups={**network.security_groups, name: changed})


def with_changed_route(network: Network, turn: int) -> Network:
    """The network with one more route to the Internet in the main table."""
    table = network.route_tables["rtb-main"]
    route = Route(ip_network((turn + 20 << 24, 8)), "internet-gateway", "igw-1")
    changed = replace(table, routes=(*table.routes, route))
    return replace(network, route_tables={**network.route_tables, table.id: changed})


CHANGES: dict[str, Callable[[Network, int], Network]] = {
    "a rule replaced": with_changed_rule,
    "a rule removed": with_rule_removed,
    "an ACL entry": with_changed_entry,
    "a route": with_changed_route,
}


def measure(before: Matrix, name: str, turns: int) -> tuple[str, int]:
    """One line of the table, and how many answers differ."""
    walls, busy, nothing, beside, differing = [], [], [], [], 0
    for turn in range(turns):
        network = CHANGES[name](before.network, turn)
        wall, start = time.perf_counter(), time.process_time()
        after = before.changed(network)
        _ = after.reach
        walls.append(time.perf_counter() - wall)
        busy.append(time.process_time() - start)
        start = time.process_time()
        anew = Matrix.of(network)
        _ = anew.reach
        nothing.append(time.process_time() - start)
        differing += int((by_faces(after) != by_faces(anew)).sum())
        found, wrong = reasked(before, after, turn)
        beside.append(found)
        differing += wrong
    own = statistics.median(busy)
    touched, bdd, smt = (statistics.median(one) for one in zip(*beside, strict=True))
    others = [f"{ms * 1000:,.0f} ({ms / own:,.0f}x)" if ms else "-" for ms in (bdd, smt)]
    spread = f"{statistics.median(walls) * 1000:.0f} ({min(walls) * 1000:.0f} to "
    spread += f"{max(walls) * 1000:.0f})"
    scratch = f"{statistics.median(nothing) * 1000:.0f} ({statistics.median(nothing) / own:.1f}x)"
    return (
        f"{name:<16} {touched:>7,.0f}  {spread:>34} {own * 1000:>5.0f} {scratch:>21}"
        f" {others[0]:>17} {others[1]:>19}",
        differing,
    )


def by_faces(matrix: Matrix) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """The verdicts of all pairs, face by face."""
    classes = matrix.classes.of_face
    return matrix.reach[np.ix_(classes, classes)]


def reasked(before: Matrix, after: Matrix, turn: int) -> tuple[tuple[int, float, float], int]:
    """How many pairs hold what changed, CPU seconds of BDDs and z3 for those, and how many of
    the sampled ones differ from the matrix."""
    faces = after.faces
    names = differing_names(before.network, after.network)
    held = holders(names, after)
    pairs = sum(
        touching(sum(one.v6 == v6 for one in faces), sum(faces[at].v6 == v6 for at in held))
        for v6 in (False, True)
    )
    if not pairs:
        return (0, 0.0, 0.0), 0
    sample = drawn(after, held, turn)
    diagrams, differing = Diagrams(after.network), 0
    diagrams.prepare([faces[at] for at in sorted({at for pair in sample for at in pair})])
    start = time.process_time()
    diagrams.remake(names, list(faces))
    spent = [time.process_time() - start]
    for engine, few in ((diagrams, sample), (Solver(after.network), sample[:ASKED_Z3])):
        start = time.process_time()
        said = [engine.verdict(faces[i], faces[j]) for i, j in few]
        spent.append((time.process_time() - start) / len(few) * pairs)
        differing += sum(one != told(after, *pair) for pair, one in zip(few, said, strict=True))
    return (pairs, spent[0] + spent[1], spent[2]), differing


def drawn(matrix: Matrix, held: list[int], turn: int) -> list[tuple[int, int]]:
    """Pairs of a few holders with a few faces, in both directions, in any order."""
    dice = random.Random(turn)  # noqa: S311 - a benchmark, not a secret
    faces = matrix.faces
    few = dice.sample(held, min(len(held), SIDE))
    many = dice.sample(range(len(faces)), min(len(faces), SIDE))
    found = [
        pair
        for i in few
        for j in many
        for pair in ((i, j), (j, i))
        if faces[i].v6 == faces[j].v6 and faces[i].interface.id != faces[j].interface.id
    ]
    dice.shuffle(found)
    return found


def touching(count: int, held: int) -> int:
    """Ordered pairs of so many with at least one side among the held."""
    rest = count - held
    return count * (count - 1) - rest * (rest - 1)


def differing_names(before: Network, now: Network) -> set[str]:
    """The groups and ACLs that are not what they were."""
    both = ((before.security_groups, now.security_groups), (before.network_acls, now.network_acls))
    return {name for old, new in both for name in new if new[name] != old[name]}


def holders(names: set[str], after: Matrix) -> list[int]:
    """The faces whose own groups or subnet's ACL are among these."""
    acls = after.network.network_acls
    subnets = {subnet for name in names if name in acls for subnet in acls[name].subnets}
    return [
        at
        for at, face in enumerate(after.faces)
        if face.interface.subnet in subnets or names.intersection(face.interface.groups)
    ]


def main(size: int = SIZE, turns: int = TURNS) -> int:
    before = Matrix.of(big_network(Shape(size)))
    _ = before.reach
    print(f"{size:,} interfaces, {turns} changes of each kind: medians\n{HEAD}")
    wrong = 0
    for name in CHANGES:
        told_of, differing = measure(before, name, turns)
        print(told_of, flush=True)
        wrong += differing
    print(f"{wrong} answers differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
