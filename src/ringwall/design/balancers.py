"""Application load balancers: TLS in front, the app tier's services behind.

Every HTTPS listener sends what no rule claims to the one service without ``paths``; each path of
the others is a rule of its own. A rule's priority follows from its path alone, the longer (more
specific) path first: so no rule moves when another is added, and CloudFormation never has to swap
two priorities, which it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from ringwall.design.blueprint import Blueprint, group_name, pascal, subnet_name
from ringwall.design.choices import DRAIN_SECONDS, IDLE_SECONDS
from ringwall.design.logs import ACCESS_LOGS, BALANCER_LOGS
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Output, Parameter, Ref, Resource, Tree, Value
from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.spec.model import LoadBalancer, Spec, Workload

_CERTIFICATE = (
    r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/"
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
)
_HTTP_PORT = 80


def balancer_name(service: str) -> str:
    """The logical id of a load balancer."""
    return f"{pascal(service)}LoadBalancer"


def targets_of(spec: Spec, balancer: str) -> dict[str, Workload]:
    """The services behind a load balancer, in the order of the spec."""
    return {name: one for name, one in spec.of_kind(Workload).items() if balancer in one.sources}


def target_groups_of(spec: Spec, target: str) -> dict[str, str]:
    """The logical ids of a service's target groups by load balancer.

    A target group serves one load balancer only. The first keeps the short name, so that a second
    load balancer does not replace what stands.
    """
    sources = spec.services[target].sources
    balancers = [one for one in sources if isinstance(spec.services.get(one), LoadBalancer)]
    return {
        balancer: f"{pascal(target)}{pascal(balancer) if place else ''}TargetGroup"
        for place, balancer in enumerate(balancers)
    }


def balancers(blueprint: Blueprint, tree: Tree) -> None:
    """Add load balancers, listeners, rules and target groups."""
    for service, balancer in blueprint.spec.of_kind(LoadBalancer).items():
        name = balancer_name(service)
        tree.add(_balancer(blueprint, tree, service))
        for target, workload in targets_of(blueprint.spec, service).items():
            group = target_groups_of(blueprint.spec, target)[service]
            tree.add(_target_group(blueprint, group, target, workload))
        tree.add(_https(blueprint, tree, service, balancer))
        for rule in _rules(blueprint.spec, service):
            tree.add(rule)
        if balancer.listen != _HTTP_PORT:
            tree.add(_redirect(service, balancer))
        dns = f"The name of the load balancer {service}: point your domain's alias record at it"
        zone = f"The hosted zone of the load balancer {service}, for an alias record"
        tree.tell(Output(f"{name}DnsName", dns, Attr(name, "DNSName")))
        tree.tell(Output(f"{name}HostedZone", zone, Attr(name, "CanonicalHostedZoneID")))


def _balancer(blueprint: Blueprint, tree: Tree, service: str) -> Resource:
    attributes = {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": Ref(ACCESS_LOGS),
        "access_logs.s3.prefix": BALANCER_LOGS,
        # Who spoke which TLS version, failed handshakes included: evidence for transmission
        # security that access logs do not hold.
        "connection_logs.s3.enabled": "true",
        "connection_logs.s3.bucket": Ref(ACCESS_LOGS),
        "connection_logs.s3.prefix": BALANCER_LOGS,
        "deletion_protection.enabled": "true",
        "idle_timeout.timeout_seconds": str(IDLE_SECONDS),
        # Refuses what is ambiguous enough to be dangerous; `strictest` would also refuse harmless
        # requests of sloppy clients.
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }
    attached = tuple(one.name for one in tree.of_type("AWS::EC2::VPCGatewayAttachment"))
    return Resource(
        balancer_name(service),
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {
            "Type": "application",
            "Scheme": "internet-facing",
            "IpAddressType": "ipv4",
            "Subnets": [Ref(subnet_name("public", zone)) for zone in blueprint.zones],
            "SecurityGroups": [Attr(group_name(service), "GroupId")],
            "LoadBalancerAttributes": [
                {"Key": key, "Value": value} for key, value in attributes.items()
            ],
            "Tags": tags(blueprint, service, service=service),
        },
        # It tests its permission to write logs when it is made.
        depends_on=(*attached, f"{ACCESS_LOGS}Policy"),
    )


def _target_group(blueprint: Blueprint, name: str, target: str, workload: Workload) -> Resource:
    attributes = {
        "deregistration_delay.timeout_seconds": str(DRAIN_SECONDS),
        # Answers differ a hundredfold in length where models write them: the target with the
        # fewest open requests is the idle one, not the next in turn.
        "load_balancing.algorithm.type": "least_outstanding_requests",
    }
    return Resource(
        name,
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {
            "TargetType": "instance",
            "Protocol": "HTTP",
            "Port": workload.port,
            "VpcId": Ref("Vpc"),
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPath": workload.health,
            "HealthCheckIntervalSeconds": 15,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 3,
            "Matcher": {"HttpCode": "200-299"},
            "TargetGroupAttributes": [
                {"Key": key, "Value": value} for key, value in attributes.items()
            ],
            "Tags": tags(blueprint, target, service=target),
        },
    )


def _certificate(tree: Tree, service: str, balancer: LoadBalancer) -> Value:
    if balancer.certificate is not None:
        return balancer.certificate
    return tree.ask(
        Parameter(
            f"{pascal(service)}CertificateArn",
            "String",
            f"The ARN of the ACM certificate of the load balancer {service}, in this Region",
            allowed_pattern=_CERTIFICATE,
            group="Certificates",
        )
    )


def _https(blueprint: Blueprint, tree: Tree, service: str, balancer: LoadBalancer) -> Resource:
    return Resource(
        f"{pascal(service)}HttpsListener",
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": Ref(balancer_name(service)),
            "Protocol": "HTTPS",
            "Port": balancer.listen,
            "SslPolicy": facts("load-balancers").values["tls-policy"],
            "Certificates": [{"CertificateArn": _certificate(tree, service, balancer)}],
            "DefaultActions": [_default_action(blueprint, service)],
        },
    )


def _default_action(blueprint: Blueprint, service: str) -> Mapping[str, Value]:
    """Forward to the one service without paths; without any, what no rule claims is not found.

    Raises InputError where two services want the rest.
    """
    targets = targets_of(blueprint.spec, service)
    rest = [name for name, workload in targets.items() if not workload.paths]
    if len(rest) > 1:
        raise InputError.at(
            blueprint.file.origin("services", rest[1]),
            "RW-DESIGN-101",
            f"`{rest[0]}` and `{rest[1]}` both take everything that `{service}` receives",
            "give all but one of them `paths`",
        )
    if not rest:
        return {
            "Type": "fixed-response",
            "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"},
        }
    return _forward(blueprint.spec, rest[0], service)


def _forward(spec: Spec, target: str, balancer: str) -> Mapping[str, Value]:
    return {"Type": "forward", "TargetGroupArn": Ref(target_groups_of(spec, target)[balancer])}


def _redirect(service: str, balancer: LoadBalancer) -> Resource:
    return Resource(
        f"{pascal(service)}HttpListener",
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": Ref(balancer_name(service)),
            "Protocol": "HTTP",
            "Port": _HTTP_PORT,
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "RedirectConfig": {
                        "Protocol": "HTTPS",
                        "Port": str(balancer.listen),
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        },
    )


def _rules(spec: Spec, service: str) -> Iterator[Resource]:
    """One rule per path; its logical id and priority depend on the path, not on its place."""
    wanted = [
        (path, target)
        for target, workload in targets_of(spec, service).items()
        for path in workload.paths
    ]
    priorities = rule_priorities({path for path, _ in wanted})
    for path, target in wanted:
        yield Resource(
            f"{pascal(target)}{pascal(service)}Rule{_digest(path)[:6].upper()}",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            {
                "ListenerArn": Ref(f"{pascal(service)}HttpsListener"),
                "Priority": priorities[path],
                "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}],
                "Actions": [_forward(spec, target, service)],
            },
        )


def rule_priorities(paths: set[str]) -> dict[str, int]:
    """A listener priority for each path: more literal characters come first.

    Every literal length owns a band of priorities, a path's place in its band is a digest of it.
    Two paths of one band that fall on one place (1 in 387) are set apart in their sorted order.
    """
    known = facts("load-balancers").values
    first, last = known["rule-priorities"]
    longest = known["path-characters"]
    width = (last - first) // (longest + 1)
    taken: dict[int, str] = {}
    for path in sorted(paths):
        literal = min(len(path.rstrip("*").replace("*", "").replace("?", "")), longest)
        base, place = first + (longest - literal) * width, int(_digest(path), 16) % width
        while base + place in taken:
            place = (place + 1) % width
        taken[base + place] = path
    return {path: priority for priority, path in taken.items()}


def _digest(path: str) -> str:
    return sha256(path.encode()).hexdigest()
