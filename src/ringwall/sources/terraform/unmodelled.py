"""Every resource that no reader looked at goes on record; those that may carry traffic are gaps."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from ringwall.facts.load import facts
from ringwall.sources.terraform.document import Resource
from ringwall.sources.terraform.reading import Reading
from ringwall.sources.terraform.values import Data

#: Attributes by which a resource shows that it stands in a network, or that one leads to it.
_PLACES = ("subnet_id", "subnet_ids", "subnets", "vpc_id", "route_table_id", "network_interface_id")


def record_unmodelled(reading: Reading) -> None:
    """Put on record what is of a type that no reader asked for; call it last."""
    understood = reading.understood
    counted: dict[str, list[Resource]] = {}
    for one in reading.resolver.plan.resources:
        if one.mode == "managed" and one.type not in understood:
            counted.setdefault(one.type, []).append(one)
    silent = tuple(str(one) for one in facts("terraform").values["no_traffic"])
    for kind, listed in counted.items():
        if not kind.startswith("aws_") or any(fnmatchcase(kind, one) for one in silent):
            continue
        for one in listed:
            touched = tuple(dict.fromkeys(_touched(reading, one)))
            message = f"`{kind}` is not modelled"
            reading.gap(
                "unmodelled", one, message, affects=(one.address, *touched) if touched else ()
            )


def _touched(reading: Reading, one: Resource) -> Iterator[str]:
    """The parts of the network that traffic may pass by way of this resource."""
    props = reading.props(one)
    if "route" not in one.type and "attachment" not in one.type:
        return
    for key in _PLACES:
        value: Data = props.get(key)
        if value is None:
            continue
        if isinstance(value, tuple):
            yield from props.names(key).ids
        else:
            yield from props.named(key).ids
