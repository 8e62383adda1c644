"""The test face: an assertion is a proof, and fails with the trace in its message."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.testing import assert_isolated, assert_policy, assert_reachable, network

ROOT = Path(__file__).parents[2]
CLINIC = ROOT / "examples" / "clinic" / "ringwall.yaml"


@pytest.fixture(scope="module")
def clinic() -> Network:
    return network(CLINIC)


def test_what_holds_passes_in_silence(clinic: Network) -> None:
    assert_reachable(clinic, "api", "records", "tcp/5432", clients="linux")
    assert_reachable(clinic, "internet", "web", 443)
    assert_isolated(clinic, "internet", "records")
    assert_isolated(clinic, "internet", "web", "tcp/22, udp")
    assert_isolated(clinic, "198.51.100.0/24", "api", 8080)
    assert_policy(clinic, ROOT / "examples" / "clinic" / "policy.yaml")


def test_what_is_blocked_fails_with_the_trace(clinic: Network) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_reachable(clinic, "inference", "records", "tcp/5432")
    told = str(caught.value)
    assert "inference reaches records on tcp/5432" in told
    assert "BLOCKED" in told
    assert "RecordsSecurityGroup" in told
    assert "emitted template" in told, "the place of the deciding rule"


def test_a_lost_reply_fails_with_the_way_back(clinic: Network) -> None:
    with pytest.raises(AssertionError, match=r"the reply, .*port 5432"):
        assert_reachable(clinic, "api", "records", 5432, clients="windows")


def test_what_arrives_fails_with_its_way(clinic: Network) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_isolated(clinic, "internet", "web")
    assert "let in by: security-group WebSecurityGroup" in str(caught.value)


def test_what_is_not_known_is_no_pass(clinic: Network) -> None:
    with pytest.raises(AssertionError, match="unknown"):
        assert_isolated(clinic, "internet", "10.20.240.9")


def test_a_word_that_names_nothing_is_told(clinic: Network) -> None:
    with pytest.raises(InputError, match="the assertion: `recrods` names nothing"):
        assert_isolated(clinic, "internet", "recrods")
    with pytest.raises(ValueError, match="`ttcp`"):
        assert_isolated(clinic, "internet", "records", "ttcp/1")


def test_it_needs_no_pytest_and_loads_late() -> None:
    code = (
        "import sys; import ringwall.testing; "
        "heavy = {'pytest', 'pydantic', 'yaml', 'numpy', 'ringwall.prove'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
