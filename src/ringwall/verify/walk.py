"""What passes between two addresses, decided afresh: first match, longest prefix, any rule.

Written from AWS's documents for reading, not for speed, and apart from Ringwall's engine. All is
plain data: ``facts`` is the network as the certificate renders it. A set of services is an integer
with one bit per piece of the service line; every filter is decided for the first and the last
member of each piece. What a certificate cannot cover raises :class:`NotCovered`.

Every filter on a way says what surely passes it, and what passes if every unresolved fact falls
out in its favour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

V6 = 1 << 32
BLOCK = 1 << 16
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
Pairs = list[list[int]]
#: A spot: the kind of end, its id, and a piece of the address line.
Spot = tuple[str, str, int]


class Filter(NamedTuple):
    """``sure`` and ``possible`` are masks of services; ``side`` and ``piece`` (of an ACL) tell
    which of its entries were asked about which addresses."""

    layer: str
    resource: str
    sure: int
    possible: int
    side: str = ""
    piece: int = -1


class NotCovered(Exception):
    """The way leads through something that this checker does not know."""


class Refuted(Exception):
    """The certificate says something that is not so."""


def inside(pairs: Pairs, value: int) -> bool:
    return any(low <= value <= high for low, high in pairs)


def whole(*protocols: int) -> Pairs:
    return [[one * BLOCK, one * BLOCK + BLOCK - 1] for one in protocols]


def ports(low: int, high: int, *protocols: int) -> Pairs:
    return [[one * BLOCK + low, one * BLOCK + high] for one in protocols]


#: What a NAT gateway carries, and what a gateway endpoint does: TCP and ICMP echo requests.
CARRIED = whole(ICMP, TCP, UDP)
ENDPOINT = [*whole(TCP), [ICMP * BLOCK + (8 << 8), ICMP * BLOCK + (8 << 8) + 255]]


class Line:
    """A line of integers cut into pieces at ``starts``; the last piece ends at ``last``."""

    def __init__(self, starts: list[int], last: int) -> None:
        if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise([*starts, last + 1])):
            raise Refuted("a partition must begin at 0 and rise")
        self.starts = starts
        self.last = last
        self.ends = [*(one - 1 for one in starts[1:]), last]

    def piece(self, value: int) -> int:
        return bisect_right(self.starts, value) - 1

    def both(self, piece: int) -> tuple[int, int]:
        """The first and the last member of a piece."""
        return self.starts[piece], self.ends[piece]

    def spans(self) -> Iterator[tuple[int, int]]:
        """The first and last member of each piece, in order."""
        return zip(self.starts, self.ends, strict=True)

    def within(self, pairs: Pairs) -> list[int]:
        """The pieces that lie in a set; refuted where the set cuts one."""
        found: list[int] = []
        for low, high in pairs:
            first, last = self.piece(low), self.piece(high)
            if self.starts[first] != low or self.ends[last] != high:
                raise Refuted(f"the partition does not refine {low}-{high}")
            found += range(first, last + 1)
        return found


class Walk:
    """Answers what passes from spot to spot, there and back."""

    def __init__(self, facts: dict[str, Any], addresses: Line, services: Line) -> None:
        self.facts = facts
        self.addresses = addresses
        self.services = services
        self.full = (1 << len(services.starts)) - 1
        self.doubts = set(facts["doubts"])
        self.acl_of = {
            subnet: name for name, acl in facts["acls"].items() for subnet in acl["subnets"]
        }
        self.table_of = {
            subnet: name for name, table in facts["tables"].items() for subnet in table["subnets"]
        }
        self.main_of = {
            table["vpc"]: name for name, table in facts["tables"].items() if table["main"]
        }
        self._known: dict[tuple[Any, ...], tuple[int, int]] = {}
        self._rules: dict[tuple[str, str, int], dict[str, int]] = {}
        self._routes: dict[tuple[str, int], tuple[str, str]] = {}

    def mask(self, pairs: Pairs) -> int:
        return sum(1 << piece for piece in self.services.within(pairs))

    # --- single filters -----------------------------------------------------------------

    def maybe(self, layer: str, resource: str) -> Filter:
        return Filter(layer, resource, 0, self.full)

    def gate(self, layer: str, resource: str, passes: bool) -> Filter:
        kept = self.full if passes else 0
        return Filter(layer, resource, kept, kept)

    def acl(self, subnet: str, side: str, piece: int) -> Filter:
        """The network ACL of a subnet: the first entry that matches decides, else it is a deny."""
        name = self.acl_of.get(subnet)
        if name is None or name in self.doubts:
            return self.maybe("network-acl", subnet)
        key = ("acl", name, side, piece)
        if key not in self._known:
            entries = sorted(self.facts["acls"][name][side], key=lambda one: one["number"])
            self._known[key] = self._agreed(
                piece,
                lambda address, service, lucky: first_match(entries, address, service, lucky)[0],
            )
        return Filter("network-acl", subnet, *self._known[key], side, piece)

    def rules(self, acl: Filter) -> dict[str, int]:
        """Per entry of a network ACL (``*``: the last deny), the services that it decides."""
        name = self.acl_of.get(acl.resource)
        if name is None or name in self.doubts or not acl.side:
            return {}
        key = (name, acl.side, acl.piece)
        if key not in self._rules:
            entries = sorted(self.facts["acls"][name][acl.side], key=lambda one: one["number"])
            address = self.addresses.starts[acl.piece]
            found: dict[str, int] = {}
            for index, service in enumerate(self.services.starts):
                _, rule = first_match(entries, address, service, True)
                found[rule] = found.get(rule, 0) | 1 << index
            self._rules[key] = found
        return self._rules[key]

    def groups(self, holder: str, side: str, piece: int, other: str | None) -> Filter:
        """Security groups: any rule of any of them lets a packet pass."""
        card = self.facts["interfaces"][holder]
        if holder in self.doubts:
            return self.maybe("security-group", holder)
        if not card["groups"] and self._unguarded(card):
            return self.gate("security-group", holder, True)
        peers = frozenset(self.facts["interfaces"][other]["groups"]) if other else frozenset()
        key = ("groups", tuple(card["groups"]), side, piece, peers)
        if key not in self._known:
            rules: list[dict[str, Any]] = []
            unsure = False
            for name in card["groups"]:
                group = self.facts["groups"].get(name)
                unsure = unsure or group is None or name in self.doubts
                rules += group[side] if group is not None else []
            sure, possible = self._agreed(
                piece,
                lambda address, service, lucky: any(
                    self._rule(rule, address, service, peers, lucky) for rule in rules
                ),
            )
            self._known[key] = (sure, self.full if unsure else possible)
        return Filter("security-group", holder, *self._known[key])

    def _unguarded(self, card: dict[str, Any]) -> bool:
        balancer = self.facts["balancers"].get(card["owner"])
        network = balancer is not None and balancer["kind"] == "network"
        return card["kind"] == "nat-gateway" or network

    def _rule(
        self, rule: dict[str, Any], address: int, service: int, peers: frozenset[str], lucky: bool
    ) -> bool:
        if not inside(rule["services"], service):
            return False
        match: bool | None = None
        if "block" in rule:
            match = inside([rule["block"]], address)
        elif "group" in rule:
            match = rule["group"] in peers
        elif "list" in rule:
            blocks = self.facts["lists"].get(rule["list"])
            match = None if blocks is None else inside(blocks, address)
        if match is None or not rule["sure"]:
            return lucky and match is not False
        return match

    def _agreed(self, piece: int, decide: Callable[[int, int, bool], bool]) -> tuple[int, int]:
        """A filter's masks; the first and last address and service of every piece must agree."""
        found = []
        for lucky in (False, True):
            mask = 0
            for index, ends in enumerate(self.services.spans()):
                answers = {
                    decide(address, service, lucky)
                    for address in self.addresses.both(piece)
                    for service in ends
                }
                if len(answers) > 1:
                    raise Refuted(f"a rule cuts the class at address piece {piece}")
                mask |= answers.pop() << index
            found.append(mask)
        return found[0], found[1]

    # --- routes -------------------------------------------------------------------------

    def next(self, subnet: str, piece: int) -> tuple[str, str]:
        """Where a subnet's route table sends a piece: a kind of target, and the target."""
        key = (subnet, piece)
        if key not in self._routes:
            self._routes[key] = self._next_of(subnet, piece)
        return self._routes[key]

    def _next_of(self, subnet: str, piece: int) -> tuple[str, str]:
        place = self.facts["subnets"][subnet]
        name = self.table_of.get(subnet) or self.main_of.get(place["vpc"])
        first, last = (self._next(name, place["vpc"], one) for one in self.addresses.both(piece))
        if first != last:
            raise Refuted(f"a route cuts the class at address piece {piece}")
        return first

    def _next(self, name: str | None, vpc: str, address: int) -> tuple[str, str]:
        found: list[tuple[int, int, str, str]] = []
        for low, high in self.facts["vpcs"].get(vpc, {"blocks": []})["blocks"]:
            if low <= address <= high:
                found.append((high - low, 0, "local", ""))
        if name is None:
            return ("local", "") if found else ("unknown", "")
        if name in self.doubts:
            return "unknown", name
        local, perhaps = bool(found), set[tuple[str, str]]()
        for route in self.facts["tables"][name]["routes"]:
            listed = "list" in route
            blocks = self.facts["lists"].get(route["list"]) if listed else [route["block"]]
            sizes = [high - low for low, high in blocks or () if low <= address <= high]
            if blocks is not None and not sizes:
                continue
            rank = 2 if listed else 3 if route["propagated"] else 1
            kind = "blackhole" if route["blackhole"] else route["kind"]
            if blocks is None or not route["sure"]:
                # It may be longer than any other, yet inside the VPC by a middlebox only.
                if not local or self._is_middlebox(route):
                    perhaps.add((kind, route["target"]))
                continue
            found.append((min(sizes), rank, kind, route["target"]))
        if not found:
            return ("unknown", min(perhaps)[1]) if perhaps else ("none", "")
        best = min(found, key=lambda one: one[:2])
        ties = {one[2:] for one in found if one[:2] == best[:2]} | perhaps
        return best[2:] if len(ties) == 1 else ("unknown", "")

    def _is_middlebox(self, route: dict[str, Any]) -> bool:
        if route["kind"] == "vpc-endpoint":
            known = self.facts["endpoints"].get(route["target"], {"kind": ""})
            return known["kind"] in ("firewall", "gateway-load-balancer")
        return route["kind"] in ("network-interface", "nat-gateway")

    # --- ways ---------------------------------------------------------------------------

    def crossing(self, *subnets: str) -> list[Filter]:
        """A subnet of which something is not known makes its border uncertain."""
        return [self.maybe("route", one) for one in subnets if one in self.doubts]

    def across(self, near: str, far: str, a: int, b: int) -> list[Filter]:
        """Over the border between two subnets of one VPC, from piece ``a`` to piece ``b``."""
        if near == far:
            return []
        return [*self.crossing(near, far), self.acl(near, "out", b), self.acl(far, "in", a)]

    def doubted(self, name: str) -> list[Filter]:
        """What makes every packet of an interface uncertain."""
        card = self.facts["interfaces"][name]
        vpc = self.facts["subnets"][card["subnet"]]["vpc"]
        found = [self.maybe("route", "")] if vpc in self.doubts else []
        names = (name, "" if card["kind"] == "load-balancer" else card["owner"])
        return found + [self.maybe("security-group", "") for one in names if one in self.doubts]

    def opening(self, name: str, other: str | None) -> list[Filter]:
        """Load balancers open connections to their targets only, endpoints to nobody."""
        card = self.facts["interfaces"][name]
        found = [self.gate("targets", "", False)] if card["kind"] == "vpc-endpoint" else []
        balancer = self.facts["balancers"].get(card["owner"])
        if card["kind"] == "load-balancer" and balancer is not None:
            opened = self.mask(balancer["opens"].get(other, []))
            kept = self.full if balancer["unsure"] else opened
            found.append(Filter("targets", "", opened, kept))
        return found

    def listener(self, name: str) -> list[Filter]:
        card = self.facts["interfaces"][name]
        balancer = self.facts["balancers"].get(card["owner"])
        if card["kind"] != "load-balancer" or balancer is None:
            return []
        if card["owner"] in self.doubts:
            return [self.maybe("listener", "")]
        mask = self.mask(balancer["listens"])
        return [Filter("listener", "", mask, mask)]

    def home(self, name: str) -> str:
        """The subnet of an interface."""
        subnet: str = self.facts["interfaces"][name]["subnet"]
        if subnet not in self.facts["subnets"]:
            raise NotCovered(f"the subnet of {name} is not known")
        return subnet

    def vpc(self, subnet: str) -> str:
        vpc: str = self.facts["subnets"][subnet]["vpc"]
        return vpc


def first_match(
    entries: list[dict[str, Any]], address: int, service: int, lucky: bool
) -> tuple[bool, str]:
    """The verdict of an ACL's sorted entries on one packet, and the number of the entry."""
    for one in entries:
        low, high = one["block"]
        if not low <= address <= high or not inside(one["services"], service):
            continue
        if one["sure"] or one["allow"] == lucky:
            return one["allow"], str(one["number"])
    return False, "*"
