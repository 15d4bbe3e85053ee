"""PostgreSQL sources: `COPY (SELECT ...) TO STDOUT`, handed on as the bytes that the server sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from connectors.base import BLOCK, Connection, Extract, Request, blocks
from connectors.bounds import Wording, condition
from connectors.columns import positions
from connectors.copy_text import checked
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable, place

CONNECT_SECONDS = 10
#: Libpq settings that a connection's extra may give; others there belong to Airflow's hook.
EXTRA = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "gssencmode"})
#: A role or database may have other defaults, and DateStyle DMY turns 7 August into 8 July.
SESSION = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "lock_timeout": "60s",
}
#: A COPY message holds one row; rows are joined in batches of this many until a block is full.
BATCH = 64

COLUMNS = """
SELECT attname, has_column_privilege(attrelid, attnum, 'SELECT'), NOT attnotnull, typcategory = 'S'
FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""

Link = psycopg.Connection[tuple[object, ...]]
Line = bytes | bytearray | memoryview
#: Columns of the source's table: whether each may be NULL, and whether it is a text.
Found = dict[str, tuple[bool, bool]]


class PostgresConnector:
    """Reads one table or view in one REPEATABLE READ, READ ONLY transaction."""

    def __init__(self, connection: Connection, root: Path | None = None) -> None:
        self._connection = connection

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Open a snapshot of the contract's table; raises `SourceError`."""
        with self._translated(request):
            link = connect(self._connection)
        try:
            with self._translated(request):
                pin(link)
                table = _table(request)
                found = self._columns(link, request, table)
            query = statement(request, table, found).as_bytes(link)
            # A database that declares no encoding may hold anything: each row is looked at.
            numbered = link.info.parameter_status("server_encoding") == "SQL_ASCII"
            rows = self._rows(link, request, query, raw=numbered)
            lines = blocks(checked(rows, request.names)) if numbered else _joined(rows)
            yield Extract(request.names, tuple(found), lines, numbered)
        finally:
            # Closing the socket ends a COPY that was left half read at once; draining it would not.
            link.close()

    def _columns(self, link: Link, request: Request, table: sql.Identifier) -> Found:
        """Every column of the table; refuses when declared ones are missing or may not be read."""
        contract, name = request.contract, table.as_string(link)
        rows = link.execute(COLUMNS, [name]).fetchall()
        if not rows:
            raise SourceRefused(
                f"{contract.id}: connection {self._connection.id} has no table {name}; correct physicalName "
                "or the server's schema in the contract"
            )
        names = [str(row[0]) for row in rows]
        places = dict(zip(contract.names, positions(contract, names, where=f"table {name}"), strict=True))
        barred = [names[place] for n in request.names if not rows[place := places[n]][1]]
        if barred:
            raise SourceRefused(
                f"{contract.id}: connection {self._connection.id} may not read {', '.join(barred)}"
                f" of {name}; ask the owner to GRANT SELECT ON {name}"
            )
        return {str(column): (bool(nullable), bool(is_text)) for column, _, nullable, is_text in rows}

    def _rows(self, link: Link, request: Request, query: bytes, *, raw: bool) -> Iterator[Line]:
        """Each row as a line of COPY text; `raw` in whatever bytes the server has."""
        with self._translated(request):
            if raw:
                link.execute("SET client_encoding = SQL_ASCII")
            with link.cursor() as cursor, cursor.copy(query) as copy:
                yield from copy

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        """Turn the driver's errors into ours, without values from the data and without secrets."""
        try:
            yield
        except psycopg.Error as error:
            raise translate(error, self._connection, request.contract.id) from None


def _joined(rows: Iterator[Line]) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = 0
    while part := b"".join(islice(rows, BATCH)):
        parts.append(part)
        size += len(part)
        if size >= BLOCK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def connect(connection: Connection) -> Link:
    """A session; raises `psycopg.Error`."""
    extra: dict[str, Any] = {k: str(v) for k, v in connection.extra.items() if k in EXTRA}
    return psycopg.connect(
        host=connection.host,
        port=connection.port or 5432,
        user=connection.user or None,
        password=connection.password or None,
        dbname=connection.database or None,
        connect_timeout=CONNECT_SECONDS,
        application_name="lumbung",
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        **extra,
    )


def pin(link: Link) -> None:
    """Begin one read-only snapshot in which values have one form, whatever the server's defaults."""
    link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    link.read_only = True
    calls = sql.SQL(", ").join(
        sql.SQL("set_config({}, {}, false)").format(name, value) for name, value in SESSION.items()
    )
    link.execute(sql.SQL("SELECT {}").format(calls))


def _table(request: Request) -> sql.Identifier:
    contract = request.contract
    schema, dot, table = contract.physical_name.partition(".")
    if dot:
        return sql.Identifier(schema, table)
    declared = contract.server.settings.get("schema") if contract.server else None
    return sql.Identifier(str(declared), schema) if declared else sql.Identifier(schema)


def statement(request: Request, table: sql.Identifier, found: Found) -> sql.Composed:
    """What reads the rows; `found` are the table's columns by name."""
    columns = sql.SQL(", ").join(sql.Identifier(c.source_name) for c in request.columns)
    query: sql.Composed = sql.SQL("SELECT {} FROM {}").format(columns, table)
    wording = Wording(
        quoted=lambda name: sql.Identifier(name).as_string(),
        bound=lambda value, _: sql.Literal(value).as_string(),
        absent=lambda name: _absent(sql.Identifier(name).as_string(), *found[name]),
        compares_rows=True,
    )
    if where := condition(request, wording):
        query += sql.SQL(" WHERE " + where)
    return sql.SQL("COPY ({}) TO STDOUT").format(query)


def _absent(quoted: str, nullable: bool, is_text: bool) -> list[str]:
    return [f"{quoted} IS NULL"] * nullable + [f"{quoted} = ''"] * is_text


def translate(error: psycopg.Error, connection: Connection, dataset: str = "") -> SourceError:
    """The driver's error as ours, without values from the data and without secrets."""
    state = error.sqlstate or ""
    said = error.diag.message_primary or str(error).strip().rsplit("\n", 1)[-1]
    where = place(connection.id, dataset)
    if state.startswith(("28", "3D")) or (not state and _is_refusal(said)):
        return SourceRefused(
            f"{where}: {connection.host} refused user {connection.user!r} or database "
            f"{connection.database!r}; correct AIRFLOW_CONN_{connection.id.upper()}"
        )
    if state.startswith("42"):
        return SourceRefused(f"{where}: {said}; ask the owner for the permission, or correct the contract")
    if not state or state.startswith(("08", "40", "53", "55", "57", "58")):
        return SourceUnavailable(f"{where}: {connection.host} did not answer or broke off: {said}")
    if state == "22021":
        return SourceMalformed(
            f"{where}: a text is not in the encoding that the database declares (SQL_ASCII declares none); "
            "ask its owner to mend it, or to offer a view without it"
        )
    # What else the server says may quote values of the data.
    return SourceRefused(f"{where}: the server can't read it: SQLSTATE {state} ({type(error).__name__})")


def _is_refusal(said: str) -> bool:
    """Whether a connection attempt ended in a refusal: libpq gives no SQLSTATE then."""
    words = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied")
    return any(word in said for word in words)
