"""The colours of the drawing and the page, light and dark, as one table; and their style sheets.

Style sheets carry plain colour values (no custom properties in the drawing), for the picture is
also read by programs that know no more CSS than that. Every text colour has a contrast of at least
4.5 to 1 with each ground it is set on; a test computes it.
"""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

SANS = (
    'Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif'
)
MONO = 'ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace'

#: Neutral grounds and inks: (light, dark).
GROUNDS: Mapping[str, Pair] = {
    "page": ("#ffffff", "#0d1117"),
    "panel": ("#fafbfc", "#11161d"),
    "panel-edge": ("#c9d1da", "#313b47"),
    "surface": ("#ffffff", "#171d26"),
    "grid": ("#d8dfe6", "#2a333e"),
    "ink": ("#18212b", "#e8edf3"),
    "muted": ("#576372", "#9eabb9"),
}

#: Accents: ink (text), tint (grounds), edge (outlines), line (arrows).
ACCENTS: Mapping[str, Mapping[str, Pair]] = {
    "teal": {
        "ink": ("#0a6570", "#74d5de"),
        "tint": ("#e9f5f6", "#10242a"),
        "edge": ("#8ccbd0", "#2c676f"),
        "line": ("#12808c", "#48b6c1"),
    },
    "indigo": {
        "ink": ("#3f45b5", "#b5baff"),
        "tint": ("#eff0fc", "#191c35"),
        "edge": ("#b0b5f0", "#4b51a3"),
        "line": ("#5359d3", "#8d93f6"),
    },
    "plum": {
        "ink": ("#932e67", "#f1a6cd"),
        "tint": ("#fbeef5", "#2a1723"),
        "edge": ("#e2aac9", "#7f3c62"),
        "line": ("#b23f80", "#da76ab"),
    },
    "slate": {
        "ink": ("#424e5c", "#bac5d1"),
        "tint": ("#f1f4f7", "#1a2029"),
        "edge": ("#b7c1cc", "#4a5563"),
        "line": ("#647180", "#8795a4"),
    },
}

TIER_ACCENT: Mapping[str, str] = {
    "public": "teal",
    "app": "indigo",
    "private": "indigo",
    "data": "plum",
    "isolated": "plum",
}


def accent_of(tier: str) -> str:
    return TIER_ACCENT.get(tier, "slate")


def _rules(scheme: int, scope: str) -> list[str]:
    ground = {name: pair[scheme] for name, pair in GROUNDS.items()}
    rules = [
        f"{scope} .page{{fill:{ground['page']}}}",
        f"{scope} .panel{{fill:{ground['panel']};stroke:{ground['panel-edge']}}}",
        f"{scope} .surface{{fill:{ground['surface']}}}",
        f"{scope} .grid{{stroke:{ground['grid']}}}",
        f"{scope} .tx{{fill:{ground['ink']}}}",
        f"{scope} .mu{{fill:{ground['muted']}}}",
        f"{scope} .halo{{stroke:{ground['panel']}}}",
    ]
    for name, shades in ACCENTS.items():
        colour = {use: pair[scheme] for use, pair in shades.items()}
        rules += [
            f"{scope} .{name} .ai{{fill:{colour['ink']}}}",
            f"{scope} .{name} .at{{fill:{colour['tint']}}}",
            f"{scope} .{name} .ae{{stroke:{colour['edge']}}}",
            f"{scope} .{name} .al{{stroke:{colour['line']}}}",
            f"{scope} .{name} .ad{{fill:{colour['line']}}}",
        ]
    return rules


def drawing_css() -> str:
    """The drawing's style sheet: light; dark by the reader's preference or ``data-theme``."""
    fixed = [
        f".rw-map text{{font-family:{SANS};unicode-bidi:isolate}}",
        f".rw-map .mono{{font-family:{MONO}}}",
        ".rw-map .wire{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}",
        ".rw-map .halo{fill:none;stroke-width:5}",
        ".rw-map .icon{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}",
    ]
    dark = ':is(.rw-map[data-theme="dark"],[data-theme="dark"] .rw-map)'
    preferred = (
        ':is(:root:not([data-theme="light"]) .rw-map:not([data-theme="light"]),'
        '.rw-map:root:not([data-theme="light"]))'
    )
    lines = [
        *fixed,
        *_rules(0, ".rw-map"),
        "@media (prefers-color-scheme:dark){",
        *_rules(1, preferred),
        "}",
        *_rules(1, dark),
    ]
    return "".join(lines)
