"""Every seeded fault is caught with a correct witness, or told as lost depth."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from seeded_faults import FAULTS, Fault

from ringwall.design.build import Design, build
from ringwall.emit.cloudformation import template, to_json
from ringwall.model.network import Network
from ringwall.model.verdict import Proof, Reach, ReturnPorts, Verdict
from ringwall.prove.judge import prove
from ringwall.sources.cloudformation import read_template
from ringwall.spec.load import load_spec

CLINIC = Path(__file__).parents[2] / "examples" / "clinic" / "ringwall.yaml"


@cache
def designed() -> tuple[Design, dict[str, Any]]:
    design = build(load_spec(CLINIC))
    return design, template(design.tree)


def read(emitted: dict[str, Any]) -> Network:
    return read_template(to_json(emitted), "clinic.json", region="us-east-1")


def judged(fault: Fault) -> tuple[Proof, ...]:
    design, clean = designed()
    broken = copy.deepcopy(clean)
    fault.edit(broken["Resources"])
    assert broken != clean, "the fault changes nothing"
    return prove(read(broken), design.policy)


def test_the_clean_template_is_proved_whole() -> None:
    design, clean = designed()
    assert {proof.verdict for proof in prove(read(clean), design.policy)} == {Verdict.PROVED}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_single_mistake_is_told(fault: Fault) -> None:
    proofs = judged(fault)
    fallen = [proof for proof in proofs if proof.verdict is Verdict.VIOLATED]
    told = [f"{proof.code} {proof.subject}" for proof in fallen]
    for wanted in fault.falls:
        assert any(one.startswith(wanted) for one in told), told
    opened = [proof for proof in fallen if proof.code in ("RW-ONLY", "RW-NEVER")]
    broken = [proof for proof in fallen if proof.code in ("RW-FLOW", "RW-ZONE")]
    assert bool(opened) == (fault.effect == "opens"), told
    if fault.effect == "costs depth":
        assert not broken, told
    assert all(is_shown(proof) for proof in fallen), told


def is_shown(proof: Proof) -> bool:
    """Does the witness, replayed by the simulator, show what the proof claims?"""
    if proof.witness is None:
        # Nothing is left to send a packet, or a rule set is loose where nothing stands.
        return proof.code in ("RW-FLOW", "RW-ZONE", "RW-ALONE")
    told = proof.witness.explanation
    assert told.forward.packet == proof.witness.packet
    if proof.code in ("RW-ONLY", "RW-NEVER"):
        return told.forward.arrived is True
    if proof.code in ("RW-FLOW", "RW-ZONE"):
        lost = told.forward.arrived is False and bool(told.forward.blockers)
        return lost or told.return_ports is not ReturnPorts.ALL
    if proof.code == "RW-LAYERS":
        return told.verdict is not Reach.REACHABLE or not proof.layers
    return True


def test_every_kind_of_mistake_is_seeded() -> None:
    effects = [fault.effect for fault in FAULTS]
    assert len(FAULTS) >= 30
    assert min(effects.count(one) for one in ("opens", "breaks", "costs depth")) >= 3
