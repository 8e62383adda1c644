"""The page's style sheet: light, dark and print, from the colours of :mod:`theme`."""

from __future__ import annotations

from ringwall.report.theme import ACCENTS, GROUNDS, MONO, SANS

VERDICT_COLOURS: dict[str, tuple[str, str]] = {
    "good": ("#12693f", "#7bd8a4"),
    "good-tint": ("#e8f5ee", "#12261c"),
    "bad": ("#a3212b", "#ff9ea3"),
    "bad-tint": ("#fdeeee", "#331618"),
    "warn": ("#7d5000", "#f0c069"),
    "warn-tint": ("#fdf4e2", "#2c2210"),
}

#: What each verdict looks like; its word always stands beside.
VERDICT_CLASS = {"proved": "good", "violated": "bad", "unknown": "warn"}


def _variables(scheme: int) -> str:
    pairs = {
        **GROUNDS,
        **VERDICT_COLOURS,
        "line": GROUNDS["grid"],
        "link": ACCENTS["indigo"]["ink"],
    }
    return "".join(f"--{name}:{pair[scheme]};" for name, pair in pairs.items())


_BODY = (
    "*{box-sizing:border-box}"
    "html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}"
    f"body{{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 {SANS}}}"
    f"code{{font-family:{MONO};font-size:.88em;overflow-wrap:anywhere}}"
    "td code,.badge{white-space:nowrap}"
    "header,main,footer{max-width:1240px;margin:0 auto;padding:0 32px}"
    "header{padding-top:44px}"
    "h1{font-size:30px;line-height:1.2;letter-spacing:-.02em;margin:0 0 4px}"
    "h2{font-size:20px;letter-spacing:-.01em;margin:52px 0 12px;scroll-margin-top:16px}"
    "h3{font-size:15px;margin:0}"
    "p{margin:0 0 12px;max-width:76ch}"
    "bdi{unicode-bidi:isolate}"
    "a{color:var(--link)}"
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}"
    ".quiet{color:var(--muted)}"
    ".skip{position:absolute;left:-999px}"
    ".skip:focus{left:16px;top:12px;background:var(--page);padding:8px 12px}"
    ".sum{display:flex;gap:14px;align-items:baseline;margin:24px 0 18px;padding:16px 20px;"
    "border-radius:12px;font-size:18px;font-weight:600;max-width:none}"
    ".good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
    ".sum.good{background:var(--good-tint)}.sum.bad{background:var(--bad-tint)}"
    ".sum.warn{background:var(--warn-tint)}"
    ".counts{display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:0;padding:0}"
    ".counts li{flex:1 1 150px;border:1px solid var(--line);border-radius:12px;padding:14px 18px;"
    "color:var(--muted)}"
    ".counts b{display:block;font-size:26px;line-height:1.2;letter-spacing:-.02em;"
    "color:var(--ink);font-variant-numeric:tabular-nums}"
    "nav ul{display:flex;flex-wrap:wrap;gap:6px 20px;list-style:none;padding:0;margin:22px 0 0}"
    ".figure{margin:0;border:1px solid var(--line);border-radius:14px;overflow-x:auto;"
    "background:var(--page);position:relative;left:50%;transform:translateX(-50%);"
    "width:min(1680px,100vw - 48px)}"
    ".figure svg{display:block;min-width:900px;width:100%;height:auto}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;color:var(--muted);padding:0 0 8px}"
    "th,td{text-align:left;vertical-align:top;padding:9px 14px 9px 0;"
    "border-bottom:1px solid var(--line)}"
    "th{font-weight:600}thead th{color:var(--muted);font-size:13px}"
    "details{border:1px solid var(--line);border-radius:12px;margin:0 0 10px}"
    "summary{cursor:pointer;padding:12px 18px;font-weight:600}"
    "summary .quiet{font-weight:400}"
    ".finding details{margin:14px 0 0}"
    "details .inner{padding:2px 18px 16px}"
    ".finding{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:12px;"
    "padding:16px 20px;margin:0 0 14px}"
    ".finding.unsure{border-left-color:var(--warn)}"
    ".finding h3{font-size:16px;margin:4px 0 8px}"
    ".badge{font-weight:650;font-size:13px}"
    "ol.trace{margin:10px 0 0;padding-left:22px}"
    "ol.trace li{margin:0 0 6px}"
    "ul.steps{list-style:none;margin:2px 0 0;padding:0;font-size:13.5px}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0}"
    "dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}"
    "footer{margin-top:64px;padding-top:18px;padding-bottom:48px;color:var(--muted);"
    "font-size:13px}"
    "@media (max-width:640px){.figure{width:100%}"
    "header,main,footer{padding-left:16px;padding-right:16px}"
    "dl{grid-template-columns:1fr}}"
)

_PRINT = (
    "@media print{body{font-size:10.5pt;background:#fff}"
    "header,main,footer{max-width:none;padding:0}"
    "nav,.skip{display:none}"
    ".figure{overflow:visible;break-inside:avoid;width:100%}.figure svg{min-width:0}"
    "tr,.finding{break-inside:avoid}h2{break-after:avoid}"
    "details:not([open])::details-content{content-visibility:visible;height:auto}"
    "a{color:inherit;text-decoration:none}}"
)


def page_css() -> str:
    """The whole sheet as one line: light first, dark by preference or ``data-theme``."""
    return "".join(
        (
            f":root{{color-scheme:light dark;{_variables(0)}}}",
            f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"])'
            f"{{{_variables(1)}}}}}",
            f'@media screen{{:root[data-theme="dark"]{{color-scheme:dark;{_variables(1)}}}}}',
            ':root[data-theme="light"]{color-scheme:light}',
            _BODY,
            _PRINT,
        )
    )
