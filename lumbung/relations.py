"""What PostgreSQL's catalogue says of relations: columns, types, who depends on them, who may read them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from lumbung.warehouse import Session


@dataclass(frozen=True)
class Column:
    """A column's name and its type as PostgreSQL writes it, e.g. `numeric(18,2)`."""

    name: str
    pg_type: str


def columns_of_query(session: Session, select: str) -> list[Column]:
    """The columns that `select` would give, without running it."""
    with session.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM (\n{}\n) AS model LIMIT 0").format(sql.SQL(select)))
        result = cursor.pgresult
        assert result is not None
        fields = range(result.nfields)
        types = session.execute(
            "SELECT format_type(oid, modifier) FROM unnest(%s::oid[], %s::int[]) "
            "WITH ORDINALITY AS t (oid, modifier, position) ORDER BY position",
            [[result.ftype(i) for i in fields], [result.fmod(i) for i in fields]],
        ).fetchall()
        return [Column((result.fname(i) or b"").decode(), types[i][0]) for i in fields]


def columns_of(session: Session, schema: str, relation: str) -> list[Column]:
    """The relation's columns in order; empty when there is no such relation."""
    rows = session.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) "
        "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [schema, relation],
    ).fetchall()
    return [Column(*row) for row in rows]


def same_types(session: Session, one: str, other: str) -> bool:
    """True when two spellings name one type, length and precision included."""
    if one == other:
        return True
    row = session.execute("SELECT to_regtype(%s) = to_regtype(%s)", [one, other]).fetchone()
    return row is not None and row[0] is True and _modifier(one) == _modifier(other)


def _modifier(pg_type: str) -> str:
    """`(18,2)` of `numeric(18, 2)`; `numeric(5)` and `numeric(5,0)` are the same."""
    found = re.search(r"\(.*\)", pg_type)
    return found.group().replace(" ", "").replace(",0)", ")") if found else ""


def existing(session: Session, schema: str, names: Iterable[str]) -> set[str]:
    """Those of `names` that are relations in `schema`."""
    rows = session.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relname = ANY(%s)",
        [schema, list(names)],
    ).fetchall()
    return {name for (name,) in rows}


def comments_of(session: Session, schema: str, relation: str) -> dict[str | None, str | None]:
    """The relation's comment (under None) and those of its columns; None where there is none."""
    rows = session.execute(
        "WITH this AS (SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) AS oid) "
        "SELECT NULL, obj_description(oid, 'pg_class') FROM this "
        "UNION ALL SELECT attname, col_description(attrelid, attnum) FROM pg_attribute, this "
        "WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped",
        [schema, relation],
    ).fetchall()
    return dict(rows)
