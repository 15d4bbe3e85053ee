"""What databases say about their tables, on real servers: the same city in three dialects."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from connectors.base import Connection
from connectors.connection import parse_connection
from connectors.errors import SourceMalformed, SourceRefused, SourceUnavailable
from connectors.inspection import ForeignKey, SourceColumn, SourceTable, inspect, table_name
from tests.integration.connectors.reading import contract
from tests.services import mariadb_database, postgres_database, run_mariadb, with_login


def described(tables: list[SourceTable], name: str) -> SourceTable:
    return next(table for table in tables if table.name == name)


def types(table: SourceTable) -> dict[str, str]:
    return {column.name: column.native_type for column in table.columns}


def test_postgresql_tells_types_keys_comments_and_schemas() -> None:
    with postgres_database() as url:
        with psycopg.connect(url, autocommit=True) as link:
            for statement in (
                "CREATE SCHEMA siak",
                "CREATE DOMAIN nik AS varchar(16) NOT NULL",
                "CREATE TABLE siak.kk (year int, no text, PRIMARY KEY (no, year))",
                "CREATE TABLE penduduk (nik nik PRIMARY KEY, nama varchar(80) NOT NULL,"
                " uang numeric(18,2) DEFAULT 0,"
                " kk_no text, kk_year int, email text UNIQUE, aktif text, at timestamptz,"
                " FOREIGN KEY (kk_year, kk_no) REFERENCES siak.kk (year, no))",
                "CREATE UNIQUE INDEX ON penduduk (lower(nama))",
                "CREATE UNIQUE INDEX ON penduduk (nama) WHERE aktif = 'Y'",
                "COMMENT ON TABLE penduduk IS 'Orang'",
                "COMMENT ON COLUMN penduduk.uang IS 'Rupiah'",
                "CREATE VIEW dewasa AS SELECT nik, uang FROM penduduk",
                'CREATE TABLE "a.b" (id int)',
                "CREATE TABLE parts (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (9)",
                "INSERT INTO siak.kk SELECT g, 'x' FROM generate_series(1, 500) AS g",
                "ANALYZE siak.kk",
            ):
                link.execute(statement)
        connection = parse_connection("test", url)
        tables = inspect(connection, Path(), "postgres")
        assert [t.name for t in tables] == ["dewasa", "parts", "penduduk", "public.a.b", "siak.kk"]
        people, cards = described(tables, "penduduk"), described(tables, "siak.kk")
        assert (people.kind, people.comment, people.row_count) == ("table", "Orang", None)
        assert people.columns[0] == SourceColumn("nik", "character varying(16)", False, "", 1)
        assert people.columns[2] == SourceColumn("uang", "numeric(18,2)", True, "Rupiah", None, "0")
        assert types(people)["at"] == "timestamp with time zone"
        assert people.foreign_keys == (ForeignKey(("kk_year", "kk_no"), "siak.kk", ("year", "no")),)
        assert people.unique == (("email",),)
        assert [(c.name, c.key_position) for c in cards.columns] == [("year", 2), ("no", 1)]
        assert cards.row_count == 500
        assert described(tables, "dewasa").kind == "view"
        only = inspect(connection, Path(), "sqlite", ["public.penduduk", "kk", "siak.kk", "gone"])
        assert [t.name for t in only] == ["public.penduduk", "siak.kk"]


def test_mariadb_tells_types_keys_and_comments() -> None:
    with mariadb_database() as url, mariadb_database() as other:
        run_mariadb(
            url,
            "CREATE TABLE jenis (kode char(3), tahun year, PRIMARY KEY (tahun, kode))",
            "CREATE TABLE izin (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, kode char(3), tahun year,"
            " biaya decimal(18,2) NOT NULL DEFAULT '1.50' COMMENT 'Rupiah', nomor varchar(30) UNIQUE,"
            " uraian text, status enum('a','b'), UNIQUE KEY awal (uraian(10)), CONSTRAINT ke_jenis"
            " FOREIGN KEY (tahun, kode) REFERENCES jenis (tahun, kode)) COMMENT 'Permohonan'",
            "CREATE VIEW lihat AS SELECT id, biaya FROM izin",
            "INSERT INTO jenis VALUES ('a', 2024)",
        )
        run_mariadb(other, "CREATE TABLE lain (id int)")
        connection = parse_connection("test", url)
        tables = inspect(connection, Path(), "mysql")
        assert [t.name for t in tables] == ["izin", "jenis", "lihat"]
        permits = described(tables, "izin")
        assert (permits.kind, permits.comment) == ("table", "Permohonan")
        assert permits.columns[0] == SourceColumn("id", "bigint(20) unsigned", False, "", 1)
        cost = described(tables, "izin").columns[3]
        assert cost == SourceColumn("biaya", "decimal(18,2)", False, "Rupiah", None, "1.50")
        assert permits.columns[1].default is None
        assert types(permits)["status"] == "enum('a','b')"
        assert permits.foreign_keys == (ForeignKey(("tahun", "kode"), "jenis", ("tahun", "kode")),)
        assert permits.unique == (("nomor",),)
        assert [(c.name, c.key_position) for c in described(tables, "jenis").columns] == [
            ("kode", 2),
            ("tahun", 1),
        ]
        view = described(tables, "lihat")
        assert (view.kind, view.comment, view.row_count) == ("view", "", None)
        elsewhere = f"{parse_connection('test', other).database}.lain"
        only = inspect(connection, Path(), "mysql", ["izin", elsewhere, "gone"])
        assert [t.name for t in only] == sorted(["izin", elsewhere])


def test_a_sqlite_file_tells_types_and_keys(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as link:
        link.executescript(
            "CREATE TABLE album (id INTEGER PRIMARY KEY, title NVARCHAR(160) NOT NULL DEFAULT 'x',"
            " UNIQUE (title));"
            "CREATE TABLE track (album REFERENCES album, no INT, PRIMARY KEY (no, album));"
            "CREATE UNIQUE INDEX part ON track (no) WHERE album IS NULL;"
            "CREATE UNIQUE INDEX shown ON album (lower(title));"
            "CREATE VIEW titles AS SELECT title FROM album;"
            "INSERT INTO album (title) VALUES ('a'), ('b'); ANALYZE;"
        )
    connection = Connection("test", "sqlite", database="a.db")
    tables = inspect(connection, tmp_path, "postgres")
    assert [(t.name, t.kind) for t in tables] == [("album", "table"), ("titles", "view"), ("track", "table")]
    album, track = tables[0], tables[2]
    assert album.columns == (
        SourceColumn("id", "INTEGER", False, "", 1),
        SourceColumn("title", "NVARCHAR(160)", False, "", None, "'x'"),
    )
    assert (album.unique, album.row_count) == ((("title",),), 2)
    assert track.foreign_keys == (ForeignKey(("album",), "album", ("id",)),)
    assert [(c.name, c.native_type, c.key_position) for c in track.columns] == [
        ("album", "", 2),
        ("no", "INT", 1),
    ]
    assert track.unique == ()
    assert [t.name for t in inspect(connection, tmp_path, "sqlite", ["ALBUM"])] == ["ALBUM"]


def test_what_cannot_be_inspected_is_named_without_the_secret(tmp_path: Path) -> None:
    closed = {"postgres": "postgresql", "mysql": "mysql"}
    for kind, scheme in closed.items():
        connection = parse_connection("siak", f"{scheme}://u:hush-hush@127.0.0.1:1/x")
        with pytest.raises(
            SourceUnavailable, match=r"^connection siak: 127\.0\.0\.1 did not answer"
        ) as caught:
            inspect(connection, tmp_path, kind)
        assert "hush" not in str(caught.value)
    with pytest.raises(SourceMalformed, match=r"^connection siak: no file none\.db"):
        inspect(Connection("siak", "sqlite", database="none.db"), tmp_path, "sqlite")
    with pytest.raises(SourceRefused, match="connection siak: 'csv' has no catalogue"):
        inspect(Connection("siak", "file"), tmp_path, "csv")


def test_a_role_without_any_grant_still_sees_the_catalogue() -> None:
    """A draft can be made before the owner has granted SELECT; the read then says what is missing."""
    role = f"lumbung_test_{uuid4().hex[:12]}"
    with postgres_database() as url, psycopg.connect(url, autocommit=True) as link:
        link.execute("CREATE TABLE t (id int)")
        link.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'p'")
        try:
            assert [
                t.name for t in inspect(parse_connection("x", with_login(url, role, "p")), Path(), "")
            ] == ["t"]
        finally:
            link.execute(f"DROP ROLE {role}")


def test_a_contracts_table_is_called_with_its_servers_schema() -> None:
    assert table_name(contract("postgres", "t", ["id"], settings={"schema": "siak"})) == "siak.t"
    assert table_name(contract("postgres", "a.t", ["id"], settings={"schema": "siak"})) == "a.t"
    assert table_name(contract("mysql", "t", ["id"])) == "t"
