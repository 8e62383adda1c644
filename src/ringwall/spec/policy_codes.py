"""What each diagnostic about a policy file means, for ``ringwall explain CODE``.

RW-SPEC-001 to 004 are told of policy files too: both are read as the same plain YAML.
"""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "RW-POLICY-001": "The policy file is empty, or does not start with keys.",
    "RW-POLICY-002": "A key that nothing reads: it would be ignored in silence.",
    "RW-POLICY-003": "Something that has no default is missing or empty.",
    "RW-POLICY-004": "A value is of the wrong kind: a text for a list, a list for a word.",
    "RW-POLICY-005": "A guarantee that is none of the known, or several in one.",
    "RW-POLICY-006": "A word that cannot be read as a service, client ports, or `A -> B`.",
    "RW-POLICY-007": "A name under `ends` that means something else already.",
    "RW-POLICY-008": "The file asks for nothing: it has neither flows nor guarantees.",
}
