"""Spec to design: a visible tuple of small passes over one tree."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.design.addresses import address_plan
from ringwall.design.blueprint import AddressPlan, Blueprint, Pass
from ringwall.design.endpoints import endpoints
from ringwall.design.flows import flows, policy
from ringwall.design.tree import Tree
from ringwall.model.policy import Policy
from ringwall.spec.load import SpecFile

#: What is built, in order; each pass may refer to what stands before it and, by name, to the rest.
PASSES: tuple[Pass, ...] = (endpoints,)


@dataclass(frozen=True, slots=True)
class Design:
    """What a spec becomes: the resources, what they are to guarantee, and who got which address."""

    tree: Tree
    policy: Policy
    plan: AddressPlan


def build(file: SpecFile) -> Design:
    """The design of a valid spec; raises InputError where a quota or the address space ends."""
    intended = flows(file)
    blueprint = Blueprint(file, address_plan(file), intended)
    tree = Tree(file.spec.name, f"{file.spec.name}: a three-tier network designed by Ringwall")
    for one in PASSES:
        one(blueprint, tree)
    return Design(tree, policy(file, intended), blueprint.plan)
