"""One resource described more than once: by several files, accounts or Regions."""

from __future__ import annotations

from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.item import Item, shown
from ringwall.sources.describe.lists import ACROSS_REGIONS, SHARED
from ringwall.sources.describe.text import Obj

#: Differences between two descriptions of one resource that say nothing about traffic.
_FLEETING = frozenset({"Tags", "TagSet", "TagList", "AvailableIpAddressCount", "LaunchTime"})


def join_doubles(
    lists: dict[str, list[Item]], builder: NetworkBuilder, name: str, key: str
) -> None:
    """Makes one item of those that speak of one resource.

    Two accounts may see one resource, each with what it is told: the descriptions of such are
    joined. Where they contradict each other the first counts, the difference is on record, and
    paths through the resource are unknown. Raises InputError RW-DUMP-009 for an id in two Regions.
    """
    first: dict[tuple[str, str], int] = {}
    kept: list[Item] = []
    for one in lists.get(name, ()):
        identity = one.text(key)
        if name == "loadbalancers" and not identity:
            identity = one.need("LoadBalancerName")
        # Both gateways of a peering list its attachment under one id, each from its own side.
        side = one.text("TransitGatewayId") if name == "transitgatewayattachments" else ""
        at = first.setdefault((identity, side), len(kept))
        if not identity or at == len(kept):
            kept.append(one)
            continue
        other = kept[at]
        _refuse_two_regions(name, key, one, other)
        joined = _join(one, other) if name in SHARED else None
        if joined is not None:
            kept[at] = joined
        elif not _same(_steady(one), _steady(other)):
            message = (
                f"`{shown(identity)}` is described twice and differently, here and at "
                f"{other.origin}; the other one is read"
            )
            affects = (identity,)
            builder.gap("unresolved", identity, message, affects=affects, origin=one.origin)
    if name in lists:
        lists[name] = kept


def _refuse_two_regions(name: str, key: str, one: Item, other: Item) -> None:
    regions = [one.region, other.region]
    if name in ACROSS_REGIONS or name not in SHARED or "" in regions or regions[0] == regions[1]:
        return
    message = (
        f"`{shown(one.text(key))}` is described in `{regions[0]}` here, and in `{regions[1]}` at "
        f"{other.origin}: an id belongs to one Region"
    )
    raise one.error(key, message, "put every answer into its own Region's folder", "RW-DUMP-009")


def _join(one: Item, other: Item) -> Item | None:
    """What both say together; None where they contradict each other."""
    found = _union(other.data, one.data)
    return None if found is None else Item(found, other.source, other.pointer)


def _union(mine: Obj, theirs: Obj) -> Obj | None:
    found = Obj(mine)
    found.line = mine.line
    for key, value in theirs.items():
        own = mine.get(key)
        if own is None:
            found[key] = value
        elif isinstance(own, Obj) and isinstance(value, Obj):
            inner = _union(own, value)
            if inner is None:
                return None
            found[key] = inner
        elif value is not None and key not in _FLEETING and not _same(own, value):
            return None
    return found


def _same(mine: object, theirs: object) -> bool:
    try:
        return mine == theirs
    except RecursionError:  # lists nested so deeply are no answer of AWS's: nothing is lost
        return False


def _steady(item: Item) -> dict[str, object]:
    return {key: value for key, value in item.data.items() if key not in _FLEETING}
