"""Small drawings for the kinds of things in a network: strokes inside a square of 20 pixels.

They are Ringwall's own, not a vendor's icons.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Path data around the origin (-10 to 10 on both axes).
ICONS: Mapping[str, str] = {
    "load-balancer": "M0 -6V-1M0 -1H-6V3M0 -1H6V3M0 -1V3M-7.5 3h3v3h-3zM-1.5 3h3v3h-3z"
    "M4.5 3h3v3h-3zM-1.5 -6a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0",
    "instance": "M-6 -6H6V-1H-6ZM-6 1H6V6H-6ZM-3.4 -3.5h.1M-3.4 3.5h.1M0 -3.5H3.4M0 3.5H3.4",
    "database": "M-6 -4.5C-6 -7.5 6 -7.5 6 -4.5V4.5C6 7.5 -6 7.5 -6 4.5Z"
    "M-6 -4.5C-6 -1.5 6 -1.5 6 -4.5M-6 0C-6 3 6 3 6 0",
    "cache": "M1.5 -7L-5 1H-.5L-1.5 7L5 -1H.5Z",
    "function": "M-4 -6.5H-1.5L4 6.5H5.5M-.3 -1.5L-5 6.5",
    "vpc-endpoint": "M-7 0H-3M3 0H7M-3 -4.5H3V4.5H-3ZM0 -1.2V1.2",
    "nat-gateway": "M-7 -2.5H5M2 -5.5L5 -2.5L2 .5M7 3.5H-5M-2 .8L-5 3.5L-2 6.4",
    "bucket": "M-6 -5.5C-6 -7.2 6 -7.2 6 -5.5L4.4 5.6C4.2 7 -4.2 7 -4.4 5.6ZM-6 -5.5C-6 -3.8 6 -3.8"
    " 6 -5.5",
    "internet": "M-6.5 0A6.5 6.5 0 1 0 6.5 0A6.5 6.5 0 1 0 -6.5 0M-6.5 0H6.5"
    "M0 -6.5C3.6 -2.8 3.6 2.8 0 6.5C-3.6 2.8 -3.6 -2.8 0 -6.5",
    "internet-gateway": "M-6.5 5.5V-1.5A6.5 5 0 0 1 6.5 -1.5V5.5M0 5.5V-2M-2.6 .6L0 -2L2.6 .6",
    "other": "M-5.5 0A5.5 5.5 0 1 0 5.5 0A5.5 5.5 0 1 0 -5.5 0M-1 0A1 1 0 1 0 1 0A1 1 0 1 0 -1 0",
}


def icon_path(kind: str) -> str:
    return ICONS.get(kind, ICONS["other"])
