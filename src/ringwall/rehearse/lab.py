"""Builds what a plan says, out of the kernel's own parts, and takes it away again."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from ringwall.facts.load import facts
from ringwall.model.network import Network
from ringwall.rehearse.namespaces import TOOL_PATH, KernelRefusal, Namespace
from ringwall.rehearse.plan import Node, Plan, plan
from ringwall.rehearse.probes import Outcome, Probe
from ringwall.rehearse.sockets import Exchange

#: Everywhere: no filter on where packets come from, nothing learnt from redirects, addresses
#: that work at once, bridges that forward without asking IP filters, pings answered at any rate.
_SWITCHES = (
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    ("ipv4/conf/all/accept_redirects", "0"),
    ("ipv4/conf/default/accept_redirects", "0"),
    ("ipv6/conf/all/disable_ipv6", "0"),
    ("ipv6/conf/default/disable_ipv6", "0"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/default/accept_ra", "0"),
    ("ipv6/conf/all/accept_redirects", "0"),
    ("ipv6/conf/default/accept_redirects", "0"),
    ("ipv6/icmp/ratelimit", "0"),
    ("ipv4/icmp_ratelimit", "0"),
    ("bridge/bridge-nf-call-iptables", "0"),
    ("bridge/bridge-nf-call-ip6tables", "0"),
)
_FORWARDING = (
    ("ipv4/ip_forward", "1"),
    ("ipv6/conf/all/forwarding", "1"),
    ("ipv6/conf/default/forwarding", "1"),
)
#: A trial of every kind of rule that the rulesets use.
_TRIAL = """table inet trial {
  map one { type ipv4_addr : ipv4_addr; }
  chain raw { type filter hook prerouting priority raw; meta nfproto ipv6 notrack; }
  chain nat { type nat hook prerouting priority dstnat; dnat ip to ip daddr map @one; }
  chain input { type filter hook input priority filter; policy drop;
    ct state established,related accept; meta l4proto 1 @th,0,16 2048-2303 accept; }
}
"""


def lacking() -> tuple[str, str] | None:
    """What keeps this machine from a rehearsal, and the mend; None where nothing does."""
    for tool, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(tool, path=TOOL_PATH) is None:
            return f"there is no `{tool}` command", f"install it: apt-get install {package}"
    try:
        trial = Namespace("trial")
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        return f"the kernel grants no network namespace: {said}", "run this as root on Linux"
    try:
        trial.run("ip", "-batch", "-", given="link add name s0 type bridge\n")
        trial.run("nft", "-f", "-", given=_TRIAL)
    except KernelRefusal as refusal:
        return str(refusal), "use a kernel with bridges, nf_tables, conntrack and NAT"
    finally:
        trial.close()
    return None


class Lab:
    """A network that stands in the kernel while the ``with`` block runs.

    Raises KernelRefusal, or OSError, where the kernel does not build what it is told: ask
    :func:`lacking` first.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.plan: Plan = plan(network)
        self._namespaces: dict[str, Namespace] = {}

    def __enter__(self) -> Self:
        _open_files()
        try:
            for node in self.plan.nodes.values():
                self._namespaces[node.name] = here = Namespace(node.name)
                here.set(_SWITCHES + (_FORWARDING if node.forwards else ()))
            self._wire()
            for node in self.plan.nodes.values():
                self._furnish(node)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every namespace; the kernel takes them away with all that is in them."""
        while self._namespaces:
            self._namespaces.popitem()[1].close()

    def _wire(self) -> None:
        frame = int(facts("rehearsal").values["frame-bytes"])
        lines: dict[str, list[str]] = {}
        for link in self.plan.links:
            far = self._namespaces[link.far_node].path
            lines.setdefault(link.node, []).append(
                f"link add name {link.name} mtu {frame} type veth "
                f"peer name {link.far_name} mtu {frame} netns {far}"
            )
        for node, batch in lines.items():
            self._batch(node, (), batch)

    def _furnish(self, node: Node) -> None:
        self._batch(node.name, (), node.ip)
        self._batch(node.name, ("-6",), node.ip6)
        if node.ruleset:
            self._namespaces[node.name].run("nft", "-f", "-", given=node.ruleset)

    def _batch(self, node: str, options: Sequence[str], lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        if text:
            self._namespaces[node].run("ip", *options, "-batch", "-", given=text)

    def ask(self, probes: Sequence[Probe], *, patience: float = 0.3) -> list[Outcome]:
        """Send every probe, all at once, and tell what became of each, in their order.

        ``patience`` is how many seconds of silence mean that nothing more will come. Probes that
        share addresses, protocol and both ports would be taken for one connection: ask them of
        another lab.
        """
        return Exchange(self._namespaces, self.plan.shelves, probes).run(patience)


def _open_files() -> None:
    """A probe holds a socket: take as many as this process may ever have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
