"""One round of questions and answers over real sockets, in many namespaces at once.

A socket belongs to the namespace that it was made in, so one process and one loop serve them
all. Targets answer TCP and UDP by listening, pings by their kernel, other protocols by hand.
Raw sockets, which hear what has passed the input filters, tell whether a question arrived.
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ringwall.model.services import ICMP, ICMPV6, TCP, UDP, has_ports
from ringwall.rehearse.frames import (
    ANSWER,
    MOST_PROBES,
    heard,
    icmp,
    number_in,
    payload,
    segment_of,
)
from ringwall.rehearse.namespaces import Namespace
from ringwall.rehearse.probes import Outcome, Probe

_IP_FREEBIND, _IPV6_FREEBIND, _RCVBUFFORCE = 15, 78, 33
_ROOM = 8 << 20
#: No round lasts longer than this many seconds, whatever still trickles in.
_LONGEST = 30.0


class Exchange:
    """One round; make a new one for each."""

    def __init__(
        self, namespaces: Mapping[str, Namespace], shelves: Sequence[str], probes: Sequence[Probe]
    ) -> None:
        if len(probes) > MOST_PROBES:
            raise ValueError(f"at most {MOST_PROBES} probes in one round, not {len(probes)}")
        self._namespaces = namespaces
        self._shelves = tuple(shelves)
        self._probes = probes
        self._outcomes = [Outcome(one) for one in probes]
        self._selector = selectors.DefaultSelector()
        self._open: list[socket.socket] = []
        self._raw: dict[tuple[str, int, int], socket.socket] = {}
        self._last = 0.0

    def run(self, patience: float) -> list[Outcome]:
        """Everything asked, then listened until ``patience`` seconds of silence."""
        try:
            self._listen()
            for send in self._clients():
                send()
            self._loop(patience)
        finally:
            self._selector.close()
            for one in self._open:
                one.close()
        return self._outcomes

    # --- sockets ------------------------------------------------------------------------

    def _answering(self, probe: Probe) -> tuple[str, ...]:
        """The nodes at which a probe's address may be answered: S3 stands in two places."""
        return (probe.target, *self._shelves) if probe.target == "internet" else (probe.target,)

    def _listen(self) -> None:
        doors: dict[str, set[tuple[int, int]]] = {}
        ears: dict[str, set[tuple[int, int]]] = {}
        for probe in self._probes:
            family = _family(probe.address)
            for node in self._answering(probe):
                ears.setdefault(node, set()).add((family, probe.protocol))
                if has_ports(probe.protocol):
                    doors.setdefault(node, set()).add((probe.protocol, probe.port))
            if not has_ports(probe.protocol):
                ears.setdefault(probe.source, set()).add((family, probe.protocol))
        for node in sorted(doors.keys() | ears.keys()):
            with self._namespaces[node].inside():
                for protocol, port in sorted(doors.get(node, ())):
                    self._door(protocol, port)
                for family, protocol in sorted(ears.get(node, ())):
                    self._ear(node, family, protocol)

    def _made(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        made = socket.socket(family, kind, protocol)
        self._open.append(made)
        made.setblocking(False)
        return made

    def _door(self, protocol: int, port: int) -> None:
        """A listener for both families at every address of the namespace."""
        kind = socket.SOCK_STREAM if protocol == TCP else socket.SOCK_DGRAM
        made = self._made(socket.AF_INET6, kind)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        _share(made)
        made.bind(("::", port))
        if protocol == TCP:
            made.listen(1024)
            self._when(made, selectors.EVENT_READ, self._accept)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            _bind_anywhere(made)
            made.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _ROOM)
            self._when(made, selectors.EVENT_READ, self._echo_datagram)

    def _ear(self, node: str, family: int, protocol: int) -> None:
        made = self._made(family, socket.SOCK_RAW, protocol)
        made.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _ROOM)
        self._raw[node, family, protocol] = made
        self._when(made, selectors.EVENT_READ, lambda one: self._hear(one, node, protocol))

    def _when(
        self, made: socket.socket, events: int, call: Callable[[socket.socket], None]
    ) -> None:
        self._selector.register(made, events, call)

    # --- questions ----------------------------------------------------------------------

    def _clients(self) -> Iterable[Callable[[], None]]:
        """The sockets of the askers, made namespace by namespace; each call asks one question."""
        by_node: dict[str, list[int]] = {}
        for number, probe in enumerate(self._probes):
            by_node.setdefault(probe.source, []).append(number)
        calls: list[Callable[[], None]] = []
        for node, numbers in by_node.items():
            with self._namespaces[node].inside():
                calls += [self._client(number) for number in numbers]
        return calls

    def _client(self, number: int) -> Callable[[], None]:
        probe = self._probes[number]
        family = _family(probe.address)
        kind = {TCP: socket.SOCK_STREAM, UDP: socket.SOCK_DGRAM}.get(
            probe.protocol, socket.SOCK_RAW
        )
        made = self._made(family, kind, probe.protocol if kind == socket.SOCK_RAW else 0)
        _bind_anywhere(made)
        _share(made)
        if probe.protocol == TCP:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment_of(number))
        made.bind((probe.source_address, probe.client_port))
        if kind == socket.SOCK_RAW:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)
            message = payload(number)
            if probe.protocol in (ICMP, ICMPV6):
                message = icmp(number, probe.port)
            return lambda: _quietly(lambda: made.sendto(message, (probe.address, 0)))
        if probe.protocol == TCP:
            return lambda: self._open_stream(made, number)
        # Connected at once: a socket that is only bound would take the questions of others.
        if made.connect_ex((probe.address, probe.port)):
            return _nothing
        self._when(made, selectors.EVENT_READ, lambda one: self._told(one, number))
        return lambda: _quietly(lambda: made.send(payload(number)))

    def _open_stream(self, made: socket.socket, number: int) -> None:
        probe = self._probes[number]
        if made.connect_ex((probe.address, probe.port)) in (0, errno.EINPROGRESS):
            self._when(made, selectors.EVENT_WRITE, lambda one: self._connected(one, number))

    def _connected(self, made: socket.socket, number: int) -> None:
        """A connection stands, or was refused by the target itself: both are answers."""
        trouble = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if trouble == 0:
            _quietly(lambda: made.send(payload(number)))
            self._selector.modify(made, selectors.EVENT_READ, lambda one: self._told(one, number))
            return
        self._selector.unregister(made)
        if trouble == errno.ECONNREFUSED:
            self._note(number, answered=True)

    def _told(self, made: socket.socket, number: int) -> None:
        """The asker has its answer if it is its own question that comes back."""
        try:
            told = number_in(made.recv(512))
        except OSError:
            told = None
        self._selector.unregister(made)
        if told == number:
            self._note(number, answered=True)

    # --- answers ------------------------------------------------------------------------

    def _accept(self, door: socket.socket) -> None:
        try:
            made, _ = door.accept()
        except OSError:
            return
        self._open.append(made)
        made.setblocking(False)
        _reset_on_close(made)
        self._when(made, selectors.EVENT_READ, self._echo_stream)

    def _echo_stream(self, made: socket.socket) -> None:
        try:
            data = made.recv(512)
        except OSError:
            data = b""
        if data:
            _quietly(lambda: made.send(data))
        else:
            self._selector.unregister(made)

    def _echo_datagram(self, door: socket.socket) -> None:
        """Answer from the very address that was asked: an end of the Internet has many."""
        data, controls, _, asker = door.recvmsg(512, 64)
        about = [
            (level, kind, held)
            for level, kind, held in controls
            if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO)
        ]
        # The address stays, the link is left to routing.
        plain = [(level, kind, held[:16] + struct.pack("I", 0)) for level, kind, held in about]
        _quietly(lambda: door.sendmsg([data], plain, 0, asker))

    def _hear(self, ear: socket.socket, node: str, protocol: int) -> None:
        try:
            data, where = ear.recvfrom(2048)
        except OSError:
            return
        address = str(where[0])
        destination = ""
        if ear.family == socket.AF_INET:
            destination = socket.inet_ntoa(data[16:20])
            data = data[(data[0] & 15) * 4 :]
        told = heard(protocol, data)
        if told is None or not 0 <= told.number < len(self._probes):
            return
        probe = self._probes[told.number]
        if probe.protocol != protocol:
            return
        if told.answer and node == probe.source:
            self._note(told.number, answered=True)
        elif not told.answer and node in self._answering(probe):
            self._note(told.number, seen=(address, told.port))
            if protocol not in (TCP, UDP, ICMP, ICMPV6):
                self._answer_raw(node, ear, told.number, address, destination)

    def _answer_raw(self, node: str, ear: socket.socket, number: int, asker: str, own: str) -> None:
        """The answer of a protocol that the kernel does not speak, from the address asked."""
        with self._namespaces[node].inside():
            made = self._made(ear.family, socket.SOCK_RAW, self._probes[number].protocol)
        _bind_anywhere(made)
        made.bind((own or self._probes[number].address, 0))
        _quietly(lambda: made.sendto(payload(number, ANSWER), (asker, 0)))

    # --- the loop -----------------------------------------------------------------------

    def _note(
        self, number: int, *, answered: bool = False, seen: tuple[str, int] | None = None
    ) -> None:
        found = self._outcomes[number]
        if (answered and found.answered) or (not answered and found.arrived):
            return
        if answered:
            self._outcomes[number] = replace(found, answered=True)
        else:
            self._outcomes[number] = replace(found, arrived=True, seen=seen)
        self._last = time.monotonic()

    def _loop(self, patience: float) -> None:
        """Serve every socket until silence; what is closed in between is reset, not kept."""
        began = self._last = time.monotonic()
        while (now := time.monotonic()) < min(self._last + patience, began + _LONGEST):
            for key, _ in self._selector.select(max(0.0, self._last + patience - now)):
                key.data(key.fileobj)


def _nothing() -> None:
    """The question of an asker that has no route to send it by."""


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _bind_anywhere(made: socket.socket) -> None:
    """Any address of the Internet's, though none of them stands on a link."""
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)
    else:
        made.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)


def _share(made: socket.socket) -> None:
    """Many connections from one port, and a listener beside them; no waiting after the end."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if made.type == socket.SOCK_STREAM:
        _reset_on_close(made)


def _reset_on_close(made: socket.socket) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _quietly(send: Callable[[], object]) -> None:
    """Send; where the kernel itself says that it will not go, that is a finding, not a fault."""
    try:
        send()
    except OSError as error:
        if error.errno not in _STOPPED:
            raise


#: What the kernel says of a packet that a filter or a route of the sender's own stops.
_STOPPED = frozenset(
    {
        errno.EPERM,
        errno.EACCES,
        errno.EINVAL,
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EPIPE,
    }
)
