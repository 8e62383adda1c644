"""Reads ``terraform show -json`` (and ``tofu show -json``) of a plan or a state into a Network."""

from __future__ import annotations

from ringwall.sources.terraform.reader import read_plan

__all__ = ["read_plan"]
