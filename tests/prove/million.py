"""Engine against simulator on a great many random packets, for the record.

    python tests/prove/million.py [--packets 1000000] [--seed 1]

Random networks of both kinds (see ``random_networks`` and ``random_wide``), packets with answers;
prints how many there were of each verdict, and every disagreement. Exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from random_networks import networks  # noqa: E402
from random_wide import wide_networks  # noqa: E402
from test_engine_agrees import CLIENTS, KINDS, claimed, ends_of, hidden, told  # noqa: E402

from ringwall.model.network import Network  # noqa: E402
from ringwall.model.services import ICMP, ICMPV6, TCP, UDP, has_ports, place_of  # noqa: E402
from ringwall.model.verdict import Packet  # noqa: E402
from ringwall.prove.engine import Prover  # noqa: E402
from ringwall.prove.simulator import trace, trace_reply  # noqa: E402

EACH = 500
ECHO = {(ICMP, 8 << 8): place_of(ICMP, 0), (ICMPV6, 128 << 8): place_of(ICMPV6, 129 << 8)}


def drawn(count: int, number: int) -> list[Network]:
    """Half of each kind of network, the same for the same seed."""
    found: list[Network] = []
    for kind in (networks(), wide_networks()):

        @seed(number)
        @settings(
            max_examples=count // 2,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(kind)
        def collect(network: Network) -> None:
            found.append(network)

        collect()
    return found


def judge(network: Network, chance: random.Random, seen: Counter[str]) -> list[str]:
    """Send ``EACH`` packets; what became of them is counted in ``seen``."""
    prover = Prover(network)
    ends = ends_of(prover.network)
    meetings = {}
    wrong = []
    for _ in range(EACH):
        source, target = chance.choice(ends), chance.choice(ends)
        pair = (source.kind, source.id, target.kind, target.id)
        if pair not in meetings:
            meetings[pair] = list(prover.meetings(source, target))
        if not meetings[pair]:
            continue
        a, b = chance.choice(meetings[pair])
        protocol, port = chance.choice(KINDS)
        client = chance.choice(CLIENTS) if has_ports(protocol) else None
        packet = Packet(a.place, b.place, protocol, port, client)
        walk = trace(network, packet, source, target)
        found = claimed(prover, prover.forward(a, b), place_of(protocol, port))
        seen[f"question {walk.arrived}"] += 1
        if found != walk.arrived and not hidden(network, found, walk):
            wrong.append(f"engine {found}: " + told(network, packet, walk))
        heard = place_of(protocol, client or 0) if client else ECHO.get((protocol, port))
        answerable = protocol in (TCP, UDP) or (protocol, port) in ECHO
        if not walk.arrived or not answerable or heard is None:
            continue
        if target.bucket is not None and source.kind == "internet":
            continue
        back = trace_reply(network, packet, source, target)
        found = claimed(prover, prover.reply(a, b), heard)
        seen[f"answer {back.arrived}"] += 1
        if found != back.arrived and not hidden(network, found, back):
            wrong.append(f"engine {found}, answer to: " + told(network, packet, back))
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    part = asked.seed * 1000
    while sum(seen.values()) < asked.packets:
        part += 1
        for network in drawn(40, part):
            wrong += judge(network, chance, seen)
    print(f"{sum(seen.values()):,} packets:", dict(sorted(seen.items())))
    print(f"{len(wrong)} disagreements")
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
