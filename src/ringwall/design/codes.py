"""What each diagnostic of the design means, for ``ringwall explain CODE``."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "RW-DESIGN-001": "A tier's network ACL needs more rules than AWS allows in one direction. "
    "Neighbouring ports of one peer are one rule, and ports that several tiers need are said once; "
    "a table is never made to fit by opening more than the flows ask for.",
    "RW-DESIGN-002": "A service's security group needs more rules than a new account may have.",
    "RW-DESIGN-003": "The template would be larger than CloudFormation takes in one stack.",
    "RW-DESIGN-101": "Two services without `paths` stand behind one load balancer.",
    "RW-DESIGN-102": "The CPU architecture of an instance family is not known.",
}
