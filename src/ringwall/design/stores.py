"""The stores of the data tier that run in its subnets: databases and caches."""

from __future__ import annotations

from ringwall.design.blueprint import Blueprint
from ringwall.design.caches import caches
from ringwall.design.databases import databases
from ringwall.design.tree import Tree


def stores(blueprint: Blueprint, tree: Tree) -> None:
    """Add every PostgreSQL database and every cache of the spec."""
    databases(blueprint, tree)
    caches(blueprint, tree)
