"""What a PostgreSQL database says about its tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from connectors.base import Connection
from connectors.inspection import SourceColumn, SourceTable, grouped, linked
from connectors.postgres import Link, connect, pin, translate

# A table is called by its name alone where the session finds it so, and no dot in it misleads.
TABLES = """
SELECT oid, relkind IN ('v', 'm'), CASE WHEN reltuples >= 0 THEN reltuples::bigint END,
    coalesce(obj_description(oid, 'pg_class'), ''),
    CASE WHEN qualified = ANY(%(only)s) THEN qualified WHEN is_plain THEN relname ELSE qualified END
FROM (
    SELECT c.oid, c.relname, c.relkind, c.reltuples, n.nspname || '.' || c.relname AS qualified,
        pg_table_is_visible(c.oid) AND strpos(c.relname, '.') = 0 AS is_plain
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS t
WHERE %(only)s = '{}' OR qualified = ANY(%(only)s) OR (is_plain AND relname = ANY(%(only)s))
"""
# A domain's name says nothing outside its database: its base type does.
COLUMNS = """
SELECT a.attrelid, a.attname,
    CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
         ELSE format_type(a.atttypid, a.atttypmod) END,
    NOT (a.attnotnull OR t.typnotnull), coalesce(col_description(a.attrelid, a.attnum), ''),
    array_position(k.conkey, a.attnum), pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
FOREIGN_KEYS = """
SELECT k.conrelid::text, k.conname, a.attname, k.confrelid::text, f.attname
FROM pg_constraint AS k, unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(here, there, place),
    pg_attribute AS a, pg_attribute AS f
WHERE k.contype = 'f' AND k.conrelid = ANY(%s) AND k.conparentid = 0
    AND a.attrelid = k.conrelid AND a.attnum = u.here AND f.attrelid = k.confrelid AND f.attnum = u.there
ORDER BY 1, 2, u.place
"""
# Partial indexes and those on expressions make no column unique.
UNIQUE = """
SELECT i.indrelid::text, i.indexrelid::text, a.attname
FROM pg_index AS i, unnest(i.indkey::smallint[]) WITH ORDINALITY AS u(here, place), pg_attribute AS a
WHERE i.indrelid = ANY(%s) AND i.indisunique AND i.indisvalid AND NOT i.indisprimary
    AND i.indpred IS NULL AND i.indexprs IS NULL AND u.place <= i.indnkeyatts
    AND a.attrelid = i.indrelid AND a.attnum = u.here
ORDER BY 1, 2, u.place
"""
TARGETS = """
SELECT c.oid::text, CASE WHEN pg_table_is_visible(c.oid) AND strpos(c.relname, '.') = 0 THEN c.relname
    ELSE n.nspname || '.' || c.relname END
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid::text = ANY(%s)
"""
SECONDS = 60


def tables(connection: Connection, root: Path, only: tuple[str, ...]) -> list[SourceTable]:
    """The tables and views that `only` names, or all outside PostgreSQL's own schemas."""
    with _session(connection) as link:
        found = link.execute(TABLES, {"only": list(only)}).fetchall()
        oids: list[Any] = [row[0] for row in found]
        columns = _columns(link, oids)
        keys: list[Any] = link.execute(FOREIGN_KEYS, [oids]).fetchall()
        targets: list[Any] = link.execute(TARGETS, [[row[3] for row in keys]]).fetchall()
        unique: list[Any] = link.execute(UNIQUE, [oids]).fetchall()
    links, uniques = linked(keys, dict(targets)), grouped(unique)
    return [
        SourceTable(
            name=str(name),
            kind="view" if is_view else "table",
            comment=str(comment),
            columns=tuple(columns.get(oid, ())),
            foreign_keys=tuple(links.get(str(oid), ())),
            unique=tuple(uniques.get(str(oid), ())),
            row_count=None if is_view else _whole(count),
        )
        for oid, is_view, count, comment, name in found
    ]


def _columns(link: Link, oids: list[Any]) -> dict[object, list[SourceColumn]]:
    columns: dict[object, list[SourceColumn]] = {}
    for oid, name, kind, nullable, comment, place, default in link.execute(COLUMNS, [oids]):
        column = SourceColumn(
            str(name), str(kind), bool(nullable), str(comment), _whole(place),
            None if default is None else str(default),
        )  # fmt: skip
        columns.setdefault(oid, []).append(column)
    return columns


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


@contextmanager
def _session(connection: Connection) -> Iterator[Link]:
    try:
        with connect(connection) as link:
            pin(link)
            link.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
            yield link
    except psycopg.Error as error:
        raise translate(error, connection) from None
