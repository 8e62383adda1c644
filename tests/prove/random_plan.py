"""The places of the wide random networks, and where their routes may lead."""

from __future__ import annotations

#: By VPC, its IPv4 and IPv6 blocks.
VPCS = {
    "vpc-1": ("10.0.0.0/16", "2600:1f18:1::/56"),
    "vpc-2": ("10.1.0.0/16", "2600:1f18:2::/56"),
    "vpc-3": ("10.2.0.0/16", "2600:1f18:3::/56"),
}
REGIONS = {"vpc-1": "us-east-1", "vpc-2": "us-east-1", "vpc-3": "eu-west-1"}
SUBNETS = {
    "subnet-a": ("10.0.0.0/24", "2600:1f18:1::/64"),
    "subnet-b": ("10.0.1.0/24", "2600:1f18:1:1::/64"),
    "subnet-c": ("10.0.2.0/24", "2600:1f18:1:2::/64"),
    "subnet-f": ("10.0.5.0/24", "2600:1f18:1:5::/64"),
    "subnet-d": ("10.1.0.0/24", "2600:1f18:2::/64"),
    "subnet-e": ("10.1.1.0/24", "2600:1f18:2:1::/64"),
    "subnet-g": ("10.2.9.0/24", "2600:1f18:3:9::/64"),
}
ZONES = {
    "subnet-a": "zone-1", "subnet-b": "zone-2", "subnet-c": "zone-1", "subnet-f": "zone-1",
    "subnet-d": "zone-1", "subnet-e": "zone-2", "subnet-g": "zone-9",
}  # fmt: skip
#: Where interfaces stand: a subnet, and a number inside it.
PLACES = (
    ("subnet-a", 0), ("subnet-a", 1), ("subnet-b", 0), ("subnet-c", 0),
    ("subnet-d", 0), ("subnet-e", 0), ("subnet-g", 0),
)  # fmt: skip
NAT_HOMES = {
    "nat-1": ("subnet-b", "subnet-b", "subnet-f"),
    "nat-2": ("subnet-c", "subnet-a"),
    "nat-3": ("subnet-d",),
}
#: A group's own VPC, and whether it was associated with another one too.
GROUP_HOMES = {
    "sg-1": ("vpc-1", True),
    "sg-2": ("vpc-1", False),
    "sg-3": ("vpc-2", False),
    "sg-box": ("vpc-1", False),
}
GROUPS = ["sg-1", "sg-2", "sg-3"]
BLOCKS = [
    "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24",
    "10.1.0.0/16", "10.2.0.0/16", "10.0.0.0/28", "10.0.1.10/32", "198.51.100.0/24",
    "52.216.0.0/15", "192.168.0.0/16", "::/0", "2600:1f18:1::/56", "2600:1f18:1:1::/64",
    "2600:1f18:2::/64", "2600:1f18:1::a/128", "2a00::/16",
]  # fmt: skip
_AWAY = {
    "192.168.0.0/16": ["vgw-1", "vgw-1", "tgw-1", "none"],
    "52.216.0.0/16": ["none", "none", "igw-1", "nat-1"],
    "fd00::/16": ["none", "none", "vgw-1", "tgw-1"],
}
#: By VPC: what routes may name, and where each may lead.
DESTINATIONS = {
    "vpc-1": {
        "0.0.0.0/0": ["igw-1", "igw-1", "nat-1", "nat-1", "nat-2", "vpce-fw-1", "tgw-1", "eni-box"],
        "::/0": ["igw-1", "eigw-1", "vpce-fw-1", "tgw-1"],
        "2a00::/16": ["none", "none", "eigw-1", "igw-1"],
        "10.1.0.0/16": ["pcx-1", "pcx-1", "tgw-1", "tgw-1", "eni-box", "vpce-fw-1", "nat-2"],
        "2600:1f18:2::/56": ["pcx-1", "tgw-1", "tgw-1", "eni-box"],
        "10.2.0.0/16": ["tgw-1", "tgw-1", "pcx-3", "vpce-fw-1"],
        "2600:1f18:3::/56": ["tgw-1", "pcx-3", "none"],
        "10.0.1.0/24": ["none"] * 6 + ["eni-box", "vpce-fw-1", "nat-2", "igw-1", "vpce-lb"],
        "2600:1f18:1:1::/64": ["none"] * 5 + ["eni-box", "vpce-fw-1"],
        "198.51.100.0/24": ["none"] * 4 + ["vgw-1", "igw-1", "pcx-1"],
        "pl-s3": ["vpce-s3", "none"],
        "pl-two": ["none"] * 6 + ["tgw-1", "pcx-1"],
        "pl-dark": ["none"] * 30 + ["nat-1"],
        **_AWAY,
    },
    "vpc-2": {
        "0.0.0.0/0": ["igw-2", "igw-2", "tgw-1", "nat-3", "vpce-fw-2"],
        "::/0": ["igw-2", "tgw-1", "none"],
        "10.0.0.0/16": ["pcx-1", "pcx-1", "tgw-1", "tgw-1", "vpce-fw-2", "pcx-1"],
        "2600:1f18:1::/56": ["pcx-1", "tgw-1", "tgw-1"],
        "10.2.0.0/16": ["pcx-2", "pcx-2", "tgw-1", "vpce-fw-2"],
        "2600:1f18:3::/56": ["pcx-2", "tgw-1"],
        "10.0.0.0/24": ["none"] * 6 + ["tgw-1", "eni-box"],
        "10.1.1.0/24": ["none"] * 6 + ["vpce-fw-2", "eni-box"],
        "192.168.0.0/16": ["tgw-1", "tgw-1", "none", "vgw-1"],
    },
    "vpc-3": {
        "0.0.0.0/0": ["tgw-2", "none"],
        "10.0.0.0/16": ["tgw-2", "tgw-2", "pcx-3"],
        "2600:1f18:1::/56": ["tgw-2", "pcx-3"],
        "10.1.0.0/16": ["pcx-2", "pcx-2", "tgw-2"],
        "2600:1f18:2::/56": ["pcx-2", "tgw-2"],
        "192.168.0.0/16": ["tgw-2", "none"],
    },
}


def vpc_of(subnet: str) -> str:
    return {"d": "vpc-2", "e": "vpc-2", "g": "vpc-3"}.get(subnet[-1], "vpc-1")
