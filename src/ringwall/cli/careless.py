"""The careless changes that ``ringwall demo`` makes to its example: each is one a person makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Template = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of the emitted template.

    ``edit`` says in words what was written, ``why`` is what its maker would say. ``source`` and
    ``target`` are the ends of a connection on TCP ``port`` that shows what the change does.
    """

    title: str
    edit: str
    why: str
    source: str
    target: str
    port: int
    make: Callable[[Template], None]

    def made_in(self, template: Mapping[str, Any]) -> Template:
        """A changed copy of the template."""
        changed: Template = deepcopy(dict(template))
        self.make(changed)
        return changed


def _open_database(template: Template) -> None:
    template["Resources"]["RecordsIngressFromHome"] = {
        "Type": "AWS::EC2::SecurityGroupIngress",
        "Properties": {
            "GroupId": {"Fn::GetAtt": ["RecordsSecurityGroup", "GroupId"]},
            "IpProtocol": "tcp",
            "FromPort": 5432,
            "ToPort": 5432,
            "CidrIp": "0.0.0.0/0",
        },
    }


def _let_everything_out(template: Template) -> None:
    template["Resources"]["InferenceEgressToAll"] = {
        "Type": "AWS::EC2::SecurityGroupEgress",
        "Properties": {
            "GroupId": {"Fn::GetAtt": ["InferenceSecurityGroup", "GroupId"]},
            "IpProtocol": "-1",
            "CidrIp": "0.0.0.0/0",
        },
    }


def _borrow_group(template: Template) -> None:
    launch = template["Resources"]["InferenceLaunchTemplate"]["Properties"]["LaunchTemplateData"]
    launch["NetworkInterfaces"][0]["Groups"].append({"Fn::GetAtt": ["ApiSecurityGroup", "GroupId"]})


CHANGES: tuple[Change, ...] = (
    Change(
        "A rule opens the patient database to the whole Internet",
        "RecordsSecurityGroup, ingress: tcp/5432 from 0.0.0.0/0",
        "just for today, to look at a table from home",
        "internet",
        "records",
        5432,
        _open_database,
    ),
    Change(
        "A rule lets the inference service connect to anywhere",
        "InferenceSecurityGroup, egress: everything to 0.0.0.0/0",
        "it is the default of every new group, and a download had timed out",
        "inference",
        "internet",
        443,
        _let_everything_out,
    ),
    Change(
        "The inference service gets the api's security group as well; no rule changes",
        "InferenceLaunchTemplate: ApiSecurityGroup added to its groups",
        "it needed one thing that the api can do",
        "inference",
        "records",
        5432,
        _borrow_group,
    ),
)
