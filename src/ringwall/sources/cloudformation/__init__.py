"""CloudFormation templates, ours or anybody's, into a Network.

Text becomes located values (:mod:`.document`), values are evaluated (:mod:`.intrinsics`), and each
noun reader takes its resource types; what nobody takes becomes a gap (:mod:`.unmodelled`).
"""

from ringwall.sources.cloudformation.reader import read_template

__all__ = ["read_template"]
