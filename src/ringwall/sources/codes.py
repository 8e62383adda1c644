"""What each diagnostic of the readers means, for ``ringwall explain CODE``."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "RW-READ-001": "The path cannot be read, or holds nothing that could be judged.",
    "RW-READ-002": "The file is no text in UTF-8 or UTF-16.",
    "RW-READ-003": "The file is neither a template, nor a plan, nor describe output.",
    "RW-READ-004": "Values for parameters were given, and the material is no template.",
    "RW-CFN-001": "The template is neither valid JSON nor valid YAML; the place is where reading "
    "could not go on.",
    "RW-CFN-002": "The template is too large, too deeply nested, or repeats itself beyond any use.",
    "RW-CFN-003": "One key stands twice in the same place, and only one of the two could count.",
    "RW-CFN-004": "The document is no template: it has no `Resources`.",
    "RW-CFN-005": "A part of the template has the wrong shape, or a resource has no type.",
    "RW-CFN-006": "A name refers to nothing in the template.",
    "RW-CFN-007": "An intrinsic function has arguments that CloudFormation would refuse.",
    "RW-CFN-008": "References or conditions run in a circle.",
    "RW-CFN-009": "A value was given for a parameter that the template does not have, or refuses.",
    "RW-CFN-010": "A property has a value that its resource type cannot have.",
    "RW-CFN-011": "A YAML tag that is none of CloudFormation's.",
    "RW-DUMP-001": "There is nothing to read: no such path, or no permission.",
    "RW-DUMP-002": "The file is no text.",
    "RW-DUMP-003": "The file is no JSON; the place is where reading could not go on.",
    "RW-DUMP-004": "The JSON holds what AWS never writes: a key twice, a number that is none.",
    "RW-DUMP-005": "No list of a describe call is in the material.",
    "RW-DUMP-006": "A value is of the wrong type: a text for a list.",
    "RW-DUMP-007": "A value means nothing: an address, a port or a protocol that cannot be.",
    "RW-DUMP-008": "Something has no id, so nothing can refer to it.",
    "RW-DUMP-009": "Two Regions' answers hold the same id, which AWS gives once.",
    "RW-TF-001": "The file is no JSON, or is cut off: `terraform show -json` writes one object.",
    "RW-TF-002": "The JSON is neither a plan nor a state of Terraform's.",
    "RW-TF-003": "A part of the plan has a shape that Terraform never writes.",
    "RW-TF-004": "The plan says of itself that it failed: it shows only a part of the network.",
    "RW-TF-010": "A resource has a value that its type cannot have.",
}
