"""Shared by every room's tests: this folder is on the path, so that ``import strategies`` works.

Where ``CI`` is set, Hypothesis draws the same examples in every run: a red gate then names a
change, not a throw of the dice. Elsewhere it looks for new ones each time.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("gate", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("gate")
