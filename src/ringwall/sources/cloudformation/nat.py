"""NAT gateways: in one subnet, or regional with a route table of their own."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.network import NatGateway
from ringwall.sources.cloudformation.interfaces import Plan, pinned_addresses, place
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource


def read_nat_gateways(reading: Reading) -> None:
    """Fill in the NAT gateways with their interfaces; call it after the subnets."""
    for resource, props in reading.of_type("AWS::EC2::NatGateway"):
        public = props.text("ConnectivityType", "public").lower() != "private"
        for key in ("ConnectivityType", "AvailabilityMode"):
            if props.unknown(key):
                message = f"what kind of NAT gateway it is, is not known: {props.unknown(key)}"
                reading.gap("unresolved", resource, message, affects=(resource.id,))
        if props.text("AvailabilityMode", "zonal").lower() == "regional":
            _read_regional(reading, resource, props, public=public)
        else:
            _read_zonal(reading, resource, props, public=public)


def regional_gateways(reading: Reading) -> Iterator[NatGateway]:
    return (one for one in list(reading.net.nat_gateways.values()) if one.regional)


def _read_zonal(reading: Reading, resource: Resource, props: Props, *, public: bool) -> None:
    subnet = props.ident("SubnetId")
    standing = reading.net.subnets.get(subnet)
    if subnet:
        place(reading, resource, _plan(props, subnet, public=public))
    else:
        message = "the NAT gateway names no subnet"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
    reading.net.nat_gateways[resource.id] = NatGateway(
        id=resource.id,
        vpc=standing.vpc if standing is not None else props.ident("VpcId"),
        subnet=subnet,
        interface=f"{resource.id}@{subnet}" if subnet else "",
        public=public,
        name=props.name(),
        tags=props.tags(),
        origin=reading.origin(resource),
    )


def _plan(props: Props, subnet: str, *, public: bool) -> Plan:
    return Plan(
        kind="nat-gateway",
        subnets=(subnet,),
        groups=(),
        public=public,
        tags=props.tags(),
        name=props.name(),
        zonal=True,
        source_dest_check=False,
        pinned=pinned_addresses(props),
    )


def _read_regional(reading: Reading, resource: Resource, props: Props, *, public: bool) -> None:
    reading.net.nat_gateways[resource.id] = NatGateway(
        id=resource.id,
        vpc=props.ident("VpcId"),
        subnet="",
        interface="",
        public=public,
        regional=True,
        route_table=resource.id,
        zones=_zones(reading, resource, props),
        name=props.name(),
        tags=props.tags(),
        origin=reading.origin(resource),
    )
    reading.doubt(resource)


def _zones(reading: Reading, resource: Resource, props: Props) -> tuple[str, ...] | None:
    """The zones that it serves; None where AWS chooses them as they are needed."""
    key = "AvailabilityZoneAddresses"
    if key not in props:
        return None
    unknown = [reason for _, reason in props.symbols(key)]
    found: list[str] = []
    for one in props.each(key):
        unknown += filter(None, (one.unknown("AvailabilityZone"),))
        found.append(one.text("AvailabilityZone") or one.text("AvailabilityZoneId"))
    if unknown:
        message = f"which zones it serves is not known: {unknown[0]}"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
        return None
    return tuple(dict.fromkeys(filter(None, found)))
