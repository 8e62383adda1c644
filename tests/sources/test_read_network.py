"""One door: the right reader for what a path holds, and a plain word for what it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringwall.model.errors import InputError
from ringwall.sources.read import read_network

TEMPLATE = {
    "Parameters": {"Block": {"Type": "String", "Default": "10.0.0.0/16"}},
    "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Block"}}}},
}
VPCS = {"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_template_in_json_or_yaml(tmp_path: Path) -> None:
    as_json = write(tmp_path / "a.json", TEMPLATE)
    as_yaml = write(tmp_path / "a.yaml", "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n")
    assert list(read_network(as_json).vpcs) == ["Vpc"]
    assert list(read_network(as_yaml).vpcs) == ["Vpc"]


def test_region_and_parameters_reach_the_template(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", TEMPLATE)
    network = read_network(path, region="eu-west-1", parameters={"Block": "10.9.0.0/16"})
    assert network.region == "eu-west-1"
    assert [str(one) for one in network.vpcs["Vpc"].cidrs] == ["10.9.0.0/16"]


def test_a_dump_as_a_file_or_a_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "dump" / "vpcs.json", VPCS)
    assert list(read_network(path).vpcs) == ["vpc-1"]
    assert list(read_network(path.parent).vpcs) == ["vpc-1"]


def test_a_folder_with_one_template(tmp_path: Path) -> None:
    write(tmp_path / "main.template", TEMPLATE)
    write(tmp_path / "README.md", "hello")
    assert list(read_network(tmp_path).vpcs) == ["Vpc"]


REFUSED = {
    # name: (content, code, a word of the message or the help)
    "nothing": (None, "RW-READ-001", "describe"),
    "text": ("hello", "RW-READ-003", "describe"),
    "empty": ("", "RW-READ-003", "describe"),
    "a spec": ("name: x\nservices:\n  a: {}\n", "RW-READ-003", "ringwall check"),
    "a damaged template": ('{"Resources": {"V": ', "RW-CFN-001", "value"),
    "a template without resources": ("AWSTemplateFormatVersion: x\n", "RW-CFN-004", "Resources"),
    "resources of the wrong type": ({"Resources": "x"}, "RW-CFN-004", "Resources"),
}


@pytest.mark.parametrize(("content", "code", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_neither_is_told(tmp_path: Path, content: object, code: str, word: str) -> None:
    path = tmp_path / "in.yaml"
    if content is not None:
        write(path, content)
    with pytest.raises(InputError) as caught:
        read_network(path)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert word in f"{found.message} {found.help}"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(b"\x80\x00{")
    with pytest.raises(InputError) as caught:
        read_network(path)
    assert caught.value.diagnostics[0].code == "RW-READ-002"


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_network(tmp_path)
    assert caught.value.diagnostics[0].code == "RW-READ-001"


def test_parameters_are_for_templates(tmp_path: Path) -> None:
    path = write(tmp_path / "vpcs.json", VPCS)
    with pytest.raises(InputError) as caught:
        read_network(path, parameters={"A": "b"})
    assert caught.value.diagnostics[0].code == "RW-READ-004"
