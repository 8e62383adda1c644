"""Read a policy file: the flows and guarantees by which any network can be judged.

Unlike a spec it designs nothing, so its words may name whatever stands in the network. What they
name is looked up when the network is known; everything else is checked here, each mistake with
its place. The text is read as a spec's is (:mod:`ringwall.spec.source`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.model.policy import Flow, Guarantee, Layers, Never, Only, Policy, Selector, Survives
from ringwall.model.services import ALL_SERVICES, ServiceSet, whole_protocol
from ringwall.spec.load import text_of
from ringwall.spec.policy_words import (
    Line,
    WordError,
    clients_of_text,
    line_of_text,
    ports_of_text,
    protocol_of,
)
from ringwall.spec.source import Document, Key, Value, read
from ringwall.spec.words import listing, meant, quote

KEYS = ("ends", "flows", "guarantees")
FLOW_KEYS = ("from", "to", "protocol", "port", "ports", "clients", "why")
#: Each guarantee's own key, and what may stand beside it.
GUARANTEE_KEYS: dict[str, tuple[str, ...]] = {
    "never": (),
    "only": (),
    "layers": ("between",),
    "survives": (),
    "always": ("clients", "why"),
}
#: Words that mean the same in every network.
FIXED = ("internet", "on-premises")
#: What ``only`` says to close everything that no flow opens.
EVERYWHERE = "flows"
MOST_LAYERS = 3
#: The profile of clients of whom nothing is known.
ANYBODY = "any"
_SLIPS = {
    "source": "from",
    "target": "to",
    "destination": "to",
    "client": "clients",
    "services": "ports",
    "reason": "why",
    "profile": "clients",
}
_TOP = re.compile(r"""^["']?([A-Za-z_-]+)["']?\s*:""", re.M)

T = TypeVar("T")
_ONE = "a word"
_LIST = "a list"


def is_policy_text(text: str) -> bool:
    """Is this text a policy file, and not a spec? Told by the keys that only one of them has."""
    found = set(_TOP.findall(text))
    if text.lstrip()[:1] == "{":
        found |= set(re.findall(r"""["']([a-z]+)["']\s*:""", text))
    if found & {"name", "services", "network", "egress", "frameworks"}:
        return False
    return bool(found & set(KEYS))


def load_policy(path: Path) -> Policy:
    """Read a policy file; raises InputError with every mistake found."""
    return parse_policy(text_of(path), str(path))


def parse_policy(text: str, source: str = "policy.yaml") -> Policy:
    """Read a policy from text; raises InputError with every mistake found."""
    reader = _Reader(_document(text, source))
    policy = reader.policy()
    if reader.found:
        raise InputError(sorted(dict.fromkeys(reader.found), key=_order))
    return policy


def _document(text: str, source: str) -> Document:
    try:
        return read(text, source)
    except InputError as error:
        help = "start with `flows:` or `guarantees:` at the left margin; see docs/policy.md"
        raise InputError(
            [
                replace(
                    one,
                    code="RW-POLICY-001",
                    help=help,
                    message=one.message.replace("`name:`", "`guarantees:`"),
                )
                if one.code == "RW-SPEC-005"
                else one
                for one in error.diagnostics
            ]
        ) from None


def _order(one: Diagnostic) -> tuple[int, int, str]:
    return one.origin.line or 0, one.origin.column or 0, one.code


@dataclass(slots=True)
class _Reader:
    document: Document
    found: list[Diagnostic] = field(default_factory=list)
    ends: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.found += self.document.diagnostics

    def policy(self) -> Policy:
        values = self.document.values
        self._known_keys((), values, KEYS)
        self._read_ends(values.get("ends"))
        flows = [one for path, each in self._entries("flows") for one in self._flow(path, each)]
        guarantees: list[Guarantee] = []
        closed = False
        for path, each in self._entries("guarantees"):
            for made in self._guarantee(path, each):
                if isinstance(made, Flow):
                    flows.append(made)
                elif made is None:
                    closed = True
                else:
                    guarantees.append(made)
        if not self.found and not flows and not guarantees and not closed:
            self._note(
                "RW-POLICY-008",
                "nothing is asked for here",
                (),
                "write `guarantees:` with an entry such as `- never: internet -> db`",
            )
        return Policy(tuple(flows), tuple(guarantees), closed)

    # --- ends ---------------------------------------------------------------------------

    def _read_ends(self, value: Value) -> None:
        if value is None:
            return
        if not isinstance(value, dict):
            self._wrong(("ends",), value, "names with what they stand for, such as `office: ...`")
            return
        for name, words in value.items():
            path: Key = ("ends", name)
            if name in FIXED or len(name.split()) != 1 or not name:
                why = "means something already" if name in FIXED else "is not one word"
                self._note(
                    "RW-POLICY-007",
                    f"the name {quote(name)} {why}",
                    path,
                    "choose another word for these ends",
                    key=True,
                )
                continue
            said = tuple(self._words(path, words))
            if said:
                self.ends[name] = said

    def _words(self, path: Key, value: Value) -> Iterator[str]:
        listed = value if isinstance(value, tuple) else (value,)
        if not listed:
            self._note(
                "RW-POLICY-003",
                f"{quote(path[-1])} stands for nothing",
                path,
                "name at least one service, id, tag or address block",
            )
        for index, one in enumerate(listed):
            here: Key = (*path, index) if isinstance(value, tuple) else path
            if not isinstance(one, str) or not one.strip():
                self._wrong(here, one, "a service, id, tag or address block, as text")
            elif one in self.ends or one == path[-1]:
                self._note(
                    "RW-POLICY-007",
                    f"{quote(one)} is itself a name of this file",
                    here,
                    "write out what it stands for",
                )
            else:
                yield one.strip()

    def _selector(self, word: str, path: Key) -> Selector:
        place = self._place(path)
        match word:
            case "internet":
                return Selector("internet", origin=place)
            case "on-premises":
                return Selector("on-premises", origin=place)
        return Selector("named", word, self.ends.get(word, ()), place)

    # --- flows --------------------------------------------------------------------------

    def _flow(self, path: Key, value: Value) -> Iterator[Flow]:
        if isinstance(value, str):
            yield from self._flow_line(path, value, (clients_of_text(ANYBODY),), "")
            return
        if not isinstance(value, dict):
            self._wrong(path, value, "a flow: `{from: web, to: db, port: 5432}`")
            return
        self._known_keys(path, value, FLOW_KEYS)
        sources, targets = (self._end_words(path, value, key) for key in ("from", "to"))
        services = self._services(path, value)
        clients = self._clients(path, value)
        why = self._text(path, value, "why")
        if services is None:
            return
        for source in sources:
            for target in targets:
                for ports in clients:
                    yield Flow(source, target, services, ports, why, origin=self._place(path))

    def _flow_line(
        self, path: Key, text: str, clients: tuple[tuple[int, int], ...], why: str
    ) -> Iterator[Flow]:
        line = self._line(path, text)
        if line is None:
            return
        if line.services is None:
            self._note(
                "RW-POLICY-003",
                f"{quote(text)} names no service",
                path,
                "add it behind the target, such as `tcp/443`, or `all`",
            )
            return
        source, target = self._selector(line.source, path), self._selector(line.target, path)
        for ports in clients:
            yield Flow(source, target, line.services, ports, why, origin=self._place(path))

    def _end_words(self, path: Key, value: dict[str, Value], key: str) -> tuple[Selector, ...]:
        if key not in value:
            self._note(
                "RW-POLICY-003", f"{quote(key)} is missing", path, "every flow says `from` and `to`"
            )
            return ()
        said = value[key]
        listed = said if isinstance(said, tuple) else (said,)
        found: list[Selector] = []
        for index, one in enumerate(listed):
            here: Key = (*path, key, index) if isinstance(said, tuple) else (*path, key)
            if isinstance(one, str) and one.strip():
                found.append(self._selector(one.strip(), here))
            else:
                self._wrong(here, one, "a word that names an end")
        return tuple(found)

    def _services(self, path: Key, value: dict[str, Value]) -> ServiceSet | None:
        key = next((one for one in ("port", "ports", "protocol") if one in value), None)
        if key is None:
            self._note(
                "RW-POLICY-003",
                "neither `port` nor `protocol` is given",
                path,
                "write `port: 443`, `ports: [80, 8000-8100]`, or `protocol: all`",
            )
            return None
        said = value.get("protocol", "tcp")
        if isinstance(said, bool) or not isinstance(said, str | int):
            self._wrong((*path, "protocol"), said, "a protocol, such as tcp, udp or all")
            return None
        protocol = self._try((*path, "protocol"), protocol_of, said)
        if protocol is None:
            return None
        found: list[ServiceSet] = []
        for here, port in self._ports(path, value):
            if isinstance(port, bool) or not isinstance(port, str | int):
                self._wrong(here, port, "a port or a range of ports")
                return None
            ports = self._try(here, ports_of_text, protocol, port)
            if ports is None:
                return None
            found.append(ports)
        return ServiceSet.union_of(found) if found else whole_protocol(protocol)

    @staticmethod
    def _ports(path: Key, value: dict[str, Value]) -> Iterator[tuple[Key, Value]]:
        for key in ("port", "ports"):
            said = value.get(key)
            if isinstance(said, tuple):
                yield from (((*path, key, index), one) for index, one in enumerate(said))
            elif key in value:
                yield (*path, key), said

    def _clients(self, path: Key, value: dict[str, Value]) -> tuple[tuple[int, int], ...]:
        said = value.get("clients", ANYBODY)
        listed = said if isinstance(said, tuple) else (said,)
        found: list[tuple[int, int]] = []
        for index, one in enumerate(listed):
            here: Key = (*path, "clients", index) if isinstance(said, tuple) else (*path, "clients")
            if isinstance(one, bool) or not isinstance(one, str | int):
                self._wrong(here, one, "a profile of client ports, such as linux")
                continue
            ports = self._try(here, clients_of_text, one)
            if ports is not None:
                found.append(ports)
        return tuple(dict.fromkeys(found))

    # --- guarantees ---------------------------------------------------------------------

    def _guarantee(self, path: Key, value: Value) -> Iterator[Guarantee | Flow | None]:
        """What one entry asks for; None stands for "nothing else anywhere"."""
        known = tuple(GUARANTEE_KEYS)
        if not isinstance(value, dict):
            self._wrong(path, value, "a guarantee, such as `never: internet -> db`")
            return
        kinds = [key for key in value if key in GUARANTEE_KEYS]
        if len(kinds) != 1:
            told = (
                f"{listing(kinds, last='and')} stand in one entry"
                if kinds
                else (f"{listing(value) or 'nothing'} is no guarantee")
            )
            near = meant(next(iter(value), ""), known, otherwise=f"one of {listing(known)}")
            help = "give each an entry of its own" if kinds else near
            self._note("RW-POLICY-005", told, path, help)
            return
        kind = kinds[0]
        self._known_keys(path, value, (kind, *GUARANTEE_KEYS[kind]))
        here: Key = (*path, kind)
        said = value[kind]
        if kind == "layers":
            yield from self._layers(path, said, value)
        elif kind == "survives":
            if said == "zone":
                yield Survives(origin=self._place(here))
            else:
                self._note(
                    "RW-POLICY-006",
                    f"{quote(said)} is nothing that can be lost",
                    here,
                    "the one loss that is judged is `zone`",
                )
        elif kind == "only" and said == EVERYWHERE:
            yield None
        elif not isinstance(said, str):
            self._wrong(here, said, "a text such as `internet -> db`")
        elif kind == "always":
            clients, why = self._clients(path, value), self._text(path, value, "why")
            yield from self._flow_line(here, said, clients, why)
        else:
            yield from self._forbidding(kind, here, said)

    def _forbidding(self, kind: str, path: Key, text: str) -> Iterator[Guarantee]:
        line = self._line(path, text)
        if line is None:
            return
        source, target = self._selector(line.source, path), self._selector(line.target, path)
        place = self._place(path)
        if kind == "never":
            services = ALL_SERVICES if line.services is None else line.services
            yield Never(source, target, place, services)
        else:
            yield Only(source, target, line.services, place)

    def _layers(self, path: Key, said: Value, value: dict[str, Value]) -> Iterator[Guarantee]:
        here: Key = (*path, "layers")
        if isinstance(said, bool) or not isinstance(said, int) or not 1 <= said <= MOST_LAYERS:
            self._note(
                "RW-POLICY-006",
                f"{quote(said)} is no number of layers",
                here,
                f"write a number from 1 to {MOST_LAYERS}",
            )
            return
        between: tuple[Selector, Selector] | None = None
        if "between" in value:
            at: Key = (*path, "between")
            text = value["between"]
            line = self._line(at, text) if isinstance(text, str) else None
            if line is None or line.services is not None:
                if line is not None or not isinstance(text, str):
                    self._wrong(at, text, "two ends, such as `internet -> db`")
                return
            between = (self._selector(line.source, at), self._selector(line.target, at))
        yield Layers(said, self._place(here), between)

    # --- small words --------------------------------------------------------------------

    def _line(self, path: Key, text: str) -> Line | None:
        return self._try(path, line_of_text, text)

    def _text(self, path: Key, value: dict[str, Value], key: str) -> str:
        said = value.get(key, "")
        if isinstance(said, str):
            return said
        self._wrong((*path, key), said, "a text")
        return ""

    def _entries(self, key: str) -> Iterator[tuple[Key, Value]]:
        value = self.document.values.get(key)
        if isinstance(value, tuple):
            yield from (((key, index), one) for index, one in enumerate(value))
        elif key in self.document.values:
            self._wrong((key,), value, "a list: a line for each, starting with `- `")

    def _known_keys(self, path: Key, value: dict[str, Value], known: tuple[str, ...]) -> None:
        for key in value:
            if key not in known:
                slip = _SLIPS.get(key, "")
                help = (
                    f"did you mean `{slip}`?"
                    if slip in known
                    else (meant(key, known, otherwise=f"what may stand here: {listing(known)}"))
                )
                self._note(
                    "RW-POLICY-002",
                    f"the key {quote(key)} means nothing here",
                    (*path, key),
                    help,
                    key=True,
                )

    def _try(self, path: Key, make: Callable[..., T], *words: object) -> T | None:
        try:
            return make(*words)
        except WordError as error:
            self._note("RW-POLICY-006", str(error), path, error.help)
            return None

    def _wrong(self, path: Key, value: Value, wanted: str) -> None:
        what = (
            _LIST
            if isinstance(value, tuple)
            else ("a block of keys" if isinstance(value, dict) else quote(value))
        )
        self._note("RW-POLICY-004", f"{what} stands here", path, f"write {wanted}")

    def _note(self, code: str, message: str, path: Key, help: str, *, key: bool = False) -> None:
        place = self.document.keys.get(path) if key else None
        self.found.append(Diagnostic(code, message, place or self._place(path), help))

    def _place(self, path: Key) -> Origin:
        while path and path not in self.document.origins:
            path = path[:-1]
        return self.document.origins[path]
