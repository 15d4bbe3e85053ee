"""The table that is measured: 20 columns as a population register has them, and its contract."""

import contextlib
from pathlib import Path
from typing import Any

import mysql.connector
import psycopg

from connectors.base import Connection
from connectors.connection import parse_connection
from schemas.contract import Column, Contract, Server, Sync
from schemas.types import postgres_type

#: Name, logical type, decimal type and options; the first is the key.
_COLUMNS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("nik", "string", "", {"pattern": "^[0-9]{16}$"}),
    ("kk_number", "string", "", {"pattern": "^[0-9]{16}$"}),
    ("full_name", "string", "", {"maxLength": 100}),
    ("sex_code", "string", "", {}),
    ("birth_place", "string", "", {}),
    ("birth_date", "date", "", {"minimum": "1900-01-01"}),
    ("religion", "string", "", {}),
    ("marital_status", "string", "", {}),
    ("family_relation", "string", "", {}),
    ("education", "string", "", {}),
    ("occupation", "string", "", {}),
    ("mother_name", "string", "", {}),
    ("father_name", "string", "", {}),
    ("address", "string", "", {"maxLength": 200}),
    ("neighbourhood_number", "integer", "", {"minimum": 0, "maximum": 999}),
    ("region_code", "string", "", {"maxLength": 13}),
    ("income_amount", "number", "decimal(18,2)", {"minimum": 0}),
    ("is_active", "boolean", "", {}),
    ("note", "string", "", {}),
    ("updated_at", "timestamp", "", {}),
)
_REQUIRED = ("nik", "kk_number", "full_name")
# Lengths as a register has them: about 300 bytes a row.
_POSTGRES = """CREATE TABLE citizen AS SELECT lpad(i::text, 16, '6171010000000000') AS nik,
    lpad((i / 4)::text, 16, '6171020000000000') AS kk_number, 'MUHAMMAD BUDI SANTOSO ' || i AS full_name,
    (i % 2 + 1)::text AS sex_code, 'KOTA PONTIANAK' AS birth_place,
    date '1950-01-01' + i % 20000 AS birth_date, 'AGAMA KE ' || i % 6 AS religion,
    'KAWIN TERCATAT ' || i % 4 AS marital_status, 'ANGGOTA KELUARGA ' || i % 11 AS family_relation,
    'TAMAT SD/SEDERAJAT ' || i % 10 AS education, 'KARYAWAN SWASTA ' || i % 88 AS occupation,
    'SITI NURHALIZAH ' || i / 3 AS mother_name, 'ABDUL RAHMAN HAKIM ' || i / 3 AS father_name,
    'JL. PARIT HAJI HUSIN II GG. BERSAMA NO. ' || i % 500 AS address, i % 100 AS neighbourhood_number,
    '61.71.0' || i % 6 || '.100' || i % 7 AS region_code, (i * 1.25)::numeric(18,2) AS income_amount,
    i % 7 = 0 AS is_active, CASE WHEN i % 3 > 0 THEN 'catatan petugas pendaftaran' END AS note,
    timestamp '2021-01-01' + i * interval '1 minute' AS updated_at FROM generate_series(1, {rows}) AS i"""
_MARIADB = """CREATE TABLE citizen AS SELECT lpad(seq, 16, '6171010000000000') AS nik,
    lpad(seq div 4, 16, '6171020000000000') AS kk_number, concat('MUHAMMAD BUDI SANTOSO ', seq) AS full_name,
    cast(seq % 2 + 1 AS char) AS sex_code, 'KOTA PONTIANAK' AS birth_place,
    date '1950-01-01' + interval seq % 20000 day AS birth_date, concat('AGAMA KE ', seq % 6) AS religion,
    concat('KAWIN TERCATAT ', seq % 4) AS marital_status,
    concat('ANGGOTA KELUARGA ', seq % 11) AS family_relation,
    concat('TAMAT SD/SEDERAJAT ', seq % 10) AS education, concat('KARYAWAN SWASTA ', seq % 88) AS occupation,
    concat('SITI NURHALIZAH ', seq div 3) AS mother_name,
    concat('ABDUL RAHMAN HAKIM ', seq div 3) AS father_name,
    concat('JL. PARIT HAJI HUSIN II GG. BERSAMA NO. ', seq % 500) AS address,
    seq % 100 AS neighbourhood_number, concat('61.71.0', seq % 6, '.100', seq % 7) AS region_code,
    cast(seq * 1.25 AS decimal(18,2)) AS income_amount,
    seq % 7 = 0 AS is_active, cast(if(seq % 3 > 0, 'catatan petugas pendaftaran', NULL) AS char(60)) AS note,
    timestamp '2021-01-01 00:00:00' + interval seq minute AS updated_at FROM seq_1_to_{rows}"""


def contract(source: str) -> Contract:
    """The table's contract, read from a source of this kind (`postgres` or `mysql`)."""
    return Contract(
        id=f"bench.{source}", kind="source", version="1.0.0", status="active", title="Benchmark",
        description="", owner="", tags=(), file=Path(f"schemas/sources/bench/{source}.odcs.yaml"),
        physical_name="citizen", columns=tuple(_column(*said) for said in _COLUMNS),
        server=Server(source, source), sync=Sync(max_delete_pct=100),
    )  # fmt: skip


def _column(name: str, logical: str, physical: str, options: dict[str, Any]) -> Column:
    enum = ("1", "2") if name == "sex_code" else ()
    return Column(
        name, name, logical, str(postgres_type(logical, physical, options)), options,
        required=name in _REQUIRED, key_position=1 if name == "nik" else None, enum=enum,
    )  # fmt: skip


def make_postgres(url: str, rows: int) -> None:
    """The table in the PostgreSQL at `url`, with so many rows."""
    with psycopg.connect(url) as link:
        link.execute("DROP TABLE IF EXISTS citizen")
        link.execute(_POSTGRES.format(rows=rows).encode())
        link.execute("ALTER TABLE citizen ADD PRIMARY KEY (nik)")
    with psycopg.connect(url, autocommit=True) as link:
        # Else autovacuum does it later, while a clock runs.
        link.execute("VACUUM (ANALYZE) citizen")


def change_postgres(url: str) -> None:
    """Another note in every hundredth row."""
    with psycopg.connect(url) as link:
        link.execute("UPDATE citizen SET note = coalesce(note, '') || '!' WHERE nik LIKE '%00'")


class MariaDb:
    """The MariaDB at `url`, and the database `lumbung_bench` in it."""

    def __init__(self, url: str) -> None:
        server = parse_connection("mysql", url)
        self.connection = Connection(
            "mysql", "mysql", server.host, server.port, server.user, server.password, "lumbung_bench"
        )

    def run(self, *statements: str, database: str | None = None) -> None:
        """Execute these statements."""
        to = self.connection
        link = mysql.connector.connect(
            host=to.host, port=to.port or 3306, user=to.user, password=to.password, database=database
        )
        with contextlib.closing(link), contextlib.closing(link.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            link.commit()

    def make(self, rows: int) -> None:
        """The table, with so many rows."""
        self.run("DROP DATABASE IF EXISTS lumbung_bench", "CREATE DATABASE lumbung_bench")
        self.run(_MARIADB.format(rows=rows), database="lumbung_bench")

    def change(self) -> None:
        """Another note in every hundredth row."""
        self.run(
            "UPDATE citizen SET note = concat(coalesce(note, ''), '!') WHERE nik LIKE '%00'",
            database="lumbung_bench",
        )

    def remove(self) -> None:
        """Leave the server as it was."""
        self.run("DROP DATABASE IF EXISTS lumbung_bench")
