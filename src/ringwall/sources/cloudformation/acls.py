"""Network ACLs: a VPC's default one, those that the template makes, and their entries."""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.network import AclEntry, NetworkAcl
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown
from ringwall.sources.cloudformation.rules import acl_services

_EVERYWHERE = {4: parse_network("0.0.0.0/0"), 6: parse_network("::/0")}
#: The numbers of the rules that AWS puts into a default network ACL, by IP version.
_DEFAULT_NUMBERS = {4: 100, 6: 101}


def default_acl(vpc: str) -> str:
    """The id that stands for a VPC's default network ACL."""
    return f"{vpc}.DefaultNetworkAcl"


def read_acls(reading: Reading) -> None:
    """Fill in the network ACLs; call it after the VPCs and subnets."""
    for vpc in reading.net.vpcs.values():
        versions = sorted({block.version for block in vpc.cidrs} | {4})
        reading.net.network_acls[default_acl(vpc.id)] = NetworkAcl(
            id=default_acl(vpc.id),
            vpc=vpc.id,
            default=True,
            subnets=(),
            entries=tuple(
                AclEntry(_DEFAULT_NUMBERS[one], egress, True, _EVERYWHERE[one], ALL_SERVICES)
                for egress in (False, True)
                for one in versions
            ),
            name="default",
        )
    for resource, props in reading.of_type("AWS::EC2::NetworkAcl"):
        reading.net.network_acls[resource.id] = NetworkAcl(
            id=resource.id,
            vpc=props.ident("VpcId"),
            default=False,
            subnets=(),
            entries=(),
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
    _read_entries(reading)
    _read_associations(reading)


def _read_entries(reading: Reading) -> None:
    for resource, props in reading.of_type("AWS::EC2::NetworkAclEntry"):
        owner = props.ident("NetworkAclId")
        acl = reading.net.network_acls.get(owner)
        entry = _entry(reading, props)
        if acl is None:
            message = f"the network ACL `{owner}` of this entry is not in the template"
            reading.gap("missing", resource, message)
        elif entry is not None:
            kept = [
                one
                for one in acl.entries
                if (one.number, one.egress) != (entry.number, entry.egress) or not entry.certain
            ]
            entries = sorted([*kept, entry], key=lambda one: (one.egress, one.number))
            reading.net.network_acls[owner] = replace(acl, entries=tuple(entries))


def _entry(reading: Reading, props: Props) -> AclEntry | None:
    number = props.number("RuleNumber")
    services = acl_services(props)
    if services is None:
        return None
    cidr, why = _block(props)
    egress = props.truth("Egress", False)
    action = props.text("RuleAction").lower()
    reasons = [services.reason, why, props.resource.doubt]
    if not isinstance(number, int) or egress is None or action not in ("allow", "deny"):
        if not isinstance(number, Unknown) and number is None:
            message = f"`RuleNumber` of `{props.id}` must be a number from 1 to 32766"
            reading.complain(props.resource, props.place("RuleNumber"), message)
        elif action not in ("allow", "deny") and not props.unknown("RuleAction"):
            message = f"`RuleAction` of `{props.id}` must be allow or deny"
            reading.complain(props.resource, props.place("RuleAction"), message)
        else:
            # Which rule comes first, or what it does, is open: the whole ACL is.
            message = f"the number, direction or action of `{props.id}` is not known"
            owner = props.ident("NetworkAclId")
            reading.gap("unresolved", props.resource, message, affects=(owner,))
        return None
    reason = "; ".join(filter(None, reasons))
    if reason:
        message = f"what the entry matches is not wholly known: {reason}"
        reading.gap("unresolved", props.resource, message)
    return AclEntry(
        number=number,
        egress=egress,
        allow=action == "allow",
        cidr=cidr,
        services=services.services,
        certain=not reason,
        origin=props.origin(),
    )


def _block(props: Props) -> tuple[IPNetwork, str]:
    """The entry's block, or everything of its IP version and the reason."""
    for key, version in (("CidrBlock", 4), ("Ipv6CidrBlock", 6)):
        if key in props:
            found = props.cidr(key)
            if isinstance(found, Unknown):
                return _EVERYWHERE[version], found.reason
            return (found, "") if found is not None else (_EVERYWHERE[version], "not valid")
    return _EVERYWHERE[4], "neither `CidrBlock` nor `Ipv6CidrBlock` is given"


def _read_associations(reading: Reading) -> None:
    owner: dict[str, str] = {}
    for resource, props in reading.of_type("AWS::EC2::SubnetNetworkAclAssociation"):
        subnet, acl = props.ident("SubnetId"), props.ident("NetworkAclId")
        if resource.doubt or subnet in owner:
            why = resource.doubt or f"`{owner[subnet]}` is associated with it too"
            message = f"which network ACL filters `{subnet}` is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(subnet,))
        owner[subnet] = acl
        if acl not in reading.net.network_acls:
            message = f"the network ACL `{acl}` of `{subnet}` is not in the template"
            reading.gap("missing", resource, message, affects=(subnet,))
    for one in reading.net.subnets.values():
        owner.setdefault(one.id, default_acl(one.vpc))
    for name, standing in tuple(reading.net.network_acls.items()):
        subnets = tuple(subnet for subnet, of in owner.items() if of == name)
        reading.net.network_acls[name] = replace(standing, subnets=subnets)
