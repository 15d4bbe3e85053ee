"""SIMDA's tables, on MySQL or MariaDB when there is one, else on SQLite."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mysql.connector
from mysql.connector.abstracts import MySQLCursorAbstract

from demo.model import Row
from demo.realisation import TREASURY_LRA
from demo.receipts import RECEIPTS
from demo.systems import sqlite
from demo.treasury import SP2D, SPD, SPM, SPP

_NUMBER, _CODE, _TEXT, _MONEY = "varchar(40)", "varchar(40)", "varchar(400)", "decimal(18,2)"
_DOCUMENT = {"kd_skpd": _CODE, "uraian": _TEXT, "nilai": _MONEY, "tgl_ubah": "datetime"}
_PAYMENT = {"jenis": "varchar(10)", **_DOCUMENT}
#: Table and columns of each dataset; the first column is indexed.
_TABLES = {
    SPD: ("ta_spd", {"no_spd": _NUMBER, "tgl_spd": "date", "triwulan": "varchar(4)", **_DOCUMENT}),
    SPP: ("ta_spp", {"no_spp": _NUMBER, "tgl_spp": "date", "no_spd": _NUMBER, "kd_sub_giat": _CODE,
                     "kd_rekening": _CODE, **_PAYMENT}),
    SPM: ("ta_spm", {"no_spm": _NUMBER, "tgl_spm": "date", "no_spp": _NUMBER, **_PAYMENT}),
    SP2D: ("ta_sp2d", {"no_sp2d": _NUMBER, "tgl_sp2d": "date", "no_spm": _NUMBER, "kd_sub_giat": _CODE,
                       "kd_rekening": _CODE, "nm_penerima": "varchar(100)", **_PAYMENT}),
    RECEIPTS: ("ta_penerimaan", {"no_bukti": _NUMBER, "tgl_bukti": "date", "no_sts": _NUMBER,
                                 "kd_rekening": _CODE, **_PAYMENT}),
    TREASURY_LRA: ("ta_lra", {"tahun": "varchar(4)", "bulan": "varchar(4)", "kd_skpd": _CODE,
                              "kd_rekening": _CODE, "nm_rekening": _TEXT, "anggaran": _MONEY,
                              "realisasi": _MONEY}),
}  # fmt: skip
DATASETS = tuple(_TABLES)


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


def write_sqlite(file: Path, rows: Mapping[str, Sequence[Row]]) -> None:
    """Replace the tables in the SQLite `file`. Everything is text there, as older tools leave it."""
    sqlite.write(
        file,
        {table: (dict.fromkeys(columns, "TEXT"), rows[name]) for name, (table, columns) in _TABLES.items()},
    )


def write_mysql(url: str, rows: Mapping[str, Sequence[Row]]) -> None:
    """Replace the tables in one transaction, making database and tables when they aren't there."""
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
        # Making a table would commit what is written before it.
        for table, columns in _TABLES.values():
            described = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {table} ({described}, KEY ({next(iter(columns))}))")
        for name, (table, columns) in _TABLES.items():
            _fill(cursor, table, columns, rows[name])
        connection.commit()


def _fill(cursor: MySQLCursorAbstract, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    values = [tuple(row[column] for column in columns) for row in rows]
    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608 - constants
