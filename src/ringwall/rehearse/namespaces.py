"""Nameless network namespaces, and commands and sockets inside them.

A namespace is held by a file descriptor only. When the process that made it ends, however it
ends, the kernel takes the namespace and all that is in it away: nothing can be left over.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_NET = 0x40000000
_OWN = "/proc/thread-self/ns/net"
_SYSCTL = Path("/proc/sys/net")
#: Debian keeps them where an unprivileged PATH does not look.
TOOL_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


class KernelRefusal(RuntimeError):
    """A tool or the kernel did not take what it was told; the text holds its own words."""


def _called(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Namespace:
    """A network namespace of its own; raises OSError where the kernel grants none."""

    def __init__(self, name: str) -> None:
        self.name = name
        home = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _called(_LIBC.unshare(_NEW_NET))
            try:
                self._descriptor = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
            finally:
                _called(_LIBC.setns(home, _NEW_NET))
        finally:
            os.close(home)

    @property
    def path(self) -> str:
        """A path by which other processes of root name this namespace while it lives."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Sockets made, processes started and sysctls set by this thread belong to it."""
        home = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _called(_LIBC.setns(self._descriptor, _NEW_NET))
            try:
                yield
            finally:
                _called(_LIBC.setns(home, _NEW_NET))
        finally:
            os.close(home)

    def run(self, *command: str, given: str) -> None:
        """Run a tool with ``given`` on its standard input; raises KernelRefusal if it fails."""
        with self.inside():
            done = subprocess.run(  # noqa: S603  # a fixed tool, no shell, arguments of our own
                command,
                input=given,
                text=True,
                capture_output=True,
                check=False,
                env={**os.environ, "PATH": TOOL_PATH, "LC_ALL": "C"},
            )
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())
            raise KernelRefusal(f"{' '.join(command)} in {self.name}: {said[:600]}")

    def set(self, switches: Sequence[tuple[str, str]]) -> None:
        """Set sysctls (``ipv4/ip_forward``); one that this kernel does not have is passed over."""
        with self.inside():
            for key, value in switches:
                with suppress(FileNotFoundError):
                    (_SYSCTL / key).write_text(value, encoding="ascii")

    def close(self) -> None:
        os.close(self._descriptor)
