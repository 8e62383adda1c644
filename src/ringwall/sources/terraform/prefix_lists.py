"""Prefix lists: those that the plan makes, those that it looks up, and AWS's own."""

from __future__ import annotations

from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import PrefixList
from ringwall.sources.aws_lists import need_aws_list
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.values import Unknown, first_unknown

LIST = "aws_ec2_managed_prefix_list"
LISTS = (LIST, "aws_prefix_list")


def read_prefix_lists(reading: Reading) -> None:
    added: dict[str, list[Props]] = {}
    for props in reading.of_type("aws_ec2_managed_prefix_list_entry"):
        added.setdefault(props.one("prefix_list_id", LIST), []).append(props)
    for props in reading.of_type(LIST):
        entries = [*props.each("entry"), *added.get(props.id, ())]
        reason = props.unknown("entry") if props.given("entry") and not entries else ""
        _hold(props, _entries(entries, "cidr", reason))
    for props in reading.data(*LISTS):
        entries = list(props.each("entries"))
        found = _entries(entries, "cidr", first_unknown(props.get("entries")))
        if props.items("cidr_blocks"):
            blocks = [props.block("cidr_blocks", one) for one in props.items("cidr_blocks")]
            known = [of_network(one) for one in blocks if one and not isinstance(one, Unknown)]
            found = IntervalSet.union_of(known)
        _hold(props, found or None)


def _hold(props: Props, entries: AddressSet | None) -> None:
    props.reading.net.prefix_lists[props.id] = PrefixList(
        id=props.id,
        name=props.text("name") or props.name() or props.label,
        entries=entries,
        origin=props.origin(),
    )
    if entries is None:
        message = "the prefix list's entries are not all known"
        props.reading.gap("unresolved", props.resource, message)


def _entries(entries: list[Props], key: str, reason: str) -> AddressSet | None:
    """What the entries hold; None where one of them is not known."""
    blocks = [one.cidr(key) for one in entries]
    if reason or any(isinstance(one, Unknown) for one in blocks):
        return None
    known = [of_network(one) for one in blocks if one and not isinstance(one, Unknown)]
    return IntervalSet.union_of(known)


def need_prefix_list(reading: Reading, name: str) -> bool:
    """Is a prefix list on the Network? One of AWS's own is put there when first asked for."""
    return name in reading.net.prefix_lists or need_aws_list(reading.net, reading.net.region, name)
