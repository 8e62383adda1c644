"""Protocols, ports and ICMP types on one integer line, so that one kind of set holds them all.

Protocol ``p`` owns the 65,536 places from ``p << 16``. For TCP and UDP the low 16 bits are the
destination port, for ICMP and ICMPv6 they are ``type << 8 | code``; any other protocol is judged
as a whole by AWS, so its places are always present or absent together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ringwall.model.intervals import IntervalSet

ServiceSet = IntervalSet

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
_NUMBERS = {"icmp": ICMP, "tcp": TCP, "udp": UDP, "icmpv6": ICMPV6}
_NAMES = {number: name for name, number in _NUMBERS.items()}
_BLOCK = 1 << 16

ALL_SERVICES: ServiceSet = IntervalSet(((0, 256 * _BLOCK - 1),))
NO_SERVICES: ServiceSet = IntervalSet()


def protocol_number(text: str | int) -> int:
    """An IANA protocol number from AWS's forms (``tcp``, ``6``, 6); -1 for "all".

    Raises ValueError on a name AWS does not take or a number outside 0-255.
    """
    word = str(text).strip().lower()
    if word in {"-1", "all"}:
        return -1
    if word in _NUMBERS:
        return _NUMBERS[word]
    number = int(word)
    if not 0 <= number <= 255:
        raise ValueError(f"protocol {number} is outside 0-255")
    return number


def protocol_name(number: int) -> str:
    """``tcp``, ``udp``, ``icmp``, ``icmpv6``, or the number as text (``all`` for -1)."""
    return "all" if number == -1 else _NAMES.get(number, str(number))


def has_ports(protocol: int) -> bool:
    return protocol in (TCP, UDP)


def whole_protocol(protocol: int) -> ServiceSet:
    """Every port, type or code of a protocol; -1 is every protocol."""
    if protocol == -1:
        return ALL_SERVICES
    return IntervalSet(((protocol * _BLOCK, protocol * _BLOCK + _BLOCK - 1),))


def port_range(protocol: int, low: int, high: int) -> ServiceSet:
    """Destination ports ``low`` to ``high``, both included, of TCP or UDP."""
    if not 0 <= low <= high <= 65535:
        raise ValueError(f"port range {low}-{high} is not within 0-65535")
    if not has_ports(protocol):
        raise ValueError(f"protocol {protocol_name(protocol)} has no ports")
    return IntervalSet(((protocol * _BLOCK + low, protocol * _BLOCK + high),))


def icmp_set(protocol: int, kind: int, code: int) -> ServiceSet:
    """ICMP or ICMPv6 messages of a type and code; -1 stands for any."""
    base = protocol * _BLOCK
    if kind == -1:
        return whole_protocol(protocol)
    if not 0 <= kind <= 255 or not -1 <= code <= 255:
        raise ValueError(f"ICMP type {kind} code {code} is out of range")
    if code == -1:
        return IntervalSet(((base + (kind << 8), base + (kind << 8) + 255),))
    place = base + (kind << 8) + code
    return IntervalSet(((place, place),))


def tcp(low: int, high: int | None = None) -> ServiceSet:
    return port_range(TCP, low, low if high is None else high)


def udp(low: int, high: int | None = None) -> ServiceSet:
    return port_range(UDP, low, low if high is None else high)


@dataclass(frozen=True, slots=True)
class ServiceRange:
    """One stretch of a service set in words: a protocol and, where it has any, ports or types.

    ``low``/``high`` are ports for TCP and UDP, ``type << 8 | code`` for ICMP, 0-65535 elsewhere.
    """

    protocol: int
    low: int
    high: int

    @property
    def whole(self) -> bool:
        return (self.low, self.high) == (0, 65535)

    def __str__(self) -> str:
        name = protocol_name(self.protocol)
        if self.protocol == -1 or self.whole:
            return name
        if has_ports(self.protocol):
            span = str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
            return f"{name}/{span}"
        if self.protocol in (ICMP, ICMPV6):
            kind, code = self.low >> 8, self.low & 255
            if self.low == self.high:
                return f"{name} type {kind} code {code}"
            if (self.low & 255, self.high & 255) == (0, 255):
                last = self.high >> 8
                return f"{name} type {kind}" if kind == last else f"{name} types {kind}-{last}"
            return f"{name} type {kind} code {code} to type {self.high >> 8} code {self.high & 255}"
        return name


#: Reports and messages spell the same few sets over and over.
_SPELT = 1 << 14


@lru_cache(maxsize=_SPELT)
def ranges_of(services: ServiceSet) -> tuple[ServiceRange, ...]:
    """The set as ranges per protocol, in order; everything is one range with protocol -1."""
    if services == ALL_SERVICES:
        return (ServiceRange(-1, 0, 65535),)
    found: list[ServiceRange] = []
    for low, high in services:
        for protocol in range(low >> 16, (high >> 16) + 1):
            base = protocol * _BLOCK
            found.append(
                ServiceRange(protocol, max(low, base) - base, min(high, base + _BLOCK - 1) - base)
            )
    return tuple(found)


@lru_cache(maxsize=_SPELT)
def show_services(services: ServiceSet, *, most: int = 6) -> str:
    """A short text for a message, for example ``tcp/443, udp/53``."""
    ranges = ranges_of(services)
    shown = [str(one) for one in ranges[:most]]
    if len(ranges) > most:
        shown.append(f"and {len(ranges) - most} more")
    return ", ".join(shown) or "nothing"


def ports_of(services: ServiceSet, protocol: int) -> IntervalSet:
    """The ports (or ICMP type-and-code values) that the set holds for one protocol, 0-65535."""
    base = protocol * _BLOCK
    mine = services & whole_protocol(protocol)
    return IntervalSet(tuple((low - base, high - base) for low, high in mine))


def place_of(protocol: int, port: int = 0) -> int:
    """The place on the line of one protocol and port (or ICMP ``type << 8 | code``)."""
    return protocol * _BLOCK + port
