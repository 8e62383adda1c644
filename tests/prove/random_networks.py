"""Random networks: small ones of one VPC and a half, or wide ones of all that the contract knows.

Both draw blocks and ports from short lists, so that rules meet, shadow and contradict each other.
"""

from __future__ import annotations

from hypothesis import strategies as st
from random_small import small_networks
from random_wide import wide_networks

from ringwall.model.network import Network


def networks(*, full: bool = False) -> st.SearchStrategy[Network]:
    """Small networks, or (``full``) three VPCs with IPv6 and everything that joins networks."""
    return wide_networks() if full else small_networks()
