"""Bad input of every kind: exit code 2, told with its place, nothing on stdout, no traceback."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from ringwall.cli.app import run

SPEC = """\
name: shop
services:
  web: {kind: load-balancer}
  api: {kind: service, from: [web]}
  records: {kind: postgres, from: [api]}
"""
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}


@dataclass(frozen=True)
class Case:
    """``told`` must all be in the message: the place, and the words that matter."""

    name: str
    text: str | bytes
    told: tuple[str, ...]
    file: str = "ringwall.yaml"
    args: tuple[str, ...] = ("check", "FILE")


def edited(old: str, new: str) -> str:
    assert old in SPEC
    return SPEC.replace(old, new)


SPECS = [
    Case("empty file", "", ("ringwall.yaml",)),
    Case("only a comment", "# nothing yet\n", ("ringwall.yaml",)),
    Case("a list", "- web\n- api\n", ("ringwall.yaml:1",)),
    Case("a word", "hello\n", ("ringwall.yaml:1",)),
    Case("broken flow mapping", edited("[web]}", "[web}"), ("ringwall.yaml:4",)),
    Case("tab as indentation", edited("  web:", "\tweb:"), ("ringwall.yaml:3",)),
    Case("the same key twice", SPEC + "name: other\n", ("ringwall.yaml:6:1", "`name`")),
    Case("unknown key", SPEC + "regoin: eu-west-1\n", (":6:1", "`regoin`", "region")),
    Case("unknown key inside", edited("from: [web]", "form: [web]"), (":4:", "`form`", "from")),
    Case("no services", "name: shop\n", ("ringwall.yaml:1", "services")),
    Case("services is a list", "name: shop\nservices: [web]\n", ("ringwall.yaml:2",)),
    Case("no name", SPEC.split("\n", 1)[1], ("ringwall.yaml:1", "name")),
    Case("name that AWS refuses", edited("shop", "Shop_1"), (":1:7", "`Shop_1`")),
    Case("unknown kind", edited("postgres", "mysql"), (":5:", "`mysql`", "postgres")),
    Case("port out of range", edited("[web]}", "[web], port: 70000}"), (":4:", "`70000`")),
    Case("port is a word", edited("[web]}", "[web], port: http}"), (":4:", "`http`")),
    Case("from names nothing", edited("[api]", "[apo]"), (":5:", "`apo`", "`api`")),
    Case("from names itself", edited("[web]", "[web, api]"), (":4:", "`api`")),
    Case("public database", edited("[api]", "[api, internet]"), (":5:", "`internet`")),
    Case("CIDR that is none", SPEC + "network: {cidr: 10.0.0/16}\n", (":6:17", "`10.0.0/16`")),
    Case("CIDR too small", SPEC + "network: {cidr: 10.0.0.0/26}\n", (":6:17", "`10.0.0.0/26`")),
    Case("host bits", SPEC + "network: {cidr: 10.0.0.9/16}\n", (":6:17", "`10.0.0.9/16`")),
    Case("public CIDR", SPEC + "network: {cidr: 8.8.0.0/16}\n", (":6:17", "`8.8.0.0/16`")),
    Case("too many zones", SPEC + "network: {zones: 9}\n", (":6:18", "`9`")),
    Case("unknown Region", SPEC + "region: mars-north-1\n", (":6:9", "`mars-north-1`")),
    Case("egress of nobody", SPEC + "egress: {pay: [{to: 203.0.113.0/24, port: 443, why: pay}]}\n",
         (":6:", "`pay`")),
    Case("egress without a reason", SPEC + "egress: {api: [{to: 203.0.113.0/24, port: 443}]}\n",
         (":6:", "why")),
    Case("guarantee that is none", SPEC + "guarantees: [{never: web data}]\n",
         (":6:", "`web data`")),
    Case("guarantee on nobody", SPEC + "guarantees: [{never: web -> vault}]\n", (":6:", "`vault`")),
    Case("unknown anchor", edited("[web]", "*front"), (":4:", "front")),
    Case("foreign tag", edited("shop", "!!python/object:os.system shop"), (":1:",)),
    Case("not UTF-8", SPEC.encode() + b"# caf\xe9\n", ("ringwall.yaml", "UTF-8")),
    Case("NUL byte", SPEC.replace("shop", "sh\0op"), ("ringwall.yaml",)),
    Case("a template for a spec", json.dumps({"Resources": {"Vpc": VPC}}),
         ("stack.json", "not a spec", "ringwall prove"), file="stack.json"),
    Case("a YAML template for a spec", "Resources:\n  Vpc: {Type: AWS::EC2::VPC}\n",
         ("ringwall.yaml", "not a spec")),
    Case("broken policy", "name: [\n", ("ringwall.yaml",),
         args=("prove", "TEMPLATE", "--policy", "FILE")),
]  # fmt: skip


def template(**properties: object) -> str:
    return json.dumps({"Resources": {"Vpc": {**VPC, "Properties": properties}}})


SOURCES = [
    Case("broken JSON", '{"Resources": {', ("t.json:1",), "t.json", ("prove", "FILE")),
    Case("JSON of no kind", '{"hello": 1}', ("t.json",), "t.json", ("prove", "FILE")),
    Case("a number", "42", ("t.json",), "t.json", ("prove", "FILE")),
    Case("empty JSON file", "", ("t.json",), "t.json", ("prove", "FILE")),
    Case("Resources is a list", '{"Resources": []}', ("t.json",), "t.json", ("prove", "FILE")),
    Case("resource without a type", '{"Resources": {"Vpc": {}}}', ("t.json", "Vpc"), "t.json",
         ("prove", "FILE")),
    Case("CIDR in a template", template(CidrBlock="10.0.0.0/99"), ("t.json", "10.0.0.0/99"),
         "t.json", ("prove", "FILE")),
    Case("reference to nothing", template(CidrBlock={"Ref": "Nowhere"}), ("t.json", "Nowhere"),
         "t.json", ("prove", "FILE")),
    Case("broken YAML template", "Resources:\n  Vpc: {Type: [\n", ("t.yaml:",), "t.yaml",
         ("prove", "FILE")),
    Case("broken dump", '{"Vpcs": [', ("t.json:1",), "t.json", ("prove", "FILE")),
    Case("Vpcs is a word", '{"Vpcs": "many"}', ("t.json", "Vpcs"), "t.json", ("prove", "FILE")),
    Case("VPC without an id", '{"Vpcs": [{"CidrBlock": "10.0.0.0/16"}]}', ("t.json", "VpcId"),
         "t.json", ("prove", "FILE")),
    Case("CIDR in a dump", '{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "ten"}]}',
         ("t.json", "`ten`"), "t.json", ("prove", "FILE")),
    Case("dump not UTF-8", b'{"Vpcs": "\xff"}', ("t.json", "UTF-8"), "t.json", ("prove", "FILE")),
]  # fmt: skip

ASK = ("explain", "FILE", "--from", "web", "--to", "api")
FLAGS = [
    Case("only one end", SPEC, ("--to",), args=("explain", "FILE", "--from", "web")),
    Case("unknown end", SPEC, ("`vault`",),
         args=("explain", "FILE", "--from", "web", "--to", "vault", "--port", "1")),
    Case("unknown protocol", SPEC, ("`carrier-pigeon`",),
         args=(*ASK, "--protocol", "carrier-pigeon")),
    Case("port 70000", SPEC, ("70000",), args=(*ASK, "--port", "70000")),
    Case("unknown client profile", SPEC, ("`amiga`",), args=(*ASK, "--port", "80", "--client",
         "amiga")),
    Case("client ports backwards", SPEC, ("`9-1`",), args=(*ASK, "--port", "80", "--client",
         "9-1")),
    Case("parameter without a value", SPEC, ("`Region`",), args=("prove", "FILE", "--parameter",
         "Region")),
    Case("Region for a spec", SPEC, ("ringwall.yaml", "--region"), args=("prove", "FILE",
         "--region", "eu-west-1")),
    Case("unknown format", SPEC, ("xml",), args=("check", "FILE", "--format", "xml")),
    Case("unknown verb", SPEC, ("`chekc`", "`check`"), args=("chekc", "FILE")),
    Case("unknown code", SPEC, ("`RW-ONYL`", "`RW-ONLY`"), args=("explain", "RW-ONYL")),
    Case("no such file", SPEC, ("nowhere.yaml", "no such file"), args=("check", "nowhere.yaml")),
    Case("a folder for a spec", SPEC, ("this is a folder",), args=("check", ".")),
    Case("folder without a dump", SPEC, ("empty",), args=("prove", "empty")),
    Case("output into nowhere", SPEC, ("gone/t.json",), args=("emit", "FILE", "-o", "gone/t.json")),
    Case("report over foreign files", SPEC, ("index.html", "--force"), args=("report", "FILE",
         "-o", "site")),
    Case("report onto a file", SPEC, ("ringwall.yaml",), args=("report", "FILE", "-o", "FILE")),
    Case("init over a file", SPEC, ("ringwall.yaml", "--force"), args=("init", "--yes")),
    Case("init with a bad name", SPEC, ("`Shop_1`",), args=("init", "--yes", "-o", "new.yaml",
         "--name", "Shop_1")),
]  # fmt: skip


@pytest.mark.parametrize("case", [*SPECS, *SOURCES, *FLAGS], ids=lambda case: case.name)
def test_bad_input_is_told_with_its_place(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = case.text if isinstance(case.text, bytes) else case.text.encode()
    (tmp_path / case.file).write_bytes(text)
    (tmp_path / "template.json").write_text(json.dumps({"Resources": {"Vpc": VPC}}))
    (tmp_path / "empty").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<p>mine")
    before = sorted(tmp_path.rglob("*"))
    names = {"FILE": case.file, "TEMPLATE": "template.json"}
    code = run([names.get(word, word) for word in case.args])
    printed = capsys.readouterr()
    assert code == 2, printed
    assert printed.out == ""
    assert "Traceback" not in printed.err
    for word in case.told:
        assert word in printed.err
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written, no draft is left"
    assert (tmp_path / "site" / "index.html").read_text() == "<p>mine"


def test_bad_input_is_json_where_json_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ringwall.yaml").write_text(edited("[api]", "[apo]"))
    assert run(["check", str(tmp_path / "ringwall.yaml"), "--format", "json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "`apo`" in json.dumps(json.loads(printed.err), ensure_ascii=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "ringwall.yaml"
    secret.write_text(SPEC)
    secret.chmod(stat.S_IWUSR)
    assert run(["check", str(secret)]) == 2
    assert "permission denied" in capsys.readouterr().err
