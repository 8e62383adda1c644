"""Parts of IAM and resource policies, so that every pass writes them the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ringwall.design.tree import Attr, Concat, Pseudo, Value

Statement = dict[str, Value]
Condition = Mapping[str, Mapping[str, Value]]

#: A request that came in clear text.
IN_CLEAR_TEXT: Condition = {"Bool": {"aws:SecureTransport": "false"}}


def arn(service: str, *resource: Value, region: bool = True, account: bool = True) -> Concat:
    """An ARN in this partition; ``resource`` are the parts of its last field."""
    return Concat(
        (
            "arn:",
            Pseudo("partition"),
            f":{service}:",
            Pseudo("region") if region else "",
            ":",
            Pseudo("account") if account else "",
            ":",
            *resource,
        )
    )


def account_root() -> Concat:
    """Everyone in this account whose own IAM policies say so."""
    return arn("iam", "root", region=False)


def same_account() -> Mapping[str, Value]:
    """For a service principal: it acts for this account, not for a stranger's."""
    return {"aws:SourceAccount": Pseudo("account")}


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Value,
    *,
    principal: Value = None,
    condition: Condition | None = None,
) -> Statement:
    return _statement("Allow", sid, actions, resources, principal, condition)


def deny(
    sid: str, actions: Sequence[str], resources: Value, condition: Condition, *, principal: Value
) -> Statement:
    return _statement("Deny", sid, actions, resources, principal, condition)


def document(*statements: Statement) -> dict[str, Value]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, *, condition: Condition | None = None) -> dict[str, Value]:
    """The policy that lets an AWS service assume a role."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if condition:
        statement["Condition"] = dict(condition)
    return document(statement)


def whole_bucket(bucket: str) -> list[Value]:
    """A bucket and all that is in it, by logical id."""
    return [Attr(bucket, "Arn"), objects(bucket)]


def objects(bucket: str, *prefix: Value) -> Concat:
    return Concat((Attr(bucket, "Arn"), "/", *prefix, "*"))


def tls_only(bucket: str) -> Statement:
    """Nobody at all, AWS's own services included, speaks clear text to a bucket."""
    return deny("DenyClearText", ["s3:*"], whole_bucket(bucket), IN_CLEAR_TEXT, principal="*")


def _statement(
    effect: str,
    sid: str,
    actions: Sequence[str],
    resources: Value,
    principal: Value,
    condition: Condition | None,
) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": effect}
    if principal is not None:
        statement["Principal"] = principal
    statement["Action"] = actions[0] if len(actions) == 1 else list(actions)
    statement["Resource"] = resources
    if condition:
        statement["Condition"] = {test: dict(keys) for test, keys in condition.items()}
    return statement
