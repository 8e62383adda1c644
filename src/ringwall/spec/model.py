"""What a user writes in ``ringwall.yaml``, as types. Every value has a default that is safe.

These are the shapes only; :mod:`ringwall.spec.load` reads the file and
:mod:`ringwall.spec.check` finds the mistakes that need more than one value, or a fact, to see.
The descriptions are what an editor shows (:mod:`ringwall.spec.schema`), so they speak to a user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

Tier = Literal["public", "app", "data"]
Nat = Literal["per-zone", "single", "none"]
Framework = Literal["soc2", "hipaa"]
DataClass = Literal["public", "internal", "confidential", "phi"]

#: A name becomes part of AWS's names, some of which refuse a hyphen at the end or two in a row.
Name = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=31,
        description="Lower-case letters, digits and single hyphens, at most 31.",
    ),
]
Port = Annotated[int, Field(ge=1, le=65535)]
Cidr = Annotated[str, Field(description="An IPv4 CIDR block, such as 10.20.0.0/16.")]


def _as_tuple(value: object) -> object:
    """One name may stand without brackets: `from: internet`."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Sources = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple, json_schema_input_type=str | tuple[str, ...]),
    Field(alias="from", description="Who may connect: your services, by name."),
]


class Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )


class NetworkSpec(Strict):
    """Addresses, zones and the way out."""

    cidr: Cidr = "10.0.0.0/16"
    """The VPC's IPv4 block, /16 to /21."""
    zones: Annotated[int, Field(ge=2, le=6)] = 3
    """Availability Zones to spread over."""
    nat: Nat = "per-zone"
    """NAT gateways for declared egress; none are built where no service has any."""
    endpoints: tuple[str, ...] | None = None
    """Interface endpoints by AWS service (`logs`, `ssm`, `ecr.api` ...); left out: what the
    services need."""


class ServiceBase(Strict):
    data_class: DataClass | None = None
    """Carried as a tag; left out: `phi` under hipaa in the data tier, `confidential` elsewhere
    in it, `internal` in the app tier, `public` in the public tier."""


class LoadBalancer(ServiceBase):
    """An application load balancer with TLS; HTTP is redirected to it."""

    kind: Literal["load-balancer"]
    """What it is."""
    tier: Literal["public"] = "public"
    """Follows from the kind: it may be left out."""
    sources: Annotated[
        Sources, Field(description="Who may connect: `internet`, or public IPv4 blocks.")
    ] = ("internet",)
    listen: Port = 443
    """The HTTPS port."""
    certificate: str | None = None
    """The ACM certificate's ARN; left out: a parameter of the template."""


class Scale(Strict):
    """How many instances."""

    min: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Left out: one instance per zone."""
    max: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Left out: twice the minimum."""


class Workload(ServiceBase):
    """A service of yours: an Auto Scaling group over the zones of the app tier."""

    kind: Literal["service"] = "service"
    """What it is."""
    tier: Literal["app"] = "app"
    """Follows from the kind: it may be left out."""
    sources: Annotated[
        Sources, Field(description="Who may connect: load balancers and your services, by name.")
    ] = ()
    port: Port = 8080
    """The port on which it takes connections."""
    protocol: Literal["tcp", "udp"] = "tcp"
    """A load balancer sends over tcp only."""
    instances: str = "t3.medium"
    """The EC2 instance type."""
    image: str | None = None
    """An AMI id; left out: a parameter whose default is the current Amazon Linux 2023."""
    scale: Scale = Scale()
    """How many instances: `{min: 3, max: 12}`."""
    paths: tuple[str, ...] = ()
    """URL paths that a load balancer sends here (`/v1/*`); the one service without any gets
    the rest."""
    health: str = "/"
    """The path that the load balancer's health check asks for."""


class Postgres(ServiceBase):
    """PostgreSQL on RDS: encrypted, TLS forced, Multi-AZ, backed up, private."""

    kind: Literal["postgres"]
    """What it is."""
    tier: Literal["data"] = "data"
    """Follows from the kind: it may be left out."""
    sources: Sources = ()
    port: Port = 5432
    """The port on which it takes connections."""
    instances: str = "db.t4g.medium"
    """The RDS instance class."""
    storage: Annotated[int, Field(ge=20, le=65536)] = 100
    """GiB."""
    backup_days: Annotated[int, Field(ge=1, le=35)] = 35
    """Days for which backups are kept."""


class Redis(ServiceBase):
    """Redis (Valkey-compatible) on ElastiCache: encrypted, TLS forced, Multi-AZ with failover."""

    kind: Literal["redis"]
    """What it is."""
    tier: Literal["data"] = "data"
    """Follows from the kind: it may be left out."""
    sources: Sources = ()
    port: Port = 6379
    """The port on which it takes connections."""
    instances: str = "cache.t4g.medium"
    """The ElastiCache node type."""
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    """Days for which snapshots are kept."""


class Bucket(ServiceBase):
    """An S3 bucket, reached through the gateway endpoint only."""

    kind: Literal["bucket"]
    """What it is."""
    tier: Literal["data"] = "data"
    """Follows from the kind: it may be left out."""
    sources: Sources = ()


K = TypeVar("K", bound=ServiceBase)

Service = Annotated[
    LoadBalancer | Workload | Postgres | Redis | Bucket, Field(discriminator="kind")
]


class Egress(Strict):
    """A destination on the Internet that a service may connect to."""

    to: Cidr
    port: Port
    """The port there."""
    protocol: Literal["tcp", "udp"] = "tcp"
    """The protocol there."""
    why: Annotated[str, Field(min_length=3)]
    """For the auditor: the reason."""


class NeverGuarantee(Strict):
    """No packet may ever pass."""

    never: str
    """`SOURCE -> TARGET`: service names, tiers, or `internet`."""


class LayersGuarantee(Strict):
    """Defence in depth, counted."""

    layers: Annotated[int, Field(ge=1, le=3)]
    """Independent layers that stop each forbidden flow between tiers."""


class SurvivesGuarantee(Strict):
    """What may be lost."""

    survives: Literal["zone"]
    """Every intended flow outlives the loss of any one zone."""


#: The key that tells one guarantee from another.
GUARANTEES: tuple[str, ...] = ("never", "layers", "survives")


def _guarantee_tag(value: object) -> str | None:
    written = value if isinstance(value, Mapping) else getattr(value, "__dict__", {})
    return next((key for key in GUARANTEES if key in written), None)


Guarantee = Annotated[
    Annotated[NeverGuarantee, Tag("never")]
    | Annotated[LayersGuarantee, Tag("layers")]
    | Annotated[SurvivesGuarantee, Tag("survives")],
    Discriminator(_guarantee_tag),
]

#: What holds where the file says nothing.
DEFAULT_GUARANTEES: tuple[Guarantee, ...] = (
    NeverGuarantee(never="internet -> data"),
    LayersGuarantee(layers=2),
    SurvivesGuarantee(survives="zone"),
)


class Spec(Strict):
    """The whole of ``ringwall.yaml``."""

    name: Annotated[Name, Field(description="What this is: the start of its resources' names.")]
    region: str = "us-east-1"
    """The AWS Region."""
    frameworks: tuple[Framework, ...] = ()
    """The frameworks to be audited under."""
    network: NetworkSpec = NetworkSpec()
    """Addresses, zones and the way out."""
    services: Annotated[dict[Name, Service], Field(min_length=1)]
    """Everything that runs or stores, by name; `from` says who connects to it."""
    egress: dict[Name, tuple[Egress, ...]] = {}
    """Destinations on the Internet, by the service that may connect to them."""
    guarantees: tuple[Guarantee, ...] = DEFAULT_GUARANTEES
    """What must hold whatever the flows are; left out: nothing from the Internet to the data
    tier, two layers, and a zone may be lost."""

    def of_kind(self, kind: type[K]) -> dict[str, K]:
        """The services of one kind, in the order of the file."""
        return {name: one for name, one in self.services.items() if isinstance(one, kind)}
