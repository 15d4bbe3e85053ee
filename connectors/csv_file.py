"""CSV files, as they really come: any encoding, any delimiter, damaged rows told apart from sound ones."""

import codecs
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from connectors.base import Connection, Extract, Request
from connectors.csv_text import Batch, Parsed, Plain, Row
from connectors.errors import SourceMalformed, SourceRefused
from connectors.files import STRIDE, Files, nothing_new, opened
from connectors.layout import SOUGHT, Layout, Shaper, by_names, by_position, refuse_doubtful, sought_row
from connectors.records import Record, encode_records, joined, picked

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
Rows = Plain | Batch | Iterator[Row]

SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class CsvConnector:
    """Reads the files of a dataset one after the other; rows are numbered by the line they begin in."""

    def __init__(self, connection: Connection, root: Path) -> None:
        self._connection = connection
        self._root = root

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Check every file's header, then read; raises `SourceError`."""
        with opened(request, self._connection, self._root) as found:
            if not found.paths:
                yield nothing_new(request)
                return
            files = [_File(path, name, request) for path, name in zip(found.paths, found.names, strict=True)]
            layouts = [file.layout() for file in files]
            names = tuple(dict.fromkeys(name for layout in layouts for name in layout.names))
            blocks = _blocks(found, files, layouts)
            try:
                yield Extract(request.names, names, blocks, numbered=True, files=found.read)
            finally:
                blocks.close()


def _blocks(found: Files, files: list["_File"], layouts: list[Layout]) -> Generator[bytes]:
    for place, (file, layout) in enumerate(zip(files, layouts, strict=True)):
        yield from file.blocks(layout, place * STRIDE)
        found.counted(place, file.count)


class _File:
    """One CSV file of a request; `count` are the rows read from it so far."""

    def __init__(self, path: Path, name: str, request: Request) -> None:
        self._path = path
        self._name = name
        self._request = request
        self._read = request.contract.read
        self._where = f"{request.contract.id}: {name}"
        self._above = self._read.header_row - 1 if self._read.header_row else 0
        self._titles = self._read.header_rows if self._read.header_row else 0
        self.count = 0

    def layout(self) -> Layout:
        """The file's layout; raises `SourceMalformed` if it has no header, or if nothing follows it."""
        if self._read.header_find:
            self._above = self._found() - 1
        with self._opened() as text:
            parsed = self._parsed(text)
            titles = [row.fields for row in islice(parsed, self._titles)]
            following = list(islice(parsed, SOUGHT if self._read.header_by == "position" else 1))
        if not titles and not following:
            raise SourceMalformed(f"{self._where} is empty; ask for the file again")
        if self._read.header_by == "position":
            widths = [len(row.fields) for row in following if not row.fault]
            layout = by_position([*widths, *map(len, titles), 0][0], self._request, self._name)
        else:
            layout = self._named(titles)
        if not following:
            raise SourceMalformed(f"{self._where} has a header and no rows; ask for the file again")
        return layout

    def _found(self) -> int:
        """The line that the header sought begins in."""
        with self._opened() as text:
            rows = Parsed(text, self._read, self._where, 0)
            return sought_row(((row.number, row.fields) for row in rows), self._request, self._where)

    def _named(self, titles: list[list[str]]) -> Layout:
        if any("\0" in title for row in titles for title in row):
            raise SourceMalformed(f"{self._where}: the header holds NUL bytes; is its encoding UTF-16?")
        layout = by_names(titles, self._request, self._name, spans=True)
        refuse_doubtful(layout.names, self._request, self._name, layout.names)
        if "" in layout.names:
            place = layout.names.index("") + 1
            raise SourceMalformed(f"{self._where}: column {place} of the header has no name")
        return layout

    def blocks(self, layout: Layout, base: int) -> Iterator[bytes]:
        """Every row below the header, sound or not, numbered from `base` on, as a numbered extract's."""
        shaper = Shaper(layout, self._name)
        names = self._request.names
        with self._opened() as text:
            parsed = self._parsed(text)
            for _ in islice(parsed, self._titles):
                pass
            for rows in parsed.batches():
                block = self._at_once(rows, layout, base)
                if block is not None:
                    yield block
                    continue
                single = _singly(rows, self._read.delimiter)
                records = (self._record(row, len(layout.names), base) for row in single)
                yield from encode_records(shaper.records(records), names)

    def _at_once(self, rows: Rows, layout: Layout, base: int) -> bytes | None:
        if isinstance(rows, Plain):
            block = self._tabbed(rows, layout, base)
            return block or self._joined(rows.batch(self._read.delimiter), layout, base)
        return self._joined(rows, layout, base) if isinstance(rows, Batch) else None

    def _tabbed(self, plain: Plain, layout: Layout, base: int) -> bytes | None:
        """All lines at once, if their fields are the contract's, in its order, and need no escapes."""
        text, width = plain.text, len(layout.names)
        delimiter = self._read.delimiter
        if not layout.is_plain or layout.places != tuple(range(width)):
            return None
        if "\\" in text or "\0" in text or ("\t" in text and delimiter != "\t"):
            return None
        lines = text.replace(delimiter, "\t").split("\n")[:-1]
        if {line.count("\t") for line in lines} != {width - 1}:
            return None
        numbered = [f"{number}\t\\N\t{line}\n" for number, line in enumerate(lines, base + plain.first)]
        try:
            block = "".join(numbered).encode()
        except UnicodeEncodeError:
            return None
        self.count += len(lines)
        return block

    def _joined(self, batch: Batch, layout: Layout, base: int) -> bytes | None:
        """All rows of the batch at once, if nothing about any of them is special."""
        width = len(layout.names)
        widths = set(map(len, batch.rows))
        if not layout.is_plain or min(widths, default=0) < width:
            return None
        if widths != {width} and any(any(row[width:]) for row in batch.rows):
            return None
        rows: Iterable[Sequence[str]] = batch.rows
        if widths != {width} or layout.places != tuple(range(width)):
            rows = picked(batch.rows, layout.places)
        numbers = [base + number for number in batch.numbers] if base else batch.numbers
        block = joined(numbers, rows, len(layout.places))
        if block is not None:
            self.count += len(batch.rows)
        return block

    def _record(self, row: Row, width: int, base: int) -> Record:
        self.count += 1
        number, fields, fault = row
        if not fault and (len(fields) < width or any(fields[width:])):
            raw = self._read.delimiter.join(fields)
            fault = f"expected {width} fields, found {len(fields)}: {raw}"
        return Record(base + number, () if fault else fields, fault or None)

    def _parsed(self, text: TextIO) -> Parsed:
        return Parsed(text, self._read, self._where, self._above)

    @contextmanager
    def _opened(self) -> Iterator[TextIO]:
        """The file as text; what can't be decoded becomes surrogates, which make the row's fault later."""
        try:
            with self._path.open(encoding=self._encoding(), errors="surrogateescape", newline="") as text:
                yield text
        except UnicodeError:
            raise SourceMalformed(
                f"{self._where} is not {self._encoding()} throughout; ask for the file again"
            ) from None
        except OSError as error:
            raise SourceRefused(
                f"{self._where}: {error.strerror}; make the file readable for the hub"
            ) from None

    def _encoding(self) -> str:
        """What the byte order mark says, or else the contract."""
        with self._path.open("rb") as file:
            start = file.read(4)
        if start.startswith(SPREADSHEETS):
            raise SourceMalformed(f"{self._where} is a spreadsheet, not CSV; export it, or use format xlsx")
        try:
            declared = codecs.lookup(self._read.encoding).name
        except LookupError:
            raise SourceRefused(
                f"{self._where}: unknown encoding {self._read.encoding} in the contract"
            ) from None
        return next((name for mark, name in MARKS if start.startswith(mark)), declared)


def _singly(rows: Rows, delimiter: str) -> Iterator[Row]:
    if isinstance(rows, Plain):
        rows = rows.batch(delimiter)
    return map(Row, *rows) if isinstance(rows, Batch) else rows
