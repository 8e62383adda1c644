"""``ringwall demo``: all of it on the shipped example, then what three careless changes cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringwall.cli.conduct import CLEAN, PATH, Look, Verb, show

if TYPE_CHECKING:
    from ringwall.cli.careless import Change
    from ringwall.cli.pipeline import Checked
    from ringwall.model.network import Network
    from ringwall.model.verdict import Proof

SPEC = "clinic.yaml"


@click.command("demo", cls=Verb)
@click.option(
    "-o", "--out", type=PATH, default=Path("ringwall-report"), show_default=True,
    help="The folder for the report and the changed templates.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files that no demo or report has made.")
def command(out: Path, force: bool) -> int:
    """Show everything on a shipped example, then break it.

    Designs, emits, reads back and proves the example, writes its report, then makes three careless
    changes to the emitted template, one at a time, and shows what the proofs say of each.
    """
    from ringwall.cli.careless import CHANGES
    from ringwall.cli.folder import report_files, write_folder
    from ringwall.cli.pipeline import design, judge, read_changed
    from ringwall.emit.cloudformation import to_json
    from ringwall.spec.load import parse_spec

    text = files("ringwall.cli").joinpath("example", SPEC).read_text(encoding="utf-8")
    designed = design(parse_spec(text, str(out / SPEC)))
    template = out / "template.json"
    checked = judge(designed, read_changed(designed, designed.template, str(template)))
    written = {SPEC: text} | report_files(checked)
    changed = {f"careless-{at}.json": one for at, one in enumerate(CHANGES, 1)}
    for name, change in changed.items():
        written[name] = to_json(change.made_in(designed.template))
    write_folder(written, out, force=force)

    look = Look.of(sys.stdout)
    show(*_opening(checked, text, out, look))
    for at, (name, change) in enumerate(changed.items(), 1):
        network = read_changed(designed, change.made_in(designed.template), str(out / name))
        show(*_cost(checked, judge(designed, network), f"{at}. {change.title}", change, look))
    show(*_closing(out))
    return CLEAN


def _opening(checked: Checked, spec: str, out: Path, look: Look) -> Iterator[str]:
    from ringwall.report import text

    emitted = f"{len(checked.designed.template['Resources'])} resources"
    yield _title("What you write", look) + "".join(f"  {line}\n" for line in spec.splitlines())
    yield _title("What it becomes: designed, emitted as CloudFormation, read back", look)
    yield text.plan(checked.network, checked.policy, color=look.color, width=look.width)
    yield _title(f"What is proved of the {emitted} in {out / 'template.json'}", look)
    yield text.proofs(checked.proofs, color=look.color, width=look.width)
    yield text.summary(checked.proofs) + "\n"
    yield _title("What three careless changes to that template cost", look) + "\n"


def _cost(before: Checked, after: Checked, title: str, change: Change, look: Look) -> Iterator[str]:
    from ringwall.report import text
    from ringwall.report.terminal import paint

    stood = {(one.code, one.subject): one.verdict for one in before.proofs}
    failed = [one for one in after.proofs if _fails(one, stood.get((one.code, one.subject)))]
    yield (
        f"{paint(title, 'bold', look.color)}\n"
        f"   written:  {change.edit}\n"
        f'   because:  "{change.why}"\n'
        f"   {change.source} to {change.target} on tcp/{change.port}\n"
        f"     before: {_stopped(before.network, change)}\n"
        f"     now:    {_stopped(after.network, change)}\n"
    )
    if not failed:
        yield "   Every proof still holds, with one layer less behind it.\n\n"
        return
    telling = min(failed, key=lambda one: (not _is_about(one, change), not _arrives(one)))
    if _arrives(telling):
        yield "   The proofs fail, with a packet that arrives:\n"
    else:
        yield "   No packet arrives, for other guards hold; one guard is gone, and that is told:\n"
    yield text.proofs([telling], color=look.color, width=look.width)
    others = [one for one in failed if one is not telling]
    if others:
        yield f"   {len(others)} more claims fail with it, such as {_named(others[0])}.\n"
    yield "\n"


def _fails(proof: Proof, before: str | None) -> bool:
    from ringwall.model.verdict import Verdict

    return proof.verdict is Verdict.VIOLATED and before != proof.verdict


def _is_about(proof: Proof, change: Change) -> bool:
    return proof.subject.startswith(f"{change.source} -> {change.target}")


def _arrives(proof: Proof) -> bool:
    return bool(
        proof.witness and proof.witness.packet and proof.witness.explanation.forward.arrived
    )


def _named(proof: Proof) -> str:
    return f"{proof.code} {proof.subject}"


def _stopped(network: Network, change: Change) -> str:
    """What stops the connection that a change is about, as ``ringwall explain`` sees it."""
    from ringwall.prove.explain import explain

    target = "203.0.113.7" if change.target == "internet" else change.target
    answer = explain(network, change.source, target, port=change.port)
    layers = dict.fromkeys(step.layer for step in answer.forward.blockers)
    words = ", ".join(layer.replace("-", " ").replace("acl", "ACL") for layer in layers)
    return f"stopped by {words}" if words else answer.verdict.value.upper()


def _title(words: str, look: Look) -> str:
    from ringwall.report.terminal import paint

    return paint(words, "bold", look.color) + "\n"


def _closing(out: Path) -> Iterator[str]:
    yield (
        f"The report is in {out}/: open {out / 'index.html'} in a browser.\n"
        "next:\n"
        f"  ringwall explain {out / 'careless-3.json'} --from inference --to records\n"
        f"  ringwall prove {out / 'careless-2.json'} --policy {out / SPEC}\n"
        "  ringwall init && ringwall check ringwall.yaml\n"
    )
