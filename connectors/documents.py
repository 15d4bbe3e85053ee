"""What sources share whose rows name their own fields: JSON, JSON Lines and XML files, and APIs."""

import codecs
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from connectors.base import Connection, Extract, Request
from connectors.columns import positions
from connectors.errors import SourceMalformed, SourceRefused
from connectors.files import STRIDE, Files, nothing_new, opened
from connectors.records import Record, encode_records

#: The columns of a source are those that its first rows have (rows, characters, names at most).
SAMPLE, SAMPLE_SIZE, SAMPLE_NAMES = 100, 1 << 20, 2000
#: physicalName of a column that takes the name of the file that a row is in.
FILE = "@file"

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAGES = (b"<!doctype html", b"<html")
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")


class Seen:
    """Which columns the rows have had so far. Rows need not be noted any more once it is not `curious`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._rows = 0
        self.missing = set(paths(request)) - {FILE}
        self.names: dict[str, None] = {}

    @property
    def curious(self) -> bool:
        """Whether another row could tell anything new."""
        return bool(self.missing) or self._rows < SAMPLE

    def note(self, names: Collection[str]) -> None:
        """A row with these columns."""
        self._rows += 1
        self.missing.difference_update(names)
        if self._rows <= SAMPLE and len(self.names) < SAMPLE_NAMES:
            self.names.update(dict.fromkeys(names))

    def columns(self, where: str) -> tuple[str, ...]:
        """The source's columns. Raises `ColumnsMissing` when a declared one was in no row."""
        declared = [column.source_name for column in self._request.contract.columns]
        if not self.names:
            # Nothing is known of the columns where no row could be taken apart.
            return tuple(declared)
        present = [name for name in declared if name not in self.missing]
        positions(self._request.contract, list(dict.fromkeys([*self.names, *present])), where=where)
        return tuple(self.names)


class DocumentConnector(ABC):
    """Reads the files of a dataset one after the other; a kind says how rows are taken from one."""

    def __init__(self, connection: Connection, root: Path) -> None:
        self._connection = connection
        self._root = root

    @abstractmethod
    def records(self, path: Path, request: Request, where: str, seen: Seen) -> Iterator[Record]:
        """The file's rows, their fields at `paths(request)`; raises `SourceMalformed` unless it is whole."""

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Read the first rows, check that every column is there, then read on; raises `SourceError`."""
        with opened(request, self._connection, self._root) as files:
            if not files.paths:
                yield nothing_new(request)
                return
            seen = Seen(request)
            records = self._numbered(files, request, seen)
            first = sample(records, seen)
            self._look_on(files, request, seen)
            columns = request.names
            blocks = encode_records(chain(first, records), columns)
            found = seen.columns(", ".join(files.names[:3]))
            try:
                yield Extract(columns, found, blocks, numbered=True, files=files.read)
            finally:
                records.close()

    def _numbered(
        self, files: Files, request: Request, seen: Seen, *, counts: bool = True
    ) -> Generator[Record]:
        """The records of all files, numbered apart; with `counts` each file's rows are counted at its end."""
        named = [i for i, path in enumerate(paths(request)) if path == FILE]
        for place, (path, name) in enumerate(zip(files.paths, files.names, strict=True)):
            rows = 0
            where = f"{request.contract.id}: {name}"
            for record in self.records(path, request, where, seen):
                rows += 1
                if named and record.fields:
                    fields = (name if i in named else field for i, field in enumerate(record.fields))
                    record = record._replace(fields=list(fields))
                yield record._replace(number=record.number + place * STRIDE) if place else record
            if not rows:
                raise SourceMalformed(f"{where} has no rows; ask for the file again")
            if counts:
                files.counted(place, rows)

    def _look_on(self, files: Files, request: Request, seen: Seen) -> None:
        """Where the first rows lack a column, look for it in all of them: absence may mean null."""
        records = self._numbered(files, request, seen, counts=False)
        while seen.missing and seen.names and next(records, None):
            pass
        records.close()


def paths(request: Request) -> tuple[str, ...]:
    """Where the columns to read are in a row."""
    return tuple(column.source_name for column in request.columns)


def marks(request: Request) -> dict[int, str]:
    """The decimal mark of each column that takes numbers, by its place; of none when it is a point."""
    mark = request.contract.read.decimal_mark
    taken = (place for place, c in enumerate(request.columns) if c.logical_type in ("integer", "number"))
    return dict.fromkeys(taken, mark) if mark != "." else {}


def sample(records: Iterator[Record], seen: Seen) -> list[Record]:
    """The first records, as few as tell which columns the source has."""
    first: list[Record] = []
    size = 0
    for record in records:
        first.append(record)
        size += sum(len(field) for field in record.fields if field)
        if (len(first) >= SAMPLE and not seen.missing) or len(first) >= 10 * SAMPLE or size > SAMPLE_SIZE:
            break
    return first


def binary(path: Path, where: str, form: str) -> BinaryIO:
    """The file, opened. Raises `SourceMalformed` when it is a web page or packed instead of `form`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SourceRefused(f"{where}: {error.strerror}; make the file readable for the hub") from None
    start = file.read(256)
    file.seek(0)
    try:
        refuse_other(start, where, form)
    except SourceMalformed:
        file.close()
        raise
    return file


def refuse_other(start: bytes, where: str, form: str) -> None:
    """Raise `SourceMalformed` when a text that begins so is plainly something else than `form`."""
    if start.replace(b"\0", b"").strip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower().startswith(_PAGES):
        raise SourceMalformed(
            f"{where} is an HTML page, not {form}: a login or error page, most likely; ask for it again"
        )
    if start.startswith(_PACKED):
        raise SourceMalformed(f"{where} is a spreadsheet or an archive, not {form}; correct format")


def encoding(start: bytes, declared: str) -> str:
    """The encoding of a JSON text: by its byte order mark, else as declared, else as its zeros show."""
    marked = next((name for mark, name in MARKS if start.startswith(mark)), None)
    if marked is None and codecs.lookup(declared).name == "utf-8":
        return json.detect_encoding(start)
    return marked or declared


def undecodable(name: str) -> str:
    """What becomes of bytes that are none of the encoding: surrogates, which make the row's fault later."""
    return "strict" if name.startswith(("utf-16", "utf-32")) else "surrogateescape"
