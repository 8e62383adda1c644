"""What is asked of the kernel, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: a packet that opens a connection, from a node of a plan to another.

    ``address`` is where it is sent (a public address, where the Internet asks). ``port`` is the
    destination port, or ``type << 8 | code`` for ICMP; ``client_port`` is 0 without ports.
    """

    source: str
    source_address: str
    target: str
    address: str
    protocol: int
    port: int = 0
    client_port: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """``arrived``: the question reached the target behind all its filters. ``answered``: the
    asker had its answer. ``seen`` is the address and port from which the target saw it come."""

    probe: Probe
    arrived: bool = False
    answered: bool = False
    seen: tuple[str, int] | None = None
