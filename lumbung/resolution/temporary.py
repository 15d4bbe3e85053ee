"""Temporary tables of rows that a step has worked out in Python."""

from collections.abc import Iterable, Sequence

from psycopg import sql

from lumbung.warehouse import Session


def fill(
    session: Session, name: str, columns: Iterable[tuple[str, str]], rows: Iterable[Sequence[object]]
) -> sql.Identifier:
    """Make `pg_temp.name` anew, of (name, PostgreSQL type) columns, with these rows; it goes at commit."""
    table = sql.Identifier("pg_temp", name)
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    declared = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(pg_type)) for column, pg_type in columns
    )
    create = sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP")
    session.execute(create.format(sql.Identifier(name), declared))
    with session.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for row in rows:
            copy.write_row(row)
    session.execute(sql.SQL("ANALYZE {}").format(table))
    return table
