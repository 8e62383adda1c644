"""The commented ``ringwall.yaml`` that ``ringwall init`` writes, from a few answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringwall.facts.load import facts
from ringwall.spec.load import parse_spec
from ringwall.spec.model import Framework, Nat

#: Where a spec is checked before anybody has written it to a file.
SOURCE = "ringwall.yaml (as answered)"
#: More zones than this cost more than they add for most.
_ZONES = 3


@dataclass(frozen=True, slots=True)
class Answers:
    """What ``ringwall init`` asks, with the answers of somebody who only presses return.

    ``zones`` None takes three, or what the Region has. ``services`` are services of your own: the
    first takes what no other's path says, each further one ``/NAME/*``. The three stores are
    connected to all of them. ``certificate`` is the load balancer's ARN, asked for at deployment
    where it is None.
    """

    name: str = "my-app"
    region: str = "us-east-1"
    cidr: str = "10.0.0.0/16"
    zones: int | None = None
    nat: Nat = "per-zone"
    frameworks: tuple[Framework, ...] = ("soc2",)
    services: tuple[str, ...] = ("api",)
    postgres: bool = True
    redis: bool = False
    bucket: bool = True
    certificate: str | None = None


def starter(answers: Answers) -> str:
    """The text of a spec; raises InputError where the answers make none that holds."""
    text = "\n".join(_lines(answers)) + "\n"
    parse_spec(text, SOURCE)
    return text


def zones_of(answers: Answers) -> int:
    """How many zones the answers mean."""
    if answers.zones is not None:
        return answers.zones
    region = facts("regions").values.get(answers.region)
    return min(_ZONES, len(region["zones"])) if region else _ZONES


def _lines(answers: Answers) -> Iterator[str]:
    yield "# What runs, who connects to whom, and what must hold. Ringwall designs the network from"
    yield "# it and proves it: `ringwall check ringwall.yaml`. Whatever is left out has a safe"
    yield "# default; `ringwall schema` prints every key for your editor."
    yield ""
    yield f"name: {_word(answers.name)}"
    yield f"region: {_word(answers.region)}"
    yield f"frameworks: {_listed(answers.frameworks)}    # to be audited under: soc2, hipaa"
    yield ""
    yield "network:"
    yield f"  cidr: {_word(answers.cidr)}    # private, /16 to /21; choose one that no peer uses"
    yield f"  zones: {zones_of(answers)}    # Availability Zones; a zone added later moves nothing"
    yield f"  nat: {answers.nat}    # for egress: per-zone, single (one zone can stop it), none"
    yield ""
    yield from _services(answers)
    yield ""
    yield from _egress(answers)
    yield ""
    yield from _guarantees(answers)


def _services(answers: Answers) -> Iterator[str]:
    own = answers.services
    web, records, cache, documents = _free(("web", "records", "cache", "documents"), own)
    yield "# Load balancers stand in the public tier, services in the app tier, stores in the data"
    yield "# tier. `from` is the only way in: what is not said there is blocked twice."
    yield "services:"
    yield f"  {web}:"
    yield "    kind: load-balancer"
    yield "    from: internet    # or the blocks of your offices: [203.0.113.0/24]"
    if answers.certificate is None:
        yield "    # certificate: the ARN of an ACM certificate; left out, deployment asks for it"
    else:
        yield f"    certificate: {_word(answers.certificate)}"
    for at, name in enumerate(own):
        yield f"  {_word(name)}:"
        yield "    kind: service"
        yield f"    from: [{web}]"
        yield "    port: 8080"
        if at:
            yield f"    paths: [/{name}/*]"
    clients = _listed(own)
    if answers.postgres:
        yield f"  {records}: {{kind: postgres, from: {clients}}}"
    if answers.redis:
        yield f"  {cache}: {{kind: redis, from: {clients}}}"
    if answers.bucket:
        yield f"  {documents}: {{kind: bucket, from: {clients}}}"


def _egress(answers: Answers) -> Iterator[str]:
    example = _word(answers.services[0]) if answers.services else "api"
    yield "# Connections out to the Internet, each with its reason; there are no others."
    if answers.nat == "none":
        yield "# They need a NAT gateway: write `nat: per-zone` above first."
    yield "# egress:"
    yield f"#   {example}:"
    yield "#     - {to: 203.0.113.0/24, port: 443, why: payment provider}"


def _guarantees(answers: Answers) -> Iterator[str]:
    yield "# What must hold whatever the flows are; each is proved, or refuted with a packet."
    yield "guarantees:"
    yield "  - {never: internet -> data}"
    yield "  - {layers: 2}    # each forbidden flow is stopped by two independent layers"
    yield "  - {survives: zone}    # every intended flow outlives the loss of any one zone"
    if answers.nat == "single":
        yield "  # Egress through a single NAT gateway does not: take `survives` out, or pay for"
        yield "  # `nat: per-zone`, before you add any."


def _free(wanted: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The wanted names, each with a number behind it where a service has it already."""
    found: list[str] = []
    for name in wanted:
        while name in taken:
            name += "-1"
        found.append(name)
    return found


def _listed(words: Sequence[str]) -> str:
    return f"[{', '.join(_word(word) for word in words)}]"


def _word(text: str) -> str:
    """A text as YAML: bare where that is plain, else in single quotes."""
    plain = text and all(one.isascii() and (one.isalnum() or one in "-./") for one in text)
    if plain and text[0].isalpha() and text not in ("true", "false", "null"):
        return text
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
