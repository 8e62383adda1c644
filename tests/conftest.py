"""Shared by every room's tests: this folder is on the path, so that ``import strategies`` works."""
