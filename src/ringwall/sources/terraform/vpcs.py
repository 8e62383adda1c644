"""VPCs, subnets and internet gateways, with what AWS makes beside each VPC by itself."""

from __future__ import annotations

from ipaddress import IPv6Network
from itertools import islice

from ringwall.facts.load import facts
from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.network import InternetGateway, Subnet, Vpc
from ringwall.sources.terraform.catalogue import IMPLICIT, Named
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.references import Scope
from ringwall.sources.terraform.values import Unknown

VPC = ("aws_vpc", "aws_default_vpc")
SUBNET = ("aws_subnet", "aws_default_subnet")
#: Stands for the account's default VPC, and for a subnet of it, where a plan leaves both out.
DEFAULT_VPC = "default VPC"
DEFAULT_SUBNET = "default subnet"
_V6 = "aws_vpc_ipv6_cidr_block_association"


def read_vpcs(reading: Reading) -> None:
    further = _further_blocks(reading)
    for index, props in enumerate((*reading.of_type(*VPC), *reading.data("aws_vpc"))):
        blocks = _own_blocks(props)
        blocks += [one for one in further.get(props.id, []) if one not in blocks]
        if _wants_v6(reading, props) and not any(one.version == 6 for one in blocks):
            stand_in = _v6_blocks(_pool(), 56, index + 1)[index]
            blocks.append(stand_in)
            message = f"AWS picks the IPv6 block at deployment; {stand_in} stands in for it"
            reading.gap("unresolved", props.resource, message)
        reading.net.vpcs[props.id] = Vpc(
            id=props.id,
            cidrs=tuple(blocks),
            name=props.name() or props.label,
            region=region_of(reading, props),
            account=props.text("owner_id"),
            tags=props.tags(),
            origin=props.origin(),
        )
        if not blocks:
            message = "the blocks of the VPC are not in the plan"
            reading.gap("unresolved", props.resource, message, affects=(props.id,))
        for key, part in IMPLICIT.items():
            real = props.text(key)
            if real:
                reading.renamed[real] = f"{props.id}.{part}"
    _hold_others(reading)


def _own_blocks(props: Props) -> list[IPNetwork]:
    found: list[IPNetwork] = []
    for key in ("cidr_block", "ipv6_cidr_block"):
        block = props.cidr(key)
        if block is not None and not isinstance(block, Unknown):
            found.append(block)
    if props.resource.type == "aws_default_vpc" and not found:
        found.append(parse_network(str(facts("terraform").values["default_vpc_block"])))
        message = f"the default VPC's block is not in the plan; {found[0]} stands in for it"
        props.reading.gap("unresolved", props.resource, message, affects=(props.id,))
    for one in props.each("cidr_block_associations"):
        block = one.cidr("cidr_block")
        if block is not None and not isinstance(block, Unknown) and block not in found:
            found.append(block)
    return found


def _further_blocks(reading: Reading) -> dict[str, list[IPNetwork]]:
    found: dict[str, list[IPNetwork]] = {}
    kinds = {"aws_vpc_ipv4_cidr_block_association": "cidr_block", _V6: "ipv6_cidr_block"}
    for kind, key in kinds.items():
        for props in reading.of_type(kind):
            owner = props.one("vpc_id", *VPC)
            block = props.cidr(key)
            if isinstance(block, Unknown) or block is None:
                if kind != _V6:
                    message = f"a further block of `{owner}` is not known"
                    reading.gap("unresolved", props.resource, message, affects=(owner,))
            else:
                found.setdefault(owner, []).append(block)
    return found


def _wants_v6(reading: Reading, props: Props) -> bool:
    if props.truth("assign_generated_ipv6_cidr_block", False) is not False:
        return True
    if isinstance(props.get("ipv6_cidr_block"), Unknown) and props.given("ipv6_ipam_pool_id"):
        return True
    return any(props.id == one.named("vpc_id", *VPC).id for one in reading.of_type(_V6))


def _pool() -> IPv6Network:
    return IPv6Network(str(facts("terraform").values["ipv6_stand_in"]))


def _v6_blocks(pool: IPv6Network, prefix: int, count: int) -> list[IPNetwork]:
    """The first blocks of a size in a pool; the last one again where it holds too few."""
    found: list[IPNetwork] = list(islice(pool.subnets(new_prefix=prefix), count))
    return found + [found[-1]] * (count - len(found))


def region_of(reading: Reading, props: Props) -> str:
    """The Region of a resource: its own, its provider's, else that of the whole plan."""
    own = props.text("region")
    if own:
        return own
    key = reading.resolver.config_of(props.resource).get("provider_config_key")
    return (provider_region(reading, key) if isinstance(key, str) else "") or reading.net.region


def provider_region(reading: Reading, key: str) -> str:
    """The Region that a provider of the configuration is set to; empty where it is not known."""
    entry = reading.resolver.plan.providers.get(key)
    if not isinstance(entry, dict):
        return ""
    expressions = entry.get("expressions")
    region = expressions.get("region") if isinstance(expressions, dict) else None
    if not isinstance(region, dict):
        return ""
    found = reading.resolver.follow(region, Scope(""))
    texts = [one for one in found.constants if isinstance(one, str) and one]
    return texts[0] if len(texts) == 1 else ""


def vpc_named(props: Props, key: str = "vpc_id") -> str:
    """The VPC that an attribute names; the default VPC where it names none."""
    if not props.given(key):
        _hold_default(props)
        return DEFAULT_VPC
    return props.one(key, *VPC)


def _hold_default(props: Props) -> None:
    """Put the account's default VPC on the Network: nothing in it is known."""
    net = props.reading.net
    if DEFAULT_VPC in net.vpcs:
        return
    block = parse_network(str(facts("terraform").values["default_vpc_block"]))
    net.vpcs[DEFAULT_VPC] = Vpc(DEFAULT_VPC, (block,), name=DEFAULT_VPC, region=net.region)
    net.subnets[DEFAULT_SUBNET] = Subnet(
        DEFAULT_SUBNET, DEFAULT_VPC, f"zone of {DEFAULT_SUBNET}", (block,), name=DEFAULT_SUBNET
    )
    message = (
        f"`{props.id}` names no VPC or subnet, so it lies in the account's default VPC: what that"
        " one holds is not in the plan"
    )
    affects = (DEFAULT_VPC, DEFAULT_SUBNET)
    props.reading.gap("missing", props.resource, message, affects=affects)


#: What lies in the default VPC when it names neither a VPC nor a subnet.
_IN_DEFAULT = {
    "aws_instance": "subnet_id",
    "aws_security_group": "vpc_id",
    "aws_network_acl": "vpc_id",
    "aws_default_security_group": "vpc_id",
}


def _hold_others(reading: Reading) -> None:
    for kind, key in _IN_DEFAULT.items():
        for props in reading.of_type(kind):
            cards = ("network_interface", "primary_network_interface", "launch_template")
            if not props.given(key) and not any(props.given(one) for one in cards):
                _hold_default(props)


def read_subnets(reading: Reading) -> None:
    for props in (*reading.of_type(*SUBNET), *reading.data("aws_subnet")):
        vpc = _vpc_of_subnet(props)
        blocks = [
            one
            for one in (props.cidr("cidr_block"), _v6_block(props, vpc))
            if one is not None and not isinstance(one, Unknown)
        ]
        if not blocks:
            message = "the block of the subnet is not in the plan"
            reading.gap("unresolved", props.resource, message, affects=(props.id,))
        zone = props.text("availability_zone") or props.text("availability_zone_id")
        if not zone:
            zone = f"zone of {props.id}"
            message = "its Availability Zone is not known: AWS picks one"
            reading.gap("unresolved", props.resource, message)
        reading.net.subnets[props.id] = Subnet(
            id=props.id,
            vpc=vpc,
            zone=zone,
            cidrs=tuple(blocks),
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )


def _vpc_of_subnet(props: Props) -> str:
    """The subnet's VPC: among several that it may be, the one that holds its block."""
    reading = props.reading
    if not props.given("vpc_id"):
        return vpc_named(props)
    found = props.named("vpc_id", *VPC)
    block = props.cidr("cidr_block")
    if found.doubt and block is not None and not isinstance(block, Unknown):
        around = tuple(
            name
            for name in found.ids
            if name in reading.net.vpcs
            and any(
                block.version == one.version and block.subnet_of(one)  # type: ignore[arg-type]
                for one in reading.net.vpcs[name].cidrs
            )
        )
        if len(around) == 1:
            found = Named(around)
    if found.doubt:
        reading.gap("unresolved", props.resource, found.doubt, affects=(props.id,))
    return found.id


def _v6_block(props: Props, vpc: str) -> IPNetwork | Unknown | None:
    """The subnet's IPv6 block; where only AWS knows the VPC's, one out of its stand-in."""
    found = props.cidr("ipv6_cidr_block")
    if not isinstance(found, Unknown) or not props.given("ipv6_cidr_block"):
        return None if isinstance(found, Unknown) else found
    reading = props.reading
    around = reading.net.vpcs.get(vpc)
    pools = [one for one in around.cidrs if isinstance(one, IPv6Network)] if around else []
    if not pools:
        message = f"the IPv6 block of the subnet is not known: {found.reason}"
        reading.gap("unresolved", props.resource, message, affects=(props.id,))
        return None
    taken = {block for one in reading.net.subnets.values() for block in one.cidrs}
    free = (one for one in pools[0].subnets(new_prefix=64) if one not in taken)
    return next(free, None)


def read_internet_gateways(reading: Reading) -> None:
    attached: dict[str, list[str]] = {}
    for props in reading.of_type("aws_internet_gateway_attachment"):
        gateway = props.one("internet_gateway_id", "aws_internet_gateway")
        attached.setdefault(gateway, []).append(props.one("vpc_id", *VPC))
    for props in (*reading.of_type("aws_internet_gateway"), *reading.data("aws_internet_gateway")):
        own = [props.one("vpc_id", *VPC)] if props.given("vpc_id") else []
        own += [one.named("vpc_id", *VPC).id for one in props.each("attachments")]
        reading.net.internet_gateways[props.id] = InternetGateway(
            id=props.id,
            vpcs=tuple(dict.fromkeys(one for one in (*own, *attached.get(props.id, ())) if one)),
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )
    for props in reading.of_type("aws_egress_only_internet_gateway"):
        reading.net.internet_gateways[props.id] = InternetGateway(
            id=props.id,
            vpcs=(props.one("vpc_id", *VPC),),
            egress_only=True,
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )
    _stand_in_gateways(reading)


def _stand_in_gateways(reading: Reading) -> None:
    """A VPC that stands already may have an internet gateway which the plan does not show."""
    attached = {vpc for one in reading.net.internet_gateways.values() for vpc in one.vpcs}
    for vpc in reading.net.vpcs:
        if stands_already(reading, vpc) and vpc not in attached:
            name = stand_in_gateway(vpc)
            reading.net.internet_gateways[name] = InternetGateway(name, (vpc,))
            message = f"whether `{vpc}` has an internet gateway is not in the plan"
            reading.net.gap("missing", name, message, affects=(name,))


def stand_in_gateway(vpc: str) -> str:
    """The id that stands for the internet gateway that a VPC may have."""
    return f"internet gateway of {vpc}"


def stands_already(reading: Reading, vpc: str) -> bool:
    """Is it a VPC with parts that the plan does not show: looked up, or the default one?"""
    found = reading.resource(vpc)
    if found is None:
        return vpc == DEFAULT_VPC
    return found.mode == "data" or found.type == "aws_default_vpc"


def rename(reading: Reading, vpc: str, part: str, address: str) -> None:
    """Let a resource that takes over what AWS made beside a VPC answer for its id."""
    made = f"{vpc}.{part}"
    for text, name in list(reading.renamed.items()):
        if name == made:
            reading.renamed[text] = address
    reading.renamed[made] = address
