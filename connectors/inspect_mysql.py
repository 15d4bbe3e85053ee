"""What a MySQL or MariaDB server says about its tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import mysql.connector

from connectors.base import Connection
from connectors.inspection import SourceColumn, SourceTable, grouped, linked
from connectors.mysql import close, connect, translate

_SYSTEM = "('information_schema', 'mysql', 'performance_schema', 'sys')"
TABLES = """
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_ROWS, TABLE_COMMENT
FROM information_schema.TABLES WHERE {where}
"""
COLUMNS = """
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_COMMENT, COLUMN_DEFAULT
FROM information_schema.COLUMNS WHERE {where} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
"""
# A key on the beginnings of texts makes no column unique.
UNIQUE = """
SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART
FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND {where}
ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
FOREIGN_KEYS = """
SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME,
    REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND {where}
ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""

Row = tuple[str | None, ...]
Pair = tuple[str, str]


def tables(connection: Connection, root: Path, only: tuple[str, ...]) -> list[SourceTable]:
    """The tables and views that `only` names; else those of the connection's database, or of all."""
    own = connection.database
    asked = {_pair(own, name): name for name in only}
    where, values = _where(own, list(asked))
    with _session(connection) as link:
        found = _rows(link, TABLES.format(where=where), values)
        columns = _rows(link, COLUMNS.format(where=where), values)
        indexes = _rows(link, UNIQUE.format(where=where), values)
        references = _rows(link, FOREIGN_KEYS.format(where=where), values)
        is_mariadb = "mariadb" in str(_rows(link, "SELECT VERSION()", [])[0][0]).lower()

    def name(schema: str, table: str) -> str:
        plain = schema == own and "." not in table
        return asked.get((schema, table)) or (table if plain else f"{schema}.{table}")

    primary, unique = _keys(indexes, name)
    links = linked((name(s, t), k, c, name(rs, rt), rc) for s, t, k, c, rs, rt, rc in map(_texts, references))
    described: dict[str, list[SourceColumn]] = {}
    for row in columns:
        table = name(str(row[0]), str(row[1]))
        described.setdefault(table, []).append(_column(row, primary.get(table, ()), is_mariadb))
    return [
        SourceTable(
            name=(called := name(str(schema), str(table))),
            kind="view" if (is_view := "VIEW" in str(kind)) else "table",
            comment="" if is_view else comment or "",
            columns=tuple(described.get(called, ())),
            foreign_keys=tuple(links.get(called, ())),
            unique=tuple(unique.get(called, ())),
            row_count=None if count is None or is_view else int(count),
        )
        for schema, table, kind, count, comment in found
    ]


def _column(row: Row, primary: Sequence[str], is_mariadb: bool) -> SourceColumn:
    name, kind, nullable, comment, default = (text or "" for text in row[2:])
    absent = row[6] is None or (is_mariadb and default == "NULL")
    return SourceColumn(
        name, kind, nullable == "YES", comment,
        primary.index(name) + 1 if name in primary else None, None if absent else default,
    )  # fmt: skip


def _keys(
    indexes: list[Row], name: Callable[[str, str], str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, list[tuple[str, ...]]]]:
    """The primary key of each table, and its other unique keys on whole columns."""
    partial = {row[:3] for row in indexes if row[3] is None or row[4] is not None}
    whole = [row for row in indexes if row[:3] not in partial]
    rows = [(name(schema, table), key, column) for schema, table, key, column, _ in map(_texts, whole)]
    primary = grouped(row for row in rows if row[1] == "PRIMARY")
    return {table: keys[0] for table, keys in primary.items()}, grouped(r for r in rows if r[1] != "PRIMARY")


def _pair(own: str, name: str) -> Pair:
    schema, dot, table = name.partition(".")
    return (schema, table) if dot else (own, name)


def _where(own: str, asked: list[Pair]) -> tuple[str, list[str]]:
    if asked:
        one = "(TABLE_SCHEMA = %s AND TABLE_NAME = %s)"
        return "(" + " OR ".join([one] * len(asked)) + ")", [text for pair in asked for text in pair]
    return ("TABLE_SCHEMA = %s", [own]) if own else (f"TABLE_SCHEMA NOT IN {_SYSTEM}", [])


def _rows(link: Any, query: str, values: list[str]) -> list[Row]:
    """The rows as texts: what the driver makes of them depends on the server's version."""
    with closing(link.cursor(raw=True)) as cursor:
        cursor.execute(query, values)
        return [tuple(None if v is None else bytes(v).decode() for v in row) for row in cursor.fetchall()]


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(text or "" for text in row)


@contextmanager
def _session(connection: Connection) -> Iterator[Any]:
    try:
        link = connect(connection)
        try:
            with closing(link.cursor()) as cursor:
                cursor.execute("START TRANSACTION READ ONLY")
            yield link
        finally:
            close(link, connection)
    except mysql.connector.Error as error:
        raise translate(error, connection) from None
