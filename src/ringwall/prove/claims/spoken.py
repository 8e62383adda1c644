"""Do the words of a policy name anything in the network that it is to judge?

A word that names nothing would make every claim about it hold in silence; so it is bad input, told
with its place and with what was probably meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.network import Network
from ringwall.model.origin import IMPLICIT
from ringwall.model.policy import Policy
from ringwall.prove.ends import COMMAND_LINE, resolve

CODES = {
    "RW-PROVE-001": "A word of the policy names nothing in the network that is judged.",
}


def check_words(network: Network, policy: Policy) -> None:
    """Raises InputError RW-PROVE-001 for every word of a ``named`` selector that names nothing."""
    wrong = tuple(dict.fromkeys(_unknown(network, policy)))
    if wrong:
        raise InputError(wrong)


def _unknown(network: Network, policy: Policy) -> Iterator[Diagnostic]:
    for selector in policy.selectors():
        if selector.kind not in ("named", "on-premises"):
            continue
        for word in selector.spoken:
            try:
                resolve(network, word)
            except InputError as error:
                for one in error.diagnostics:
                    place = COMMAND_LINE if selector.origin == IMPLICIT else selector.origin
                    told = one.message
                    if word != str(selector):
                        told = f"`{selector}` stands for `{word}`, which names nothing"
                        told += " in this network"
                    yield replace(one, code="RW-PROVE-001", message=told, origin=place)
