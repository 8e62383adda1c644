"""The tags of resources, and the keys among them that Ringwall reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Tags = Mapping[str, str]
NO_TAGS: Tags = MappingProxyType({})


def no_tags() -> Tags:
    """A default for dataclass fields (a mapping proxy cannot be hashed before Python 3.12)."""
    return NO_TAGS


#: Tag keys that Ringwall's own designs carry, and that it reads on anybody's resources.
TAG_SERVICE = "ringwall:service"
TAG_TIER = "ringwall:tier"
TAG_DATA_CLASS = "ringwall:data-class"
#: ``LOW-HIGH``: the ephemeral ports that clients on this resource use.
TAG_CLIENT_PORTS = "ringwall:client-ports"
#: ``all`` or ``none``: whether an appliance hands on, unchanged, what it receives for others.
TAG_FORWARDS = "ringwall:forwards"
