"""Prefix lists: those of the template, and AWS's own from the facts."""

from __future__ import annotations

from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import PrefixList
from ringwall.sources.aws_lists import aws_list_of, need_aws_list
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown


def read_prefix_lists(reading: Reading) -> None:
    """Fill in the prefix lists that the template makes."""
    for resource, props in reading.of_type("AWS::EC2::PrefixList"):
        reading.net.prefix_lists[resource.id] = PrefixList(
            id=resource.id,
            name=props.name("PrefixListName"),
            entries=_entries(reading, props),
            origin=reading.origin(resource),
        )


def _entries(reading: Reading, props: Props) -> AddressSet | None:
    found: list[AddressSet] = []
    unknown = next((reason for _, reason in props.symbols("Entries")), "")
    for entry in props.each("Entries"):
        block = entry.cidr("Cidr")
        if isinstance(block, Unknown):
            unknown = block.reason
        elif block is not None:
            found.append(of_network(block))
    if unknown:
        message = f"the prefix list's entries are not all known: {unknown}"
        reading.gap("unresolved", props.resource, message)
        return None
    return IntervalSet.union_of(found)


def need_prefix_list(reading: Reading, name: str) -> bool:
    """Is a prefix list on the Network? One of AWS's own is put there when first asked for."""
    return need_aws_list(reading.net, reading.stack.region, name)


def service_prefix_list(reading: Reading, service: str) -> str:
    """The id of AWS's prefix list for ``s3`` or ``dynamodb`` in the stack's Region, on record."""
    return aws_list_of(reading.net, reading.stack.region, service)
