"""How tables are laid out: where the header is, what it names, and how reports become rows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from connectors.base import Request
from connectors.columns import folded, positions
from connectors.errors import SourceMalformed
from connectors.records import Record
from schemas.contract import Contract

#: The header that `headerFind` seeks is among so many rows.
SOUGHT = 200
#: Rows made of the second unpivoted column are numbered from here, of the third from twice this, ...
UNPIVOTED = 10**14

Cells = Sequence[str | None]

# Places behind the cells of a row: what the hub adds to them.
_INTO, _VALUE, _FILE, _SHEET = -4, -3, -2, -1
_NUMBERS = ("integer", "number")
_PSEUDO = {"@file": _FILE, "@sheet": _SHEET}


class Layout:
    """Where the values that are read are in a table whose columns have these `names`.

    `places` are the columns in the extract's order (counted from 0; below 0 where the hub adds the value).
    `where` names the table in messages. Raises `ColumnsMissing` when columns are not there.
    """

    def __init__(self, names: Sequence[str], request: Request, where: str) -> None:
        contract, unpivot = request.contract, request.contract.read.unpivot
        self.names = tuple(names)
        wanted = contract.source_names
        found = positions(contract, names, folded, where=where, wanted=wanted)
        at = dict(zip(wanted, found, strict=True)) | _PSEUDO
        made = {unpivot.into: _INTO, unpivot.value: _VALUE} if unpivot else {}
        self.places = tuple(made[c.name] if c.name in made else at[c.source_name] for c in request.columns)
        self.labels = [(at[name], label) for name, label in unpivot.columns.items()] if unpivot else []
        numbers = {
            place for c, place in zip(request.columns, self.places, strict=True) if c.logical_type in _NUMBERS
        }
        #: The columns whose cells become numbers.
        self.numeric = {place for place in numbers if place >= 0}
        self.numeric.update(place for place, _ in self.labels if _VALUE in numbers)
        self.drops_empty = bool(unpivot and unpivot.drop_empty)
        self.fills = {
            at[column.source_name]: _no_data(column.name, contract)
            for column in request.columns
            if column.name in contract.read.fill_down
        }

    @property
    def is_plain(self) -> bool:
        """Whether a row's fields are some of its cells as they are, and nothing else."""
        return not self.fills and not self.labels and min(self.places) >= 0


class Shaper:
    """Makes a table's rows those of the contract; it keeps what is to be filled down."""

    def __init__(self, layout: Layout, file: str, sheet: str = "") -> None:
        self.layout = layout
        self._added = (file, sheet)
        self._above: dict[int, str | None] = {}
        self._lost: set[int] = set()

    def records(self, rows: Iterable[Record]) -> Iterator[Record]:
        """The records that these rows make: one each, or one for each unpivoted column."""
        places = self.layout.places
        plain = self.layout.is_plain
        for row in rows:
            if row.fault is not None:
                # It may have named what the rows below it belong to.
                self._lost.update(self.layout.fills)
                yield row
            elif plain:
                yield Record(row.number, [row.fields[place] for place in places])
            else:
                yield from self._shaped(row.number, list(row.fields))

    def _shaped(self, number: int, cells: list[str | None]) -> Iterator[Record]:
        for place, no_data in self.layout.fills.items():
            cell = cells[place]
            if is_blank(cell):
                if place in self._lost:
                    name = self.layout.names[place]
                    yield Record(number, (), f"{name} is empty, and the row above that may say it is damaged")
                    return
                cells[place] = self._above.get(place)
            elif not (no_data and no_data.search(str(cell))):
                self._above[place] = cell
                self._lost.discard(place)
        if not self.layout.labels:
            yield self._record(number, cells, None, None)
        for turn, (place, label) in enumerate(self.layout.labels):
            if not (self.layout.drops_empty and is_blank(cells[place])):
                yield self._record(number + turn * UNPIVOTED, cells, label, cells[place])

    def _record(self, number: int, cells: list[str | None], label: str | None, value: str | None) -> Record:
        all_cells = [*cells, label, value, *self._added]
        return Record(number, [all_cells[place] for place in self.layout.places])


def _no_data(name: str, contract: Contract) -> re.Pattern[str] | None:
    """What a text of this column matches that is a subtotal's or footer's, and no group's name."""
    patterns = [item.pattern for item in contract.read.filters if item.column == name and item.pattern]
    # PostgreSQL's edges of words are \b here; else a pattern that was accepted means the same in both.
    known = [re.sub(r"\\[yYmM]", r"\\b", pattern) for pattern in patterns]
    return re.compile("|".join(f"(?:{pattern})" for pattern in known)) if known else None


def is_blank(cell: str | None) -> bool:
    """Whether there is nothing to see in the cell."""
    return not cell or cell.isspace()


def letters(place: int) -> str:
    """A column's letters as a spreadsheet counts: A of 0, AA of 26."""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def sought_row(rows: Iterable[tuple[int, Cells]], request: Request, where: str) -> int:
    """The number of the first row that has all names of `headerFind`, folded; `rows` come with theirs.

    Raises `SourceMalformed` when none of the first `SOUGHT` has them.
    """
    sought = {folded(name): name for name in request.contract.read.header_find}
    most: set[str] = set()
    for number, cells in islice(rows, SOUGHT):
        found = sought.keys() & {folded(cell) for cell in cells if cell}
        if len(found) == len(sought):
            return number
        most = max(most, found, key=len)
    lacking = ", ".join(name for key, name in sought.items() if key not in most)
    nearest = f"; the row that comes nearest lacks {lacking}" if most else ""
    raise SourceMalformed(
        f"{where}: none of the first {SOUGHT} rows has all the names of headerFind: "
        f"{', '.join(sought.values())}{nearest}. Correct headerFind, or ask what became of the header"
    )


def by_position(width: int, request: Request, where: str) -> Layout:
    """The layout of a table with so many columns whose names are their letters."""
    return Layout([letters(place) for place in range(width)], request, where)


def by_names(rows: Sequence[Sequence[str]], request: Request, where: str, spans: bool = False) -> Layout:
    """The layout that the header's `rows` (one, or more to be joined) make, without nameless last columns.

    With `spans`, an upper name stands for the columns to its right whose lower row has a name of their own.
    Raises `SourceMalformed` for an empty header, `ColumnsMissing` for declared columns that are missing.
    """
    names = _joined(rows, spans)
    while names and not names[-1]:
        names.pop()
    if not names:
        read = request.contract.read
        row = "" if read.header_find else f" (row {read.header_row})"
        raise SourceMalformed(
            f"{request.contract.id}: {where}: the header{row} is empty; "
            "correct headerRow, or ask for the file again"
        )
    declared = {folded(name): name for name in request.contract.source_names}
    return Layout([declared.get(folded(name), name) for name in names], request, where)


def refuse_doubtful(names: Sequence[str], request: Request, where: str, among: Sequence[str]) -> None:
    """Raise `SourceMalformed` if one of `among` stands in the header more than once."""
    seen = [folded(name) for name in names]
    twice = sorted({name for name in among if name and seen.count(folded(name)) > 1})
    if twice:
        raise SourceMalformed(
            f"{request.contract.id}: {where}: the header names {', '.join(twice)} more than once; "
            "ask the owner for a file whose columns have different names, or set headerBy to position"
        )


def _joined(rows: Sequence[Sequence[str]], spans: bool) -> list[str]:
    width = max(map(len, rows), default=0)
    table = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    if spans:
        for upper, lower in pairwise(table):
            _fill(upper, lower)
    return [" ".join(filter(None, column)) for column in zip(*table, strict=True)]


def _fill(upper: list[str], lower: list[str]) -> None:
    for place in range(1, len(upper)):
        if not upper[place] and lower[place]:
            upper[place] = upper[place - 1]
