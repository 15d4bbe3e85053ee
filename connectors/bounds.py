"""Which rows of a table an incremental read takes, as a condition in SQL.

A row whose watermark says nothing (NULL, and what a source writes instead) has no place in the order, and
would never come; so every read that is open above takes such rows along.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Request
from schemas.contract import Column

Value = str | int


@dataclass(frozen=True)
class Wording:
    """How a database writes conditions.

    `quoted` writes a name, `bound` a value that is compared with the named column; `absent` gives the
    conditions under which the named column says nothing. `compares_rows` where (a, b) >= (x, y)
    is not only understood but found through an index.
    """

    quoted: Callable[[str], str]
    bound: Callable[[Value, str], str]
    absent: Callable[[str], Sequence[str]]
    compares_rows: bool = False


def condition(request: Request, wording: Wording) -> str:
    """The rows between the request's bounds; empty when there are none."""
    contract = request.contract
    columns = [contract.column(name) for name in contract.sync.watermark]
    first = (request.since,) if request.since is not None else ()
    since = [_typed(c, text) for c, text in zip(columns, request.since_all or first, strict=False)]
    parts = []
    if since:
        names = [c.source_name for c in columns[: len(since)]]
        parts.append(_at_or_after(names, since, wording, bounded=request.until is not None))
    if columns and request.until is not None:
        clock = columns[0]
        until = wording.bound(_typed(clock, request.until), clock.source_name)
        parts.append(f"{wording.quoted(clock.source_name)} < {until}")
    return " AND ".join(f"({part})" for part in parts)


def _at_or_after(names: list[str], since: list[Value], wording: Wording, *, bounded: bool) -> str:
    """In row order; a row read between two bounds has a place in the order."""
    if wording.compares_rows and len(names) > 1:
        columns = ", ".join(map(wording.quoted, names))
        values = ", ".join(map(wording.bound, since, names))
        return " OR ".join((f"({columns}) >= ({values})", *_nowhere(names, since, wording, bounded)))
    quoted = wording.quoted(names[0])
    absent = () if bounded else wording.absent(names[0])
    if len(names) == 1:
        return " OR ".join((f"{quoted} >= {wording.bound(since[0], names[0])}", *absent))
    later = f"{quoted} > {wording.bound(since[0], names[0])}"
    same = f"{quoted} = {wording.bound(since[0], names[0])}"
    rest = _at_or_after(names[1:], since[1:], wording, bounded=False)
    return " OR ".join((later, f"({same} AND ({rest}))", *absent))


def _nowhere(names: list[str], since: list[Value], wording: Wording, bounded: bool) -> list[str]:
    """Rows that a comparison of whole rows leaves out because a column says nothing."""
    found = []
    for place, name in enumerate(names):
        if place == 0 and bounded:
            continue
        same = [
            f"{wording.quoted(n)} = {wording.bound(v, n)}" for n, v in zip(names[:place], since, strict=False)
        ]
        found += [" AND ".join((*same, absent)) for absent in wording.absent(name)]
    return [f"({text})" for text in found]


def _typed(column: Column, text: str) -> Value:
    """A number for an integer watermark: next to a text some databases compare approximately.

    A timestamp goes by the clock of the source when the contract names its zone: a source without offsets
    compares the text alone.
    """
    zone = column.options.get("defaultTimezone")
    try:
        if column.logical_type == "integer":
            return int(text)
        if zone and column.logical_type == "timestamp":
            moment = datetime.fromisoformat(text)
            return text if moment.tzinfo is None else str(moment.astimezone(ZoneInfo(str(zone))))
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        pass
    return text
