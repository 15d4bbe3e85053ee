"""The one path for databases with a DB-API driver: with dialects of the databases at hand, what the
connectors made for these read comes out of it too.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import mysql.connector
import psycopg
import pytest
from psycopg import sql

from connectors import mysql as mysql_kind
from connectors import postgres, sqlite
from connectors.base import Connection, Request
from connectors.bounds import Value
from connectors.connection import parse_connection
from connectors.cursor import CursorConnector, Dialect, Field, Parts
from connectors.errors import SourceError, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from schemas.contract import Column, Contract
from tests.integration.connectors.reading import Reading, contract, incremental, lines_of
from tests.services import mariadb_database, postgres_database, run_mariadb


def same(text: str, _: Field, __: Column) -> str:
    return text


def standard_literal(value: Value, _: Field) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def postgres_dialect() -> Dialect:
    as_copy = {"bytea": "{}", "boolean": "left({}::text, 1)"}

    def connect(connection: Connection) -> Any:
        link = postgres.connect(connection)
        postgres.pin(link)
        return link

    def describe(cursor: Any, parts: Parts) -> tuple[str, list[Field]]:
        table = sql.Identifier(*parts).as_string()
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL), NOT attnotnull FROM pg_attribute "
            f"WHERE attrelid = to_regclass({sql.Literal(table).as_string()}) AND attnum > 0 ORDER BY attnum"
        )
        return table, [Field(*row) for row in cursor.fetchall()]

    def translate(error: Exception, connection: Connection, dataset: str) -> SourceError:
        assert isinstance(error, psycopg.Error)
        return postgres.translate(error, connection, dataset)

    return Dialect(
        connect=connect,
        begin=lambda link, _: link.cursor(name="lumbung"),
        describe=describe,
        quoted=quoted,
        expression=lambda text, field, _: as_copy.get(field.kind, "{}::text").format(text),
        literal=standard_literal,
        absent=lambda text, field: [f"{text} IS NULL"] * field.nullable,
        errors=(psycopg.Error,),
        translate=translate,
    )


def mysql_dialect() -> Dialect:
    def begin(link: Any, _: Connection) -> Any:
        cursor = link.cursor(raw=True, buffered=False)
        for statement in mysql_kind.SESSION:
            cursor.execute(statement)
        return cursor

    def describe(cursor: Any, parts: Parts) -> tuple[str, list[Field]]:
        table = ".".join(map(mysql_kind._quoted, parts))
        cursor.execute(f"SHOW COLUMNS FROM {table}")
        rows = [[bytes(value).decode() for value in row[:3]] for row in cursor.fetchall()]
        return table, [Field(name, kind.lower(), null == "YES") for name, kind, null in rows]

    def adapt(field: Field) -> Callable[[Any], str]:
        raw = mysql_kind._adapter(field.kind) or bytes
        return lambda value: raw(value).decode("utf-8", "surrogateescape")

    def translate(error: Exception, connection: Connection, dataset: str) -> SourceError:
        assert isinstance(error, mysql.connector.Error)
        return mysql_kind.translate(error, connection, dataset)

    return Dialect(
        connect=mysql_kind.connect,
        begin=begin,
        describe=describe,
        quoted=mysql_kind._quoted,
        expression=lambda _, field, __: mysql_kind.expression(mysql_kind.Field(field.name, field.kind, True)),
        literal=lambda value, _: mysql_kind._literal(value),
        absent=lambda text, field: [f"{text} IS NULL"] * field.nullable,
        errors=(mysql.connector.Error,),
        translate=translate,
        close=lambda link, _, connection: mysql_kind.close(link, connection),
        adapt=adapt,
    )


def sqlite_dialect() -> Dialect:
    def connect(connection: Connection) -> Any:
        link = sqlite.connect(connection.database, Path(), connection.id)
        link.execute("BEGIN")
        return link

    def describe(cursor: Any, parts: Parts) -> tuple[str, list[Field]]:
        rows = cursor.execute('SELECT name, type, "notnull" FROM pragma_table_xinfo(?)', [parts[-1]])
        return quoted(parts[-1]), [Field(name, kind.lower(), not required) for name, kind, required in rows]

    return Dialect(
        connect=connect,
        begin=lambda link, _: link.cursor(),
        describe=describe,
        quoted=quoted,
        expression=same,
        literal=standard_literal,
        absent=lambda text, _: [f"{text} IS NULL", f"{text} = ''"],
        errors=(sqlite3.Error,),
        translate=lambda error, connection, dataset: SourceRefused(f"{dataset}: {connection.id}: {error}"),
        adapt=lambda _: lambda value: sqlite._text(value) or "",
    )


def both(of: Contract, dialect: Dialect, connection: Connection, **bounds: Any) -> Sequence[Reading]:
    """What the connector made for this kind reads, and what the general one does."""
    readings = []
    for connector in (open_connector(of, connection, Path()), CursorConnector(dialect, connection)):
        with connector.open(Request(of, **bounds)) as extract:
            assert extract.columns == (of.key if bounds.get("keys_only") else of.names)
            readings.append(lines_of(extract))
    return readings


POSTGRES = """
CREATE TABLE t (id int PRIMARY KEY, day date, at timestamptz, took interval, ratio float8, small real,
    photo bytea, note text, sum numeric(40,10), sure bool, tags text[], doc jsonb);
INSERT INTO t VALUES (1, '2025-08-07', '2025-08-07 01:00+07', '1 day 2 hours', 0.1::float8 + 0.2, 0.1,
    '\\x00ff', E'a\\tb\\nc\\rd\\\\e''f', 123456789012345678901234567890.0123456789, true, '{a,NULL}',
    '{"a": 1.50}'), (2, 'infinity', '-infinity', NULL, 'NaN', '-0', '', '', 'NaN', false, '{}', 'null');
INSERT INTO t (id) VALUES (3)
"""
MARIADB = (
    "CREATE TABLE t (id int PRIMARY KEY, day date, at datetime(6), ratio double, small float, bits bit(9), "
    "photo blob, note text, doc json, sum decimal(65,30), took time, big bigint unsigned)",
    "SET STATEMENT sql_mode = '' FOR INSERT INTO t VALUES (1, '0000-00-00', '2025-08-07 01:02:03.000004', "
    "0.1, 0.1, b'101', X'00ff', 'a\\tb\\nc\\\\d', '{}', 1.000000000000000000000000000001, '-12:30:00', "
    "18446744073709551615), "
    "(2, '2025-00-15', NULL, 1e300, 16777216, NULL, '', CONCAT('x', CHAR(0)), NULL, 0, NULL, 0)",
)
SQLITE = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v, at text)",
    "INSERT INTO t (v, at) VALUES (9223372036854775807, '2025-01-01'), (0.1, NULL), (x'00ff', ''), "
    "('a' || char(9) || char(0), '2025-01-03'), (NULL, '2025-01-02'), (CAST(x'c3' AS TEXT), '2025-01-02')",
)


def test_postgresql_comes_the_same_by_a_named_cursor() -> None:
    with postgres_database() as url:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(POSTGRES)
            columns = link.execute("SELECT * FROM t").description or []
        names = [column.name for column in columns]
        of = contract("postgres", "public.t", names, sync=incremental("at"))
        own, general = both(of, postgres_dialect(), parse_connection("test", url))
        assert general == own
        assert len(own.rows) == 3
        since = {"since": "2025-08-01 00:00:00+00"}
        own, general = both(of, postgres_dialect(), parse_connection("test", url), **since)
        assert general == own
        assert [row[0] for row in own.rows] == ["1", "3"]


def test_mariadb_comes_the_same_by_an_unbuffered_cursor() -> None:
    with mariadb_database() as url:
        run_mariadb(url, *MARIADB)
        names = ["id", "day", "at", "ratio", "small", "bits", "photo", "note", "doc", "sum", "took", "big"]
        own, general = both(contract("mysql", "t", names), mysql_dialect(), parse_connection("test", url))
        assert general == own
        assert own.faults == {2: r"note: NUL byte: x\x00"}


def test_sqlite_comes_the_same(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as link, link:
        for statement in SQLITE:
            link.execute(statement)
    connection = Connection("test", "sqlite", database=str(tmp_path / "a.db"))
    of = contract("sqlite", "t", ["id", "v", "at"], sync=incremental("at"))
    own, general = both(of, sqlite_dialect(), connection)
    assert general == own
    assert set(own.faults) == {4, 6}
    own, general = both(of, sqlite_dialect(), connection, since="2025-01-02", until="2025-01-03")
    assert general == own
    assert len(own.rows) == 2


def test_many_rows_come_in_bounded_memory_and_one_snapshot() -> None:
    with postgres_database() as url, psycopg.connect(url, autocommit=True) as link:
        link.execute(
            "CREATE TABLE t AS SELECT g AS id, repeat('x', 200) AS v FROM generate_series(1, 30000) g"
        )
        of = contract("postgres", "t", ["id", "v"])
        connector = CursorConnector(postgres_dialect(), parse_connection("test", url))
        with connector.open(Request(of)) as extract:
            blocks = [next(extract.blocks)]
            link.execute("UPDATE t SET v = 'changed'")
            link.execute("DELETE FROM t WHERE id > 100")
            blocks += extract.blocks
    assert sum(block.count(b"\n") for block in blocks) == 30_000
    assert max(map(len, blocks)) < 1 << 19
    assert not any(b"changed" in block for block in blocks)


def test_what_is_missing_is_named_and_a_lost_session_is_unavailable() -> None:
    with postgres_database() as url:
        connection = parse_connection("test", url)
        connector = CursorConnector(postgres_dialect(), connection)
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(
                "CREATE TABLE t AS SELECT g AS id, repeat('x', 999) AS v FROM generate_series(1, 99999) g"
            )
            with (
                pytest.raises(
                    SourceRefused, match=r"test\.dataset: connection test: no table nowhere; correct"
                ),
                connector.open(Request(contract("postgres", "nowhere", ["id"]))),
            ):
                pass
            with (
                pytest.raises(SourceRefused, match="table t has no column nik; it has id, v"),
                connector.open(Request(contract("postgres", "t", ["nik"]))),
            ):
                pass
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lumbung'"
            with (
                pytest.raises(SourceUnavailable, match="connection test"),
                connector.open(Request(contract("postgres", "t", ["id", "v"]))) as extract,
            ):
                next(extract.blocks)
                link.execute(kill + " AND datname = current_database()")
                for _ in extract.blocks:
                    pass
