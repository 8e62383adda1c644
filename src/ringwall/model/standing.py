"""Answers to the questions that may be asked of any network, without anybody's intent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ringwall.model.addresses import AddressSet
from ringwall.model.intervals import EMPTY
from ringwall.model.services import ServiceSet
from ringwall.model.verdict import ReturnPorts, Step

#: ``open``: a fact to know. ``finding``: something to mend. ``unknown``: a fact is wanting.
Standing = Literal["open", "finding", "unknown"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the answer to a standing question.

    ``code`` names the question (``ringwall explain CODE`` documents it), ``subject`` is a stable
    key inside it, ``detail`` says what was found. Where it is about connections, ``services`` are
    what passes from ``source`` to ``target`` (for ``unknown``: what may pass), ``addresses`` the
    source's where it is not one of the network's own, ``replies`` to how many of the client's
    ports the answer returns. ``step`` is the rule that decides, with its place; ``others`` are the
    rules that overrule it.
    """

    code: str
    standing: Standing
    subject: str
    detail: str
    source: str = ""
    target: str = ""
    addresses: AddressSet = EMPTY
    services: ServiceSet = EMPTY
    replies: ReturnPorts | None = None
    clients: tuple[int, int] | None = None
    reasons: tuple[str, ...] = ()
    step: Step | None = None
    others: tuple[Step, ...] = ()
