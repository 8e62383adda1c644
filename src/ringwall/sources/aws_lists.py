"""AWS's own prefix lists, from the facts: put on a Network when something there names one."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.facts.load import facts
from ringwall.model.addresses import of_cidr
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import PrefixList, unlisted_prefix_list
from ringwall.sources.builder import NetworkBuilder


def need_aws_list(net: NetworkBuilder, region: str, name: str) -> bool:
    """Is a prefix list on the Network? One of AWS's own is put there when first asked for."""
    if name in net.prefix_lists:
        return True
    for service, entry in _lists_of(region).items():
        if isinstance(entry, Mapping) and entry.get("id") == name:
            _add(net, region, service, name, entry.get("cidrs"))
            return True
    for service in facts("terraform").values["gateway_services"]:
        if name == unlisted_prefix_list(service):
            _add(net, region, service, name, None)
            return True
    return False


def aws_list_of(net: NetworkBuilder, region: str, service: str) -> str:
    """The id of AWS's prefix list for a service in a Region, on record from now on.

    Where nobody publishes the id, a stand-in; a list of that name that is there already wins.
    """
    wanted = f"com.amazonaws.{region}.{service}"
    for one in net.prefix_lists.values():
        if one.name == wanted:
            return one.id
    entry = _lists_of(region).get(service)
    if isinstance(entry, Mapping) and entry.get("id"):
        name = str(entry["id"])
        need_aws_list(net, region, name)
        return name
    name = unlisted_prefix_list(service)
    if name not in net.prefix_lists:
        _add(net, region, service, name, None)
    return name


def _lists_of(region: str) -> Mapping[str, object]:
    found = facts("prefix-lists").values.get(region, {})
    return found if isinstance(found, Mapping) else {}


def _add(net: NetworkBuilder, region: str, service: str, name: str, cidrs: object) -> None:
    entries = None
    if isinstance(cidrs, list):
        entries = IntervalSet.union_of(of_cidr(str(one)) for one in cidrs)
    net.prefix_lists[name] = PrefixList(name, f"com.amazonaws.{region}.{service}", entries)
    message = (
        f"the blocks of AWS's prefix list `{name}` are those of {facts('prefix-lists').as_of}"
        if entries is not None
        else f"the blocks of AWS's prefix list for {service} in {region} are not on record"
    )
    net.gap("unresolved", name, message)
