"""Spreadsheets: sheets' cells as exact texts, laid out as the contract says."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import python_calamine

from connectors.base import Connection, Extract, Request
from connectors.errors import SourceMalformed, SourceRefused
from connectors.files import STRIDE, Files, nothing_new, opened
from connectors.layout import Layout, Shaper, by_names, by_position, refuse_doubtful, sought_row
from connectors.records import Record, encode_records, filled, picked
from connectors.workbook_guard import Errors
from connectors.workbook_kind import LAST_ROW, looked_into
from connectors.workbook_text import Cell, Texts, text, texts_of

#: So many cells are encoded at once.
CELLS = 5_000


class _Table(NamedTuple):
    """A sheet's layout, and the place of its first row below the header, counted from 0."""

    sheet: str
    top: int
    layout: Layout


class XlsxConnector:
    """Reads sheets of the dataset's workbooks (.xlsx, .xlsm, .xls, .ods); rows keep the sheet's numbers.

    Each further sheet's numbers begin `STRIDE` higher.
    """

    def __init__(self, connection: Connection, root: Path) -> None:
        self._connection = connection
        self._root = root

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Check every sheet's header, then read; raises `SourceError`."""
        with opened(request, self._connection, self._root) as found:
            if not found.paths:
                yield nothing_new(request)
                return
            books = _Books(found, request)
            tables = [books.at(place).tables() for place in range(len(found.paths))]
            names = dict.fromkeys(
                name for listed in tables for table in listed for name in table.layout.names if name
            )
            blocks = books.blocks(tables)
            try:
                yield Extract(request.names, tuple(names), blocks, numbered=True, files=found.read)
            finally:
                blocks.close()


class _Books:
    """The workbooks of a request, of which one at a time is in memory."""

    def __init__(self, found: Files, request: Request) -> None:
        self._found = found
        self._request = request
        self._open: tuple[int, _Book] | None = None

    def at(self, place: int) -> "_Book":
        """The workbook at this place, opened if it isn't."""
        if self._open is None or self._open[0] != place:
            self._open = None
            self._open = place, _Book(self._found.paths[place], self._found.names[place], self._request)
        return self._open[1]

    def blocks(self, tables: list[list[_Table]]) -> Generator[bytes]:
        """The rows of all tables, as a numbered extract's."""
        base = 0
        for place, listed in enumerate(tables):
            count = 0
            for table in listed:
                sheet = self.at(place).sheet(table.sheet)
                yield from sheet.blocks(table, base)
                count += sheet.count
                base += STRIDE
            self._found.counted(place, count)


class _Book:
    """One workbook, and the one of its sheets that was asked for last."""

    def __init__(self, path: Path, name: str, request: Request) -> None:
        self._name = name
        self._request = request
        self._where = f"{request.contract.id}: {name}"
        self._found = looked_into(path, self._where)
        self._book = self._load(path)
        self._sheet: _Sheet | None = None

    def _load(self, path: Path) -> python_calamine.CalamineWorkbook:
        try:
            if path.suffix.lower() == f".{self._found.kind}":
                return python_calamine.CalamineWorkbook.from_path(str(path))
            # The reader believes a file's name; without one it looks into the file.
            with path.open("rb") as file:
                return python_calamine.CalamineWorkbook.from_filelike(file)
        except python_calamine.PasswordError:
            raise SourceMalformed(f"{self._where} is locked by a password; ask for it without") from None
        except python_calamine.CalamineError as error:
            raise SourceMalformed(f"{self._where} can't be read as a spreadsheet: {error}") from None

    def _chosen(self) -> list[str]:
        read, names = self._request.contract.read, self._book.sheet_names
        if not names:
            raise SourceMalformed(f"{self._where} has no sheets; ask for the file again")
        wanted = read.sheet or read.sheets
        if read.sheets:
            chosen = [name for name in names if fnmatchcase(name.casefold(), read.sheets.casefold())]
        else:
            chosen = [name for name in names if name == read.sheet] if read.sheet else names[:1]
        if not chosen:
            raise SourceRefused(
                f"{self._where} has no sheet {wanted}; it has {', '.join(names)}. "
                f"Correct {'sheets' if read.sheets else 'sheet'} in the contract"
            )
        return chosen

    def sheet(self, name: str) -> "_Sheet":
        """The sheet of this name, in memory; the one before is let go."""
        if self._sheet is None or self._sheet.name != name:
            self._sheet = None
            index = self._book.sheet_names.index(name)
            try:
                cells = self._book.get_sheet_by_name(name)
            except python_calamine.CalamineError as error:
                raise SourceMalformed(f"{self._where} can't be read as a spreadsheet: {error}") from None
            self._refuse_full(cells)
            self._sheet = _Sheet(cells, self._found.errors(index, name), self._name, self._request)
        return self._sheet

    def _refuse_full(self, cells: python_calamine.CalamineSheet) -> None:
        last = LAST_ROW[self._found.kind]
        if cells.end and cells.end[0] + 1 == last:
            raise SourceMalformed(
                f"{self._where} ends in row {last}, the last that its format has: "
                "possibly truncated; ask for the rest, or for CSV"
            )

    def tables(self) -> list[_Table]:
        """The layouts of the sheets that the contract chooses, in the workbook's order.

        Raises `SourceMalformed` if a sheet has no header, or if no row follows any of them.
        """
        tables, has_rows = [], False
        for name in self._chosen():
            table = self.sheet(name).table()
            has_rows = has_rows or self.sheet(name).has_rows(table)
            tables.append(table)
        if not has_rows:
            raise SourceMalformed(f"{self._where} has a header and no rows; ask for the file again")
        return tables


class _Sheet:
    """One sheet in memory; `count` are the rows read from it so far."""

    def __init__(
        self, cells: python_calamine.CalamineSheet, errors: Errors, file: str, request: Request
    ) -> None:
        self.name = cells.name
        self.count = 0
        self._cells = cells
        self._errors = errors
        self._file = file
        self._request = request
        self._read = request.contract.read
        several = f", sheet {self.name}" if self._read.sheets else ""
        self._place = f"{file}{several}"
        self._where = f"{request.contract.id}: {self._place}"

    def table(self) -> _Table:
        """The sheet's layout; raises `SourceMalformed` if it has no header."""
        read = self._read
        top = read.header_row - 1
        if read.header_find:
            numbered = ((row + 1, cells) for row, cells in self._rows())
            top = sought_row(numbered, self._request, self._where) - 1
        if top < 0:
            return _Table(self.name, 0, self._by_position())
        titles = [cells for _, cells in islice(self._rows(), top, top + read.header_rows)]
        if not titles:
            raise SourceMalformed(f"{self._where}: the sheet {self.name} has no row {top + 1}")
        layout = self._by_position() if read.header_by == "position" else self._by_names(titles, top)
        return _Table(self.name, top + read.header_rows, layout)

    def _by_position(self) -> Layout:
        _, first = next(self._rows())
        return by_position(len(first), self._request, self._place)

    def _by_names(self, titles: list[Texts], top: int) -> Layout:
        spread = [self._spread(top + i, *rows) for i, rows in enumerate(pairwise(titles))]
        layout = by_names(titles, self._request, self._place, spans=not any(spread))
        refuse_doubtful(layout.names, self._request, self._place, self._request.contract.source_names)
        return layout

    def _spread(self, row: int, upper: list[str], lower: list[str]) -> bool:
        """Write merged names over all their columns that have a name below; True if there are any."""
        merged = [m for m in self._cells.merged_cell_ranges or [] if m[0][0] == row and m[1][1] > m[0][1]]
        for (_, first), (_, last) in merged:
            for column in range(first + 1, min(last + 1, len(upper))):
                upper[column] = upper[first] if lower[column] else ""
        return bool(merged)

    def has_rows(self, table: _Table) -> bool:
        """Whether anything stands below the header."""
        return any(any(cells) for _, cells in islice(self._rows(), table.top, None))

    def blocks(self, table: _Table, base: int) -> Iterator[bytes]:
        """Every row below the header that holds anything, numbered from `base` on."""
        self.count = 0
        shaper = Shaper(table.layout, self._file, self.name)
        for first, rows in self._batches(table.layout.numeric):
            numbers: Sequence[int] = range(base + first + 1, base + first + len(rows) + 1)
            above = max(0, table.top - first)
            numbers, rows = numbers[above:], rows[above:]
            if not all(map(any, rows)):
                held = [(number, cells) for number, cells in zip(numbers, rows, strict=True) if any(cells)]
                numbers, rows = [number for number, _ in held], [cells for _, cells in held]
            self.count += len(rows)
            if rows:
                yield from self._encoded(numbers, rows, shaper)

    def _encoded(self, numbers: Sequence[int], rows: list[Texts], shaper: Shaper) -> Iterator[bytes]:
        layout = shaper.layout
        if layout.is_plain:
            places = layout.places
            fields = rows if places == tuple(range(len(rows[0]))) else picked(rows, places)
            if block := filled(numbers, fields, len(places)):
                yield block
                return
        cells_of = ([cell or None for cell in cells] for cells in rows)
        yield from encode_records(shaper.records(map(Record, numbers, cells_of)), self._request.names)

    def _rows(self) -> Iterator[tuple[int, Texts]]:
        """Every row, counted from 0, as texts from the sheet's column A on."""
        for first, rows in self._batches():
            yield from enumerate(rows, first)

    def _batches(self, numeric: Iterable[int] = ()) -> Iterator[tuple[int, list[Texts]]]:
        """As `_rows`, many at once, each time with the first row's number: calls for each take time.

        Numbers in the `numeric` columns have their decimals behind the contract's mark: `1.234` would else be
        taken for a text with a mark between thousands.
        """
        if self._cells.start is None:
            raise SourceMalformed(f"{self._where}: the sheet {self.name} is empty")
        left = self._cells.start[1]
        width = left + self._cells.width
        marked = (
            [place - left for place in numeric if place >= left] if self._read.decimal_mark != "." else []
        )
        in_error = {row for row, _ in self._errors}
        typed: set[int] = set()
        every = self._cells.iter_rows()
        next_row = 0
        while batch := list(islice(every, max(1, CELLS // width))):
            for place in marked:
                self._mark(batch, place)
            rows = texts_of(batch, typed)
            if left:
                rows = [[""] * left + cells for cells in rows]
            for row in in_error.intersection(range(next_row, next_row + len(rows))):
                rows[row - next_row] = self._with_errors(row, rows[row - next_row])
            yield next_row, rows
            next_row += len(rows)
        # To the reader some errors are no cells, and rows of nothing else below the last one no rows.
        for below in sorted(row for row in in_error if row >= next_row):
            yield below, [self._with_errors(below, [""] * width)]

    def _mark(self, rows: list[list[Cell]], place: int) -> None:
        for cells in rows:
            cell = cells[place]
            if not isinstance(cell, str):
                cells[place] = text(cell).replace(".", self._read.decimal_mark)

    def _with_errors(self, row: int, texts: Texts) -> Texts:
        return [self._errors.get((row, column), value) for column, value in enumerate(texts)]
