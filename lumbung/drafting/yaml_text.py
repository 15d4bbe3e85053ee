"""Values as YAML on one line, and comments: what a contract that people edit is written in."""

import re
import textwrap
from typing import Any

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./()-]*( [A-Za-z0-9_./()-]+)*")
#: What YAML would take for something else than a text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def flow(value: Any) -> str:
    """The value on one line: `{a: 1, b: [x, 'y z:']}`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(str(value))


def scalar(text: str) -> str:
    """The text as a YAML scalar that is read back as the same text, wherever it stands."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{escaped}"'


def comment(text: str, indent: int, mark: str = "") -> list[str]:
    """The text as comment lines of bounded width; `mark` begins the first (`EDIT: `)."""
    shown = "".join(c if c.isprintable() else " " for c in f"{mark}{text}")
    start = " " * indent + "# "
    return textwrap.wrap(
        shown, WIDTH, initial_indent=start, subsequent_indent=f"{start}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
