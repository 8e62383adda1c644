"""For random valid specs: what is asked works, nothing else does, and the rest is told apart."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, assume, given, settings

from ringwall.design.build import Design, build
from ringwall.emit.cloudformation import template, to_json
from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.verdict import Proof, Verdict
from ringwall.prove.judge import prove
from ringwall.sources.cloudformation import read_template
from ringwall.spec.load import SpecFile
from ringwall.spec.model import LoadBalancer, NeverGuarantee
from strategies import spec_files

EXAMPLES = settings(
    max_examples=int(os.environ.get("RINGWALL_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
#: Replies to a load balancer come back to its ephemeral ports, which a network ACL must let in: it
#: cannot keep the rest of the VPC from a listener among them that only some may use.
FIRST_EPHEMERAL = 1024


def designed(file: SpecFile) -> Design:
    try:
        return build(file)
    except InputError as error:
        # More rules or resources than AWS takes: told with its place, and no design at all.
        assume(all(not one.code.startswith("RW-DESIGN") for one in error.diagnostics))
        raise


def read(file: SpecFile, design: Design) -> Network:
    text = to_json(template(design.tree))
    return read_template(
        text, "random.json", region=file.spec.region, parameters=design.tree.meant()
    )


@given(spec_files(most_apps=4, most_stores=2))
@EXAMPLES
def test_every_intended_flow_is_proved_and_no_other(file: SpecFile) -> None:
    design = designed(file)
    proofs = prove(read(file, design), design.policy)
    for code in ("RW-FLOW", "RW-ONLY", "RW-NEVER", "RW-ALONE"):
        assert [told(one) for one in proofs if one.code == code and not holds(one)] == []
    assert len([one for one in proofs if one.code == "RW-FLOW"]) == len(design.policy.flows)
    nevers = [one for one in file.spec.guarantees if isinstance(one, NeverGuarantee)]
    assert len([one for one in proofs if one.code == "RW-NEVER"]) == len(nevers)


@given(spec_files(most_apps=4, most_stores=2))
@EXAMPLES
def test_what_a_design_cannot_promise_is_what_the_docs_say(file: SpecFile) -> None:
    design = designed(file)
    proofs = prove(read(file, design), design.policy)
    balancers = file.spec.of_kind(LoadBalancer).values()
    if all(one.listen < FIRST_EPHEMERAL or "internet" in one.sources for one in balancers):
        assert [told(one) for one in proofs if one.code == "RW-LAYERS" and not holds(one)] == []
    if file.spec.network.nat != "single" or not file.spec.egress:
        assert [told(one) for one in proofs if one.code == "RW-ZONE" and not holds(one)] == []


def holds(proof: Proof) -> bool:
    return proof.verdict is Verdict.PROVED


def told(proof: Proof) -> str:
    return f"{proof.code} {proof.verdict} {proof.subject}: {proof.detail} {proof.reasons}"
