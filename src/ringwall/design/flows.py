"""The intended flows and guarantees of a spec: what the design builds and what the proofs judge.

Nothing else in the design decides who may talk to whom: rules of network ACLs and security groups
are derived from these flows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from ringwall.design.blueprint import ENDPOINTS
from ringwall.design.endpoints import interface_services
from ringwall.facts.load import facts
from ringwall.model.policy import (
    INTERNET,
    Flow,
    Guarantee,
    Layers,
    Never,
    Policy,
    Selector,
    Survives,
)
from ringwall.model.services import ServiceSet, tcp, udp
from ringwall.spec.guarantees import never_ends
from ringwall.spec.load import SpecFile
from ringwall.spec.model import (
    Bucket,
    Egress,
    LayersGuarantee,
    LoadBalancer,
    NeverGuarantee,
    Postgres,
    Redis,
    Spec,
    Workload,
)

HTTP, HTTPS = 80, 443


def _source(word: str, spec: Spec) -> Selector:
    """What a word in a `from` names: `internet`, a service, or an address block."""
    if word == INTERNET.kind:
        return INTERNET
    if word in spec.services:
        return Selector("service", word)
    return Selector("address", str(IPv4Network(word)))


def client_ports(source: Selector, spec: Spec) -> tuple[int, int]:
    """The ephemeral range of the clients at a source (facts ``client-ports``).

    A load balancer is AWS's own client, a service runs on Linux, and nobody knows what runs on
    the Internet.
    """
    if source.kind in ("internet", "address"):
        profile = "any"
    elif isinstance(spec.services.get(source.name), LoadBalancer):
        profile = "managed"
    else:
        profile = "linux"
    low, high = facts("client-ports").values[profile]
    return low, high


def flows(file: SpecFile) -> tuple[Flow, ...]:
    """Every intended flow, in the order of the file; what the design adds follows what is written.

    A load balancer's health checks use the port that its traffic uses, so they are no flow of
    their own.
    """
    found = [*_declared(file), *_redirects(file), *_to_endpoints(file), *_egress(file)]
    first: dict[tuple[Selector, Selector, ServiceSet], Flow] = {}
    for one in found:
        first.setdefault((one.source, one.target, one.services), one)
    return tuple(first.values())


def policy(file: SpecFile, intended: Iterable[Flow] | None = None) -> Policy:
    """The flows (those given, or the spec's) and the guarantees that the spec asks for."""
    chosen = flows(file) if intended is None else tuple(intended)
    return Policy(chosen, tuple(_guarantees(file)))


def _listens(service: object) -> ServiceSet:
    """The protocol and port on which a service takes connections."""
    if isinstance(service, LoadBalancer):
        return tcp(service.listen)
    if isinstance(service, Workload):
        return udp(service.port) if service.protocol == "udp" else tcp(service.port)
    if isinstance(service, Postgres | Redis):
        return tcp(service.port)
    if isinstance(service, Bucket):
        return tcp(HTTPS)
    raise TypeError(f"no port is known for {type(service).__name__}")


def _declared(file: SpecFile) -> Iterator[Flow]:
    for name, service in file.spec.services.items():
        for index, word in enumerate(service.sources):
            source = _source(word, file.spec)
            yield Flow(
                source=source,
                target=Selector("service", name),
                services=_listens(service),
                client_ports=client_ports(source, file.spec),
                why=f"{name} takes connections from {word}",
                origin=file.origin("services", name, "from", index),
            )


def _redirects(file: SpecFile) -> Iterator[Flow]:
    for name, balancer in file.spec.of_kind(LoadBalancer).items():
        if balancer.listen == HTTP:
            continue
        for index, word in enumerate(balancer.sources):
            source = _source(word, file.spec)
            yield Flow(
                source=source,
                target=Selector("service", name),
                services=tcp(HTTP),
                client_ports=client_ports(source, file.spec),
                why=f"{name} redirects plain HTTP to HTTPS",
                added=True,
                origin=file.origin("services", name, "from", index),
            )


def _to_endpoints(file: SpecFile) -> Iterator[Flow]:
    reached = interface_services(file.spec)
    if not reached:
        return
    for name in file.spec.of_kind(Workload):
        source = Selector("service", name)
        yield Flow(
            source=source,
            target=Selector("service", ENDPOINTS),
            services=tcp(HTTPS),
            client_ports=client_ports(source, file.spec),
            why=f"{name} reaches {', '.join(reached)} without leaving the VPC",
            added=True,
            origin=file.origin("services", name),
        )


def _egress(file: SpecFile) -> Iterator[Flow]:
    for name, destinations in file.spec.egress.items():
        source = Selector("service", name)
        for index, one in enumerate(destinations):
            yield Flow(
                source=source,
                target=Selector("address", str(IPv4Network(one.to, strict=False))),
                services=_egress_services(one),
                client_ports=client_ports(source, file.spec),
                why=one.why,
                origin=file.origin("egress", name, index),
            )


def _egress_services(one: Egress) -> ServiceSet:
    return udp(one.port) if one.protocol == "udp" else tcp(one.port)


def _guarantees(file: SpecFile) -> Iterator[Guarantee]:
    for index, one in enumerate(file.spec.guarantees):
        if isinstance(one, NeverGuarantee):
            source, target = never_ends(one.never, file.spec)
            yield Never(source, target, file.origin("guarantees", index, "never"))
        elif isinstance(one, LayersGuarantee):
            yield Layers(one.layers, file.origin("guarantees", index, "layers"))
        else:
            yield Survives(one.survives, file.origin("guarantees", index, "survives"))
