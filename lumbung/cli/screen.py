"""What people see: tables, numbers, times, progress. Results go to stdout, everything else to stderr.

In a pipe nothing is coloured, boxed, shortened or animated. Rich honours NO_COLOR by itself.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

#: Wide enough that nothing is ever wrapped where no terminal is.
_PIPE_WIDTH = 10_000
# Sources' texts may hold sequences that would rule the terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _console(*, stderr: bool) -> Any:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=width)


def say(text: str = "") -> None:
    """A line of the result."""
    _console(stderr=False).print(text, soft_wrap=True)


def heading(text: str) -> None:
    """The title of what follows, after an empty line."""
    _console(stderr=False).print(f"\n{text}", style="bold", soft_wrap=True)


def tell(text: str) -> None:
    """A line beside the result: progress, hints, errors."""
    _console(stderr=True).print(text, soft_wrap=True)


def say_json(value: object) -> None:
    """The result for a program: one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = ()) -> None:
    """A table of the result; `numbers` are the places of right-aligned columns."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, header in enumerate(headers):
        right = place in numbers
        made.add_column(header, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for row in rows:
        made.add_row(*map(shown, row))
    _console(stderr=False).print(made)


def shown(value: object) -> str:
    """A value for people: numbers grouped, nothing as `-`, control characters visible."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return grouped(value)
    return printable(str(value))


def printable(text: str) -> str:
    """The text with control characters as escapes, so that it can't rule the terminal."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def grouped(value: float | Decimal) -> str:
    """`1,234,567` and `12.3`."""
    return f"{value:,}" if isinstance(value, int | Decimal) else f"{value:,.1f}"


def time_of(moment: datetime | None, timezone: ZoneInfo) -> str:
    """`2024-08-07 13:45 WIB`: the moment where the city is."""
    return moment.astimezone(timezone).strftime("%Y-%m-%d %H:%M %Z") if moment else ""


def plural(count: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@contextmanager
def progress(text: str) -> Iterator[Callable[[str], None]]:
    """Show that long work goes on, where stderr is a terminal; call what it gives to say what is done now."""
    if not sys.stderr.isatty():
        yield lambda now: None
        return
    with _console(stderr=True).status(printable(text)) as status:
        yield lambda now: status.update(printable(now))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
