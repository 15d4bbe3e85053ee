"""SIAK on PostgreSQL."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from demo.model import Row

#: Column types as SIAK has them: numbers of the region as numbers, NIK as text, dates of birth as text.
_CARDS = {
    "NO_KK": "varchar(16)",
    "NAMA_KEP": "varchar(100)",
    "ALAMAT": "varchar(120)",
    "NO_RT": "varchar(3)",
    "NO_RW": "varchar(3)",
    "KODE_POS": "varchar(5)",
    "NO_PROP": "integer",
    "NO_KAB": "integer",
    "NO_KEC": "integer",
    "NO_KEL": "integer",
    "TGL_INSERTION": "timestamp",
}
_RESIDENTS = {
    "NIK": "varchar(16)",
    "NO_KK": "varchar(16)",
    "NAMA_LGKP": "varchar(100)",
    "JENIS_KLMIN": "smallint",
    "TMPT_LHR": "varchar(60)",
    "TGL_LHR": "varchar(10)",
    "GOL_DRH": "smallint",
    "AGAMA": "smallint",
    "STAT_KWN": "smallint",
    "STAT_HBKEL": "smallint",
    "PDDK_AKH": "smallint",
    "JENIS_PKRJN": "varchar(10)",
    "NIK_IBU": "varchar(16)",
    "NIK_AYAH": "varchar(16)",
    "NAMA_LGKP_IBU": "varchar(60)",
    "NAMA_LGKP_AYAH": "varchar(60)",
    "NO_AKTA_LHR": "varchar(40)",
    "NO_PROP": "integer",
    "NO_KAB": "integer",
    "NO_KEC": "integer",
    "NO_KEL": "integer",
}


def write(url: str, cards: Sequence[Row], residents: Sequence[Row]) -> None:
    """Replace what the database at `url` holds, in one transaction: readers see one day or the other."""
    with psycopg.connect(url) as connection:
        _fill(connection, "data_keluarga", _CARDS, cards)
        _fill(connection, "biodata_wni", _RESIDENTS, residents)


def _fill(connection: psycopg.Connection, table: str, columns: dict[str, str], rows: Sequence[Row]) -> None:
    name = sql.Identifier(table)
    described = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()
    )
    # No primary key: the real table has one, but copies that agencies work with do not.
    connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(name, described))
    connection.execute(sql.SQL("DELETE FROM {}").format(name))
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(name, listed)) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])
