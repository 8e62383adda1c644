"""Files to lists: every list of every answer of a dump, whatever the files are called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ringwall.model.errors import InputError
from ringwall.model.origin import Origin
from ringwall.model.tags import Tags
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.doubles import join_doubles
from ringwall.sources.describe.item import Item, items_of, shown
from ringwall.sources.describe.lists import (
    ASIDE,
    BESIDE,
    MARKS,
    OWNER_IDS,
    OWNER_KEYS,
    OWNER_NAMES,
    READ,
    SINGLE,
    UNMODELLED,
    canonical,
)
from ringwall.sources.describe.text import Obj, decode, parse

#: How deep an answer may lie inside others (an account, a Region) before it counts as unknown.
_DEEPEST = 3

_NO_DUMP_HELP = (
    "give a folder or file with the JSON output of `aws ec2 describe-vpcs`, `describe-subnets`, "
    "`describe-route-tables`, `describe-network-acls`, `describe-security-groups` and the like"
)


@dataclass(slots=True)
class Dump:
    """``lists`` by canonical name; ``seen`` also holds the names of lists that were empty.

    ``outside`` are tags listed apart from their resources, by resource. ``owners`` says what an
    answer that does not name its subject belongs to, where it was saved together with its
    argument; keyed by an item's file and pointer. ``answered`` holds a list's name with an owner
    for which the answer is here, be it empty. ``cut`` are answers that stop before their end.
    """

    lists: dict[str, list[Item]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    outside: dict[str, dict[str, str]] = field(default_factory=dict)
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    answered: set[tuple[str, str]] = field(default_factory=set)
    cut: list[tuple[str, Origin]] = field(default_factory=list)

    def items(self, name: str) -> list[Item]:
        return self.lists.get(name, [])

    def tags(self, item: Item, resource: str) -> Tags:
        """An item's own tags, and those that ``describe-tags`` listed for the resource."""
        return {**self.outside.get(resource, {}), **item.tags()}

    def owner(self, item: Item) -> str:
        return self.owners.get((item.source, item.pointer), "")


def read_dump(path: Path, builder: NetworkBuilder) -> Dump:
    """Every file under the path (or the one file), its lists joined, unknown ones on record."""
    dump = Dump()
    for file, source in _files(path, builder):
        try:
            data = file.read_bytes()
        except OSError as error:
            raise InputError.at(
                Origin(source), "RW-DUMP-001", f"the file cannot be read: {error.strerror}"
            ) from None
        for value in parse(decode(data, source), source):
            _collect(dump, builder, value, source, "", 0)
    if not dump.seen & READ.keys():
        raise InputError.at(
            Origin(str(path)),
            "RW-DUMP-005",
            "no list of a `describe` call is in here",
            _NO_DUMP_HELP,
        )
    _flatten_reservations(dump)
    _sort_out_instances(dump, builder)
    for name, key in READ.items():
        if key:
            join_doubles(dump.lists, builder, name, key)
    _gather_tags(dump)
    return dump


def _files(path: Path, builder: NetworkBuilder) -> Iterator[tuple[Path, str]]:
    """JSON files with their names relative to what the user gave, in the order of the names."""
    if path.is_file():
        yield path, path.name
        return
    if not path.is_dir():
        raise InputError.at(
            Origin(str(path)), "RW-DUMP-001", "there is no such file or folder", _NO_DUMP_HELP
        )
    found: list[tuple[str, Path]] = []
    others: list[str] = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(folder) / name
            relative = file.relative_to(path).as_posix()
            if name.startswith(".") or not file.is_file():
                continue
            if file.suffix.lower() == ".json":
                found.append((relative, file))
            else:
                others.append(relative)
    for relative in sorted(others):
        message = f"`{shown(relative)}` is no JSON file and was not read"
        builder.gap("unmodelled", relative, message, origin=Origin(relative))
    for relative, file in sorted(found):
        yield file, relative


def _collect(
    dump: Dump, builder: NetworkBuilder, value: object, source: str, prefix: str, depth: int
) -> None:
    if not isinstance(value, Obj):
        kind = "a list" if isinstance(value, list) else "a single value"
        raise InputError.at(
            Origin(source, line=1),
            "RW-DUMP-006",
            f"an object with lists should stand here, and it is {kind}",
            'keep the name around the list, as in {"Vpcs": [...]} (the call without `--query`)',
        )
    whole = Item(value, source, prefix.rstrip("/"))
    single = any(canonical(key) in SINGLE for key in value)
    for key, member in value.items():
        name = canonical(key)
        if name in ASIDE or name in OWNER_NAMES or member is None or (single and name in BESIDE):
            continue
        if name == "nexttoken":
            if member:
                dump.cut.append((_other_keys(value), whole.origin))
        elif name in READ and _is_ours(name, member):
            _take(dump, whole, key, name, f"{prefix}{key}")
        elif isinstance(member, Obj) and _holds_lists(member, _DEEPEST - depth):
            _collect(dump, builder, member, source, f"{prefix}{key}/", depth + 1)
        else:
            _put_on_record(dump, builder, whole, key, name)


def _is_ours(name: str, member: object) -> bool:
    """False for another service's list of the same name: no member has the key that ours have."""
    mark = MARKS.get(name)
    if mark is not None and isinstance(member, Obj):
        return mark in member
    if mark is None or not isinstance(member, list) or not member:
        return True
    return any(isinstance(one, Obj) and mark in one for one in member)


def _take(dump: Dump, whole: Item, key: str, name: str, pointer: str) -> None:
    member = whole.data[key]
    if name in SINGLE and isinstance(member, Obj):
        dump.seen.add(name)
        dump.lists.setdefault(name, []).append(whole)
        return
    if not isinstance(member, list):
        raise InputError.at(
            Origin(whole.source, pointer, line=whole.data.line),
            "RW-DUMP-006",
            f"`{shown(key)}` should be a list",
            "give the call's output as AWS wrote it",
        )
    found = items_of(member, whole.source, pointer)
    dump.seen.add(name)
    dump.lists.setdefault(name, []).extend(found)
    if name in OWNER_KEYS:
        owner = _owner(whole, name)
        dump.answered.add((name, owner))
        dump.owners.update({(one.source, one.pointer): owner for one in found})
        if whole.flag("AdditionalRoutesAvailable"):
            dump.cut.append((f"`{shown(key)}`", whole.origin))


def _owner(whole: Item, name: str) -> str:
    """Whom an answer speaks of: what stands beside its list, or in the name of its file."""
    beside = whole.text(OWNER_KEYS[name]) or whole.text("TargetGroupArn")
    if beside or name not in OWNER_IDS:
        return beside
    named = OWNER_IDS[name].findall(f"{whole.source}/{whole.pointer}")
    return named[-1] if named else ""


def _other_keys(value: Obj) -> str:
    names = [shown(key) for key in value if canonical(key) != "nexttoken"]
    return ", ".join(f"`{name}`" for name in names)


def _holds_lists(value: Obj, levels: int) -> bool:
    """Is there a list that is read in here, at most so many levels down?"""
    return levels > 0 and any(
        canonical(key) in READ or (isinstance(inner, Obj) and _holds_lists(inner, levels - 1))
        for key, inner in value.items()
    )


def _put_on_record(dump: Dump, builder: NetworkBuilder, whole: Item, key: str, name: str) -> None:
    """A key that is not read. Members that stand in a path's way are named one by one."""
    member = whole.data[key]
    if member == [] or member == {}:
        return
    pointer = f"{whole.pointer}/{key}".lstrip("/")
    origin = Origin(whole.source, pointer, line=whole.data.line)
    known = UNMODELLED.get(name)
    if known is None:
        message = f"`{shown(key)}` is a part of the dump that Ringwall does not know"
        builder.gap("unmodelled", shown(key), message, origin=origin)
    elif known.key:
        for one in items_of(_as_list(member), whole.source, pointer):
            identity = one.need(known.key)
            dump.lists.setdefault(name, []).append(one)
            message = f"`{shown(identity)}` is {known.what}: paths through it are not followed"
            builder.gap("unmodelled", identity, message, affects=(identity,), origin=one.origin)
    else:
        count = len(_as_list(member))
        message = f"`{shown(key)}` ({count}): each is {known.what}; no path is judged by it"
        builder.gap("unmodelled", shown(key), message, origin=origin)


def _as_list(member: object) -> list[object]:
    return member if isinstance(member, list) else [member]


def _flatten_reservations(dump: Dump) -> None:
    for reservation in dump.items("reservations"):
        dump.seen.add("instances")
        dump.lists.setdefault("instances", []).extend(reservation.items("Instances"))


def _sort_out_instances(dump: Dump, builder: NetworkBuilder) -> None:
    """``describe-classic-link-instances`` calls its list ``Instances`` too."""
    real: list[Item] = []
    for one in dump.items("instances"):
        if any(
            key in one.data for key in ("State", "NetworkInterfaces", "InstanceType", "ImageId")
        ):
            real.append(one)
            continue
        subject = one.need("InstanceId")
        message = f"`{shown(subject)}` is described as linked to EC2-Classic, and no further"
        builder.gap("unmodelled", subject, message, affects=(subject,), origin=one.origin)
    if "instances" in dump.lists:
        dump.lists["instances"] = real


def _gather_tags(dump: Dump) -> None:
    """``describe-tags`` of EC2 and of the load balancers: tags apart from their resources."""
    for tag in dump.items("tags"):
        resource = tag.text("ResourceId")
        dump.outside.setdefault(resource, {})[tag.text("Key")] = tag.text("Value")
    for one in dump.items("tagdescriptions"):
        resource = one.text("ResourceArn") or one.text("LoadBalancerName")
        dump.outside.setdefault(resource, {}).update(one.tags())
