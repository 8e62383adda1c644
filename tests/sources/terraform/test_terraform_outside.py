"""Plans as outsiders hold them, asked as outsiders ask: through the command line, read as JSON.

What must come out was worked out by hand from what AWS documents. A line reads
``SOURCE -> TARGET: SERVICES``, each service with the client's ports to which replies get back where
that is not all of them. What stands in no line does not pass.
"""

from __future__ import annotations

import json
from pathlib import Path

import planned_cases
import pytest

from ringwall.cli.app import run

EXPECTED = {
    "web_and_data": """
        internet -> aws_instance.web: tcp/443
        aws_instance.web -> internet: all
        aws_instance.web -> aws_instance.db: tcp/5432
        aws_instance.job -> internet: tcp/443
        aws_instance.job -> aws_instance.web: tcp/443
    """,
    "two_acls": """
        aws_instance.app -> aws_instance.late: all
        aws_instance.late -> aws_instance.app: all
        aws_instance.app -> aws_instance.db: tcp/3306 (49152-65535)
        aws_instance.db -> aws_instance.app: tcp/49152-65535 (3306)
        aws_instance.db -> aws_instance.late: tcp/49152-65535 (none)
    """,
    "modules": """
        module.app.aws_instance.node[0] -> module.app.aws_instance.node[1]: udp/7946
        module.app.aws_instance.node[1] -> module.app.aws_instance.node[0]: udp/7946
        module.app.aws_instance.node[0] -> aws_instance.cache: tcp/6379-6380
        module.app.aws_instance.node[1] -> aws_instance.cache: tcp/6379-6380
    """,
    "balanced": """
        internet -> aws_lb.front@aws_subnet.public_a: tcp/443
        internet -> aws_lb.front@aws_subnet.public_b: tcp/443
        aws_lb.front@aws_subnet.public_a -> aws_instance.app[0]: tcp/8080
        aws_lb.front@aws_subnet.public_a -> aws_instance.app[1]: tcp/8080
        aws_lb.front@aws_subnet.public_b -> aws_instance.app[0]: tcp/8080
        aws_lb.front@aws_subnet.public_b -> aws_instance.app[1]: tcp/8080
    """,
    "peered": """
        aws_instance.ops -> aws_instance.far: icmp/type 8 code 0, tcp/22
        aws_instance.ops -> aws_instance.lost: icmp/type 8 code 0 (none), tcp/22 (none)
    """,
    "lists_and_sixes": """
        internet -> aws_network_interface.edge: tcp/22
        aws_instance.inner -> aws_network_interface.edge: tcp/22
        aws_instance.inner -> internet: tcp/443
    """,
}
#: Who asks whom, each by the several names that people use, and the answer of one connection.
NAMED = {
    "web_and_data": (
        ("internet",), ("aws_instance.web", "web", "web-server"), "tcp/443", "reachable", "all",
    ),
    "two_acls": (
        ("aws_instance.app", "app-server", "10.1.1.10"),
        ("aws_instance.db", "db", "db-server", "10.1.2.20"), "tcp/3306", "reachable", "some",
    ),
    "modules": (
        ("module.app.aws_instance.node[0]", "node-0"),
        ("module.app.aws_instance.node[1]", "node-1"), "udp/7946", "reachable", "all",
    ),
    "balanced": (
        ("aws_lb.front", "front"), ("aws_instance.app[0]", "10.3.16.10"), "tcp/8080",
        "reachable", "all",
    ),
    "peered": (
        ("aws_instance.ops", "ops", "10.4.1.9"), ("aws_instance.lost", "lost"), "tcp/22",
        "blocked", "none",
    ),
    "lists_and_sixes": (
        ("198.51.100.7",), ("aws_instance.edge", "aws_network_interface.edge", "10.6.1.50"),
        "tcp/22", "reachable", "all",
    ),
}  # fmt: skip


@pytest.fixture(params=EXPECTED)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "plan.json"
    path.write_text(getattr(planned_cases, request.param)().text())
    return request.param, str(path)


def test_the_sets_are_those_that_aws_would_give(
    case: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, path = case
    assert run(["prove", path, "--pairs", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["pairs"]
    found = {f"{row['from']} -> {row['to']}: {_words(row)}" for row in rows if row["connections"]}
    assert found == {line.strip() for line in EXPECTED[name].strip().splitlines()}
    assert not [row for row in rows if "possible" in row]
    assert [row["verdict"] == "reachable" for row in rows] == [
        any(one["return_ports"] != "none" for one in row["connections"]) for row in rows
    ]


def test_ends_answer_to_every_name_that_people_use(
    case: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, path = case
    sources, targets, service, verdict, replies = NAMED[name]
    protocol, port = service.split("/")
    for source, target in [(one, targets[0]) for one in sources] + [
        (sources[0], one) for one in targets
    ]:
        given = ["--from", source, "--to", target, "--protocol", protocol, "--port", port]
        status = run(["explain", path, *given, "--client", "1-65535", "--format", "json"])
        printed = capsys.readouterr()
        assert status == 0, (source, target, printed.err)
        answer = json.loads(printed.out)
        assert (answer["verdict"], answer["return_ports"]) == (verdict, replies), (source, target)


def _words(row: dict[str, list[dict[str, object]]]) -> str:
    return ", ".join(
        "/".join(filter(None, (str(one["protocol"]), _ports(one["ports"]), _types(one))))
        + _replies(one)
        for one in row["connections"]
    )


def _types(one: dict[str, object]) -> str:
    types = one.get("types", [])
    assert isinstance(types, list)
    return ",".join(types)


def _replies(one: dict[str, object]) -> str:
    back = one["return_ports"]
    return {"all": "", "none": " (none)"}.get(str(back), f" ({_ports(one['return_ranges'])})")


def _ports(ranges: object) -> str:
    if ranges is None:
        return ""
    assert isinstance(ranges, list)
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)
