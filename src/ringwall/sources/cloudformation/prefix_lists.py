"""Prefix lists: those of the template, and AWS's own from the facts."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_cidr, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import PrefixList, unlisted_prefix_list
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
    if name in reading.net.prefix_lists:
        return True
    known = _lists_of(reading.stack.region)
    for service, entry in known.items():
        if isinstance(entry, Mapping) and entry.get("id") == name:
            _add(reading, service, name, entry.get("cidrs"))
            return True
    for service in ("s3", "dynamodb"):
        if name == unlisted_prefix_list(service):
            _add(reading, service, name, None)
            return True
    return False


def service_prefix_list(reading: Reading, service: str) -> str:
    """The id of AWS's prefix list for ``s3`` or ``dynamodb`` in the stack's Region, on record."""
    entry = _lists_of(reading.stack.region).get(service)
    if isinstance(entry, Mapping) and entry.get("id"):
        name = str(entry["id"])
        need_prefix_list(reading, name)
        return name
    name = unlisted_prefix_list(service)
    need_prefix_list(reading, name)
    return name


def _lists_of(region: str) -> Mapping[str, object]:
    found = facts("prefix-lists").values.get(region, {})
    return found if isinstance(found, Mapping) else {}


def _add(reading: Reading, service: str, name: str, cidrs: object) -> None:
    region = reading.stack.region
    entries = None
    if isinstance(cidrs, list):
        entries = IntervalSet.union_of(of_cidr(str(one)) for one in cidrs)
    reading.net.prefix_lists[name] = PrefixList(
        id=name, name=f"com.amazonaws.{region}.{service}", entries=entries
    )
    message = (
        f"the blocks of AWS's prefix list `{name}` are those of {facts('prefix-lists').as_of}"
        if entries is not None
        else f"the blocks of AWS's prefix list for {service} in {region} are not on record"
    )
    reading.net.gap("unresolved", name, message)
