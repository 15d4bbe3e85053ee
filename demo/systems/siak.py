"""SIAK on PostgreSQL."""

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from demo.codes import EDUCATION, OCCUPATIONS, RELIGIONS
from demo.events import EVENTS
from demo.foreigners import FOREIGNERS
from demo.model import Row
from demo.people import CARDS, RESIDENTS

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

_EVENTS = {
    "ID_PERISTIWA": "bigint",
    "JENIS": "varchar(12)",
    "NIK": "varchar(16)",
    "NIK_LAMA": "varchar(16)",
    "NO_KK": "varchar(16)",
    "NO_KK_LAMA": "varchar(16)",
    "TGL_PERISTIWA": "varchar(10)",
    "KOREKSI_ATAS": "bigint",
    "KETERANGAN": "varchar(100)",
    "TGL_ENTRI": "timestamp",
}
_FOREIGNERS = {
    "DOK_IMGR": "varchar(20)",
    "JNS_DOK": "varchar(5)",
    "TGL_AKH_DOK": "varchar(10)",
    "NO_PASPOR": "varchar(20)",
    "NAMA_PERTMA": "varchar(60)",
    "NAMA_KLRGA": "varchar(60)",
    "JENIS_KLMIN": "smallint",
    "TMPT_LHR": "varchar(60)",
    "TGL_LHR": "varchar(10)",
    "KEWARGANEGARAAN": "varchar(3)",
    "NO_KK": "varchar(16)",
    "NO_KEC": "integer",
    "NO_KEL": "integer",
}
_CODES = {"NO": "smallint", "DESCRIP": "varchar(60)"}

#: Table and columns of each dataset.
_TABLES = {
    CARDS: ("data_keluarga", _CARDS),
    RESIDENTS: ("biodata_wni", _RESIDENTS),
    EVENTS: ("peristiwa", _EVENTS),
    FOREIGNERS: ("biodata_wna", _FOREIGNERS),
    RELIGIONS: ("agama_master", _CODES),
    EDUCATION: ("pddkn_master", _CODES),
    OCCUPATIONS: ("pkrjn_master", _CODES),
}
DATASETS = tuple(_TABLES)


def write(url: str, rows: Mapping[str, Sequence[Row]]) -> None:
    """Replace what the database at `url` holds by the rows of each dataset, in one transaction.

    Readers see one day or the other.
    """
    with psycopg.connect(url) as connection:
        for dataset, (table, columns) in _TABLES.items():
            _fill(connection, table, columns, rows[dataset])


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
