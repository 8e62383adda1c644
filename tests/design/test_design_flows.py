"""What a spec intends, as flows and guarantees, each with its place in the file."""

from __future__ import annotations

from design_tables import aligned, example, file_of, same_as_golden
from hypothesis import given, settings

from ringwall.design.flows import flows, policy
from ringwall.model.policy import INTERNET, Layers, Never, Selector, Survives
from ringwall.model.services import show_services, tcp
from ringwall.spec.load import SpecFile
from strategies import spec_files


def test_the_flows_of_the_example_read_like_the_file() -> None:
    rows = [["from", "to", "traffic", "client ports", "", "why"]]
    rows += [
        [
            str(flow.source),
            str(flow.target),
            show_services(flow.services),
            "{}-{}".format(*flow.client_ports),
            "added" if flow.added else "",
            flow.why,
        ]
        for flow in example("clinic").policy.flows
    ]
    same_as_golden("clinic-flows.txt", aligned(rows))


def test_a_flow_points_at_the_word_that_asks_for_it() -> None:
    file = file_of(
        "name: a\n"
        "services:\n"
        "  web: {kind: load-balancer}\n"
        "  api: {kind: service, from: [web]}\n"
        "  records:\n"
        "    kind: postgres\n"
        "    from:\n"
        "      - api\n"
        "egress:\n"
        "  api:\n"
        "    - {to: 203.0.113.0/24, port: 443, why: payments}\n"
    )
    lines = {str(flow.target): flow.origin.line for flow in flows(file)}
    assert lines["api"] == 4
    assert lines["records"] == 8
    assert lines["203.0.113.0/24"] == 11


def test_plain_http_is_redirected_unless_it_is_the_listener() -> None:
    text = (
        "name: a\nservices:\n  web: {kind: load-balancer%s}\n  api: {kind: service, from: [web]}\n"
    )
    to_web = [one for one in flows(file_of(text % "")) if str(one.target) == "web"]
    assert [(one.source, one.services, one.added) for one in to_web] == [
        (INTERNET, tcp(443), False),
        (INTERNET, tcp(80), True),
    ]
    office = flows(file_of(text % ", from: 203.0.113.0/24"))
    assert {one.source for one in office if str(one.target) == "web"} == {
        Selector("address", "203.0.113.0/24")
    }


def test_guarantees_keep_their_order_and_place() -> None:
    kinds = [type(one) for one in example("clinic").policy.guarantees]
    assert kinds == [Never, Never, Layers, Survives]
    web_to_data = example("clinic").policy.guarantees[1]
    assert isinstance(web_to_data, Never)
    assert (web_to_data.source, web_to_data.target) == (
        Selector("service", "web"),
        Selector("tier", "data"),
    )
    assert web_to_data.origin.line is not None


def test_endpoints_are_a_flow_only_where_there_are_any() -> None:
    text = (
        "name: a\nnetwork: {endpoints: []}\nservices:\n"
        "  web: {kind: load-balancer}\n  api: {kind: service, from: [web]}\n"
    )
    assert not [one for one in flows(file_of(text)) if one.target.name == "endpoints"]


@settings(max_examples=60, deadline=None)
@given(spec_files())
def test_every_word_of_a_from_is_one_flow(file: SpecFile) -> None:
    asked = [
        (word, name) for name, service in file.spec.services.items() for word in service.sources
    ]
    written = [one for one in flows(file) if not one.added and one.target.kind == "service"]
    assert [(str(one.source), one.target.name) for one in written] == asked
    outward = [one for one in flows(file) if one.target.kind == "address"]
    assert len(outward) == sum(len(those) for those in file.spec.egress.values())
    assert policy(file).flows == flows(file)
