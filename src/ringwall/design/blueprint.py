"""What every pass of the design sees (spec, address plan, flows), and how to name things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from ringwall.design.tree import Tree
from ringwall.model.policy import Flow
from ringwall.spec.load import SpecFile
from ringwall.spec.model import Spec, Tier


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """Which tier and zone own which addresses.

    ``blocks`` is a tier's whole share of the VPC, unused zones included (rules are written for
    it, so a new zone changes no rule); ``subnets`` holds one block per zone.
    """

    vpc: IPv4Network
    blocks: Mapping[Tier, IPv4Network]
    subnets: Mapping[Tier, tuple[IPv4Network, ...]]


@dataclass(frozen=True, slots=True)
class Blueprint:
    file: SpecFile
    plan: AddressPlan
    flows: tuple[Flow, ...]

    @property
    def spec(self) -> Spec:
        return self.file.spec

    @property
    def zones(self) -> range:
        return range(self.spec.network.zones)


#: The name under which all interface endpoints together stand as a target of flows (app tier).
ENDPOINTS = "endpoints"

#: A pass reads the blueprint and what earlier passes built, and adds to the tree.
Pass = Callable[[Blueprint, Tree], None]


def pascal(name: str) -> str:
    """A service's name as a logical id: ``model-api`` becomes ``ModelApi``."""
    return "".join(word.capitalize() for word in name.split("-"))


def subnet_name(tier: Tier, zone: int) -> str:
    return f"{tier.capitalize()}Subnet{zone + 1}"


def group_name(service: str) -> str:
    """The logical id of a service's security group; ``endpoints`` for the interface endpoints."""
    return f"{pascal(service)}SecurityGroup"
