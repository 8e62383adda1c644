"""The tags that every resource of a design carries, where its type can.

``Name`` is for people; service, tier and data class are what readers, cost reports and auditors
sort by.
"""

from __future__ import annotations

from ringwall.design.blueprint import Blueprint
from ringwall.facts.load import facts
from ringwall.model.tags import TAG_CLIENT_PORTS, TAG_DATA_CLASS, TAG_SERVICE, TAG_TIER
from ringwall.spec.model import DataClass, Spec, Tier


def tags(
    blueprint: Blueprint,
    name: str,
    *,
    service: str = "",
    tier: Tier | None = None,
    clients: bool = False,
) -> list[dict[str, str]]:
    """Tags as CloudFormation's list: ``Name`` (the design's name, a hyphen, ``name``) and more.

    A declared ``service`` adds its tier and data class; what serves no service has the data class
    of its tier, or ``internal`` where it serves the whole design. ``clients`` says that client
    programs run on the resource, on Linux, so that a reader knows their ephemeral ports.
    """
    found = {"Name": f"{blueprint.spec.name}-{name}"}
    declared = blueprint.spec.services.get(service)
    if service:
        found[TAG_SERVICE] = service
    if tier or declared:
        found[TAG_TIER] = declared.tier if declared else str(tier)
    if declared:
        found[TAG_DATA_CLASS] = data_class(blueprint.spec, service)
    else:
        found[TAG_DATA_CLASS] = tier_data_class(blueprint.spec, tier) if tier else "internal"
    if clients:
        low, high = facts("client-ports").values["linux"]
        found[TAG_CLIENT_PORTS] = f"{low}-{high}"
    return [{"Key": key, "Value": value} for key, value in found.items()]


def data_class(spec: Spec, service: str) -> DataClass:
    """What a service's data is: declared, or else what its tier and the frameworks suggest."""
    declared = spec.services[service]
    return declared.data_class or tier_data_class(spec, declared.tier)


def tier_data_class(spec: Spec, tier: Tier) -> DataClass:
    """The data class of what a tier holds where nobody says more."""
    if tier == "data":
        return "phi" if "hipaa" in spec.frameworks else "confidential"
    return "internal" if tier == "app" else "public"
