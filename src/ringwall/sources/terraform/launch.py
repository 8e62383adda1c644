"""How instances are launched: launch templates and launch configurations."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.tags import Tags
from ringwall.sources.terraform.groups import GROUP
from ringwall.sources.terraform.reading import Props
from ringwall.sources.terraform.vpcs import SUBNET

TEMPLATE = "aws_launch_template"
CONFIGURATION = "aws_launch_configuration"


@dataclass(frozen=True, slots=True)
class Launch:
    """What is given to each instance. ``public`` is ``"subnet"`` where only the subnet decides."""

    groups: tuple[str, ...] = ()
    public: bool | str | None = "subnet"
    subnet: str = ""
    v6: bool | None = None
    tags: Tags | None = None
    known: bool = True


def launch_of(props: Props) -> Launch:
    """What a launch template or configuration, if one is named, says of the network."""
    if props.given("launch_configuration"):
        return _configuration(props)
    named = _template_named(props)
    if named is None:
        return Launch()
    found = _template(named)
    return Launch(known=False) if found is None else _from_template(found)


def _template_named(props: Props) -> Props | None:
    if props.given("launch_template"):
        return props.inner("launch_template")
    if props.given("mixed_instances_policy"):
        mixed = props.inner("mixed_instances_policy").inner("launch_template")
        return mixed.inner("launch_template_specification")
    return None


def _template(named: Props) -> Props | None:
    reading = named.reading
    for key in ("id", "launch_template_id", "name", "launch_template_name"):
        if not named.given(key):
            continue
        found = named.named(key, TEMPLATE)
        template = reading.props_at(found.id, TEMPLATE)
        if template is not None and not found.doubt:
            return template
        for one in reading.of_type(TEMPLATE):
            if found.id and one.text("name") == found.id:
                return one
    return None


def _configuration(props: Props) -> Launch:
    named = props.named("launch_configuration", CONFIGURATION)
    reading = props.reading
    found = reading.props_at(named.id, CONFIGURATION)
    if found is None:
        by_name = (one for one in reading.of_type(CONFIGURATION) if one.text("name") == named.id)
        found = next(by_name, None)
    if found is None or named.doubt:
        return Launch(known=False)
    public: bool | str | None = "subnet"
    if found.given("associate_public_ip_address"):
        public = found.truth("associate_public_ip_address", False)
    return Launch(groups=found.many("security_groups", *GROUP), public=public)


def _from_template(template: Props) -> Launch:
    first = template.inner("network_interfaces")
    public: bool | str | None = "subnet"
    if first.given("associate_public_ip_address"):
        public = first.truth("associate_public_ip_address", False)
    tags: dict[str, str] = {}
    for one in template.each("tag_specifications"):
        if one.text("resource_type") in ("instance", "network-interface"):
            tags |= one.tags()
    groups = first.many("security_groups", *GROUP) if first.entries else ()
    wants_v6 = bool(first.count("ipv6_address_count")) or bool(first.items("ipv6_addresses"))
    return Launch(
        groups=groups or template.many("vpc_security_group_ids", *GROUP),
        public=public,
        subnet=first.one("subnet_id", *SUBNET) if first.given("subnet_id") else "",
        v6=True if wants_v6 else None,
        tags=tags,
    )
