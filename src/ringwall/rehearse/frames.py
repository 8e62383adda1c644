"""The few bytes that a rehearsal writes and reads by itself: headers, and the number of a probe.

Every question carries its probe's number through all translation of addresses and ports: a TCP
SYN as its maximum segment size, ICMP as its identifier, anything else in its payload.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from ringwall.model.services import ICMP, ICMPV6, TCP, UDP

#: The least that Linux takes for TCP_MAXSEG; number 0 goes as this.
_LEAST_SEGMENT = 88
#: How many numbers fit below the segment size of a jumbo frame.
MOST_PROBES = 8000
#: It begins like a GRE header of version 0, lest connection tracking look for another one.
_MARK = b"\0\0ringwall"
QUESTION, ANSWER = b"?", b"!"


class Heard(NamedTuple):
    """A packet that a raw socket heard; ``number`` is its probe's."""

    number: int
    port: int
    answer: bool


def segment_of(number: int) -> int:
    return _LEAST_SEGMENT + number


def payload(number: int, kind: bytes = QUESTION) -> bytes:
    return _MARK + kind + struct.pack("!H", number)


def number_in(data: bytes, kind: bytes = QUESTION) -> int | None:
    """The number in a payload of that kind; None in any other bytes."""
    head = _MARK + kind
    if not data.startswith(head) or len(data) < len(head) + 2:
        return None
    return int(struct.unpack_from("!H", data, len(head))[0])


def icmp(number: int, port: int) -> bytes:
    """An ICMP message of a type and code; the kernel writes the checksum for ICMPv6 only."""
    body = struct.pack("!BBHHH", port >> 8, port & 255, 0, number, 0) + bytes(12)
    total = sum(struct.unpack(f"!{len(body) // 2}H", body))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return body[:2] + struct.pack("!H", ~total & 0xFFFF) + body[4:]


def heard(protocol: int, data: bytes) -> Heard | None:
    """What a transport header and payload tell; None for what no probe sent."""
    if protocol == TCP:
        return _syn(data)
    if protocol in (ICMP, ICMPV6):
        if len(data) < 8:
            return None
        number = int(struct.unpack_from("!H", data, 4)[0])
        answer = data[0] in ((0, 14) if protocol == ICMP else (129,))
        return Heard(number, 0, answer)
    port = 0
    if protocol == UDP and len(data) >= 8:
        port, data = int(struct.unpack_from("!H", data)[0]), data[8:]
    for kind in (QUESTION, ANSWER):
        number_or_none = number_in(data, kind)
        if number_or_none is not None:
            return Heard(number_or_none, port, kind == ANSWER)
    return None


def _syn(data: bytes) -> Heard | None:
    """The first packet of a connection, with the segment size that it announces."""
    if len(data) < 24 or data[13] & 0x12 != 0x02:
        return None
    end, at = (data[12] >> 4) * 4, 20
    while at + 1 < min(end, len(data)):
        kind = data[at]
        if kind == 0:
            break
        if kind == 2:
            size = int(struct.unpack_from("!H", data, at + 2)[0])
            return Heard(size - _LEAST_SEGMENT, int(struct.unpack_from("!H", data)[0]), False)
        at += 1 if kind == 1 else max(data[at + 1], 2)
    return None
