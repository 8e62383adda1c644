"""AWS Network Firewall: the provider's blocks in the words of AWS's own answers.

The provider writes policies and rule groups as AWS describes them, but for the form of the names
and for lists of one. So they are brought into that form, and read as the answers are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ringwall.model.beyond import FirewallRule
from ringwall.model.network import VpcEndpoint
from ringwall.model.origin import Origin
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.firewalls import read_firewalls as read_answers
from ringwall.sources.describe.item import Item
from ringwall.sources.describe.text import Obj
from ringwall.sources.terraform.interfaces import Plan, place
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.values import Data, first_unknown
from ringwall.sources.terraform.vpcs import SUBNET, VPC

FIREWALL = "aws_networkfirewall_firewall"
POLICY = "aws_networkfirewall_firewall_policy"
GROUP = "aws_networkfirewall_rule_group"
#: Blocks that may be repeated: AWS's names for the lists of them.
_LISTS = {
    "stateless_rule": "StatelessRules",
    "stateful_rule": "StatefulRules",
    "rule_option": "RuleOptions",
    "source": "Sources",
    "destination": "Destinations",
    "source_port": "SourcePorts",
    "destination_port": "DestinationPorts",
    "tcp_flag": "TCPFlags",
    "custom_action": "CustomActions",
    "stateless_rule_group_reference": "StatelessRuleGroupReferences",
    "stateful_rule_group_reference": "StatefulRuleGroupReferences",
}
#: Blocks that each define a variable by its ``key``: AWS keeps them by name.
_SETS = {
    "ip_sets": ("IPSets", "ip_set"),
    "port_sets": ("PortSets", "port_set"),
    "rule_variables": ("RuleVariables", "ip_set"),
    "ip_set_references": ("IPSetReferences", "ip_set_reference"),
}
_NAMES = {"tls_inspection_configuration_arn": "TLSInspectionConfigurationArn"}


def read_firewalls(reading: Reading) -> None:
    """Fill in firewalls with their endpoints; call it after subnets and prefix lists."""
    dump = Dump()
    for props in reading.of_type(GROUP):
        body = _body(props, "rule_group")
        if body is not None:
            answer = {"RuleGroup": body, "RuleGroupResponse": _aws({"rule_group_arn": props.id})}
            dump.lists.setdefault("rulegroup", []).append(_item(props, answer))
    for props in reading.of_type(POLICY):
        body = _policy(props)
        if body is not None:
            response = _aws({"firewall_policy_arn": props.id})
            answer = {"FirewallPolicy": body, "FirewallPolicyResponse": response}
            dump.lists.setdefault("firewallpolicy", []).append(_item(props, answer))
    for props in reading.of_type(FIREWALL):
        dump.lists.setdefault("firewall", []).append(_firewall(reading, props))
    before = len(reading.net.gaps)
    read_answers(dump, reading.net)
    _speak_of_the_plan(reading, before)


def _speak_of_the_plan(reading: Reading, before: int) -> None:
    """Places are addresses here, and what is missing is missing in the plan."""
    net = reading.net
    for at, gap in enumerate(net.gaps[before:], before):
        origin = Origin(reading.source, gap.subject)
        net.gaps[at] = replace(
            gap, message=gap.message.replace("in the dump", "in the plan"), origin=origin
        )
    for props in reading.of_type(FIREWALL):
        held = net.firewalls.get(props.id)
        if held is not None:
            net.firewalls[props.id] = replace(
                held,
                stateless=_placed(reading, held.stateless),
                stateful=_placed(reading, held.stateful),
                origin=props.origin(),
            )


def _placed(reading: Reading, rules: tuple[FirewallRule, ...]) -> tuple[FirewallRule, ...]:
    """Rules whose places hold no line: a plan is mostly one."""
    return tuple(replace(one, origin=Origin(reading.source, one.origin.pointer)) for one in rules)


def _firewall(reading: Reading, props: Props) -> Item:
    subnets = props.gathered("subnet_mapping", "subnet_id", *SUBNET)
    vpc = props.one("vpc_id", *VPC)
    if subnets.doubt:
        reading.gap("unresolved", props.resource, subnets.doubt, affects=(props.id,))
    plan = Plan(
        kind="transit",
        subnets=subnets.ids,
        groups=(),
        tags=props.tags(),
        name=props.name("name") or props.label,
        source_dest_check=False,
        aliases=(props.label,),
    )
    place(props, plan)
    states = Obj()
    for subnet in subnets.ids:
        name = f"{props.id}@{subnet}"
        reading.net.endpoints[name] = VpcEndpoint(
            id=name,
            vpc=vpc,
            kind="firewall",
            service="network-firewall",
            subnets=(subnet,),
            origin=props.origin(),
        )
        tie = _aws({"attachment": ({"endpoint_id": name, "subnet_id": subnet},)})
        states[subnet] = tie
    for real, name in _real_endpoints(props):
        reading.renamed[real] = name
    held = {
        "firewall_arn": props.id,
        "firewall_name": props.text("name") or props.label,
        "firewall_policy_arn": props.named("firewall_policy_arn", POLICY).id,
        "vpc_id": vpc,
    }
    status = _obj({"SyncStates": states})
    return _item(props, {"Firewall": _aws(held), "FirewallStatus": status})


def _real_endpoints(props: Props) -> list[tuple[str, str]]:
    """The ids of endpoints that stand already, with their names here."""
    return [
        (tie.text("endpoint_id"), f"{props.id}@{tie.named('subnet_id', *SUBNET).id}")
        for status in props.each("firewall_status")
        for state in status.each("sync_states")
        for tie in state.each("attachment")
        if tie.text("endpoint_id")
    ]


def _body(props: Props, key: str) -> Obj | None:
    """A block in AWS's form; None, with what that means on record, where not all is known."""
    block = props.inner(key)
    reason = props.unknown(key) or first_unknown(dict(block.entries))
    if reason or not block.entries:
        message = f"`{key}` is not wholly known: {reason or 'the plan does not hold it'}"
        props.reading.gap("unresolved", props.resource, message)
        return None
    return _aws(block.entries)


def _policy(props: Props) -> Obj | None:
    """A policy in AWS's form, its rule groups named by their addresses."""
    block = props.inner("firewall_policy")
    entries = dict(block.entries)
    for key in ("stateless_rule_group_reference", "stateful_rule_group_reference"):
        named = [one.named("resource_arn", GROUP) for one in block.each(key)]
        blocks = [dict(one.entries) for one in block.each(key)]
        if any(one.doubt for one in named):
            gathered = block.gathered(key, "resource_arn", GROUP)
            lonely = len(gathered.ids) == len(blocks) == 1 and not gathered.doubt
            named = [gathered] if lonely else named
        for entry, one in zip(blocks, named, strict=True):
            entry["resource_arn"] = one.id or "a rule group that is not known"
            if one.doubt:
                props.reading.gap("unresolved", props.resource, one.doubt, affects=(props.id,))
                return None
        entries[key] = tuple(blocks)
    reason = props.unknown("firewall_policy") or first_unknown(entries)
    if reason or not entries:
        message = f"the policy is not wholly known: {reason or 'the plan does not hold it'}"
        props.reading.gap("unresolved", props.resource, message)
        return None
    return _aws(entries)


def _item(props: Props, answer: Mapping[str, object]) -> Item:
    return Item(_obj(answer), props.reading.source, props.id)


def _obj(held: Mapping[str, object]) -> Obj:
    made = Obj(held)
    made.line = 1
    return made


def _aws(block: Mapping[str, Data]) -> Obj:
    """A block with AWS's names: single blocks unwrapped, repeated ones as lists."""
    found: dict[str, object] = {}
    for key, value in block.items():
        named = _NAMES.get(key) or "".join(part.capitalize() for part in key.split("_"))
        blocks = _blocks(value)
        if key in _SETS and all("key" in one for one in blocks) and blocks:
            name, inner = _SETS[key]
            found[name] = _obj({str(one.get("key")): _first(one.get(inner)) for one in blocks})
        elif key in _LISTS and isinstance(value, tuple):
            found[_LISTS[key]] = [_aws(one) for one in blocks]
        elif blocks:
            found[named] = _aws(blocks[0])
        elif isinstance(value, tuple):
            found[named] = list(value)
        elif value is not None and value != "":
            found[named] = value
    return _obj(found)


def _blocks(value: Data) -> list[Mapping[str, Data]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []


def _first(value: Data) -> Obj:
    blocks = _blocks(value)
    return _aws(blocks[0]) if blocks else _obj({})
