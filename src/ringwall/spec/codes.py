"""What each diagnostic about a spec means, for ``ringwall explain CODE``."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "RW-SPEC-001": "The file cannot be read: it is absent, too large, or not UTF-8 text.",
    "RW-SPEC-002": "The text is not YAML; the place is where reading could not go on.",
    "RW-SPEC-003": "YAML that a spec does not take: anchors, aliases, tags, several documents, "
    "deep nesting, keys that are no words. They hide or multiply what is written.",
    "RW-SPEC-004": "One key stands twice in the same block, and only one of the two could count.",
    "RW-SPEC-005": "The file is empty, or does not start with keys.",
    "RW-SPEC-006": "A key that nothing reads: it would be ignored in silence.",
    "RW-SPEC-007": "Something that has no default is missing or empty.",
    "RW-SPEC-008": "A value is of the wrong kind: a text for a number, a word for a list.",
    "RW-SPEC-009": "A value is outside its range, or not among the words that may stand there.",
    "RW-SPEC-010": "A name that AWS or Ringwall could not use as part of resource names.",
    "RW-SPEC-011": "A tier that a kind of service never stands in. The tier follows from the kind "
    "and may be left out.",
    "RW-SPEC-012": "A service without a known `kind`, or a guarantee that is none of the known.",
    "RW-SPEC-020": "A service's name means something else already, or differs from another one "
    "only in hyphens.",
    "RW-SPEC-021": "A `from` names nobody that could connect.",
    "RW-SPEC-022": "A service names itself as its own client.",
    "RW-SPEC-023": "A store is named as a client; a store answers, and never opens a connection.",
    "RW-SPEC-024": "A load balancer is to take connections from inside; its address is public.",
    "RW-SPEC-025": "Something private would be reached from outside: only load balancers take "
    "connections from the Internet, and no load balancer stands before a store.",
    "RW-SPEC-026": "Everybody is named by the block `0.0.0.0/0`; the word for it is `internet`.",
    "RW-SPEC-027": "An entry stands twice, or lies within another.",
    "RW-SPEC-028": "A load balancer with nothing behind it.",
    "RW-SPEC-029": "A store, or a load balancer, to which nobody may connect.",
    "RW-SPEC-030": "Two services behind one load balancer claim the same requests.",
    "RW-SPEC-031": "A path that no load balancer matches, or `paths` without a load balancer.",
    "RW-SPEC-032": "A udp service behind a load balancer, which sends HTTP over tcp only.",
    "RW-SPEC-033": "A port that AWS, or the redirect from HTTP to TLS, has taken.",
    "RW-SPEC-034": "A certificate that is no ACM certificate of the spec's Region.",
    "RW-SPEC-035": "The least number of instances is more than the most.",
    "RW-SPEC-036": "An instance type that does not exist, or on which the service cannot run.",
    "RW-SPEC-037": "An image that is no AMI id.",
    "RW-SPEC-040": "A text that is no IPv4 block, or has bits beyond its prefix.",
    "RW-SPEC-042": "A public block where a private one belongs, or the other way round.",
    "RW-SPEC-043": "A block too small for three tiers in every zone, or too large for a VPC.",
    "RW-SPEC-044": "A block that overlaps addresses which AWS uses for itself.",
    "RW-SPEC-045": "An unknown Region. The known ones are the commercial Regions of a dated table.",
    "RW-SPEC-046": "More zones than the Region has for new customers.",
    "RW-SPEC-047": "An interface endpoint that is none, or is not needed.",
    "RW-SPEC-050": "Egress for something that never connects to the Internet.",
    "RW-SPEC-051": "An egress destination that is not on the Internet.",
    "RW-SPEC-052": "One service's egress entries overlap on the same port.",
    "RW-SPEC-053": "Egress without a NAT gateway to go through.",
    "RW-SPEC-060": "A `never` that does not read as SOURCE -> TARGET.",
    "RW-SPEC-061": "A `never` that names nothing, or the same end twice.",
    "RW-SPEC-062": "A `never` that forbids a flow which the same file asks for.",
    "RW-SPEC-063": "A guarantee that is promised twice.",
}
