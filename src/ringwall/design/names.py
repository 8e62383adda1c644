"""Names that AWS sees: where a name must be chosen ahead, it fits AWS's length and stays unique.

Most resources get their name from CloudFormation. A few need one chosen ahead because another
resource speaks of them by name (a log group that must exist, encrypted, before the database writes
to it; a cache user whose id is what a client signs for). Those names start with the design's name:
one design stands once in an account and Region.
"""

from __future__ import annotations

from hashlib import sha256

from ringwall.spec.model import Spec


def identifier(*words: str, limit: int) -> str:
    """Words joined by hyphens; what is too long is cut and gets a digest of the whole."""
    whole = "-".join(words)
    if len(whole) <= limit:
        return whole
    digest = sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: limit - 9].rstrip('-')}-{digest}"


def log_group_name(spec: Spec, service: str) -> str:
    """Where a service's own logs go."""
    return f"/{spec.name}/{service}"


def vended_log_group_name(spec: Spec, service: str) -> str:
    """Logs that AWS delivers; under this prefix no size limit of a resource policy is in reach."""
    return f"/aws/vendedlogs/{spec.name}/{service}"


def database_id(spec: Spec, service: str) -> str:
    """RDS takes at most 63 characters."""
    return identifier(spec.name, service, limit=63)


def database_log_group_name(spec: Spec, service: str, log: str) -> str:
    """The name under which RDS looks for its log group."""
    return f"/aws/rds/instance/{database_id(spec, service)}/{log}"


def cache_user_id(spec: Spec, cache: str, client: str) -> str:
    """ElastiCache takes at most 40 characters; under IAM authentication id and name are one."""
    return identifier(spec.name, cache, client, limit=40)


def cache_group_id(spec: Spec, cache: str) -> str:
    return identifier(spec.name, cache, limit=40)


def scaling_role_suffix(spec: Spec) -> str:
    """IAM takes 64 characters, of which ``AWSServiceRoleForAutoScaling_`` uses 29.

    IAM knows no Regions, so the Region is part of the name.
    """
    return identifier(spec.name, spec.region, limit=35)
