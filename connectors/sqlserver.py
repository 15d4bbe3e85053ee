"""Microsoft SQL Server sources, as texts that the server itself writes in forms which lose nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mssql_python
from mssql_python.exceptions import Exception as DriverError

from connectors.base import Connection
from connectors.bounds import Value
from connectors.columns import without_offset
from connectors.cursor import CursorConnector, Dialect, Field, Parts
from connectors.errors import SourceError, SourceRefused, SourceUnavailable, place
from connectors.floats import shortest
from schemas.contract import Column

CONNECT_SECONDS = 10
#: Driver settings that a connection's extra may give; others there belong to Airflow's hook.
EXTRA = {
    "encrypt": "Encrypt",
    "trustservercertificate": "TrustServerCertificate",
    "hostnameincertificate": "HostnameInCertificate",
    "servercertificate": "ServerCertificate",
    "applicationintent": "ApplicationIntent",
    "multisubnetfailover": "MultiSubnetFailover",
    "authentication": "Authentication",
}
PINNED = "SET LANGUAGE us_english; SET DATEFORMAT ymd; SET TEXTSIZE 2147483647; SET LOCK_TIMEOUT 60000"
ISOLATION = (
    "SELECT snapshot_isolation_state, is_read_committed_snapshot_on FROM sys.databases "
    "WHERE database_id = DB_ID()"
)
#: What a read may be told to do in a database without row versions.
LOCKING = "serializable"
DESCRIBE = "EXEC sys.sp_describe_first_result_set @tsql = {}"

#: Types that the server writes exactly, and how; {0} is the column.
WRITTEN = {
    "money": "CONVERT(varchar(40), {0}, 2)",
    "smallmoney": "CONVERT(varchar(40), {0}, 2)",
    "bit": "CONVERT(varchar(1), {0})",
    "date": "CONVERT(varchar(10), {0}, 23)",
    "time": "CONVERT(varchar(16), {0}, 121)",
    "datetime": "CONVERT(varchar(23), {0}, 121)",
    "datetime2": "CONVERT(varchar(27), {0}, 121)",
    "smalldatetime": "CONVERT(varchar(19), {0}, 120)",
    "datetimeoffset": "CONVERT(varchar(34), {0}, 126)",
    "uniqueidentifier": "LOWER(CONVERT(varchar(36), {0}))",
    "image": "CONVERT(varbinary(max), {0})",
    "text": "CONVERT(nvarchar(max), {0})",
    "xml": "CONVERT(nvarchar(max), {0})",
    "json": "CONVERT(nvarchar(max), {0})",
    "hierarchyid": "{0}.ToString()",
    "geometry": "{0}.ToString()",
    "geography": "{0}.ToString()",
} | dict.fromkeys(("tinyint", "smallint", "int", "bigint", "decimal", "numeric"), "CONVERT(varchar(50), {0})")
#: Types whose values the driver gives as they are: texts, bytes, floats.
AS_THEY_ARE = (
    "nchar",
    "nvarchar",
    "ntext",
    "binary",
    "varbinary",
    "timestamp",
    "rowversion",
    "float",
    "real",
)
#: Types of watermarks without an offset, and how many digits of a second they take.
DIGITS = {"date": 0, "smalldatetime": 0, "datetime": 3, "datetime2": 7}
#: Messages that say what is missing, and quote no data.
TELLING = re.compile(r"Invalid (object|column) name|permission was denied|Cannot open database|Login failed")
UNAVAILABLE = frozenset({
    "Client unable to establish connection", "Connection not open", "Server rejected the connection",
    "Connection failure during transaction", "Communication link failure", "Serialization failure",
    "Timeout expired", "Connection timeout expired", "Operation canceled", "Connection operation failed",
    "Statement completion unknown",
})  # fmt: skip


def connect(connection: Connection) -> Any:
    """A session; raises the driver's errors."""
    # A snapshot can't begin within a transaction, and one SELECT is a transaction of its own.
    return mssql_python.connect(address(connection), autocommit=True, timeout=CONNECT_SECONDS)


def address(connection: Connection) -> str:
    """The driver's connection string; encryption is on unless the connection's extra says otherwise."""
    host = connection.host or "127.0.0.1"
    # A named instance is found by the server's own browser, without a port.
    server = f"tcp:{host}" if "\\" in host else f"tcp:{host},{connection.port or 1433}"
    fields = {"Server": server, "Database": connection.database, "Encrypt": "yes"}
    fields |= {"UID": connection.user, "PWD": connection.password} if connection.user else {}
    plain = {re.sub(r"[ _]", "", key).lower(): str(value) for key, value in connection.extra.items()}
    fields |= {name: plain[key] for key, name in EXTRA.items() if key in plain}
    if "UID" not in fields and "Authentication" not in fields:
        fields["Trusted_Connection"] = "yes"
    return "".join(f"{name}={_braced(value)};" for name, value in fields.items() if value)


def begin(link: Any, connection: Connection) -> Any:
    """A cursor of which each SELECT sees one state of the database."""
    cursor = link.cursor()
    for statement in PINNED.split("; "):
        cursor.execute(statement)
    cursor.execute(ISOLATION)
    cursor.execute(isolation(cursor.fetchone(), connection))
    return cursor


def isolation(row: Any, connection: Connection) -> str:
    """The statement that makes one SELECT see one state; `row` is what the database allows."""
    snapshot, committed = (row[0], row[1]) if row else (0, False)
    if snapshot == 1:
        return "SET TRANSACTION ISOLATION LEVEL SNAPSHOT"
    if committed:
        return "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
    if str(connection.extra.get("isolation", "")).lower() == LOCKING:
        return "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
    raise SourceRefused(
        f"{place(connection.id)}: the database keeps no row versions, so rows that move while they are "
        "read could be missed. Ask its owner for ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON; or say "
        f'"isolation": "{LOCKING}" in the connection\'s extra, which makes its writers wait for each read'
    )


def describe(cursor: Any, parts: Parts) -> tuple[str, list[Field]]:
    """The table as SQL writes it, and its columns, whether it is a table, a view or a synonym."""
    table = ".".join(map(quoted, parts))
    cursor.execute(DESCRIBE.format(_text(" ".join(("SELECT * FROM", table)))))
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return table, [field_of(row) for row in rows if not row["is_hidden"]]


def field_of(row: dict[str, Any]) -> Field:
    """A column as the server describes it."""
    kind = str(row["system_type_name"] or row["user_type_name"] or "").lower()
    length = int(row["max_length"])
    # -1 stands for (max); CLR types say it too.
    return Field(str(row["name"]), kind, bool(row["is_nullable"]), 1 << 20 if length < 0 else 2 * length + 16)


def expression(text: str, field: Field, column: Column) -> str | None:
    """SQL for the column's exact text; None for a type that has none."""
    base = _base(field)
    if base in ("char", "varchar"):
        # As Unicode, whatever the collation's code page.
        length = re.search(r"\((\d+)\)", field.kind)
        size = length[1] if length and int(length[1]) <= 4000 else "max"
        return f"CONVERT(nvarchar({size}), {text})"
    return text if base in AS_THEY_ARE else WRITTEN[base].format(text) if base in WRITTEN else None


def adapt(field: Field) -> Callable[[Any], str] | None:
    """Floats as their shortest exact text; what else the driver gives is written in the ordinary way."""
    base = _base(field)
    if base == "float":
        return lambda value: repr(float(value))
    return shortest if base == "real" else None


def literal(value: Value, field: Field) -> str:
    """A watermark, in the column's own type: so its index is used, and nothing is compared as text."""
    if isinstance(value, int):
        return str(value)
    base = _base(field)
    if base == "datetimeoffset":
        return f"CONVERT(datetimeoffset, {_text(_spaced(value))}, 121)"
    if base not in DIGITS:
        return _text(value)
    moment, _, fraction = without_offset(value).partition(".")
    fraction = fraction[: DIGITS[base]]
    text = moment[:10] if base == "date" else f"{moment}.{fraction}" if fraction else moment
    return f"CONVERT({base}, {_text(text)}, 121)"


def absent(text: str, field: Field) -> list[str]:
    """When the column says nothing."""
    is_text = _base(field) in ("char", "varchar", "nchar", "nvarchar")
    return [f"{text} IS NULL"] * field.nullable + [f"{text} = ''"] * is_text


def translate(error: Exception, connection: Connection, dataset: str = "") -> SourceError:
    """The driver's error as ours, without values from the data and without secrets."""
    where = place(connection.id, dataset)
    kind, said = getattr(error, "driver_error", ""), str(getattr(error, "ddbc_error", ""))
    if "Failed to load the driver" in said:
        return SourceRefused(
            f"{where}: the driver for SQL Server finds a system library missing; install libltdl7 and "
            "libgssapi-krb5-2 (Debian, Ubuntu) or libtool-ltdl and krb5-libs (Red Hat)"
        )
    if kind == "Invalid authorization specification" or re.search("Login failed|Cannot open database", said):
        return SourceRefused(
            f"{where}: {connection.host} refused user {connection.user!r} or database "
            f"{connection.database!r}; correct AIRFLOW_CONN_{connection.id.upper()}"
        )
    if kind in UNAVAILABLE or isinstance(error, RuntimeError):
        return SourceUnavailable(
            f"{where}: {connection.host} did not answer or broke off ({kind or 'no reason'})"
        )
    if TELLING.search(said):
        return SourceRefused(
            f"{where}: {said.strip().splitlines()[0]}; correct physicalName in the contract, or ask the "
            "owner for SELECT"
        )
    # What else the server says may quote values of the data.
    return SourceRefused(f"{where}: the server can't read it: {kind or type(error).__name__}")


def quoted(name: str) -> str:
    """A name as Transact-SQL writes it."""
    return "[" + name.replace("]", "]]") + "]"


def _base(field: Field) -> str:
    return field.kind.partition("(")[0].strip()


def _text(value: str) -> str:
    return "N'" + value.replace("'", "''") + "'"


def _spaced(value: str) -> str:
    """`2025-01-02 00:00:00+00` as `2025-01-02 00:00:00 +00:00`."""
    found = re.fullmatch(r"(.*\d{2}:\d{2}[\d:.]*)\s*([+-]\d\d)(?::?(\d\d))?", value)
    return f"{found[1]} {found[2]}:{found[3] or '00'}" if found else value


def _braced(value: str) -> str:
    return value if re.fullmatch(r"[\w.:,\\-]*", value) else "{" + value.replace("}", "}}") + "}"


DIALECT = Dialect(
    connect=connect,
    begin=begin,
    describe=describe,
    quoted=quoted,
    expression=expression,
    literal=literal,
    absent=absent,
    errors=(DriverError, RuntimeError),
    translate=translate,
    adapt=adapt,
)


def connector(connection: Connection, root: Path) -> CursorConnector:
    """Reads one table, view or synonym."""
    return CursorConnector(DIALECT, connection)
