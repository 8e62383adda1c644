"""All ordered pairs, question and answer, over the size of the network; beside BDDs and z3.

    python bench/pairs_time.py [INTERFACES ...]

Each size runs in a process of its own, so that its peak memory is its own. The engine's time
holds everything from the network in memory to the verdict on every pair. BDDs judge
all pairs among 600 random faces (all there are, in small networks), z3 judges 400 random pairs;
larger networks' times are theirs scaled up. Sets are compared with the BDDs' and verdicts with
z3's: exit 1 where any two disagree.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from big_networks import Shape, big_network

from ringwall.prove.matrix import Matrix
from ringwall.prove.matrix_sweep import ANSWERS, ARRIVES

if TYPE_CHECKING:
    from other_engines import Diagrams, Solver

Verdict = tuple[bool, bool]
SIZES = (250, 500, 1_000, 2_000, 5_000, 10_000)
#: Faces whose pairs among each other the BDDs judge, and pairs that z3 judges.
SQUARE, ASKED_Z3 = 600, 400
#: Pairs of the square whose sets are compared.
COMPARED = 20_000
HEAD = (
    "interfaces       pairs      arrive    answered  wall s   CPU s  peak MB"
    "       BDD CPU s         z3 CPU s"
)


def one_size(interfaces: int) -> dict[str, float]:
    """Measure one size in this process."""
    network = big_network(Shape(interfaces))
    wall, busy = time.perf_counter(), time.process_time()
    matrix = Matrix.of(network)
    _ = matrix.reach
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    # Before z3 and oxidd are loaded; the network itself is in it. Linux counts in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"interfaces": interfaces, "wall": wall, "busy": busy, "peak": peak}
    return found | counted(matrix) | compared(matrix)


def counted(matrix: Matrix) -> dict[str, float]:
    """How many ordered pairs of addresses of one family there are, connect, and hear an answer.

    Every interface has one address of a family, so a face has no other face of its interface
    among those of its family.
    """
    classes = matrix.classes.of_face
    found: dict[str, float] = {"pairs": 0, "arrive": 0, "answered": 0}
    for v6 in (False, True):
        held = classes[[at for at, one in enumerate(matrix.faces) if one.v6 == v6]]
        found["pairs"] += len(held) * (len(held) - 1)
        for at, own in enumerate(held):
            row = matrix.reach[own][held]
            row[at] = 0
            found["arrive"] += int((row & ARRIVES).astype(bool).sum())
            found["answered"] += int((row & ANSWERS != 0).sum())
    return found


def compared(matrix: Matrix) -> dict[str, float]:
    """CPU seconds of BDDs and z3 for all pairs, and how many of their answers differ."""
    import other_engines as others

    bdd, first = with_diagrams(matrix, others.Diagrams(matrix.network))
    smt, second = with_z3(matrix, others.Solver(matrix.network))
    return {"bdd": bdd, "z3": smt, "differing": first + second}


def with_diagrams(matrix: Matrix, engine: Diagrams) -> tuple[float, int]:
    """A random square of pairs: what is made per face is scaled by faces, the rest by pairs."""
    dice = random.Random(1)  # noqa: S311 - a benchmark, not a secret
    count = len(matrix.faces)
    chosen = dice.sample(range(count), min(count, SQUARE))
    faces = {at: matrix.faces[at] for at in chosen}
    start = time.process_time()
    engine.prepare(list(faces.values()))
    made = time.process_time()
    said = {
        (i, j): engine.verdict(a, b)
        for i, a in faces.items()
        for j, b in faces.items()
        if a.v6 == b.v6 and i != j
    }
    ended = time.process_time()
    scale = count / len(chosen)
    differing = sum(one != told(matrix, *pair) for pair, one in thinned(said))
    for (i, j), _ in thinned(said):
        mine = (*matrix.forward(i, j), *matrix.reply(i, j))
        forward, reply = engine.forward(faces[i], faces[j]), engine.carried(faces[j], faces[i])
        differing += engine.sets(*mine) != [forward, forward, reply, reply]
    return (made - start) * scale + (ended - made) * scale**2, differing


def thinned(said: dict[tuple[int, int], Verdict]) -> list[tuple[tuple[int, int], Verdict]]:
    return list(said.items())[:: max(1, len(said) // COMPARED)]


def with_z3(matrix: Matrix, engine: Solver) -> tuple[float, int]:
    """Random pairs, one after the other; the time for all is theirs times the number of pairs."""
    dice = random.Random(2)  # noqa: S311 - a benchmark, not a secret
    faces, spent = matrix.faces, 0.0
    said: list[tuple[tuple[int, int], Verdict]] = []
    while len(said) < ASKED_Z3:
        i, j = dice.sample(range(len(faces)), 2)
        a, b = faces[i], faces[j]
        if a.v6 == b.v6:
            start = time.process_time()
            said.append(((i, j), engine.verdict(a, b)))
            spent += time.process_time() - start
    differing = sum(one != told(matrix, *pair) for pair, one in said)
    return spent / len(said) * counted(matrix)["pairs"], differing


def told(matrix: Matrix, i: int, j: int) -> Verdict | None:
    """What the matrix says of a pair; None where its verdicts and its sets disagree."""
    from other_engines import heard_of

    forward, reply = matrix.forward(i, j)[0], matrix.reply(i, j)[0]
    classes = matrix.classes.of_face
    arrives = bool(matrix.reach[classes[i], classes[j]] & ARRIVES)
    return (arrives, heard_of(forward, reply)) if arrives == bool(forward) else None


def line(one: dict[str, float]) -> str:
    beside = [f"{spent:,.0f} ({spent / one['busy']:,.0f}x)" for spent in (one["bdd"], one["z3"])]
    return (
        f"{one['interfaces']:>10,} {one['pairs']:>11,} {one['arrive']:>11,} {one['answered']:>11,}"
        f" {one['wall']:>7.2f} {one['busy']:>7.2f} {one['peak']:>8.0f}"
        f" {beside[0]:>15} {beside[1]:>16}"
    )


def main(sizes: list[int]) -> int:
    print(HEAD)
    differing = 0.0
    for size in sizes:
        # This very file, with a number.
        done = subprocess.run(  # noqa: S603
            [sys.executable, __file__, "--one", str(size)], check=True, capture_output=True
        )
        one = json.loads(done.stdout)
        differing += one["differing"]
        print(line(one), flush=True)
    print(f"BDD: pairs among at most {SQUARE} faces, z3: {ASKED_Z3} pairs; scaled up to all pairs")
    print(f"{differing:.0f} of the sampled answers differ")
    return 1 if differing else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one_size(int(sys.argv[2]))))
    else:
        sys.exit(main([int(one) for one in sys.argv[1:]] or list(SIZES)))
