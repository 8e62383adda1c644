"""VPCs, subnets and internet gateways."""

from __future__ import annotations

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.network import InternetGateway, Subnet, Vpc
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"


def read_vpcs(reading: Reading) -> None:
    for resource, props in reading.of_type(VPC):
        blocks = [*_block(props, "CidrBlock"), *_further_blocks(reading, resource.id)]
        reading.net.vpcs[resource.id] = Vpc(
            id=resource.id,
            cidrs=tuple(blocks),
            name=props.name(),
            region=reading.stack.region,
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        if "CidrBlock" not in props:
            message = "the VPC takes its block from an address manager: it is not in the template"
            reading.gap("unresolved", resource, message, affects=(resource.id,))

    for resource, props in reading.of_type("AWS::EC2::VPCCidrBlock"):
        owner = props.ident("VpcId")
        if owner not in reading.net.vpcs:
            message = f"the VPC `{owner}` of this block is not in the template"
            reading.gap("missing", resource, message, affects=(owner,))


def _block(props: Props, key: str) -> tuple[IPNetwork, ...]:
    """A block that is known; one that is not makes its resource unknown."""
    found = props.cidr(key)
    if isinstance(found, Unknown):
        message = f"the block of `{props.id}` is not known: {found.reason}"
        reading = props.reading
        reading.gap("unresolved", props.resource, message, affects=(props.id,), at=props.place(key))
        return ()
    return (found,) if found is not None else ()


def _further_blocks(reading: Reading, vpc: str) -> list[IPNetwork]:
    found: list[IPNetwork] = []
    for resource, props in reading.of_type("AWS::EC2::VPCCidrBlock"):
        if props.ident("VpcId") != vpc:
            continue
        more = props.cidr("CidrBlock")
        if isinstance(more, Unknown):
            message = f"a further block of `{vpc}` is not known: {more.reason}"
            reading.gap("unresolved", resource, message, affects=(vpc,))
        elif more is not None:
            found.append(more)
    for block in reading.stack.ipv6_blocks(vpc):
        found.append(parse_network(block))
    for resource, props in reading.of_type("AWS::EC2::VPCCidrBlock"):
        amazon = props.truth("AmazonProvidedIpv6CidrBlock", False) is not False
        if props.ident("VpcId") == vpc and (amazon or "Ipv6IpamPoolId" in props):
            blocks = ", ".join(reading.stack.ipv6_blocks(vpc))
            message = f"AWS picks the IPv6 block at deployment; {blocks} stands in for it"
            reading.gap("unresolved", resource, message)
    return found


def read_subnets(reading: Reading) -> None:
    further: dict[str, list[IPNetwork]] = {}
    for resource, props in reading.of_type("AWS::EC2::SubnetCidrBlock"):
        owner = props.ident("SubnetId")
        further.setdefault(owner, []).extend(_block(props, "Ipv6CidrBlock"))
        if reading.type_of(owner) != SUBNET:
            message = f"the subnet `{owner}` of this block is not in the template"
            reading.gap("missing", resource, message, affects=(owner,))
    for resource, props in reading.of_type(SUBNET):
        blocks = [*_block(props, "CidrBlock"), *_block(props, "Ipv6CidrBlock")]
        blocks += further.get(resource.id, ())
        if not blocks and "CidrBlock" not in props:
            message = "the subnet takes its block from an address manager"
            reading.gap("unresolved", resource, message, affects=(resource.id,))
        zone = props.text("AvailabilityZone") or props.text("AvailabilityZoneId")
        if not zone:
            zone = f"zone of {resource.id}"
            message = "no Availability Zone is given: AWS picks one"
            reading.gap("unresolved", resource, message)
        elif props.unknown("AvailabilityZone"):
            message = f"its zone is not known: {props.unknown('AvailabilityZone')}"
            reading.gap("unresolved", resource, message)
        reading.net.subnets[resource.id] = Subnet(
            id=resource.id,
            vpc=props.ident("VpcId"),
            zone=zone,
            cidrs=tuple(blocks),
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )


def read_internet_gateways(reading: Reading) -> None:
    attached: dict[str, list[str]] = {}
    for resource, props in reading.of_type("AWS::EC2::VPCGatewayAttachment"):
        gateway = props.ident("InternetGatewayId")
        if gateway:
            attached.setdefault(gateway, []).append(props.ident("VpcId"))
        if gateway and reading.type_of(gateway) != "AWS::EC2::InternetGateway":
            message = f"the internet gateway `{gateway}` is not in the template"
            reading.gap("missing", resource, message, affects=(gateway,))
        if resource.doubt:
            message = f"whether `{gateway}` is attached is not known: {resource.doubt}"
            reading.gap("unresolved", resource, message, affects=(gateway,) if gateway else ())
    for resource, props in reading.of_type("AWS::EC2::InternetGateway"):
        reading.net.internet_gateways[resource.id] = InternetGateway(
            id=resource.id,
            vpcs=tuple(attached.get(resource.id, ())),
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        reading.doubt(resource)
    for resource, props in reading.of_type("AWS::EC2::EgressOnlyInternetGateway"):
        reading.net.internet_gateways[resource.id] = InternetGateway(
            id=resource.id,
            vpcs=(props.ident("VpcId"),),
            egress_only=True,
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        reading.doubt(resource)
