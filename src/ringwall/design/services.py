"""Services: for each an Auto Scaling group over the app subnets, and all its instances need."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.design.balancers import target_groups_of
from ringwall.design.blueprint import Blueprint, group_name, pascal, subnet_name
from ringwall.design.choices import CPU_TARGET, LOG_DAYS, ROOT_GIB, START_SECONDS
from ringwall.design.iam import instance_profile, role
from ringwall.design.keys import DATA_KEY, LOGS_KEY, scaling_role_arn
from ringwall.design.names import log_group_name
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Output, Parameter, Ref, Resource, Tree, Value
from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.spec.model import Spec, Workload


def services(blueprint: Blueprint, tree: Tree) -> None:
    """Add log group, role, launch template, group and scaling of every service."""
    for service, workload in blueprint.spec.of_kind(Workload).items():
        spec = blueprint.spec
        tree.add(_log_group(blueprint, service))
        tree.add(role(blueprint, service))
        tree.add(instance_profile(service))
        tree.add(_launch_template(blueprint, tree, service, workload))
        tree.add(_group(blueprint, service, workload))
        least, most = _sizes(spec, workload)
        if most > least:
            tree.add(_scaling(service))
        name = f"{pascal(service)}AutoScalingGroup"
        tree.tell(Output(f"{name}Name", f"The instances of {service}", Ref(name)))
        tree.tell(
            Output(
                f"{pascal(service)}LogGroupName",
                f"Where {service} may write its logs",
                Ref(f"{pascal(service)}LogGroup"),
            )
        )


def _log_group(blueprint: Blueprint, service: str) -> Resource:
    return Resource(
        f"{pascal(service)}LogGroup",
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": log_group_name(blueprint.spec, service),
            "KmsKeyId": Attr(LOGS_KEY, "Arn"),
            "RetentionInDays": LOG_DAYS,
            "Tags": tags(blueprint, f"{service}-logs", service=service),
        },
        protect="retain",
    )


def _architecture(blueprint: Blueprint, service: str, family: str) -> str:
    families: Mapping[str, str] = facts("instance-types").values["families"]
    if family not in families:
        raise InputError.at(
            blueprint.file.origin("services", service, "instances"),
            "RW-DESIGN-102",
            f"no CPU architecture is known for the instance family `{family}`",
            "name the image yourself with `image`, or use a current family",
        )
    return families[family]


def _image(blueprint: Blueprint, tree: Tree, service: str, workload: Workload) -> Value:
    """The image of the spec, or a parameter whose default is AWS's current one for the instance.

    Raises InputError where the instance family is not known.
    """
    if workload.image is not None:
        return workload.image
    known = facts("ssm-images").values
    family = workload.instances.split(".")[0]
    kind = known[_image_kind(workload)]
    return tree.ask(
        Parameter(
            f"{pascal(service)}Image",
            "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
            f"The SSM parameter that holds the image of {service}: one that serves port "
            f"{workload.port} when it starts. The default is {kind['name']}, which serves nothing",
            default=kind[_architecture(blueprint, service, family)],
            group="Images",
        )
    )


def _image_kind(workload: Workload) -> str:
    family = workload.instances.split(".")[0]
    return "nvidia" if family in facts("ssm-images").values["nvidia-families"] else "general"


def _root_volume(tree: Tree, workload: Workload) -> Mapping[str, Value]:
    """Twice what the image needs, for models and containers, and never less than our least."""
    known = facts("ssm-images").values
    device = tree.ask(
        Parameter(
            "RootDeviceName",
            "String",
            "The root device of the images (Amazon Linux: /dev/xvda, Ubuntu and Debian: /dev/sda1 "
            "or /dev/xvda); were it another, the root volume would keep the image's own encryption",
            default=known["root-device"],
            allowed_pattern=r"^/dev/[a-z0-9]+$",
            group="Images",
        )
    )
    return {
        "DeviceName": device,
        "Ebs": {
            "DeleteOnTermination": True,
            "Encrypted": True,
            "KmsKeyId": Attr(DATA_KEY, "Arn"),
            "VolumeSize": max(ROOT_GIB, 2 * known[_image_kind(workload)]["volume-gib"]),
            "VolumeType": "gp3",
        },
    }


def _launch_template(
    blueprint: Blueprint, tree: Tree, service: str, workload: Workload
) -> Resource:
    labels = tags(blueprint, service, service=service, clients=True)
    return Resource(
        f"{pascal(service)}LaunchTemplate",
        "AWS::EC2::LaunchTemplate",
        {
            "LaunchTemplateData": {
                "ImageId": _image(blueprint, tree, service, workload),
                "InstanceType": workload.instances,
                "IamInstanceProfile": {"Arn": Attr(f"{pascal(service)}InstanceProfile", "Arn")},
                "MetadataOptions": {
                    "HttpEndpoint": "enabled",
                    "HttpTokens": "required",
                    # One hop: a container behind a bridge does not get the instance's role.
                    "HttpPutResponseHopLimit": 1,
                },
                "Monitoring": {"Enabled": True},
                "NetworkInterfaces": [
                    {
                        "DeviceIndex": 0,
                        "AssociatePublicIpAddress": False,
                        "DeleteOnTermination": True,
                        "Groups": [Attr(group_name(service), "GroupId")],
                    }
                ],
                "BlockDeviceMappings": [_root_volume(tree, workload)],
                # The group tags its instances; volumes and interfaces are tagged here.
                "TagSpecifications": [
                    {"ResourceType": kind, "Tags": labels}
                    for kind in ("volume", "network-interface")
                ],
            },
            "TagSpecifications": [
                {
                    "ResourceType": "launch-template",
                    "Tags": tags(blueprint, service, service=service),
                }
            ],
        },
    )


def _sizes(spec: Spec, workload: Workload) -> tuple[int, int]:
    """The least and the most instances."""
    least = workload.scale.min or spec.network.zones
    return least, max(least, workload.scale.max or 2 * least)


def _group(blueprint: Blueprint, service: str, workload: Workload) -> Resource:
    least, most = _sizes(blueprint.spec, workload)
    template = f"{pascal(service)}LaunchTemplate"
    groups = list(target_groups_of(blueprint.spec, service).values())
    properties: dict[str, Value] = {
        "VPCZoneIdentifier": [Ref(subnet_name("app", zone)) for zone in blueprint.zones],
        "LaunchTemplate": {
            "LaunchTemplateId": Ref(template),
            "Version": Attr(template, "LatestVersionNumber"),
        },
        "MinSize": str(least),
        "MaxSize": str(most),
        "ServiceLinkedRoleARN": scaling_role_arn(),
        "HealthCheckType": "ELB" if groups else "EC2",
        "HealthCheckGracePeriod": START_SECONDS,
        "DefaultInstanceWarmup": START_SECONDS,
        "MetricsCollection": [{"Granularity": "1Minute"}],
    }
    if groups:
        properties["TargetGroupARNs"] = [Ref(one) for one in groups]
    properties["Tags"] = [
        {**tag, "PropagateAtLaunch": True}
        for tag in tags(blueprint, service, service=service, clients=True)
    ]
    return Resource(
        f"{pascal(service)}AutoScalingGroup",
        "AWS::AutoScaling::AutoScalingGroup",
        properties,
        attributes={"UpdatePolicy": _update_policy(least, most)},
    )


def _update_policy(least: int, most: int) -> Mapping[str, Value]:
    """Replace instances one at a time, without falling below the least where there is room."""
    return {
        "AutoScalingRollingUpdate": {
            "MaxBatchSize": 1,
            "MinInstancesInService": least if most > least else least - 1,
            "PauseTime": f"PT{START_SECONDS // 60}M",
            "SuspendProcesses": [
                "HealthCheck",
                "ReplaceUnhealthy",
                "AZRebalance",
                "AlarmNotification",
                "ScheduledActions",
            ],
        }
    }


def _scaling(service: str) -> Resource:
    return Resource(
        f"{pascal(service)}ScalingPolicy",
        "AWS::AutoScaling::ScalingPolicy",
        {
            "AutoScalingGroupName": Ref(f"{pascal(service)}AutoScalingGroup"),
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": {
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ASGAverageCPUUtilization"
                },
                "TargetValue": CPU_TARGET,
            },
        },
    )
