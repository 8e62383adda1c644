"""Proofs for a terminal: violations first, each with its packet; what is proved is counted."""

from __future__ import annotations

from collections.abc import Sequence

from ringwall.model.origin import IMPLICIT
from ringwall.model.verdict import Proof, Step, Verdict
from ringwall.report.paths_text import blockers, deciding, hops, packet_words, step_words
from ringwall.report.terminal import Tone, paint, wrap
from ringwall.report.words import clean, count, listed, place

#: What each kind of claim is about, in the words of a heading.
KINDS: dict[str, str] = {
    "RW-FLOW": "intended flows work",
    "RW-ONLY": "nothing else is open",
    "RW-NEVER": "what must never arrive",
    "RW-LAYERS": "independent layers",
    "RW-ALONE": "each guard by itself",
    "RW-ZONE": "loss of a zone",
}
MARKS: dict[Verdict, tuple[str, Tone]] = {
    Verdict.PROVED: ("✓ proved", "good"),
    Verdict.VIOLATED: ("✗ VIOLATED", "bad"),
    Verdict.UNKNOWN: ("? unknown", "warn"),
}


def proofs(proofs: Sequence[Proof], *, color: bool, verbose: bool = False, width: int = 100) -> str:
    """Violations, then unknowns, then the proved ones (all of them listed with ``verbose``)."""
    lines: list[str] = []
    for verdict in (Verdict.VIOLATED, Verdict.UNKNOWN):
        for one in proofs:
            if one.verdict is verdict:
                lines += [*_finding(one, color, width), ""]
    lines += _proved(
        [one for one in proofs if one.verdict is Verdict.PROVED], color, verbose, width
    )
    lines += _assumed(proofs, width) if verbose else []
    return "\n".join(lines).rstrip("\n") + "\n"


def _finding(proof: Proof, color: bool, width: int) -> list[str]:
    mark, tone = MARKS[proof.verdict]
    head = wrap(clean(f"{proof.code} {proof.claim}"), width, f"{mark}  ", "    ")
    lines = [head[0].replace(mark, paint(mark, tone, color), 1), *head[1:]]
    for label, text in (
        ("found", proof.detail),
        *(("reason", reason) for reason in proof.reasons),
        ("asked at", _asked(proof)),
    ):
        if text:
            lines += wrap(clean(text), width, f"    {label}: ")
    if proof.witness:
        lines += _witness(proof, color, width)
    return lines


def _asked(proof: Proof) -> str:
    text = place(proof.origin)
    return "" if text == "implicit" else text


def _witness(proof: Proof, color: bool, width: int) -> list[str]:
    if proof.witness is None:
        return []
    answer = proof.witness.explanation
    lines = wrap(packet_words(proof.witness.packet), width, "    packet: ")
    lines += hops(answer.forward, color=color, width=width, indent="      ")
    back = blockers(answer)
    if answer.reply and not answer.forward.blockers and back:
        lines.append(f"    the reply, {packet_words(answer.reply.packet)}:")
        lines += hops(answer.reply, color=color, width=width, indent="      ")
    label, step = ruling(proof)
    if step:
        lines += wrap(step_words(step), width, f"    {label}: ")
        lines.append(f"      {paint(place(step.origin), 'place', color)}")
    return lines


def ruling(proof: Proof) -> tuple[str, Step | None]:
    """The step that matters most in a witness, and in a few words how it matters."""
    if proof.cause is not None:
        return "because of", proof.cause
    if proof.witness is None:
        return "", None
    answer = proof.witness.explanation
    back = blockers(answer)
    if back:
        today = " today" if proof.code in {"RW-LAYERS", "RW-ALONE"} else ""
        return f"stopped{today} by", deciding([step for _, step in back])
    if not answer.forward.arrived:
        return "decided by", deciding(answer.forward.steps)
    groups = [one for one in answer.forward.steps if one.layer == "security-group"]
    return "let in by", deciding(groups or answer.forward.steps)


def _proved(proved: Sequence[Proof], color: bool, verbose: bool, width: int) -> list[str]:
    mark, tone = MARKS[Verdict.PROVED]
    lines: list[str] = []
    for code in dict.fromkeys(one.code for one in proved):
        mine = [one for one in proved if one.code == code]
        what = KINDS.get(code, code)
        lines.append(f"{paint(mark, tone, color)}  {code} {what}: {count(len(mine), 'claim')}")
        if verbose or code in {"RW-FLOW", "RW-NEVER"}:
            for one in mine:
                lines += wrap(clean(one.claim if verbose else one.subject), width, "    ")
                layers = f"stopped by {listed(one.layers)}" if one.layers else ""
                if verbose and (layers or one.detail):
                    lines += wrap(clean(layers or one.detail), width, "      ")
    return lines


def _assumed(proofs: Sequence[Proof], width: int) -> list[str]:
    shown = dict.fromkeys(text for one in proofs for text in one.assumptions)
    lines = [line for text in shown for line in wrap(clean(text), width, "  - ")]
    return ["", "Assumed:", *lines] if lines else []


def summary(proofs: Sequence[Proof]) -> str:
    """One line that sums up, the bad news first."""
    flows = [one for one in proofs if one.code == "RW-FLOW"]
    only = [one for one in proofs if one.code == "RW-ONLY" and not _promised(one)]
    words = [_flows(flows), _only(only), *_guarantees(proofs)]
    said = [word for word in words if word]
    return listed_plainly(said) if said else "nothing was judged"


def listed_plainly(words: Sequence[str]) -> str:
    return ", ".join(words)


def _count(proofs: Sequence[Proof], verdict: Verdict) -> int:
    return sum(one.verdict is verdict for one in proofs)


def _flows(flows: Sequence[Proof]) -> str:
    if not flows:
        return ""
    bad, unknown = _count(flows, Verdict.VIOLATED), _count(flows, Verdict.UNKNOWN)
    proved = len(flows) - bad - unknown
    if proved == len(flows):
        return f"{count(proved, 'flow')} proved"
    told = [f"{bad} of {count(len(flows), 'flow')} broken"] if bad else []
    told += [f"{unknown} of {count(len(flows), 'flow')} unknown"] if unknown else []
    return ", ".join(told)


def _only(only: Sequence[Proof]) -> str:
    if not only:
        return ""
    bad, unknown = _count(only, Verdict.VIOLATED), _count(only, Verdict.UNKNOWN)
    told = []
    if bad:
        told.append(f"{count(bad, 'pair')} of ends open beyond the intended flows")
    if unknown:
        told.append(f"{count(unknown, 'pair')} of ends may be open beyond them")
    return ", ".join(told) or "nothing else is open"


def _promised(proof: Proof) -> bool:
    """Is it a guarantee's? RW-ONLY is one where it stands in a policy as such."""
    if proof.code == "RW-ONLY":
        return proof.origin != IMPLICIT
    return proof.code != "RW-FLOW"


def guarantee_groups(proofs: Sequence[Proof]) -> list[list[Proof]]:
    """The proofs of each guarantee: one kind at one place, or in a policy without places.

    The guarantees that a spec leaves to their defaults share the place of the file.
    """
    groups: dict[tuple[str, ...], list[Proof]] = {}
    for one in proofs:
        if _promised(one):
            where = place(one.origin)
            subject = one.subject if one.code in {"RW-NEVER", "RW-ONLY"} else ""
            code = "RW-LAYERS" if one.code == "RW-ALONE" else one.code
            groups.setdefault((code, subject, where), []).append(one)
    return list(groups.values())


def guarantee_name(group: Sequence[Proof]) -> str:
    """A guarantee in a few words, with the subjects that fail it."""
    first = group[0]
    bad = [one.subject for one in group if one.verdict is not Verdict.PROVED]
    name = {
        "RW-NEVER": "never",
        "RW-ONLY": "only",
        "RW-LAYERS": "layers",
        "RW-ALONE": "layers",
        "RW-ZONE": "survives zone",
    }
    word = name.get(first.code, first.code)
    if first.code in {"RW-NEVER", "RW-ONLY"}:
        return clean(f"{word} {first.subject}")
    return clean(f"{word} ({listed(bad, most=2)})" if bad else word)


def group_verdict(group: Sequence[Proof]) -> Verdict:
    for verdict in (Verdict.VIOLATED, Verdict.UNKNOWN):
        if _count(group, verdict):
            return verdict
    return Verdict.PROVED


def _guarantees(proofs: Sequence[Proof]) -> list[str]:
    groups = guarantee_groups(proofs)
    if not groups:
        return []
    told: list[str] = []
    for verdict, word in ((Verdict.VIOLATED, "violated"), (Verdict.UNKNOWN, "unknown")):
        found = [group for group in groups if group_verdict(group) is verdict]
        if found:
            names = listed([guarantee_name(group) for group in found], most=3)
            told.append(f"{len(found)} of {count(len(groups), 'guarantee')} {word}: {names}")
    return told or [f"{count(len(groups), 'guarantee')} {'holds' if len(groups) == 1 else 'hold'}"]
