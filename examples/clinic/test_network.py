"""The clinic's network in unit tests; the last one fails on purpose (docs/testing.md)."""

from ringwall.testing import assert_isolated, assert_policy, assert_reachable, network

CLINIC = network("examples/clinic/ringwall.yaml")


def test_the_records_are_for_the_api_alone() -> None:
    assert_reachable(CLINIC, "api", "records", "tcp/5432", clients="linux")
    assert_isolated(CLINIC, "internet", "records")
    assert_isolated(CLINIC, "web", "records")


def test_what_the_auditor_asked_for() -> None:
    assert_policy(CLINIC, "examples/clinic/policy.yaml")


def test_inference_reads_records() -> None:
    assert_reachable(CLINIC, "inference", "records", 5432)
