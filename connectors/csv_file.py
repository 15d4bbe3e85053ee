"""CSV files, as they really come: any encoding, any delimiter, damaged rows told apart from sound ones."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from connectors.base import Connection, Extract, Request
from connectors.errors import SourceMalformed, SourceRefused
from connectors.files import Header, header, nothing_new, numbered, opened, refuse_doubtful
from connectors.records import Record, encode_records

#: The longest field and line (characters): what is longer is damage, and would fill the memory.
LONGEST = 1 << 24

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
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
            files = [_File(path, request) for path in found.paths]
            headers = [file.header() for file in files]
            records = numbered(found, map(_File.records, files, headers))
            names = dict.fromkeys(name for head in headers for name in head.names)
            columns = request.contract.names
            blocks = encode_records(records, columns)
            try:
                yield Extract(columns, tuple(names), blocks, numbered=True, files=found.read)
            finally:
                records.close()


class _File:
    """One CSV file of a request."""

    def __init__(self, path: Path, request: Request) -> None:
        self._path = path
        self._request = request
        self._read = request.contract.read
        self._where = f"{request.contract.id}: {path.name}"

    def header(self) -> Header:
        """The header; raises `SourceMalformed` if there is none, or if nothing follows it."""
        with self._opened() as text:
            parsed = _Parsed(text, self._request, self._where)
            rows = list(islice(parsed, self._read.header_rows))
            following = next(parsed, None)
        if not rows:
            raise SourceMalformed(f"{self._where} is empty; ask for the file again")
        titles = [row.fields for row in rows]
        if any("\0" in title for row in titles for title in row):
            raise SourceMalformed(f"{self._where}: the header holds NUL bytes; is its encoding UTF-16?")
        head = header(titles, self._request, self._path.name, spans=True)
        refuse_doubtful(head.names, self._request, self._path.name, head.names)
        if "" in head.names:
            raise SourceMalformed(
                f"{self._where}: column {head.names.index('') + 1} of the header has no name"
            )
        if following is None:
            raise SourceMalformed(f"{self._where} has a header and no rows; ask for the file again")
        return head

    def records(self, head: Header) -> Iterator[Record]:
        """Every row below the header, sound or not, its fields in contract order."""
        width, delimiter = len(head.names), self._read.delimiter
        with self._opened() as text:
            parsed = _Parsed(text, self._request, self._where)
            for row in islice(parsed, self._read.header_rows, None):
                if row.fault:
                    yield Record(row.number, (), row.fault)
                elif len(row.fields) < width or any(row.fields[width:]):
                    raw = delimiter.join(row.fields)
                    fault = f"expected {width} fields, found {len(row.fields)}: {raw}"
                    yield Record(row.number, (), fault)
                else:
                    yield Record(row.number, [row.fields[place] for place in head.places])

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


class _Row:
    """A parsed row, its first line's number, and its fault if it could not be parsed."""

    __slots__ = ("fault", "fields", "number")

    def __init__(self, number: int, fields: list[str], fault: str = "") -> None:
        self.number = number
        self.fields = fields
        self.fault = fault


class _Parsed(Iterator[_Row]):
    """The rows of a CSV text from the header on; empty lines are none. Memory is bounded by `LONGEST`."""

    def __init__(self, text: TextIO, request: Request, where: str) -> None:
        read = request.contract.read
        self._where = where
        self._text = text
        self._raw: list[str] = []
        self._skipped = sum(1 for _ in islice(self._lines(), read.header_row - 1))
        # The limit is the module's, not the reader's; its default is 128 KiB.
        csv.field_size_limit(LONGEST)
        self._reader = csv.reader(
            self._lines(),
            delimiter=read.delimiter,
            quotechar=read.quote or None,
            quoting=csv.QUOTE_MINIMAL if read.quote else csv.QUOTE_NONE,
            strict=True,
        )

    def __next__(self) -> _Row:
        fields: Sequence[str] = ()
        while not fields:
            self._raw.clear()
            number = self._skipped + self._reader.line_num + 1
            try:
                fields = next(self._reader)
            except csv.Error as error:
                return self._damaged(number, str(error))
        return _Row(number, list(fields))

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST):
            if len(line) == LONGEST:
                raise SourceMalformed(
                    f"{self._where}: a line is longer than {LONGEST} characters; is it CSV?"
                )
            self._raw.append(line)
            yield line

    def _damaged(self, number: int, reason: str) -> _Row:
        """A fault, unless a quote that is never closed has swallowed the rows that follow."""
        if "unexpected end of data" in reason or (len(self._raw) > 1 and "field limit" in reason):
            raise SourceMalformed(
                f"{self._where}: a quote opened in the row of line {number} is never closed; "
                "ask for the file again, or correct quote in the contract"
            )
        return _Row(number, [], f"{reason}: {''.join(self._raw).rstrip()}")
