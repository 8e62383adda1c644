"""What one service says by itself, and what services behind one load balancer say together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ringwall.facts.load import facts
from ringwall.model.errors import Diagnostic
from ringwall.spec.instances import bad_type
from ringwall.spec.model import Bucket, LoadBalancer, Postgres, Workload
from ringwall.spec.sheet import Sheet
from ringwall.spec.words import quote

#: The load balancer redirects plain HTTP from here.
_HTTP = 80


def balancers(sheet: Sheet) -> Iterator[Diagnostic]:
    for name, one in sheet.spec.of_kind(LoadBalancer).items():
        if one.listen == _HTTP:
            yield Diagnostic(
                "RW-SPEC-033",
                "`listen: 80` takes the port from which HTTP is redirected to TLS",
                sheet.place("services", name, "listen"),
                "keep 443, or choose another port",
            )
        if one.certificate is not None:
            yield from _certificate(sheet, name, one.certificate)


def _certificate(sheet: Sheet, name: str, arn: str) -> Iterator[Diagnostic]:
    where = sheet.place("services", name, "certificate")
    form = re.fullmatch(facts("service-limits").values["certificate-arn"], arn)
    region = sheet.spec.region
    if form is None:
        yield Diagnostic(
            "RW-SPEC-034",
            f"{quote(arn)} is no ARN of an ACM certificate",
            where,
            f"it looks like `arn:aws:acm:{region}:123456789012:certificate/...`; leave the key out "
            "to be asked for it at deployment",
        )
    elif form["region"] != region:
        yield Diagnostic(
            "RW-SPEC-034",
            f"this certificate lives in `{form['region']}`, and a load balancer "
            f"uses one of its own Region, `{region}`",
            where,
            f"request or import the certificate in `{region}`",
            ((sheet.place("region"), f"the Region is `{region}` by this"),),
        )


def types(sheet: Sheet) -> Iterator[Diagnostic]:
    """Instance types that AWS has, and that the service can run on."""
    for name, one in sheet.spec.services.items():
        if isinstance(one, LoadBalancer | Bucket):
            continue
        bad = bad_type(one.kind, one.instances)
        if bad is not None:
            message, help = bad
            yield Diagnostic(
                "RW-SPEC-036", message, sheet.place("services", name, "instances"), help
            )


def workloads(sheet: Sheet) -> Iterator[Diagnostic]:
    limits = facts("service-limits").values
    for name, one in sheet.spec.of_kind(Workload).items():
        if one.image is not None and not re.fullmatch(limits["image-id"], one.image):
            yield Diagnostic(
                "RW-SPEC-037",
                f"{quote(one.image)} is no AMI id",
                sheet.place("services", name, "image"),
                "it looks like `ami-0123456789abcdef0`; leave the key out for Amazon Linux 2023",
            )
        for key, at, path in [("health", None, one.health), *_paths(one)]:
            if not re.fullmatch(limits["path-pattern"], path) or len(path) > limits["path-length"]:
                place = ("services", name, key) if at is None else ("services", name, key, at)
                yield Diagnostic(
                    "RW-SPEC-031",
                    f"{quote(path)} is no path",
                    sheet.place(*place),
                    f"a path starts with `/` and has at most {limits['path-length']} letters, "
                    "digits and signs, without spaces",
                )
        yield from _scale(sheet, name, one)


def _paths(one: Workload) -> list[tuple[str, int | None, str]]:
    return [("paths", at, path) for at, path in enumerate(one.paths)]


def _scale(sheet: Sheet, name: str, one: Workload) -> Iterator[Diagnostic]:
    least = one.scale.min if one.scale.min is not None else sheet.spec.network.zones
    if one.scale.max is None or least <= one.scale.max:
        return
    where = sheet.place("services", name, "scale", "max")
    if one.scale.min is not None:
        yield Diagnostic(
            "RW-SPEC-035",
            f"`max: {one.scale.max}` is less than `min: {least}`",
            where,
            "exchange the two numbers, or raise `max`",
            ((sheet.place("services", name, "scale", "min"), "the minimum is here"),),
        )
    else:
        yield Diagnostic(
            "RW-SPEC-035",
            f"`max: {one.scale.max}` is less than the {least} instances that run "
            "by default, one per zone",
            where,
            f"raise `max`, or write `min: {one.scale.max}` too",
            ((sheet.place("network", "zones"), f"{least} zones"),)
            if ("network", "zones") in sheet.origins
            else (),
        )


def ports(sheet: Sheet) -> Iterator[Diagnostic]:
    low, high = facts("service-limits").values["rds-port"]
    for name, one in sheet.spec.of_kind(Postgres).items():
        if not low <= one.port <= high:
            yield Diagnostic(
                "RW-SPEC-033",
                f"RDS does not take the port `{one.port}`",
                sheet.place("services", name, "port"),
                f"choose one from {low} to {high}",
            )


def behind(sheet: Sheet) -> Iterator[Diagnostic]:
    """Services that share a load balancer: who gets which request."""
    for name, one in sheet.spec.of_kind(Workload).items():
        fronts = [source for source in one.sources if _is_balancer(sheet, source)]
        known = all(source in sheet.spec.services for source in one.sources)
        if one.paths and not fronts and known and sheet.whole:
            yield Diagnostic(
                "RW-SPEC-031",
                f"`{name}` has `paths`, and no load balancer connects to it",
                sheet.key("services", name, "paths"),
                "add the load balancer to its `from`, or take `paths` out",
                ((sheet.place("services", name, "from"), "who connects is said here"),),
            )
        if one.protocol == "udp" and fronts:
            yield Diagnostic(
                "RW-SPEC-032",
                f"`{name}` speaks udp, and a load balancer sends HTTP over tcp only",
                sheet.place("services", name, "protocol"),
                f"use tcp, or take `{fronts[0]}` out of its `from`",
                ((sheet.key("services", fronts[0]), f"the load balancer `{fronts[0]}`"),),
            )
    for front in sheet.spec.of_kind(LoadBalancer):
        yield from _sharing(sheet, front)


def _is_balancer(sheet: Sheet, name: str) -> bool:
    return isinstance(sheet.service(name), LoadBalancer)


def _sharing(sheet: Sheet, front: str) -> Iterator[Diagnostic]:
    rest: str | None = None
    owners: dict[str, tuple[str, int]] = {}
    for name, one in sheet.spec.of_kind(Workload).items():
        if front not in one.sources:
            continue
        if not one.paths and rest is not None and sheet.whole:
            yield Diagnostic(
                "RW-SPEC-030",
                f"`{name}` and `{rest}` both stand behind `{front}` without "
                "`paths`: which of them gets a request?",
                sheet.key("services", name),
                f"say which part is for one of them: `paths: [/{name}/*]`",
                ((sheet.key("services", rest), f"`{rest}` is here"),),
            )
        if not one.paths:
            rest = rest or name
        for at, path in enumerate(one.paths):
            owner, first = owners.setdefault(path, (name, at))
            if (owner, first) != (name, at):
                yield Diagnostic(
                    "RW-SPEC-030",
                    f"the path {quote(path)} behind `{front}` is taken already",
                    sheet.place("services", name, "paths", at),
                    "give each path to one service",
                    ((sheet.place("services", owner, "paths", first), f"`{owner}` has it"),),
                )
