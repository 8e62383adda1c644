"""Security groups: one per service and one for the interface endpoints, derived from the flows.

Between services, rules name the other's group, so they hold wherever an instance lands, and they
say both what comes in and what goes out: a group allows nothing that no flow asks for, in either
direction. Rules by reference are resources of their own, because two groups that name each other
could not be made otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from ringwall.design.blueprint import ENDPOINTS, Blueprint, group_name, pascal
from ringwall.design.endpoints import interface_services
from ringwall.design.network import VPC
from ringwall.design.quotas import ceiling, prefix_list_weight, quota
from ringwall.design.routes import ANYWHERE
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Parameter, Ref, Resource, Tree, Value
from ringwall.facts.load import facts
from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.network import unlisted_prefix_list
from ringwall.model.policy import Flow
from ringwall.model.services import protocol_name, ranges_of
from ringwall.spec.model import Bucket, Tier

S3_PREFIX_LIST = "S3PrefixListId"

#: A group that is made without an outgoing rule gets AWS's own, which allows everything. A rule for
#: the loopback address, which no packet on a network ever has, takes its place.
_NOWHERE = {
    "CidrIp": "127.0.0.1/32",
    "IpProtocol": "-1",
    "Description": "Nothing: stands in place of the rule that would allow everything",
}
#: What AWS takes in a description.
_FOREIGN = re.compile(r"[^a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]+")
_LONGEST = 255


@dataclass(slots=True)
class Group:
    """The rules of one group: those it holds itself, and those that refer to other groups."""

    service: str
    ingress: list[Value] = field(default_factory=list)
    egress: list[Value] = field(default_factory=list)
    references: list[Resource] = field(default_factory=list)
    #: The flows behind the rules of each direction, and how many rules the quota counts.
    flows: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    weight: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, direction: str, flow: Flow, weight: int = 1) -> None:
        self.flows[direction].append(flow)
        self.weight[direction] += weight


def grouped(blueprint: Blueprint) -> dict[str, Group]:
    """Every group of the design by its service, with all its rules.

    Raises InputError where a group needs more rules than a new account may have.
    """
    found = {name: Group(name) for name in _services(blueprint)}
    for flow in blueprint.flows:
        source, target = found.get(flow.source.name), found.get(flow.target.name)
        if source and target:
            source.references.append(_reference(flow, egress=True))
            source.note("egress", flow)
            target.references.append(_reference(flow, egress=False))
            target.note("ingress", flow)
        elif source:
            rule = _outward(blueprint, flow)
            # A service reaches any number of buckets by the one prefix list.
            if rule not in source.egress:
                source.egress.append(rule)
                weight = prefix_list_weight("s3") if _to_bucket(blueprint, flow) else 1
                source.note("egress", flow, weight)
        elif target:
            target.ingress.append(_inward(flow))
            target.note("ingress", flow)
    for group in found.values():
        _check(blueprint, group)
    return found


def groups(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: the groups, then the rules between them, then the S3 prefix list's parameter."""
    made = grouped(blueprint)
    if any(_to_bucket(blueprint, flow) for flow in blueprint.flows):
        tree.ask(_prefix_list(blueprint.spec.region))
    for group in made.values():
        tree.add(_group(blueprint, group))
    for group in made.values():
        for rule in group.references:
            tree.add(rule)


def _services(blueprint: Blueprint) -> list[str]:
    """A bucket has no interface, so it has no group."""
    names = [name for name, one in blueprint.spec.services.items() if not isinstance(one, Bucket)]
    return [*names, ENDPOINTS] if interface_services(blueprint.spec) else names


def _to_bucket(blueprint: Blueprint, flow: Flow) -> bool:
    return isinstance(blueprint.spec.services.get(flow.target.name), Bucket)


def _group(blueprint: Blueprint, group: Group) -> Resource:
    words = "the interface endpoints" if group.service == ENDPOINTS else group.service
    properties: dict[str, Value] = {
        "GroupDescription": f"{blueprint.spec.name}: who may talk to {words}, and it to whom",
        "VpcId": Ref(VPC),
    }
    if group.ingress:
        properties["SecurityGroupIngress"] = group.ingress
    properties["SecurityGroupEgress"] = group.egress or [_NOWHERE]
    tier: Tier | None = "app" if group.service == ENDPOINTS else None
    properties["Tags"] = tags(blueprint, group.service, service=group.service, tier=tier)
    return Resource(group_name(group.service), "AWS::EC2::SecurityGroup", properties)


def _ports(flow: Flow) -> dict[str, Value]:
    (only,) = ranges_of(flow.services)
    return {
        "IpProtocol": protocol_name(only.protocol),
        "FromPort": only.low,
        "ToPort": only.high,
    }


def description(text: str) -> str:
    """Text as AWS takes it in a rule: its own letters, at most 255 of them."""
    return " ".join(_FOREIGN.sub(" ", text).split())[:_LONGEST]


def _reference(flow: Flow, *, egress: bool) -> Resource:
    """One half of a flow between two services."""
    source, target = flow.source.name, flow.target.name
    if egress:
        name, kind = f"{pascal(source)}EgressTo{pascal(target)}", "AWS::EC2::SecurityGroupEgress"
        mine, peer, key = source, target, "DestinationSecurityGroupId"
    else:
        name = f"{pascal(target)}IngressFrom{pascal(source)}"
        kind = "AWS::EC2::SecurityGroupIngress"
        mine, peer, key = target, source, "SourceSecurityGroupId"
    return Resource(
        name,
        kind,
        {
            "GroupId": Attr(group_name(mine), "GroupId"),
            **_ports(flow),
            key: Attr(group_name(peer), "GroupId"),
            "Description": description(flow.why),
        },
    )


def _outward(blueprint: Blueprint, flow: Flow) -> Value:
    """A rule to a block on the Internet, or to S3 for a bucket."""
    if _to_bucket(blueprint, flow):
        return {
            **_ports(flow),
            "DestinationPrefixListId": Ref(S3_PREFIX_LIST),
            "Description": f"{flow.source.name} reaches its buckets through the gateway endpoint",
        }
    return {**_ports(flow), "CidrIp": flow.target.name, "Description": description(flow.why)}


def _inward(flow: Flow) -> Value:
    block = flow.source.name if flow.source.kind == "address" else ANYWHERE
    return {**_ports(flow), "CidrIp": block, "Description": description(flow.why)}


def _prefix_list(region: str) -> Parameter:
    """AWS's own list of S3's addresses: the Region has one, and its id never changes."""
    known = facts("prefix-lists").values.get(region, {}).get("s3")
    return Parameter(
        S3_PREFIX_LIST,
        "String",
        f"The id of the prefix list com.amazonaws.{region}.s3 (VPC console, managed prefix lists)",
        default=known["id"] if known else None,
        allowed_pattern="^pl-[0-9a-f]{8,17}$",
        group="Network",
        meant=unlisted_prefix_list("s3"),
    )


def _check(blueprint: Blueprint, group: Group) -> None:
    name = "group-rules-per-direction"
    most = quota("vpc", name)
    for direction, word in (("ingress", "incoming"), ("egress", "outgoing")):
        count = group.weight[direction]
        if count <= most:
            continue
        place = blueprint.file.origin("services", group.service)
        written = [flow for flow in group.flows[direction] if not flow.added]
        raise InputError(
            [
                Diagnostic(
                    "RW-DESIGN-002",
                    f"the security group of `{group.service}` needs {count} {word} rules, "
                    f"and AWS allows {most} (at most {ceiling('vpc', name)} on request)",
                    place,
                    "name fewer, wider address blocks, or spread the peers over more services",
                    tuple((flow.origin, "one of them") for flow in written[-2:]),
                )
            ]
        )
