"""The printer: how references are spelt, what is refused, and that the bytes never change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import ManualArgs, lint
from hypothesis import given, settings

from designs import tree_of
from ringwall.design.tree import (
    Attr,
    Concat,
    Output,
    Parameter,
    Pseudo,
    Ref,
    Resource,
    Tree,
    ZoneName,
)
from ringwall.emit.cloudformation import check_limits, template, to_json, to_yaml
from ringwall.emit.intrinsics import spell
from ringwall.spec.load import SpecFile, load_spec, parse_spec
from strategies import spec_files

EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/*/ringwall.yaml"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Ref("Vpc"), {"Ref": "Vpc"}),
        (Attr("Key", "Arn"), {"Fn::GetAtt": ["Key", "Arn"]}),
        (Attr("Db", "Endpoint.Port"), {"Fn::GetAtt": ["Db", "Endpoint.Port"]}),
        (Pseudo("account"), {"Ref": "AWS::AccountId"}),
        (ZoneName(2), {"Fn::Select": [2, {"Fn::GetAZs": ""}]}),
        (Concat(("a", "b")), "ab"),
        (Concat(()), ""),
        (Concat(("", Ref("Vpc"), "")), {"Ref": "Vpc"}),
        (
            Concat(("a", "b", Concat(("c", Ref("X"), "d")), "e")),
            {"Fn::Join": ["", ["abc", {"Ref": "X"}, "de"]]},
        ),
        ({"a": (Ref("X"), None, 1.5, True)}, {"a": [{"Ref": "X"}, None, 1.5, True]}),
    ],
)
def test_references_are_spelt_in_the_long_form(value: object, expected: object) -> None:
    assert spell(value) == expected


@pytest.mark.parametrize("value", [object(), {"deep": [{1, 2}]}, Pseudo("weather")])
def test_what_cloudformation_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"no way to say|no such fact"):
        spell(value)


def small() -> Tree:
    tree = Tree("small", "small")
    tree.ask(Parameter("Size", "String", "how big", default="on", group="Sizes"))
    tree.add(Resource("First", "AWS::S3::Bucket", {}, protect="retain"))
    tree.add(
        Resource(
            "Second",
            "AWS::S3::Bucket",
            {"BucketName": Concat((Ref("First"), "-", Ref("Size")))},
            depends_on=("First",),
            protect="snapshot",
            attributes={"Metadata": {"why": "a test"}},
        )
    )
    tree.tell(Output("Name", "a name", Attr("Second", "Arn"), export=True))
    return tree


def test_the_template_of_a_small_tree() -> None:
    assert to_yaml(template(small())) == (
        """\
AWSTemplateFormatVersion: '2010-09-09'
Description: small
Metadata:
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - Label:
          default: Sizes
        Parameters:
          - Size
Parameters:
  Size:
    Type: String
    Description: how big
    Default: 'on'
Resources:
  First:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
  Second:
    Type: AWS::S3::Bucket
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Metadata:
      why: a test
    Properties:
      BucketName:
        Fn::Join:
          - ''
          - - Ref: First
            - '-'
            - Ref: Size
Outputs:
  Name:
    Description: a name
    Value:
      Fn::GetAtt:
        - Second
        - Arn
    Export:
      Name:
        Fn::Join:
          - ''
          - - Ref: AWS::StackName
            - -Name
"""
    )


@pytest.mark.parametrize(
    "dangling",
    [
        Resource("Third", "AWS::S3::Bucket", {"BucketName": Concat(("x", Ref("Lost")))}),
        Resource("Third", "AWS::S3::Bucket", {"Deep": [{"er": Attr("Lost", "Arn")}]}),
        Resource("Third", "AWS::S3::Bucket", {}, depends_on=("Lost",)),
        Resource("Third", "AWS::S3::Bucket", {}, attributes={"UpdatePolicy": Ref("Lost")}),
    ],
)
def test_a_dangling_reference_is_refused_by_name(dangling: Resource) -> None:
    tree = small()
    tree.add(dangling)
    with pytest.raises(ValueError, match="Third -> Lost"):
        template(tree)


def test_a_dangling_output_and_an_unknown_protection_are_refused() -> None:
    tree = small()
    tree.tell(Output("Bad", "bad", Ref("Lost")))
    with pytest.raises(ValueError, match="output Bad -> Lost"):
        template(tree)
    tree = small()
    tree.add(Resource("Third", "AWS::S3::Bucket", {}, protect="prayer"))
    with pytest.raises(ValueError, match="no such protection: prayer"):
        template(tree)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_cfn_lint_has_nothing_to_say_of_an_example(example: Path) -> None:
    file = load_spec(example)
    text = to_json(template(tree_of(file)))
    found = lint(text, config=ManualArgs(regions=[file.spec.region]))
    assert [f"{one.rule.id} {one.message}" for one in found] == []


#: What the examples do not have: everything at once, nothing but the least, the widest names.
CORNERS = {
    "two load balancers before one service, paths, every store, six zones": """
name: corner
region: us-east-1
frameworks: [hipaa]
network: {zones: 6}
services:
  web: {kind: load-balancer}
  partners: {kind: load-balancer, listen: 8443, from: [203.0.113.0/24]}
  api: {kind: service, from: [web, partners], paths: ["/v1/*", "/v1/models/*", "/health"]}
  site: {kind: service, from: [web], scale: {min: 1, max: 1}, instances: t4g.small}
  train: {kind: service, from: [api], instances: p5.48xlarge, image: ami-0123456789abcdef0}
  records: {kind: postgres, from: [api, train], storage: 65536}
  cache: {kind: redis, from: [api, site]}
  documents: {kind: bucket, from: [api]}
  models: {kind: bucket, from: [train]}
""",
    "the longest names, a Region without version 11": """
name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
region: me-south-1
services:
  wwwwwwwwwwwwwwwwwwwwwwwwwwwwwww: {kind: load-balancer}
  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: {kind: service, from: [wwwwwwwwwwwwwwwwwwwwwwwwwwwwwww]}
  ppppppppppppppppppppppppppppppp: {kind: postgres, from: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}
  ccccccccccccccccccccccccccccccc: {kind: redis, from: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}
  bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: {kind: bucket, from: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}
""",
}


@pytest.mark.parametrize("corner", CORNERS)
def test_cfn_lint_has_nothing_to_say_of_a_corner(corner: str) -> None:
    file = parse_spec(CORNERS[corner])
    text = to_json(template(tree_of(file)))
    found = lint(text, config=ManualArgs(regions=[file.spec.region]))
    assert [f"{one.rule.id} {one.message}" for one in found] == []


@settings(max_examples=25, deadline=None)
@given(spec_files(most_apps=5, most_stores=2))
def test_the_same_spec_gives_the_same_bytes_and_order_survives(file: SpecFile) -> None:
    first, again = template(tree_of(file)), template(tree_of(file))
    assert to_json(first) == to_json(again)
    assert to_json(first, compact=True) == to_json(again, compact=True)
    assert json.loads(to_json(first)) == first
    assert json.loads(to_json(first, compact=True)) == first
    assert list(json.loads(to_json(first))["Resources"]) == list(first["Resources"])


def test_yaml_reads_back_as_the_same_document() -> None:
    for example in EXAMPLES:
        whole = template(tree_of(load_spec(example)))
        text = to_yaml(whole)
        assert yaml.load(text, yaml.CSafeLoader) == json.loads(to_json(whole))
        assert text == to_yaml(template(tree_of(load_spec(example))))
        assert " &id" not in text
        assert "!" not in text.replace("!=", "")


def _of(resources: int, description: str = "") -> dict[str, Any]:
    one = {"Type": "AWS::S3::Bucket"}
    return {"Description": description, "Resources": {f"B{n}": one for n in range(resources)}}


def test_limits_are_checked_at_their_edge() -> None:
    assert check_limits(_of(500)) == []
    assert check_limits(_of(501)) == [
        "the template has 501 resources, CloudFormation takes 500",
    ]
    assert check_limits(_of(1, "é" * 512)) == []
    assert check_limits(_of(1, "é" * 513)) == [
        "the template has 1,026 bytes of description, CloudFormation takes 1,024"
    ]
    big = _of(1)
    big["Resources"]["B0"] = {"Type": "AWS::S3::Bucket", "Metadata": "x" * 1_048_576}
    assert "bytes of compact JSON" in check_limits(big)[0]
