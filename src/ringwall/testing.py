"""The test face: connections of a network asserted like anything else in a unit test.

    from ringwall.testing import assert_isolated, assert_reachable, network

    def test_only_the_api_reads_the_records():
        shop = network("ringwall.yaml")
        assert_reachable(shop, "api", "records", "tcp/5432")
        assert_isolated(shop, "internet", "records")

An assertion is a proof, over every packet. It fails as an ``AssertionError`` whose message shows
one packet with its way, rule by rule; what is not known fails too, with the reason. Nothing here
imports pytest, so any runner will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringwall.model.network import Network
    from ringwall.model.policy import Policy, Selector

__all__ = ["assert_isolated", "assert_policy", "assert_reachable", "network"]


def network(
    source: str | PathLike[str],
    *,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Network:
    """The network in a spec, a template, or describe output (a file or a folder).

    ``region`` and ``parameters`` are for templates. Raises InputError for what cannot be read.
    """
    from ringwall.cli.pipeline import source_of

    return source_of(Path(source), region=region, parameters=parameters).network


def assert_reachable(
    network: Network, source: str, target: str, services: str | int, *, clients: str = "any"
) -> None:
    """Every end of ``source`` reaches every end of ``target``, and hears the answer.

    The words are those of ``ringwall explain``: a service, tier, id, name, address, ``internet``,
    ``on-premises``. ``services`` is a TCP port or a text such as ``tcp/443, udp/53``. The answer
    must come back to every port of ``clients``: ``linux``, ``windows``, ``managed``, ``any``
    (1024-65535) or ``LOW-HIGH``.

    Raises AssertionError with the packet that is lost, or with what is not known; InputError
    where a word names nothing in the network.
    """
    __tracebackhide__ = True
    from ringwall.model.policy import Flow, Policy
    from ringwall.spec.policy_words import clients_of_text, services_of_text

    one, other = _selectors(source, target)
    wanted = services_of_text(f"tcp/{services}" if isinstance(services, int) else services)
    flow = Flow(one, other, wanted, clients_of_text(clients))
    _hold(network, Policy((flow,), closed=False))


def assert_isolated(
    network: Network, source: str, target: str, services: str | int | None = None
) -> None:
    """No packet of ``services`` (left out: none at all) from ``source`` ever arrives at
    ``target``, directly or handed on by a load balancer.

    Raises AssertionError with a packet that arrives and its way, or with what is not known;
    InputError where a word names nothing in the network.
    """
    __tracebackhide__ = True
    from ringwall.model.policy import Never, Policy
    from ringwall.model.services import ALL_SERVICES
    from ringwall.spec.policy_words import services_of_text

    one, other = _selectors(source, target)
    forbidden = ALL_SERVICES
    if services is not None:
        forbidden = services_of_text(f"tcp/{services}" if isinstance(services, int) else services)
    _hold(network, Policy((), (Never(one, other, services=forbidden),), closed=False))


def assert_policy(network: Network, policy: str | PathLike[str]) -> None:
    """Everything that a policy file or a spec asks for holds in the network.

    Raises AssertionError with every claim that does not; InputError for a policy that cannot be
    read, or that names what the network does not have.
    """
    __tracebackhide__ = True
    from ringwall.cli.pipeline import policy_of

    _hold(network, policy_of(Path(policy)))


def _selectors(source: str, target: str) -> tuple[Selector, Selector]:
    return _selector(source), _selector(target)


def _selector(word: str) -> Selector:
    from ringwall.model.origin import Origin
    from ringwall.model.policy import Selector

    place = Origin("the assertion")
    if word == "internet":
        return Selector("internet", origin=place)
    if word == "on-premises":
        return Selector("on-premises", origin=place)
    return Selector("named", word, origin=place)


def _hold(network: Network, policy: Policy) -> None:
    __tracebackhide__ = True
    from ringwall.model.verdict import Verdict
    from ringwall.prove.judge import prove
    from ringwall.report import text

    failed = [one for one in prove(network, policy) if one.verdict is not Verdict.PROVED]
    if failed:
        raise AssertionError("\n" + text.proofs(failed, color=False))
