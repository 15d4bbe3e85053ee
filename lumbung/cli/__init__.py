"""The command line: `lumbung`. Importing it imports nothing slow; each command imports what it needs."""

from lumbung.cli.entry import main

__all__ = ["main"]
