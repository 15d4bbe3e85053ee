"""The table that is measured: 20 columns of the kinds that agencies have, and its contract."""

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
    ("id", "integer", "", {}),
    ("nik", "string", "", {"pattern": "^[0-9]{16}$"}),
    ("full_name", "string", "", {"maxLength": 100}),
    ("birth_date", "date", "", {"minimum": "1900-01-01"}),
    ("sex_code", "string", "", {}),
    ("ceiling_amount", "number", "decimal(18,2)", {"minimum": 0}),
    ("paid_amount", "number", "decimal(18,2)", {}),
    ("progress_pct", "integer", "", {"minimum": 0, "maximum": 100}),
    ("serial", "integer", "", {}),
    ("is_active", "boolean", "", {}),
    ("created_at", "timestamp", "", {}),
    ("updated_at", "timestamp", "", {}),
    ("address", "string", "", {}),
    ("kelurahan", "string", "", {}),
    ("region_code", "string", "", {"maxLength": 13}),
    ("digest", "string", "", {}),
    ("rate", "number", "", {}),
    ("note", "string", "", {}),
    ("stage", "integer", "", {}),
    ("reference", "string", "", {}),
)
_REQUIRED = ("id", "nik", "full_name")
_POSTGRES = """CREATE TABLE citizen AS SELECT i AS id, lpad(i::text, 16, '6') AS nik, 'Nama Orang ' || i AS full_name,
    date '1950-01-01' + i % 20000 AS birth_date, (i % 2 + 1)::text AS sex_code,
    (i * 1.25)::numeric(18,2) AS ceiling_amount, (i * 7.5)::numeric(18,2) AS paid_amount, i % 100 AS progress_pct,
    i * 3 AS serial, i % 7 = 0 AS is_active, timestamp '2020-01-01' + i * interval '1 second' AS created_at,
    timestamp '2021-01-01' + i * interval '1 minute' AS updated_at, 'Jl. Merdeka No. ' || i % 500 AS address,
    'Kelurahan ' || i % 29 AS kelurahan, '6171' || lpad((i % 29)::text, 6, '0') AS region_code,
    md5(i::text) AS digest, (i % 1000)::numeric AS rate, CASE WHEN i % 3 > 0 THEN 'catatan' END AS note,
    i % 5 AS stage, 'x' || i AS reference FROM generate_series(1, {rows}) AS i"""
_MARIADB = """CREATE TABLE citizen AS SELECT seq AS id, lpad(seq, 16, '6') AS nik,
    concat('Nama Orang ', seq) AS full_name, date '1950-01-01' + interval seq % 20000 day AS birth_date,
    cast(seq % 2 + 1 AS char) AS sex_code, cast(seq * 1.25 AS decimal(18,2)) AS ceiling_amount,
    cast(seq * 7.5 AS decimal(18,2)) AS paid_amount, seq % 100 AS progress_pct, seq * 3 AS serial,
    seq % 7 = 0 AS is_active, timestamp '2020-01-01 00:00:00' + interval seq second AS created_at,
    timestamp '2021-01-01 00:00:00' + interval seq minute AS updated_at,
    concat('Jl. Merdeka No. ', seq % 500) AS address, concat('Kelurahan ', seq % 29) AS kelurahan,
    concat('6171', lpad(seq % 29, 6, '0')) AS region_code, md5(seq) AS digest,
    cast(seq % 1000 AS decimal(10)) AS rate, if(seq % 3 > 0, 'catatan', NULL) AS note, seq % 5 AS stage,
    concat('x', seq) AS reference FROM seq_1_to_{rows}"""


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
        required=name in _REQUIRED, key_position=1 if name == "id" else None, enum=enum,
    )  # fmt: skip


def make_postgres(url: str, rows: int) -> None:
    """The table in the PostgreSQL at `url`, with so many rows."""
    with psycopg.connect(url) as link:
        link.execute("DROP TABLE IF EXISTS citizen")
        link.execute(_POSTGRES.format(rows=rows).encode())
        link.execute("ALTER TABLE citizen ADD PRIMARY KEY (id)")


def change_postgres(url: str) -> None:
    """Another note in every hundredth row."""
    with psycopg.connect(url) as link:
        link.execute("UPDATE citizen SET note = coalesce(note, '') || '!' WHERE id % 100 = 0")


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
        cursor = link.cursor()
        for statement in statements:
            cursor.execute(statement)
        link.commit()
        link.close()

    def make(self, rows: int) -> None:
        """The table, with so many rows."""
        self.run("DROP DATABASE IF EXISTS lumbung_bench", "CREATE DATABASE lumbung_bench")
        self.run(_MARIADB.format(rows=rows), database="lumbung_bench")

    def change(self) -> None:
        """Another note in every hundredth row."""
        self.run(
            "UPDATE citizen SET note = concat(coalesce(note, ''), '!') WHERE id % 100 = 0",
            database="lumbung_bench",
        )

    def remove(self) -> None:
        """Leave the server as it was."""
        self.run("DROP DATABASE IF EXISTS lumbung_bench")
