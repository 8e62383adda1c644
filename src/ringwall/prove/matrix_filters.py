"""Network ACLs and security groups over a whole line of segments at once.

The same meaning as :mod:`ringwall.prove.filters`, read block by block instead of peer by peer. A
verdict is a pair of masks: what surely and what possibly passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringwall.model.addresses import of_network
from ringwall.model.network import (
    AclEntry,
    CidrPeer,
    GroupPeer,
    Network,
    NetworkAcl,
    PrefixListPeer,
    SecurityGroupRule,
)
from ringwall.prove.matrix_cells import Cells, Words
from ringwall.prove.matrix_faces import Line

Ids = NDArray[np.int32]
#: Masks of what surely and what possibly passes.
Pair = tuple[int, int]


class Verdicts:
    """Pairs of masks by number, each kept once."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self._numbers: dict[Pair, int] = {}

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Verdicts:
        """The same numbers for pairs that were numbered before."""
        found = cls()
        found.pairs = list(pairs)
        found._numbers = {pair: at for at, pair in enumerate(found.pairs)}
        return found

    def number(self, pair: Pair) -> int:
        found = self._numbers.get(pair)
        if found is None:
            found = self._numbers[pair] = len(self.pairs)
            self.pairs.append(pair)
        return found


def acl_verdicts(
    acl: NetworkAcl | None, egress: bool, line: Line, cells: Cells, dark: bool, known: Verdicts
) -> Ids:
    """Per segment, the number of what an ACL passes; ``dark``: nothing is known of it."""
    if acl is None or dark:
        return np.full(len(line), known.number((0, cells.full)), dtype=np.int32)
    entries = sorted(
        (one for one in acl.entries if one.egress is egress), key=lambda one: one.number
    )
    spans = [(span, one) for one in entries for span in line.stretches(of_network(one.cidr))]
    edges = sorted({0, len(line), *(edge for span, _ in spans for edge in span)})
    found = np.empty(len(line), dtype=np.int32)
    for start, end in pairwise(edges):
        here = [one for (low, high), one in spans if low <= start < high]
        found[start:end] = known.number(_first_match(here, cells))
    return found


def _first_match(entries: Iterable[AclEntry], cells: Cells) -> Pair:
    sure, possible = 0, 0
    sure_left = possible_left = cells.full
    for entry in entries:
        mask = cells.mask(entry.services)
        if entry.allow:
            possible |= mask & possible_left
            if entry.certain:
                sure |= mask & sure_left
        if entry.certain:
            possible_left &= ~mask
        if entry.certain or not entry.allow:
            sure_left &= ~mask
    return sure, possible


class GroupRows:
    """What single security groups pass, by the peer's class.

    A row of words per group and direction in four readings: what is sure or possible, each without
    and with the rules that name a group of the peer's.
    """

    def __init__(
        self,
        network: Network,
        gaps: Mapping[str, str],
        cells: Cells,
        line: Line,
    ) -> None:
        self._network, self._gaps, self._cells, self._line = network, gaps, cells, line

    def plain(self, name: str, egress: bool) -> tuple[Words, Words]:
        """Sure and possible without references, ``[segments, words]`` each; the same array twice
        where nothing is uncertain."""
        shape = (len(self._line), self._cells.words)
        sure = np.zeros(shape, dtype=np.uint64)
        doubtful = []
        for rule in self._rules(name, egress):
            if self._doubtful(rule):
                doubtful.append(rule)
            else:
                self._add(sure, rule)
        if name in self._gaps or name not in self._network.security_groups:
            return sure, np.broadcast_to(self._cells.to_words(self._cells.full), shape)
        if not doubtful:
            return sure, sure
        possible = sure.copy()
        for rule in doubtful:
            self._add(possible, rule)
        return sure, possible

    def _add(self, row: Words, rule: SecurityGroupRule) -> None:
        mask = self._cells.to_words(self._cells.mask(rule.services))
        for start, end in self._peers(rule):
            row[start:end] |= mask

    def _peers(self, rule: SecurityGroupRule) -> Iterable[tuple[int, int]]:
        match rule.peer:
            case CidrPeer(cidr):
                return self._line.stretches(of_network(cidr))
            case PrefixListPeer(prefix_list):
                known = self._network.prefix_lists.get(prefix_list)
                if known is not None and known.entries is not None:
                    return self._line.stretches(known.entries)
            case GroupPeer():
                return ()
        return ((0, len(self._line)),)

    def _doubtful(self, rule: SecurityGroupRule) -> bool:
        match rule.peer:
            case CidrPeer() | GroupPeer():
                return not rule.certain
            case PrefixListPeer(prefix_list):
                known = self._network.prefix_lists.get(prefix_list)
                return not rule.certain or known is None or known.entries is None
        return True

    def named(self, name: str, egress: bool) -> dict[str, Pair]:
        """Per group that the rules of a group name, what they pass to or from its members."""
        found: dict[str, Pair] = {}
        for rule in self._rules(name, egress):
            if isinstance(rule.peer, GroupPeer):
                sure, possible = found.get(rule.peer.group, (0, 0))
                mask = self._cells.mask(rule.services)
                found[rule.peer.group] = (sure | mask if rule.certain else sure, possible | mask)
        return found

    def _rules(self, name: str, egress: bool) -> tuple[SecurityGroupRule, ...]:
        group = self._network.security_groups.get(name)
        if group is None:
            return ()
        return group.egress if egress else group.ingress
