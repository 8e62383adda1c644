"""CloudFormation's functions over known values: no template, no symbols, only arithmetic and text.

Each raises ValueError with the complaint in words when its arguments do not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice

#: Fn::Cidr makes 1 to 256 blocks.
_MOST_BLOCKS = 256
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def cidr_blocks(block: str, count: int, bits: int) -> tuple[str, ...]:
    """The first ``count`` subnets of ``block`` with ``bits`` host bits each (Fn::Cidr)."""
    try:
        network = ip_network(block, strict=False)
    except ValueError as mistake:
        raise ValueError(f"`{block}` is no CIDR block") from mistake
    if not 1 <= count <= _MOST_BLOCKS:
        raise ValueError(f"the count {count} is outside 1-{_MOST_BLOCKS}")
    if not 1 <= bits <= network.max_prefixlen:
        raise ValueError(f"{bits} host bits do not fit an IPv{network.version} address")
    length = network.max_prefixlen - bits
    room = 1 << (length - network.prefixlen) if length >= network.prefixlen else 0
    if count > room:
        raise ValueError(f"`{block}` holds {room} blocks of /{length}, not {count}")
    return tuple(str(one) for one in islice(_subnets(network, length), count))


def _subnets(
    network: IPv4Network | IPv6Network, length: int
) -> Iterator[IPv4Network | IPv6Network]:
    yield from network.subnets(new_prefix=length)


def template_parts(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of an Fn::Sub text: ``(text, False)`` or ``(variable, True)``.

    ``${!Name}`` is the text ``${Name}``; blanks inside the braces do not count.
    """
    end = 0
    for found in _VARIABLE.finditer(text):
        yield text[end : found.start()], False
        name = found[1].strip()
        if name.startswith("!"):
            yield f"${{{name[1:]}}}", False
        else:
            yield name, True
        end = found.end()
    yield text[end:], False


def partition_of(region: str) -> str:
    """The partition of a Region, by its name's beginning."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def url_suffix_of(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
