"""SQLite files."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from connectors.base import Request
from connectors.connection import parse_connection
from connectors.errors import SourceMalformed, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from tests.integration.connectors.reading import contract, incremental, read
from tests.services import corpus


def made(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as link:
        for statement in statements:
            link.execute(statement)
        link.commit()
    return f"sqlite:///{quote(str(path))}"


def test_each_value_comes_as_its_exact_text_whatever_the_column_says(tmp_path: Path) -> None:
    url = made(
        tmp_path / "a b%20#.db",
        "CREATE TABLE t (v)",
        "INSERT INTO t VALUES (9223372036854775807), (0.1), (1e300), ('a\tb\\N'), (x'00ff'), (NULL), ('')",
    )
    assert [row[0] for row in read(contract("sqlite", "t", ["v"]), url).rows] == [
        "9223372036854775807",
        "0.1",
        "1e+300",
        "a\tb\\N",
        r"\x00ff",
        None,
        "",
    ]


def test_text_that_postgresql_cannot_hold_faults_its_row(tmp_path: Path) -> None:
    url = made(
        tmp_path / "a.db",
        "CREATE TABLE t (id, name)",
        "INSERT INTO t VALUES (1, 'a' || char(0) || 'b'), (2, CAST(x'c3' AS TEXT)), (3, 'sound')",
    )
    reading = read(contract("sqlite", "t", ["id", "name"]), url)
    assert reading.rows == [("1", None), ("2", None), ("3", "sound")]
    assert reading.faults == {1: r"name: NUL byte: a\x00b", 2: r"name: undecodable bytes: \xc3"}


def test_since_is_inclusive(tmp_path: Path) -> None:
    url = made(
        tmp_path / "a.db",
        'CREATE TABLE "odd ""t" (id, "at" text)',
        """INSERT INTO "odd ""t" VALUES (1, '2025-01-01 00:00:00'), (2, '2025-01-02 00:00:00')""",
    )
    of = contract("sqlite", 'odd "t', ["id", "at"], sync=incremental("at"))
    assert [row[0] for row in read(of, url, since="2025-01-02 00:00:00+00").rows] == ["2"]


def test_a_writer_neither_changes_the_read_nor_is_kept_out(tmp_path: Path) -> None:
    url = made(
        tmp_path / "a.db",
        "PRAGMA journal_mode = wal",
        "CREATE TABLE t (id)",
        "INSERT INTO t WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT 100000)"
        " SELECT i FROM s",
    )
    of = contract("sqlite", "t", ["id"])
    with open_connector(of, parse_connection("test", url), tmp_path).open(Request(of)) as extract:
        first = next(extract.blocks)
        made(tmp_path / "a.db", "DELETE FROM t")
        assert sum(block.count(b"\n") for block in [first, *extract.blocks]) == 100_000


def test_what_is_missing_or_no_database_is_named(tmp_path: Path) -> None:
    url = made(tmp_path / "a.db", "CREATE TABLE t (id)")
    (tmp_path / "no.db").write_text("this is not a database, whatever its name says " * 100)
    with pytest.raises(SourceRefused, match="no column nik; it has id"):
        read(contract("sqlite", "t", ["nik"]), url)
    with pytest.raises(SourceRefused, match="no table nowhere"):
        read(contract("sqlite", "nowhere", ["id"]), url)
    with pytest.raises(SourceMalformed, match=r"no file none\.db"):
        read(contract("sqlite", "t", ["id"]), "sqlite:///none.db", root=tmp_path)
    with pytest.raises(SourceMalformed, match="not a database"):
        read(contract("sqlite", "t", ["id"], settings={"path": "no.db"}), root=tmp_path)
    assert not (tmp_path / "none.db").exists()


def test_a_locked_file_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = made(tmp_path / "a.db", "CREATE TABLE t (id)")
    monkeypatch.setattr("connectors.sqlite.BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(tmp_path / "a.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceUnavailable, match="in use"):
            read(contract("sqlite", "t", ["id"]), url)


def test_chinook_comes_whole() -> None:
    url = f"sqlite:///{corpus() / 'sql/Chinook_Sqlite.sqlite'}"
    assert len(read(contract("sqlite", "PlaylistTrack", ["PlaylistId", "TrackId"]), url).rows) == 8715
    assert read(contract("sqlite", "InvoiceLine", ["UnitPrice"]), url).rows[0] == ("0.99",)
