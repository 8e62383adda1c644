"""``python -m ringwall`` is the ``ringwall`` command."""

from ringwall.cli import main

main()
