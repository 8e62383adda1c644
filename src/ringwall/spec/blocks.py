"""Address blocks as a user writes them: exactly, in IPv4."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, ip_network

from ringwall.facts.load import facts
from ringwall.spec.words import quote

_FORM = re.compile(r"[0-9.]{7,15}(/[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class BadBlock:
    """Why a text is no block: a message and the mend."""

    message: str
    help: str


def block_of(text: str, example: str) -> IPv4Network | BadBlock:
    """The block that a text writes, or what is wrong with it; ``example`` is a good one."""
    if not _FORM.fullmatch(text):
        return _not_a_block(text, example)
    if "/" not in text:
        length = "16" if text.endswith(".0.0") else "32"
        return BadBlock(
            f"{quote(text)} lacks the length of its prefix", f"write `{text}/{length}`, for example"
        )
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return _not_a_block(text, example)
    if not isinstance(network, IPv4Network):
        return _not_a_block(text, example)
    if str(network) != text:
        return BadBlock(f"{quote(text)} has bits beyond its prefix", f"write `{network}`")
    return network


def looks_like_block(text: str) -> bool:
    """Is this meant as an address or a block, not as a name?"""
    return ":" in text or "/" in text or re.fullmatch(r"[0-9.]+", text) is not None


def _not_a_block(text: str, example: str) -> BadBlock:
    address = text.partition("/")[0]
    try:
        IPv6Address(address)
    except ValueError:
        return BadBlock(
            f"{quote(text)} is no IPv4 block", f"four numbers and a prefix length: `{example}`"
        )
    return BadBlock(f"{quote(text)} is IPv6", f"only IPv4 blocks are taken, such as `{example}`")


def off_the_internet(block: IPv4Network) -> IPv4Network | None:
    """The part of a block's neighbourhood that no router on the Internet carries, if any.

    The whole of IPv4 is let through: it is how one says "anywhere".
    """
    if block.prefixlen == 0:
        return None
    known = (IPv4Network(one) for one in facts("special-purpose-addresses").values[_NEVER])
    return next((one for one in known if one.overlaps(block)), None)


_NEVER = "never-on-the-internet"
