"""SIMDA's treasury table, on MySQL or MariaDB when there is one, else on SQLite."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mysql.connector

from demo.model import Row, Value
from demo.systems import sqlite

TABLE = "ta_sp2d"
_COLUMNS = {
    "no_sp2d": "varchar(40)",
    "tgl_sp2d": "date",
    "no_spm": "varchar(40)",
    "jenis": "varchar(10)",
    "kd_skpd": "varchar(40)",
    "kd_sub_giat": "varchar(40)",
    "kd_rekening": "varchar(40)",
    "uraian": "varchar(400)",
    "nm_penerima": "varchar(100)",
    "nilai": "decimal(18,2)",
    "tgl_ubah": "datetime",
}


@dataclass(frozen=True)
class Server:
    """A MySQL or MariaDB server, from `mysql://user:password@host:port/database` (or `simda`)."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def of(cls, url: str) -> "Server":
        """The server that `url` names."""
        parts = urlsplit(url)
        return cls(
            parts.hostname or "127.0.0.1",
            parts.port or 3306,
            unquote(parts.username or "root"),
            unquote(parts.password or ""),
            parts.path.strip("/") or "simda",
        )


def write_sqlite(file: Path, rows: Sequence[Row]) -> None:
    """Replace the table in the SQLite `file`. Everything is text there, as older tools leave it."""
    sqlite.write(file, {TABLE: (dict.fromkeys(_COLUMNS, "TEXT"), rows)})


def write_mysql(url: str, rows: Sequence[Row]) -> None:
    """Replace the table in one transaction, making database and table when they aren't there."""
    server = Server.of(url)
    with closing(
        mysql.connector.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            charset="utf8mb4",
            # The driver's default collation is unknown to MariaDB.
            collation="utf8mb4_general_ci",
        )
    ) as connection:
        cursor = connection.cursor()
        # Without the strict modes, as these servers run: that is how 0000-00-00 gets in.
        cursor.execute("SET SESSION sql_mode = ''")
        database = f"`{server.database.replace('`', '``')}`"
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {database}")
        described = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({described}, KEY (no_sp2d), KEY (tgl_ubah))")
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608 - a constant
        places = ", ".join(["%s"] * len(_COLUMNS))
        cursor.executemany(f"INSERT INTO {TABLE} VALUES ({places})", _values(rows))  # noqa: S608 - constants
        connection.commit()


def _values(rows: Sequence[Row]) -> list[tuple[Value, ...]]:
    return [tuple(row[column] for column in _COLUMNS) for row in rows]
