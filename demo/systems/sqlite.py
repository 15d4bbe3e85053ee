"""Writing tables of a SQLite file."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from demo.model import Row


def write(file: Path, tables: Mapping[str, tuple[Mapping[str, str], Sequence[Row]]]) -> None:
    """Replace `tables` (name -> column types, rows) in one transaction."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        for table, (columns, rows) in tables.items():
            _fill(connection, table, columns, rows)


def _fill(
    connection: sqlite3.Connection, table: str, columns: Mapping[str, str], rows: Sequence[Row]
) -> None:
    described = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({described})")
    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names are constants of the demo
    places = ", ".join("?" * len(columns))
    values = ([row[column] for column in columns] for row in rows)
    connection.executemany(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608
