"""Where the header of a sheet or a text file is: below title rows, over two rows, or nowhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Rows that are looked at for a header, and the share of the widest row that a header fills.
DEPTH, FILLED = 40, 0.4
_LETTER = re.compile(r"[^\W\d_]")
_FIGURE = re.compile(r"[+-]?[0-9][0-9.,/: -]*")

Row = Sequence[str | None]
#: Merged cells: first row and column, last row and column, counted from 0.
Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


@dataclass(frozen=True)
class Layout:
    """`header` is the place of its first row in the rows given (None when there is none), over `height`
    rows; `names` are what it calls the columns, "" where it doesn't."""

    header: int | None
    height: int
    names: tuple[str, ...]

    @property
    def body(self) -> int:
        """The place of the first row of data."""
        return 0 if self.header is None else self.header + self.height


def find(rows: Sequence[Row], merged: Merged = ()) -> Layout:
    """The layout of a table whose first rows these are."""
    top = max((_filled(row) for row in rows[:DEPTH]), default=0)
    for place, row in enumerate(rows[:DEPTH]):
        if _filled(row) >= max(min(top, 2), FILLED * top) and _is_header(row) and _follows(rows, place):
            height = 2 if _is_double(rows, place, merged) else 1
            return Layout(place, height, _names(rows[place : place + height], place, merged))
    return Layout(None, 0, ("",) * max(map(len, rows), default=0))


def said(cell: str | None) -> str:
    """The cell's text on one line; "" for an empty one."""
    return " ".join((cell or "").split())


def _filled(row: Row) -> int:
    return sum(bool(said(cell)) for cell in row)


def _is_header(row: Row) -> bool:
    """Names: each with a letter, hardly any figure among them, hardly any twice."""
    names = [said(cell) for cell in row if said(cell)]
    worded = sum(bool(_LETTER.search(name)) for name in names)
    figures = sum(bool(_FIGURE.fullmatch(name)) for name in names)
    return (
        worded + figures == len(names) and figures <= 0.2 * len(names) and len(set(names)) >= 0.6 * len(names)
    )


def _follows(rows: Sequence[Row], place: int) -> bool:
    return any(_filled(row) for row in rows[place + 1 :])


def _is_double(rows: Sequence[Row], place: int, merged: Merged) -> bool:
    """Whether merged names stand over names of their own."""
    if place + 1 >= len(rows):
        return False
    lower = rows[place + 1]
    for (first, left), (last, right) in merged:
        below = [said(cell) for cell in lower[left : right + 1]]
        if first == last == place and right > left and all(_LETTER.search(name) for name in below if name):
            return any(below) and _is_header(lower)
    return False


def _names(header: Sequence[Row], place: int, merged: Merged) -> tuple[str, ...]:
    width = max(map(len, header))
    table = [[said(cell) for cell in row] + [""] * (width - len(row)) for row in header]
    if len(table) == 2:
        upper, lower = table
        for (first, left), (_, right) in merged:
            for column in range(left + 1, min(right + 1, width)) if first == place else ():
                upper[column] = upper[left] if lower[column] else ""
    return tuple(" ".join(filter(None, column)) for column in zip(*table, strict=True))


def letters(place: int) -> str:
    """The column's name as a spreadsheet counts: A, B, ..., Z, AA from 0 on."""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(ord("A") + digit) + name
    return name
