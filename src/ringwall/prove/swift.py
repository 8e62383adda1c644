"""The exact engine with the matrix in front of it, for networks of many interfaces.

Between two interfaces the matrix knows what passes, for every pair at once. Where that is not
certain, or does not factorise, and for every end outside, the engine itself is asked: for it can
say why.
"""

from __future__ import annotations

from functools import cached_property

from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.model.verdict import Layer
from ringwall.prove.engine import NO_LAYERS, Prover
from ringwall.prove.legs import Passing, Spot
from ringwall.prove.matrix import Matrix
from ringwall.prove.matrix_filters import Pair

#: From how many interfaces on the matrix is made sooner than the pairs are walked.
MANY = 100


def prover_of(network: Network, policy: Policy | None = None) -> Prover:
    """The prover that answers all pairs of a network soonest; the answers are the same."""
    made = SwiftProver if len(network.interfaces) >= MANY else Prover
    return made(network, policy)


class SwiftProver(Prover):
    """Reads off the matrix what surely passes, and what surely does not, between interfaces."""

    def __init__(self, network: Network, policy: Policy | None = None) -> None:
        super().__init__(network, policy)
        self._rows: dict[int, list[Pair]] = {}
        self._masks: dict[int, int] = {}
        self._seen: dict[tuple[int, str], int | None] = {}

    def forward(self, a: Spot, b: Spot, off: frozenset[Layer] = NO_LAYERS) -> Passing:
        known = None if off else self._known(a, b)
        return super().forward(a, b, off) if known is None else known[0]

    def reply(self, a: Spot, b: Spot, off: frozenset[Layer] = NO_LAYERS) -> Passing:
        known = None if off else self._known(a, b)
        return super().reply(a, b, off) if known is None else known[1]

    @cached_property
    def _matrix(self) -> Matrix:
        # The matrix asks a prover of its own: this one would ask the matrix again.
        return Matrix.of(self.network)

    @cached_property
    def _faces(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, face in enumerate(self._matrix.faces):
            found.setdefault(face.interface.id, []).append(at)
        return found

    def _known(self, a: Spot, b: Spot) -> tuple[Passing, Passing] | None:
        """The question and the answer, where the matrix is sure of both."""
        one, other = self._class(a), self._class(b)
        if one is None or other is None or a.interface is b.interface:
            return None
        passages = self._matrix.passages
        seats = self._matrix.classes.seat[one], self._matrix.classes.seat[other]
        if passages.hard[seats]:
            return None
        if one not in self._rows:
            self._rows[one] = self._matrix.forward_row(one)
        forward = self._rows[one][other]
        reply = passages.verdicts[passages.reply[seats]]
        if forward[0] != forward[1] or reply[0] != reply[1]:
            return None
        asked, told = self._mask(forward[0]), self._mask(reply[0])
        return Passing(asked, asked), Passing(told, told)

    def _class(self, spot: Spot) -> int | None:
        """The class of the face that a spot lies in."""
        if spot.interface is None:
            return None
        key = (spot.place, spot.interface.id)
        if key not in self._seen:
            faces = ((at, self._matrix.faces[at]) for at in self._faces.get(spot.interface.id, ()))
            found = next((at for at, face in faces if spot.place in face.addresses), None)
            self._seen[key] = None if found is None else int(self._matrix.classes.of_face[found])
        return self._seen[key]

    def _mask(self, cells: int) -> int:
        """A mask over the matrix's cells as one over the engine's services."""
        if cells not in self._masks:
            services = self._matrix.cells.set_of(cells)
            self._masks[cells] = self.parts.services.mask(services)
        return self._masks[cells]
