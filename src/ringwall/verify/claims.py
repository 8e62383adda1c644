"""What the classes of a certificate must be for each kind of claim to hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .walk import BLOCK, ICMP, ICMPV6, TCP, UDP, V6, NotCovered, Refuted, Walk, ports, whole
from .ways import goes_by_endpoint

#: An end: its kind ("internet", "interface", "bucket"), its id, and its pieces of the line.
End = tuple[str, str, tuple[int, ...]]
_WAYS = ("nat-gateway", "transit")


def select(walk: Walk, selector: dict[str, Any]) -> list[End]:
    """The ends that a claim speaks of, found in the facts and nowhere else."""
    facts, kind = walk.facts, selector["kind"]
    if kind == "internet":
        return [("internet", "internet", _outside(walk))]
    if kind == "address":
        pieces = set(walk.addresses.within(selector["block"]))
        kept = [one for one in walk.addresses.within(facts["routed"]) if one in pieces]
        return [("internet", "internet", tuple(kept))]
    if kind == "ends":
        return [_listed(walk, *one) for one in selector["ends"]]
    if kind not in ("tier", "unit"):
        raise Refuted(f"`{kind}` selects nothing")
    found: list[End] = []
    for name, card in sorted(facts["interfaces"].items()):
        if card["kind"] not in _WAYS and card[kind] == selector["name"]:
            found.append(_end(walk, "interface", name, card["addresses"]))
    for name, bucket in sorted(facts["buckets"].items()):
        if bucket[kind] == selector["name"]:
            found.append(_end(walk, "bucket", name, bucket["addresses"]))
    if kind == "unit" and not found:
        raise Refuted(f"no end is of `{selector['name']}`: a claim about nothing")
    return found


def _end(walk: Walk, kind: str, name: str, addresses: list[list[int]]) -> End:
    return kind, name, tuple(walk.addresses.within(addresses))


def _outside(walk: Walk) -> tuple[int, ...]:
    """What the Internet routes, without the blocks that the network's own VPCs hold."""
    blocks = [block for vpc in walk.facts["vpcs"].values() for block in vpc["blocks"]]
    own = set(walk.addresses.within(blocks))
    return tuple(one for one in walk.addresses.within(walk.facts["routed"]) if one not in own)


def _listed(walk: Walk, kind: str, name: str, addresses: list[list[int]]) -> End:
    """An end that the certificate names itself: it must have the addresses that it is given."""
    holders = {"interface": "interfaces", "bucket": "buckets"}
    own = walk.facts["routed"] if kind == "internet" else None
    own = walk.facts[holders[kind]][name]["addresses"] if own is None else own
    end = _end(walk, kind, name, addresses)
    if not set(end[2]) <= set(walk.addresses.within(own)):
        raise Refuted(f"{name} does not have all the addresses that it is given")
    return end


def meets(one: End, other: End) -> bool:
    """Can two ends send each other packets at all, as far as a network decides it?"""
    if one[:2] == other[:2] or one[0] == "bucket":
        return False
    return "interface" in (one[0], other[0]) or (one[0], other[0]) == ("internet", "bucket")


def pairs_of(sources: list[End], targets: list[End]) -> list[tuple[End, End]]:
    return [(one, other) for one in sources for other in targets if meets(one, other)]


def handovers(
    walk: Walk, sources: list[End], targets: list[End]
) -> Iterator[tuple[End, End, End, dict[str, Any]]]:
    """Who asks, a load balancer's front, a target behind it, and how it is handed on."""
    behind = {end[1]: end for end in targets if end[0] == "interface"}
    for name, balancer in sorted(walk.facts["balancers"].items()):
        wanted = [one for one in balancer["hands_on"] if one["target"] in behind]
        if balancer["unsure"]:
            raise NotCovered(f"the targets of {name} are not known")
        if any(one["target"] in balancer["keeps"] for one in wanted):
            raise NotCovered(f"{name}, which lets its targets see its clients' addresses")
        fronts = [
            _end(walk, "interface", card_name, card["addresses"])
            for card_name, card in sorted(walk.facts["interfaces"].items())
            if card["owner"] == name and card["kind"] not in _WAYS
        ]
        for source in sources:
            for front in fronts:
                for one in wanted if meets(source, front) else ():
                    card = walk.facts["interfaces"][one["target"]]
                    whole_end = _end(walk, "interface", one["target"], card["addresses"])
                    yield source, front, whole_end, one


class Judge:
    """Holds claims against classes; ``classes`` yields what passes between two ends."""

    def __init__(self, walk: Walk, classes: Any) -> None:
        self.walk = walk
        self.classes = classes

    def judge(self, claim: dict[str, Any], sources: list[End], targets: list[End]) -> None:
        """Raises Refuted where the classes do not imply the claim."""
        if claim["verdict"] != "proved":
            raise Refuted("a certificate speaks of what is proved only")
        if claim.get("services") == []:
            raise Refuted(f"{claim['subject']}: a claim about no service at all")
        match claim["code"]:
            case "RW-NEVER":
                self._never(claim, sources, targets)
            case "RW-ONLY":
                self._only(claim, sources, targets)
            case "RW-FLOW":
                self._flow(claim, sources, targets)
            case _:
                raise Refuted(f"`{claim['code']}` is no claim that can be certified")

    def _never(self, claim: dict[str, Any], sources: list[End], targets: list[End]) -> None:
        forbidden = self.walk.mask(claim["services"])
        for one, other in pairs_of(sources, targets):
            for a, b, (_, possible), _ in self.classes(one, other, reply=False):
                if possible & forbidden:
                    raise Refuted(f"{claim['subject']}: {one[1]} piece {a} reaches {other[1]} {b}")
        for source, front, target, handed in handovers(self.walk, sources, targets):
            listens = self.walk.mask(handed["listens"]) & forbidden
            asked = any(
                possible & listens
                for _, _, (_, possible), _ in self.classes(source, front, reply=False)
            )
            if asked and self._handed_on(front, target, handed):
                raise Refuted(f"{claim['subject']}: {front[1]} hands on to {target[1]}")

    def _handed_on(self, front: End, target: End, handed: dict[str, Any]) -> bool:
        opened = self.walk.mask(handed["services"])
        return any(
            possible & opened for _, _, (_, possible), _ in self.classes(front, target, reply=False)
        )

    def _only(self, claim: dict[str, Any], sources: list[End], targets: list[End]) -> None:
        allowed = [
            (
                set(self.walk.addresses.within(one)),
                set(self.walk.addresses.within(other)),
                self.walk.mask(services),
            )
            for one, other, services in claim["allowed"]
        ]
        for one, other in pairs_of(sources, targets):
            for a, b, (_, possible), _ in self.classes(one, other, reply=False):
                meant = 0
                for from_, to, mask in allowed:
                    meant |= mask if a in from_ and b in to else 0
                if possible & ~meant:
                    raise Refuted(f"{claim['subject']}: more passes from {one[1]} to {other[1]}")

    def _flow(self, claim: dict[str, Any], sources: list[End], targets: list[End]) -> None:
        low, high = claim["client_ports"]
        judged = False
        for one, other in pairs_of(sources, targets):
            for a, b, (sure, _), heard in self.classes(one, other, reply=True):
                judged = True
                wanted = self.walk.mask(claim["services"])
                if claim["target"]["kind"] in ("internet", "address") and goes_by_endpoint(
                    self.walk, (*one[:2], a), (*other[:2], b)
                ):
                    wanted &= self._endpoint()
                kept = self._answered(wanted & sure, heard[0], low, high)
                if wanted & ~kept:
                    raise Refuted(f"{claim['subject']}: lost between {one[1]} and {other[1]}")
        if not judged or any(not end[2] for end in (*sources, *targets)):
            raise Refuted(f"{claim['subject']}: no two of the ends ever meet")

    def _endpoint(self) -> int:
        echo = [ICMP * BLOCK + (8 << 8), ICMP * BLOCK + (8 << 8) + 255]
        return self.walk.mask([*whole(TCP), echo])

    def _answered(self, asked: int, heard: int, low: int, high: int) -> int:
        """What gets its answer at every client port (by ICMP: to a ping)."""
        mask = self.walk.mask
        kept = asked & heard & ~mask(whole(ICMP, TCP, UDP, ICMPV6))
        for protocol in (TCP, UDP):
            if not mask(ports(low, high, protocol)) & ~heard:
                kept |= asked & mask(whole(protocol))
        for protocol, request, reply in ((ICMP, 8, 0), (ICMPV6, 128, 129)):
            base = protocol * BLOCK
            told = mask([[base + (reply << 8), base + (reply << 8) + 255]])
            if not told & ~heard:
                kept |= asked & mask([[base + (request << 8), base + (request << 8) + 255]])
            if not mask(whole(protocol)) & ~heard:
                kept |= asked & mask(whole(protocol))
        return kept


def same_family(walk: Walk, a: int, b: int) -> bool:
    """Are two pieces both IPv4, or both IPv6?"""
    return (walk.addresses.starts[a] < V6) == (walk.addresses.starts[b] < V6)
