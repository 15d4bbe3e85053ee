"""SQLite files, read only, in one transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from connectors.base import Connection, Extract, Request
from connectors.bounds import Value as Bound
from connectors.bounds import Wording, condition
from connectors.columns import positions, without_offset
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable, place
from connectors.records import Record, encode_records

#: How long to wait for a writer that holds the file (seconds).
BUSY_SECONDS = 10

Value = str | int | float | bytes | None


class SqliteConnector:
    """Reads one table or view of a database file."""

    def __init__(self, connection: Connection, root: Path) -> None:
        self._connection = connection
        self._root = root

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Open a snapshot of the contract's table; raises `SourceError`."""
        contract = request.contract
        with self._translated(request):
            link = self._connect(request)
        try:
            with self._translated(request):
                found = _columns(link, request)
            positions(contract, found, str.casefold, where=f"table {contract.physical_name}")
            blocks = encode_records(self._records(link, request), request.names)
            yield Extract(request.names, tuple(found), blocks, numbered=True)
        finally:
            link.close()

    def _connect(self, request: Request) -> sqlite3.Connection:
        contract = request.contract
        settings = contract.server.settings if contract.server else {}
        name = self._connection.database or settings.get("path") or settings.get("database")
        if not name:
            raise SourceRefused(f"{contract.id}: neither connection nor contract says where the file is")
        return connect(str(name), self._root, contract.id)

    def _records(self, link: sqlite3.Connection, request: Request) -> Iterator[Record]:
        with self._translated(request):
            for number, row in enumerate(link.execute(*statement(request)), 1):
                yield Record(number, [_text(value) for value in row])

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, place(self._connection.id, request.contract.id)) from None


def connect(name: str, root: Path, where: str) -> sqlite3.Connection:
    """Open the file `name` below `root` for reading; `where` begins the message when there is none."""
    path = (root / name).resolve()
    if not name or not path.is_file():
        raise SourceMalformed(f"{where}: no file {name}; put it there, or correct the path")
    link = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    link.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    return link


def _columns(link: sqlite3.Connection, request: Request) -> list[str]:
    """Begin the snapshot; every column of the table."""
    table = request.contract.physical_name
    link.execute("BEGIN")
    found = [str(row[0]) for row in link.execute("SELECT name FROM pragma_table_xinfo(?)", [table])]
    if not found:
        raise SourceRefused(f"{request.contract.id}: the file has no table {table}; correct physicalName")
    return found


def statement(request: Request) -> tuple[str, list[Bound]]:
    """What reads the rows, and its parameters."""
    values: list[Bound] = []

    def bound(value: Bound, _: str) -> str:
        values.append(without_offset(value) if isinstance(value, str) else value)
        return "?"

    fields = ", ".join(_quoted(c.source_name) for c in request.columns)
    query = " ".join(("SELECT", fields, "FROM", _quoted(request.contract.physical_name)))
    if where := condition(request, Wording(_quoted, bound, _absent)):
        query += f" WHERE {where}"
    return query, values


def _absent(name: str) -> list[str]:
    """A column's type binds no value here: any may be NULL or an empty text."""
    return [f"{_quoted(name)} IS NULL", f"{_quoted(name)} = ''"]


def _text(value: Value) -> str | None:
    """The value's exact text; blobs as PostgreSQL writes them."""
    if value is None or isinstance(value, str):
        return value
    return "\\x" + value.hex() if isinstance(value, bytes) else repr(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def translate(error: sqlite3.Error, where: str) -> SourceError:
    """The driver's error as ours; `where` begins the message."""
    # Extended codes keep the primary code in their lowest byte.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR):
        return SourceUnavailable(f"{where}: the file is in use or can't be read now: {error}")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return SourceMalformed(f"{where}: {error}; ask for the file again")
    return SourceRefused(f"{where}: {error}")
