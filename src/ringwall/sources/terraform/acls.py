"""Network ACLs: a VPC's default one, those of the plan, their entries and their subnets.

The provider empties a default network ACL that it adopts (``aws_default_network_acl``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.network import AclEntry, NetworkAcl
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.services import services_of
from ringwall.sources.terraform.values import Unknown
from ringwall.sources.terraform.vpcs import SUBNET, VPC, rename, stands_already, vpc_named

ACL = ("aws_network_acl", "aws_default_network_acl")
_PART = "default_network_acl_id"
_EVERYWHERE = {4: parse_network("0.0.0.0/0"), 6: parse_network("::/0")}
#: The numbers of the rules that AWS puts into a default network ACL, by IP version.
_DEFAULT_NUMBERS = {4: 100, 6: 101}
_EGRESS = {"ingress": False, "egress": True}


def read_acls(reading: Reading) -> None:
    """Fill in the network ACLs; call it after the VPCs and subnets."""
    adopted: set[str] = set()
    for props in reading.of_type("aws_default_network_acl"):
        vpc = _adopted_vpc(props)
        rename(reading, vpc, _PART, props.id)
        adopted.add(vpc)
        _read_acl(reading, props, vpc, default=True)
    for vpc in reading.net.vpcs:
        if vpc not in adopted:
            _hold_default(reading, vpc)
    for props in reading.of_type("aws_network_acl"):
        _read_acl(reading, props, vpc_named(props), default=False)
    for props in reading.of_type("aws_network_acl_rule"):
        _add_rule(reading, props)
    _associate(reading)


def _adopted_vpc(props: Props) -> str:
    made = props.one("default_network_acl_id", *VPC)
    return made.removesuffix(f".{_PART}") if made.endswith(_PART) else vpc_named(props)


def _hold_default(reading: Reading, vpc: str) -> None:
    name = f"{vpc}.{_PART}"
    held = reading.net.vpcs[vpc]
    versions = sorted({block.version for block in held.cidrs} | {4})
    reading.net.network_acls[name] = NetworkAcl(
        id=name,
        vpc=vpc,
        default=True,
        subnets=(),
        entries=tuple(
            AclEntry(_DEFAULT_NUMBERS[one], egress, True, _EVERYWHERE[one], ALL_SERVICES)
            for egress in (False, True)
            for one in versions
        ),
        name="default",
    )
    if stands_already(reading, vpc):
        message = f"which network ACLs serve the subnets of `{vpc}` is not in the plan"
        reading.net.gap("missing", name, message, affects=(name,))


def _read_acl(reading: Reading, props: Props, vpc: str, *, default: bool) -> None:
    gone = {
        (one.count("rule_number"), one.truth("egress", False))
        for one in reading.deleted("aws_network_acl_rule")
        if props.expression("ingress") is props.expression("egress") is None
        and props.id in one.named("network_acl_id", *ACL).ids
    }
    entries = [
        entry
        for key in _EGRESS
        for block in props.each(key)
        for entry in _entries(block, key)
        if (entry.number, entry.egress) not in gone
    ]
    for key in _EGRESS:
        if props.unknown(key) and props.given(key) and not list(props.each(key)):
            message = f"the {key} rules of the network ACL are not known: {props.unknown(key)}"
            reading.gap("unresolved", props.resource, message, affects=(props.id,))
    reading.net.network_acls[props.id] = NetworkAcl(
        id=props.id,
        vpc=vpc,
        default=default,
        subnets=(),
        entries=tuple(dict.fromkeys(entries)),
        name=props.name() or props.label,
        tags=props.tags(),
        origin=props.origin(),
    )


def _entries(block: Props, key: str) -> Iterator[AclEntry]:
    number = block.number("rule_no")
    yield from _entry(block, number, _EGRESS[key], block.text("action"), ("from_port", "to_port"))


def _entry(
    props: Props,
    number: int | Unknown | None,
    egress: bool,
    action: str,
    ports: tuple[str, str],
) -> Iterator[AclEntry]:
    services = services_of(props, "protocol", ports, ("icmp_type", "icmp_code"))
    if services is None:
        return
    if not isinstance(number, int) or action.lower() not in ("allow", "deny"):
        message = "the number or the action of a network ACL's rule is not known"
        _doubt(props, message, everything=True)
        return
    for block, reason in _blocks(props):
        why = services.reason or reason
        if why:
            _doubt(props, f"what a rule of a network ACL matches is not wholly known: {why}")
        yield AclEntry(
            number=number,
            egress=egress,
            allow=action.lower() == "allow",
            cidr=block,
            services=services.services,
            certain=not why,
            origin=props.origin(),
        )


def _doubt(props: Props, message: str, *, everything: bool = False) -> None:
    affects = (props.id,) if everything else ()
    props.reading.gap("unresolved", props.resource, message, affects=affects)


def _blocks(props: Props) -> Iterator[tuple[IPNetwork, str]]:
    for key, version in (("cidr_block", 4), ("ipv6_cidr_block", 6)):
        found = props.cidr(key)
        if isinstance(found, Unknown):
            if props.given(key):
                yield _EVERYWHERE[version], found.reason
        elif found is not None:
            yield found, ""


def _add_rule(reading: Reading, props: Props) -> None:
    owner = props.named("network_acl_id", *ACL)
    egress = props.truth("egress", False)
    made = list(
        _entry(
            props,
            props.number("rule_number"),
            egress is True,
            props.text("rule_action"),
            ("from_port", "to_port"),
        )
    )
    if owner.doubt or egress is None or not made:
        message = owner.doubt or "a rule of the network ACL is not wholly known"
        reading.gap("unresolved", props.resource, message, affects=owner.ids)
    for name in owner.ids:
        acl = reading.net.network_acls.get(name)
        if acl is None:
            message = f"the network ACL `{name}` of this rule is not in the plan"
            reading.gap("missing", props.resource, message, affects=(name,))
            continue
        # A state repeats inline the rules that are resources themselves.
        numbers = {(one.number, one.egress, one.cidr) for one in made}
        kept = [one for one in acl.entries if (one.number, one.egress, one.cidr) not in numbers]
        reading.net.network_acls[name] = replace(acl, entries=(*kept, *made))


def _associate(reading: Reading) -> None:
    for props in reading.of_type(*ACL):
        _serve(reading, props.id, props.many("subnet_ids", *SUBNET))
    for props in reading.of_type("aws_network_acl_association"):
        subnet = props.one("subnet_id", *SUBNET)
        name = props.one("network_acl_id", *ACL, affects=(subnet,))
        if name not in reading.net.network_acls:
            message = f"which network ACL serves `{subnet}` is not known"
            reading.gap("missing", props.resource, message, affects=(subnet,))
        _serve(reading, name, (subnet,))
    _serve_rest(reading)


def _serve_rest(reading: Reading) -> None:
    """A subnet that no network ACL claims has its VPC's default one."""
    acls = reading.net.network_acls
    claimed = {subnet for acl in acls.values() for subnet in acl.subnets}
    for acl in list(acls.values()):
        if acl.default:
            subnets = reading.net.subnets.values()
            rest = [one.id for one in subnets if one.vpc == acl.vpc and one.id not in claimed]
            acls[acl.id] = replace(acl, subnets=tuple(rest))


def _serve(reading: Reading, name: str, subnets: tuple[str, ...]) -> None:
    acl = reading.net.network_acls.get(name)
    if acl is None:
        return
    more = tuple(one for one in subnets if one and one not in acl.subnets)
    for subnet in more:
        for other in reading.net.network_acls.values():
            if subnet in other.subnets and other.id != name:
                message = f"both `{other.id}` and `{name}` claim the subnet `{subnet}`"
                reading.net.gap("unresolved", subnet, message, affects=(subnet,))
    if not acl.default:
        reading.net.network_acls[name] = replace(acl, subnets=(*acl.subnets, *more))
