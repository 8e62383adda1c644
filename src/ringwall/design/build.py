"""Spec to design: a visible tuple of small passes over one tree."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.design.acls import acls
from ringwall.design.addresses import address_plan
from ringwall.design.balancers import balancers
from ringwall.design.blueprint import AddressPlan, Blueprint, Pass
from ringwall.design.buckets import buckets
from ringwall.design.default_group import default_group
from ringwall.design.endpoints import endpoints
from ringwall.design.flows import flows, policy
from ringwall.design.groups import groups
from ringwall.design.keys import keys
from ringwall.design.logs import logs
from ringwall.design.network import network
from ringwall.design.quotas import quota
from ringwall.design.routes import routes
from ringwall.design.services import services
from ringwall.design.stores import stores
from ringwall.design.tree import Tree
from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.policy import Policy
from ringwall.spec.load import SpecFile

#: What is built, in order. A pass may read what stands before it, and name anything at all.
PASSES: tuple[Pass, ...] = (
    network,
    routes,
    acls,
    groups,
    endpoints,
    keys,
    default_group,
    logs,
    buckets,
    balancers,
    services,
    stores,
)


@dataclass(frozen=True, slots=True)
class Design:
    """What a spec becomes: the resources, what they are to guarantee, and who got which address."""

    tree: Tree
    policy: Policy
    plan: AddressPlan


def build(file: SpecFile) -> Design:
    """The design of a checked spec; raises InputError where AWS's quotas do not let it stand."""
    blueprint = Blueprint(file, address_plan(file), flows(file))
    name = file.spec.name
    tree = Tree(name, f"{name}: a three-tier network, designed and proved by Ringwall")
    for one in PASSES:
        one(blueprint, tree)
    _within_limits(file, tree)
    return Design(tree, policy(file, blueprint.flows), blueprint.plan)


def _within_limits(file: SpecFile, tree: Tree) -> None:
    """CloudFormation's limits for one template, but for its size: that shows when it is printed."""
    parts = (
        ("resources", tree.resources),
        ("parameters", tree.parameters),
        ("outputs", tree.outputs),
    )
    found = [
        Diagnostic(
            "RW-DESIGN-003",
            f"the template needs {len(made)} {word}, and CloudFormation takes "
            f"{quota('cloudformation', word)} in one",
            file.origin("services"),
            "spread the services over two specs, each with a network of its own",
        )
        for word, made in parts
        if len(made) > quota("cloudformation", word)
    ]
    if found:
        raise InputError(found)
