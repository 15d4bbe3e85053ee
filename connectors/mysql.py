"""MySQL and MariaDB sources, read raw: the server's own text of each value, never a Python object of it.

Rows are joined into COPY text as they come. A block is taken apart and escaped only if its tabs,
newlines or backslashes are not those that the joining put there.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import mysql.connector

from connectors.base import Connection, Extract, Request
from connectors.bounds import Value, Wording, condition
from connectors.columns import positions, without_offset
from connectors.errors import SourceError, SourceRefused, SourceUnavailable, place
from connectors.floats import shortest
from connectors.records import Record, encode_record

CONNECT_SECONDS = 10
#: A server that is silent for so long is given up (seconds).
READ_SECONDS = 600
#: Driver settings that a connection's extra may give; others there belong to Airflow's hook.
EXTRA = frozenset({"ssl_ca", "ssl_cert", "ssl_key", "ssl_disabled", "unix_socket"})
SESSION = (
    "SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = 600, sql_select_limit = DEFAULT, "
    "lock_wait_timeout = 60",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
#: At most so many rows, and so many bytes of the widest rows that the columns' types allow, in a block.
ROWS, WIDEST = 1000, 1 << 24

BINARY = re.compile(
    r"(var)?binary|(tiny|medium|long)?blob|geom|point|linestring|polygon|multi(point|linestring|polygon)|vector"
)
#: Said to a login without any permission in the database.
NO_DATABASE = 1044
REFUSED_LOGIN = frozenset({1045, 1049, 1251, 1524, 1698, 2059, 2061})
REFUSED = frozenset({1054, 1142, 1143, 1146, 1227, 1345, 1356, 1370, 1449})
UNAVAILABLE = frozenset({1040, 1053, 1105, 1129, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1317, 1412,
                         1637, 1927, 1969, 3024, 3169, 4031})  # fmt: skip


class Field(NamedTuple):
    """A column of the source's table; `kind` is its type in lower case, `collation` empty but for texts."""

    name: str
    kind: str
    nullable: bool
    collation: str = ""


Row = Sequence[bytes | None]
Adapt = Callable[[bytes], bytes]


class MysqlConnector:
    """Reads one table or view in one consistent, read-only snapshot."""

    def __init__(self, connection: Connection, root: Path | None = None) -> None:
        self._connection = connection

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Open a snapshot of the contract's table; raises `SourceError`."""
        with self._translated(request):
            link = connect(self._connection)
        try:
            contract = request.contract
            with self._translated(request):
                found = self._prepare(link, request)
            places = positions(contract, [field.name for field in found], str.casefold, where=_table(request))
            fields = {name: found[place] for name, place in zip(contract.names, places, strict=True)}
            blocks = self._blocks(link, request, fields)
            yield Extract(request.names, tuple(field.name for field in found), blocks, numbered=True)
        finally:
            close(link, self._connection)

    def _prepare(self, link: Any, request: Request) -> list[Field]:
        """Pin the session, begin the snapshot; the table's columns."""
        cursor = link.cursor(raw=True)
        for statement in SESSION:
            cursor.execute(statement)
        cursor.execute(f"SHOW FULL COLUMNS FROM {_table(request)}")
        rows = [[bytes(value or b"").decode() for value in row[:4]] for row in cursor.fetchall()]
        return [Field(name, kind.lower(), null == "YES", order) for name, kind, order, null in rows]

    def _blocks(self, link: Any, request: Request, fields: dict[str, Field]) -> Iterator[bytes]:
        names, first = request.names, 1
        kinds = [fields[name].kind for name in names]
        adapt = {i: f for i, kind in enumerate(kinds) if (f := _adapter(kind))}
        size = max(1, min(ROWS, WIDEST // sum(map(_width, kinds))))
        with self._translated(request):
            cursor = link.cursor(raw=True, buffered=False)
            cursor.execute(statement(request, fields))
            while rows := cursor.fetchmany(size):
                if adapt:
                    rows = [_adapted(row, adapt) for row in rows]
                yield joined(rows, first) or escaped(rows, first, names)
                first += len(rows)

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        """Turn the driver's errors into ours, without values from the data and without secrets."""
        try:
            yield
        except mysql.connector.Error as error:
            raise translate(error, self._connection, request.contract.id) from None


def connect(connection: Connection) -> Any:
    """A session whose cursors give values raw; raises `mysql.connector.Error`."""
    c = connection
    extra = {k: v for k, v in c.extra.items() if k in EXTRA}
    return mysql.connector.connect(
        # The C library takes "localhost" for a Unix socket, whatever the port.
        host="127.0.0.1" if c.host in ("", "localhost") else c.host,
        port=c.port or 3306,
        user=c.user,
        password=c.password,
        database=c.database or None,
        charset="utf8mb4",
        # The driver's default collation is unknown to MariaDB.
        collation="utf8mb4_general_ci",
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        raw=True,
        **extra,
    )


def close(link: Any, connection: Connection) -> None:
    """Close; a result left half read is first ended at the server, or else close() would read it all."""
    with suppress(mysql.connector.Error):
        if link.unread_result:
            with connect(connection) as other:
                other.cursor().execute(f"KILL CONNECTION {int(link.connection_id)}")
    with suppress(mysql.connector.Error):
        link.close()


def joined(rows: Sequence[Row], first: int) -> bytes | None:
    """The rows as lines of a numbered extract, or None if any value needs escaping or can't be stored."""
    nulls = len(rows)
    lines = []
    for number, row in enumerate(rows, first):
        if None in row:
            nulls += row.count(None)
            row = [b"\\N" if value is None else value for value in row]
        lines.append(b"%d\t\\N\t%b\n" % (number, b"\t".join(row)))  # type: ignore[arg-type]
    block = b"".join(lines)
    plain = (
        block.count(b"\t") == len(rows) * (len(rows[0]) + 1)
        and block.count(b"\n") == len(rows)
        and block.count(b"\\") == nulls
        and b"\r" not in block
        and b"\0" not in block
        and (block.isascii() or _is_utf8(block))
    )
    return block if plain else None


def escaped(rows: Sequence[Row], first: int, names: Sequence[str]) -> bytes:
    """The rows as lines of a numbered extract, whatever they hold; slower than `joined`."""
    lines = []
    for number, row in enumerate(rows, first):
        fields = [None if v is None else v.decode("utf-8", "surrogateescape") for v in row]
        lines.append(encode_record(Record(number, fields), names) + b"\n")
    return b"".join(lines)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def statement(request: Request, fields: dict[str, Field]) -> str:
    """What reads the rows; `fields` are the columns by the contract's names."""
    known = {column.source_name: fields[column.name] for column in request.contract.columns}
    chosen = ", ".join(expression(fields[name]) for name in request.names)
    query = " ".join(("SELECT", chosen, "FROM", _table(request)))
    where = condition(
        request, Wording(_quoted, lambda value, _: _literal(value), lambda name: _absent(known[name]))
    )
    return f"{query} WHERE {where}" if where else query


def _literal(value: Value) -> str:
    """Exact in a session without sql_mode. Not the driver's parameters: it finds them in names too."""
    if isinstance(value, int):
        return str(value)
    return "'" + without_offset(value).replace("\\", "\\\\").replace("'", "''") + "'"


def _absent(field: Field) -> list[str]:
    quoted = _quoted(field.name)
    found = [f"{quoted} IS NULL"] * field.nullable
    if field.kind.startswith(("date", "timestamp")):
        found.append(f"{quoted} = '0000-00-00'")
    return found + [f"{quoted} = ''"] * field.kind.startswith(("char", "varchar"))


def expression(field: Field) -> str:
    """SQL for the column's exact text: a FLOAT's own text has six digits only, a BIT's none.

    A column that is declared ASCII and isn't is read as its bytes: the server would send each as `?`.
    """
    name = _quoted(field.name)
    if field.kind.startswith("bit"):
        return f"CAST({name} AS UNSIGNED)"
    if field.collation.startswith("ascii"):
        return f"CAST({name} AS BINARY)"
    return f"{name} + 0e0" if field.kind.startswith("float") else name


def _table(request: Request) -> str:
    return ".".join(map(_quoted, request.contract.physical_name.split(".", 1)))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _adapter(kind: str) -> Adapt | None:
    """What turns the bytes of a type that has no text of its own into text."""
    if BINARY.match(kind):
        return lambda value: b"\\x" + value.hex().encode()
    return _shortest if kind.startswith("float") else None


def _adapted(row: Row, adapt: dict[int, Adapt]) -> Row:
    return [f(v) if v is not None and (f := adapt.get(i)) else v for i, v in enumerate(row)]


def _shortest(value: bytes) -> bytes:
    return shortest(float(value)).removesuffix(".0").encode()


def _width(kind: str) -> int:
    """The most bytes that a value of this type may have, as far as memory is concerned."""
    sized = re.match(r"(?:var)?(?:char|binary)\((\d+)\)", kind)
    if sized:
        return 4 * int(sized[1])
    if kind.startswith(("medium", "long", "json", "geom", "multi", "poly", "line", "vector")):
        return WIDEST
    return 1 << 16 if kind.startswith(("text", "blob")) else 64


def translate(error: mysql.connector.Error, connection: Connection, dataset: str = "") -> SourceError:
    """The driver's error as ours, without values from the data and without secrets."""
    where = place(connection.id, dataset)
    number = error.errno or -1
    if number in REFUSED_LOGIN:
        return SourceRefused(
            f"{where}: {connection.host} refused user {connection.user!r} or database "
            f"{connection.database!r}; correct AIRFLOW_CONN_{connection.id.upper()}"
        )
    if number == NO_DATABASE:
        return SourceRefused(
            f"{where}: user {connection.user!r} may not use database {connection.database!r}; ask the owner "
            f"for SELECT, or correct AIRFLOW_CONN_{connection.id.upper()}"
        )
    if number in REFUSED:
        return SourceRefused(
            f"{where}: {error.msg}; correct physicalName in the contract, or ask the owner for SELECT"
        )
    if number in UNAVAILABLE or number < 1000 or 2000 <= number < 3000:
        return SourceUnavailable(f"{where}: {connection.host} did not answer or broke off (error {number})")
    # What else the server says may quote values of the data.
    return SourceRefused(f"{where}: the server can't read it: error {number} (SQLSTATE {error.sqlstate})")
