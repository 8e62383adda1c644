"""Names of services: free to use, and still apart from each other once AWS has them."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.errors import Diagnostic
from ringwall.spec.sheet import ENDPOINTS, INTERNET, TIERS, Sheet

#: What a name already means elsewhere in a spec or in the network.
_RESERVED = {
    INTERNET: "it means everything outside",
    ENDPOINTS: "it means the interface endpoints",
    **dict.fromkeys(TIERS, "it means a tier"),
    "access-logs": "the bucket of the load balancers' access logs has this name",
    "flow-logs": "the bucket of the flow logs has this name",
}


def reserved(sheet: Sheet) -> Iterator[Diagnostic]:
    for name in sheet.declared:
        if name in _RESERVED:
            yield Diagnostic(
                "RW-SPEC-020",
                f"a service cannot be called `{name}`: {_RESERVED[name]}",
                sheet.key("services", name),
                "choose another name, and use it in every `from` too",
            )


def alike(sheet: Sheet) -> Iterator[Diagnostic]:
    """Two names that differ only in hyphens give AWS resources whose names differ only in case."""
    seen: dict[str, str] = {}
    for name in sheet.declared:
        bare = name.replace("-", "").casefold()
        first = seen.setdefault(bare, name)
        if first != name:
            yield Diagnostic(
                "RW-SPEC-020",
                f"`{name}` and `{first}` differ only in hyphens, which AWS's resource ids have not",
                sheet.key("services", name),
                "rename one of the two",
                ((sheet.key("services", first), f"`{first}` is here"),),
            )
