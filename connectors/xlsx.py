"""Spreadsheets: one sheet's cells as exact texts, the header where the contract says it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path

import python_calamine

from connectors.base import Connection, Extract, Request
from connectors.errors import SourceMalformed, SourceRefused
from connectors.files import Header, header, nothing_new, numbered, opened, refuse_doubtful
from connectors.records import Record, encode_records
from connectors.workbook_guard import Errors, error_cells, is_archive, survey

#: A sheet that ends in its format's last row was probably cut off there.
LAST_ROW = {True: 1_048_576, False: 65_536}
#: Excel keeps 15 digits: a longer number is no longer the one that was typed.
EXACT = 10**15

Cell = str | float | bool | date | time | timedelta


class XlsxConnector:
    """Reads one sheet of each of the dataset's workbooks (.xlsx, .xls); rows keep the sheet's numbers."""

    def __init__(self, connection: Connection, root: Path) -> None:
        self._connection = connection
        self._root = root

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Check every workbook's header, then read; raises `SourceError`."""
        with opened(request, self._connection, self._root) as found:
            paths = found.paths
            if not paths:
                yield nothing_new(request)
                return
            only = _Sheet(paths[0], request) if len(paths) == 1 else None
            headers = [(only or _Sheet(path, request)).header() for path in paths]
            # Of several workbooks, one at a time is in memory.
            sheets = (only or _Sheet(path, request) for path in paths)
            records = numbered(found, map(_Sheet.records, sheets, headers))
            names = dict.fromkeys(name for head in headers for name in head.names if name)
            columns = request.contract.names
            blocks = encode_records(records, columns)
            try:
                yield Extract(columns, tuple(names), blocks, numbered=True, files=found.read)
            finally:
                records.close()


class _Sheet:
    """The sheet of one workbook, in memory."""

    def __init__(self, path: Path, request: Request) -> None:
        self._path = path
        self._request = request
        self._where = f"{request.contract.id}: {path.name}"
        archive = is_archive(path)
        faulty = survey(path, self._where) if archive else frozenset()
        self._sheet = self._load()
        self._errors: Errors = error_cells(path, self._sheet.name, faulty, self._where) if archive else {}
        if self._sheet.end and self._sheet.end[0] + 1 == LAST_ROW[archive]:
            raise SourceMalformed(
                f"{self._where} ends in row {LAST_ROW[archive]}, the last that its format has: "
                "possibly truncated; ask for the rest, or for CSV"
            )

    def _load(self) -> python_calamine.CalamineSheet:
        wanted = self._request.contract.read.sheet
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(self._path))
            if wanted and wanted not in book.sheet_names:
                raise SourceRefused(
                    f"{self._where} has no sheet {wanted}; it has {', '.join(book.sheet_names)}. "
                    "Correct sheet in the contract"
                )
            return book.get_sheet_by_name(wanted) if wanted else book.get_sheet_by_index(0)
        except python_calamine.PasswordError:
            raise SourceMalformed(f"{self._where} is locked by a password; ask for it without") from None
        except python_calamine.CalamineError as error:
            raise SourceMalformed(f"{self._where} can't be read as a spreadsheet: {error}") from None

    def header(self) -> Header:
        """The header; raises `SourceMalformed` if there is none, or if nothing follows it."""
        read = self._request.contract.read
        top = read.header_row - 1
        titles = [cells for _, cells in islice(self._rows(), top, top + read.header_rows)]
        if not titles:
            raise SourceMalformed(f"{self._where}: the sheet {self._sheet.name} has no row {read.header_row}")
        texts = [[cell or "" for cell in row] for row in titles]
        spread = [self._spread(top + i, *rows) for i, rows in enumerate(pairwise(texts))]
        head = header(texts, self._request, self._path.name, spans=not any(spread))
        declared = [c.source_name for c in self._request.contract.columns]
        refuse_doubtful(head.names, self._request, self._path.name, declared)
        if next(self.records(head), None) is None:
            raise SourceMalformed(f"{self._where} has a header and no rows; ask for the file again")
        return head

    def _spread(self, row: int, upper: list[str], lower: list[str]) -> bool:
        """Write merged names over all their columns that have a name below; True if there are any."""
        merged = [m for m in self._sheet.merged_cell_ranges or [] if m[0][0] == row and m[1][1] > m[0][1]]
        for (_, first), (_, last) in merged:
            for column in range(first + 1, min(last + 1, len(upper))):
                upper[column] = upper[first] if lower[column] else ""
        return bool(merged)

    def records(self, head: Header) -> Iterator[Record]:
        """Every row below the header that holds anything, its cells in contract order."""
        read = self._request.contract.read
        for row, cells in self._rows():
            if row >= read.header_row - 1 + read.header_rows and any(cell is not None for cell in cells):
                yield Record(row + 1, [cells[place] for place in head.places])

    def _rows(self) -> Iterator[tuple[int, list[str | None]]]:
        """Every row, counted from 0, as texts from the sheet's column A on."""
        if self._sheet.start is None:
            raise SourceMalformed(f"{self._where}: the sheet {self._sheet.name} is empty")
        left = [None] * self._sheet.start[1]
        in_error = {row for row, _ in self._errors}
        for row, cells in enumerate(self._sheet.iter_rows()):
            texts = left + [text(cell) for cell in cells]
            if row in in_error:
                texts = [self._errors.get((row, i), value) for i, value in enumerate(texts)]
            yield row, texts


def text(cell: Cell) -> str | None:
    """The cell's value as exact text; None for an empty one.

    Excel knows one kind of number: a whole one is written without a fraction, one that is longer than
    Excel can keep in scientific form, so that a NIK typed as a number is never taken for a sound one.
    """
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        return _number(float(cell))
    if isinstance(cell, timedelta):
        return _duration(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()


def _number(value: float) -> str:
    if abs(value) >= EXACT:
        return f"{Decimal(repr(value)).normalize():E}"
    return str(int(value)) if value.is_integer() else repr(value)


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
