"""Small networks, policies and answers made by hand, for the renderers' tests."""

from __future__ import annotations

from ipaddress import ip_network

from ringwall.model.addresses import of_address, of_cidr, position
from ringwall.model.network import (
    AclEntry,
    Bucket,
    Gap,
    InterfaceKind,
    InternetGateway,
    NatGateway,
    Network,
    NetworkAcl,
    NetworkInterface,
    Route,
    RouteTable,
    Subnet,
    Vpc,
    VpcEndpoint,
    Workload,
)
from ringwall.model.origin import Origin
from ringwall.model.policy import INTERNET, Flow, Policy, Selector
from ringwall.model.services import ALL_SERVICES, tcp
from ringwall.model.tags import TAG_TIER
from ringwall.model.verdict import (
    Explanation,
    Hop,
    Layer,
    Packet,
    Proof,
    Reach,
    ReturnPorts,
    Step,
    Trace,
    Verdict,
    Witness,
)

TIERS = ("public", "app", "data")
KINDS: dict[str, InterfaceKind] = {
    "public": "load-balancer",
    "app": "instance",
    "data": "database",
}
CLIENT = (32768, 60999)


def service(name: str) -> Selector:
    return Selector("service", name)


def flow(source: str, target: str, port: int, why: str = "", added: bool = False) -> Flow:
    ends = [INTERNET if one == "internet" else service(one) for one in (source, target)]
    if target[0].isdigit():
        ends[1] = Selector("address", target)
    return Flow(ends[0], ends[1], tcp(port), CLIENT, why, added, Origin("ringwall.yaml", "", 7, 3))


def tiered(services: dict[str, str], *, zones: int = 3, nat: bool = True) -> Network:
    """A VPC of three tiers with these services (name -> tier; tier ``bucket`` is a bucket)."""
    names = [f"us-east-1{letter}" for letter in "abcdef"[:zones]]
    subnets, interfaces = {}, {}
    for row, tier in enumerate(TIERS):
        for at, zone in enumerate(names):
            block = ip_network(f"10.0.{row * 16 + at}.0/24")
            made = Subnet(f"{tier}-{at}", "vpc", zone, (block,), tags={TAG_TIER: tier})
            subnets[made.id] = made
            for name in [one for one, its in services.items() if its == tier]:
                interfaces[f"{name}@{made.id}"] = NetworkInterface(
                    f"{name}@{made.id}", made.id, of_cidr(str(block)), (), KINDS[tier],
                    pinned=False, owner=name, service=name, tier=tier,
                )  # fmt: skip
    everywhere = ip_network("0.0.0.0/0")
    gateways = {
        f"nat-{at}": NatGateway(f"nat-{at}", "vpc", f"public-{at}", f"nat-{at}-eni")
        for at in range(zones if nat else 0)
    }
    tables = {
        "public": RouteTable(
            "public", "vpc", False, tuple(f"public-{at}" for at in range(zones)),
            (Route(everywhere, "internet-gateway", "igw"),),
        ),
        "main": RouteTable("main", "vpc", True, (), ()),
    }  # fmt: skip
    acl = NetworkAcl(
        "acl", "vpc", True, tuple(subnets), (AclEntry(100, False, True, everywhere, ALL_SERVICES),)
    )
    return Network(
        source="template.json",
        region="us-east-1",
        vpcs={"vpc": Vpc("vpc", (ip_network("10.0.0.0/16"),), "clinic", "us-east-1")},
        subnets=subnets,
        route_tables=tables,
        network_acls={"acl": acl},
        interfaces=interfaces,
        internet_gateways={"igw": InternetGateway("igw", ("vpc",))},
        nat_gateways=gateways,
        endpoints={"s3": VpcEndpoint("s3", "vpc", "gateway", "com.amazonaws.us-east-1.s3")},
        buckets={
            name: Bucket(name, name, service=name, tier="data")
            for name, tier in services.items()
            if tier == "bucket"
        },
        gaps=(
            Gap("unmodelled", "Trail", "`AWS::CloudTrail::Trail` carries no traffic"),
            Gap("missing", "rtb-9", "the routes of `rtb-9` are not known", ("public-0",)),
        ),
    )


CLINIC = tiered(
    {
        "web": "public",
        "api": "app",
        "inference": "app",
        "records": "data",
        "documents": "bucket",
    }
)
CLINIC_POLICY = Policy(
    (
        flow("internet", "web", 443, "the public door"),
        flow("internet", "web", 80, "redirected", added=True),
        flow("web", "api", 8080),
        flow("api", "inference", 8000, "predictions"),
        flow("api", "records", 5432, "patient records"),
        flow("api", "documents", 443),
        flow("inference", "documents", 443),
        flow("api", "203.0.113.0/24", 443, "payment provider"),
    )
)


def untagged() -> Network:
    """Somebody's network without tags: two VPCs, two subnets in one zone, an odd workload."""
    vpcs = {
        "vpc-1": Vpc("vpc-1", (ip_network("10.1.0.0/16"),)),
        "vpc-2": Vpc("vpc-2", (ip_network("10.2.0.0/16"),), "spare"),
    }
    subnets = {
        name: Subnet(name, "vpc-1", zone, (ip_network(block),))
        for name, zone, block in (
            ("s-1", "eu-west-1a", "10.1.0.0/24"),
            ("s-2", "eu-west-1a", "10.1.1.0/24"),
            ("s-3", "eu-west-1b", "10.1.2.0/24"),
        )
    }
    interfaces = {
        f"eni-{at}": NetworkInterface(
            f"eni-{at}", f"s-{at % 3 + 1}", of_address(f"10.1.{at % 3}.{at + 4}"), (), "instance",
            owner=f"i-{at // 2}",
        )
        for at in range(40)
    }  # fmt: skip
    return Network(
        source="dump",
        vpcs=vpcs,
        subnets=subnets,
        interfaces=interfaces,
        workloads={"i-0": Workload("i-0", "AWS::EC2::Instance", "jump host")},
        route_tables={
            "rtb": RouteTable(
                "rtb", "vpc-1", False, ("s-1",),
                (Route(ip_network("0.0.0.0/0"), "internet-gateway", "igw"),),
            ),
            "main": RouteTable("main", "vpc-1", True, (), ()),
        },
        internet_gateways={"igw": InternetGateway("igw", ("vpc-1",))},
    )  # fmt: skip


_CODES = {"security-group": "ENI_SG_RULES_MISMATCH", "network-acl": "SUBNET_ACL_RESTRICTION"}


def _step(layer: Layer, resource: str, peer: str, allowed: bool | None, line: int) -> Step:
    rule = {
        True: f"rule 200 allow tcp/5432 to {peer}",
        False: f"rule 100 deny all to {peer}",
        None: f"a rule that was not understood may deny all to {peer}",
    }[allowed]
    code = _CODES.get(layer, "") if allowed is False else ""
    return Step(layer, resource, rule, allowed, code, Origin("template.json", resource, line, 5))


def answer(verdict: Reach) -> Explanation:
    """``web`` to ``records``: reachable, blocked twice and once on the way back, or unknown."""
    allowed = {Reach.REACHABLE: True, Reach.BLOCKED: False, Reach.UNKNOWN: None}[verdict]
    packet = Packet(position("10.0.0.4"), position("10.0.32.4"), 6, 5432, 32768)
    back = Packet(packet.destination, packet.source, 6, 32768, 5432)
    there = (
        Hop("web@public-0", "load-balancer", "web", "us-east-1a", (
            _step("security-group", "WebGroup", "RecordsGroup", allowed, 40),
        )),
        Hop("public-0", "subnet", "", "us-east-1a", (
            _step("route", "main", "10.0.0.0/16", True, 50),
            _step("network-acl", "PublicAcl", "10.0.32.0/20", allowed, 60),
        )),
        Hop("records@data-0", "database", "records", "us-east-1a"),
    )  # fmt: skip
    reply = (
        Hop("data-0", "subnet", "", "us-east-1a", (
            _step("network-acl", "DataAcl", "10.0.0.0/20", allowed, 70),
        )),
    )  # fmt: skip
    returns = {
        Reach.REACHABLE: (ReturnPorts.ALL, (CLIENT,)),
        Reach.BLOCKED: (ReturnPorts.NONE, ()),
        Reach.UNKNOWN: (ReturnPorts.SOME, ((32768, 40000),)),
    }
    ports, ranges = returns[verdict]
    return Explanation(
        verdict, "web", "records", Trace(packet, there, allowed), Trace(back, reply, allowed),
        ports, ranges, CLIENT, ("10.0.0.4 stands for web",),
    )  # fmt: skip


def proofs(*, bad: bool) -> tuple[Proof, ...]:
    """One proof of each kind; with ``bad``, an arriving packet, a blocked one and an unknown."""
    good, spec = Verdict.PROVED, "ringwall.yaml"
    leak = answer(Reach.REACHABLE)
    stop = answer(Reach.BLOCKED)
    maybe = ("the targets of `group-1` are not known",)
    return (
        Proof("RW-FLOW", "internet -> web tcp/443", "internet reaches web on tcp/443", good),
        Proof(
            "RW-FLOW", "web -> api tcp/8080", "web reaches api on tcp/8080",
            Verdict.VIOLATED if bad else good, "a packet of the flow is stopped" if bad else "",
            Witness(stop.forward.packet, stop) if bad else None,
        ),
        Proof(
            "RW-ONLY", "web -> records", "from web to records nothing passes",
            Verdict.UNKNOWN if bad else good, reasons=maybe if bad else (),
        ),
        Proof(
            "RW-NEVER", "web -> data", "nothing from web ever arrives at data",
            Verdict.VIOLATED if bad else good, "tcp/5432 arrives" if bad else "",
            Witness(leak.forward.packet, leak) if bad else None,
            assumptions=("a bucket's policy is not read",), origin=Origin(spec, "", 20, 5),
        ),
        Proof(
            "RW-LAYERS", "web -> data", "2 layers stop what no flow asks for", good,
            layers=("security-group", "network-acl"), origin=Origin(spec, "", 21, 5),
        ),
        Proof(
            "RW-ALONE", "security groups of web", "they let through only what flows ask for", good,
            origin=Origin(spec, "", 21, 5),
        ),
        Proof("RW-ZONE", "web", "outlives any zone", good, origin=Origin(spec, "", 22, 5)),
    )  # fmt: skip
