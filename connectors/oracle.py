"""Oracle Database sources, as texts that the server itself writes in forms which lose nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracledb

from connectors.base import Connection
from connectors.bounds import Value
from connectors.columns import without_offset
from connectors.cursor import CursorConnector, Dialect, Field, Parts, written
from connectors.errors import SourceError, SourceRefused, SourceUnavailable, place
from connectors.floats import shortest
from schemas.contract import Column

CONNECT_SECONDS = 10
#: A server that is silent for so long is given up.
SILENT_SECONDS = 600
#: Texts of one form whatever the server's defaults, and one state of the database for the whole read.
SESSION = (
    "ALTER SESSION SET NLS_LANGUAGE = AMERICAN NLS_TERRITORY = AMERICA NLS_NUMERIC_CHARACTERS = '.,' "
    "NLS_CALENDAR = GREGORIAN NLS_COMP = BINARY NLS_SORT = BINARY",
    "ALTER SESSION SET TIME_ZONE = '+00:00'",
    "SET TRANSACTION READ ONLY",
)
MOMENT = "SYYYY-MM-DD HH24:MI:SS"
#: Types that the server writes exactly, and how; {0} is the column, {1} a format with its digits of a second.
WRITTEN = {
    "number": "TO_CHAR({0}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')",
    "date": f"LTRIM(TO_CHAR({{0}}, '{MOMENT}'))",
    "timestamp": "LTRIM(TO_CHAR({0}, '{1}'))",
    "timestamp_tz": """LTRIM(TO_CHAR(SYS_EXTRACT_UTC({0}), '{1}"+00"'))""",
    "timestamp_ltz": """LTRIM(TO_CHAR(SYS_EXTRACT_UTC({0}), '{1}"+00"'))""",
    "interval_ds": "TO_CHAR({0})",
    "interval_ym": "TO_CHAR({0})",
    "rowid": "ROWIDTOCHAR({0})",
    "urowid": "TO_CHAR({0})",
    "xmltype": "XMLSERIALIZE(CONTENT {0} AS CLOB)",
    "json": "JSON_SERIALIZE({0} RETURNING CLOB)",
    "boolean": "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END",
    "vector": "FROM_VECTOR({0} RETURNING CLOB)",
}
#: Types whose values the driver gives as they are: texts, bytes, floats.
AS_THEY_ARE = frozenset({
    "varchar", "char", "nvarchar", "nchar", "clob", "nclob", "long", "long_nvarchar", "raw", "long_raw",
    "blob", "binary_float", "binary_double",
})  # fmt: skip
LARGE = {
    oracledb.DB_TYPE_CLOB: oracledb.DB_TYPE_LONG,
    oracledb.DB_TYPE_NCLOB: oracledb.DB_TYPE_LONG_NVARCHAR,
    oracledb.DB_TYPE_BLOB: oracledb.DB_TYPE_LONG_RAW,
}
#: ORA numbers: who may not log in; what is not there, or may not be read.
REFUSED_LOGIN = frozenset({1005, 1017, 1045, 12514, 12505, 28000, 28001})
REFUSED = frozenset({904, 942, 980, 1031, 1435, 1775, 4043, 4063, 41900})
UNAVAILABLE = frozenset({
    18, 20, 28, 51, 54, 60, 600, 1012, 1033, 1034, 1089, 1090, 1092, 1109, 1555, 2391, 2396, 3113, 3114, 3135,
    3136, 4021, 4031, 8176, 8177, 12152, 12170, 12516, 12519, 12520, 12528, 12537, 12541, 12543, 12545, 12547,
    12560, 12571, 25408, 30006,
})  # fmt: skip
MISSING = 942


def connect(connection: Connection) -> Any:
    """A session; raises the driver's errors."""
    link = oracledb.connect(**address(connection))
    link.outputtypehandler = whole
    link.call_timeout = SILENT_SECONDS * 1000
    return link


def address(connection: Connection) -> dict[str, Any]:
    """What the driver is told: the database names the service, unless the connection's extra has a sid."""
    extra = connection.extra
    fields: dict[str, Any] = {
        "user": connection.user,
        "password": connection.password,
        "host": connection.host or "127.0.0.1",
        "port": connection.port or 1521,
        "tcp_connect_timeout": CONNECT_SECONDS,
        "expire_time": 1,
        "program": "lumbung",
    }
    if extra.get("sid"):
        fields["sid"] = str(extra["sid"])
    else:
        fields["service_name"] = str(extra.get("service_name") or connection.database)
    return fields | {key: str(extra[key]) for key in ("protocol", "wallet_location") if key in extra}


def whole(cursor: Any, metadata: Any) -> Any:
    """Large objects come with their rows, not as locators that are read one by one."""
    kind = LARGE.get(metadata.type_code)
    return cursor.var(kind, arraysize=cursor.arraysize) if kind else None


def begin(link: Any, connection: Connection) -> Any:
    """A cursor in a transaction that sees one state of the database."""
    cursor = link.cursor()
    for statement in SESSION:
        cursor.execute(statement)
    return cursor


def describe(cursor: Any, parts: Parts) -> tuple[str, list[Field]]:
    """The table as SQL writes it, and its columns, whether it is a table, a view or a synonym.

    A name is tried as it is written, then in capitals, as Oracle keeps names that were given without quotes.
    """
    table = ".".join(map(quoted, parts))
    try:
        return table, _described(cursor, table)
    except oracledb.DatabaseError as error:
        if number_of(error) != MISSING or table == table.upper():
            raise
    table = table.upper()
    return table, _described(cursor, table)


def _described(cursor: Any, table: str) -> list[Field]:
    cursor.execute(" ".join(("SELECT * FROM", table, "WHERE 1 = 0")))
    return [field_of(column) for column in cursor.description]


def field_of(column: Any) -> Field:
    """A column as the driver describes it; a timestamp's type tells its digits of a second."""
    kind = column.type_code.name.removeprefix("DB_TYPE_").lower()
    if kind.startswith("timestamp"):
        kind = f"{kind}({column.scale or 0})"
    size = column.internal_size or column.display_size or 0
    large = kind.startswith(("clob", "nclob", "blob", "long", "json", "xml", "vector"))
    return Field(column.name, kind, column.null_ok is not False, 1 << 20 if large else 2 * size + 32)


def expression(text: str, field: Field, column: Column) -> str | None:
    """SQL for the column's exact text; None for a type that has none."""
    base, digits = _base(field)
    if base in AS_THEY_ARE:
        return text
    if base == "date" and column.logical_type == "date":
        # A DATE has a time of day here. Midnight is none; any other is shown, and refused.
        day = f"LTRIM(TO_CHAR({text}, 'SYYYY-MM-DD'))"
        return f"CASE WHEN {text} = TRUNC({text}) THEN {day} ELSE {WRITTEN['date'].format(text)} END"
    moment = f"{MOMENT}.FF{digits}" if digits else MOMENT
    return WRITTEN[base].format(text, moment) if base in WRITTEN else None


def adapt(field: Field) -> Callable[[Any], str] | None:
    """Numbers with the zero before their point that Oracle leaves out; floats as their shortest text."""
    base, _ = _base(field)
    if base == "binary_float":
        return shortest
    return {"number": _zero, "binary_double": lambda value: repr(float(value))}.get(base)


def literal(value: Value, field: Field) -> str:
    """A watermark, in the column's own type: so its index is used, and no default format matters."""
    if isinstance(value, int):
        return str(value)
    base, _ = _base(field)
    if base == "date":
        moment = without_offset(value).partition(".")[0]
        return f"TO_DATE({_text(moment)}, 'YYYY-MM-DD{' HH24:MI:SS' if ':' in moment else ''}')"
    if base == "timestamp":
        moment = without_offset(value)
        return f"TO_TIMESTAMP({_text(moment)}, 'YYYY-MM-DD{' HH24:MI:SS.FF' if ':' in moment else ''}')"
    if base.startswith("timestamp"):
        moment = re.sub(r"([+-]\d\d)$", r"\1:00", value)
        zoned = "TZH:TZM" if re.search(r"[+-]\d\d:\d\d$", moment) else ""
        return f"TO_TIMESTAMP_TZ({_text(moment)}, 'YYYY-MM-DD HH24:MI:SS.FF{zoned}')"
    return _text(value)


def absent(text: str, field: Field) -> list[str]:
    """When the column says nothing; an empty text is NULL here."""
    return [f"{text} IS NULL"] * field.nullable


def translate(error: Exception, connection: Connection, dataset: str = "") -> SourceError:
    """The driver's error as ours, without values from the data and without secrets."""
    where = place(connection.id, dataset)
    number, said = number_of(error), str(error).strip().splitlines()[0]
    if number in REFUSED_LOGIN or re.search("DPY-(6001|6003|4000|3010|3015)", said):
        return SourceRefused(
            f"{where}: {connection.host} refused user {connection.user!r} or service "
            f"{connection.database!r}; correct AIRFLOW_CONN_{connection.id.upper()}"
        )
    if number in REFUSED:
        return SourceRefused(
            f"{where}: {said}; correct physicalName in the contract, or ask the owner for SELECT"
        )
    code = f"ORA-{number:05d}" if number else (re.match(r"DP[YI]-\d+", said) or [type(error).__name__])[0]
    if number in UNAVAILABLE or re.match(r"DPY-(1001|4011|4024|6)", code):
        return SourceUnavailable(f"{where}: {connection.host} did not answer or broke off ({code})")
    # What else the server says may quote values of the data.
    return SourceRefused(f"{where}: the server can't read it: {code}")


def number_of(error: Exception) -> int:
    """The ORA number of an error, 0 when the driver itself raised it."""
    return int(getattr(error.args[0], "code", 0) or 0) if error.args else 0


def quoted(name: str) -> str:
    """A name as Oracle writes it; no quote can be in one."""
    return '"' + name.replace('"', "") + '"'


def _base(field: Field) -> tuple[str, int]:
    found = re.fullmatch(r"(\w+)(?:\((\d+)\))?", field.kind)
    return (found[1], int(found[2] or 0)) if found else (field.kind, 0)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _zero(value: Any) -> str:
    """0.5 where Oracle says .5."""
    return re.sub(r"^(-?)\.", r"\g<1>0.", written(value))


DIALECT = Dialect(
    connect=connect,
    begin=begin,
    describe=describe,
    quoted=quoted,
    expression=expression,
    literal=literal,
    absent=absent,
    errors=(oracledb.Error,),
    translate=translate,
    adapt=adapt,
)


def connector(connection: Connection, root: Path) -> CursorConnector:
    """Reads one table, view or synonym."""
    return CursorConnector(DIALECT, connection)
