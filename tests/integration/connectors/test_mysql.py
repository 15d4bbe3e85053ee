"""MySQL and MariaDB sources, on a real server, with the values that other tools round, drop or choke on."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import mysql.connector
import pytest

from connectors.base import BLOCK, Request
from connectors.connection import parse_connection
from connectors.errors import SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from tests.integration.connectors.reading import contract, incremental, read
from tests.services import corpus, mariadb_database, run_mariadb, with_login


@pytest.fixture
def url() -> Iterator[str]:
    with mariadb_database() as address:
        yield address


@pytest.fixture
def many(url: str) -> str:
    run_mariadb(
        url,
        "CREATE TABLE many AS SELECT seq AS id, REPEAT('x', 200) AS filler FROM seq_1_to_200000",
    )
    return url


def typed(url: str, kind: str, *values: str) -> list[str | None]:
    """What comes of a column of type `kind` that holds these SQL literals."""
    rows = ", ".join(f"({i}, {value})" for i, value in enumerate(values))
    run_mariadb(url, f"CREATE OR REPLACE TABLE t (id int PRIMARY KEY, v {kind})")
    run_mariadb(url, f"SET STATEMENT sql_mode = '' FOR INSERT INTO t VALUES {rows}")
    return [row[1] for row in read(contract("mysql", "t", ["id", "v"]), url).rows]


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        ("date", ["'0000-00-00'", "'2025-00-15'", "NULL"], ["0000-00-00", "2025-00-15", None]),
        ("bigint unsigned", ["18446744073709551615"], ["18446744073709551615"]),
        ("decimal(65,30)", ["12345678901234567890123456789012345.123456789012345678901234567891"],
         ["12345678901234567890123456789012345.123456789012345678901234567891"]),
        ("double", ["0.1", "1e300", "1234567890.12345678"], ["0.1", "1e300", "1234567890.1234567"]),
        ("float", ["0.1", "16777216", "-1500000.5", "NULL"], ["0.1", "16777216", "-1500000.5", None]),
        ("bit(1)", ["b'1'", "b'0'", "NULL"], ["1", "0", None]),
        ("bit(64)", [f"b'{'1' * 64}'"], ["18446744073709551615"]),
        ("blob", [r"X'00ff5c09'", "''", "NULL"], [r"\x00ff5c09", r"\x", None]),
        ("binary(4)", ["'ab'"], [r"\x61620000"]),
        ("time", ["'-12:30:00'"], ["-12:30:00"]),
        ("json", ["""'{"a": "b\\\\\\\\nc"}'"""], [r'{"a": "b\\nc"}']),
        ("varchar(40)", [r"'a\tb\nc\rd\\e'", r"'\\N'", r"'\\.'", "''", "'Ng\u00e9w\U0001f33e'", "NULL"],
         ["a\tb\nc\rd\\e", r"\N", r"\.", "", "Ng\u00e9w\U0001f33e", None]),
        ("varchar(40) character set latin1", ["'Ren\u00e9'"], ["Ren\u00e9"]),
    ],
)  # fmt: skip
def test_every_type_comes_exactly(url: str, kind: str, values: list[str], texts: list[str | None]) -> None:
    assert typed(url, kind, *values) == texts


def test_timestamps_come_in_utc_whatever_the_server_says(url: str) -> None:
    run_mariadb(url, "CREATE TABLE t (at timestamp NULL)", "INSERT INTO t VALUES (FROM_UNIXTIME(1754503200))")
    assert read(contract("mysql", "t", ["at"]), url).rows == [("2025-08-06 18:00:00",)]


@pytest.mark.fault(12)
def test_a_nul_byte_faults_its_row_and_leaves_the_key_readable(url: str) -> None:
    run_mariadb(
        url,
        "CREATE TABLE t (id int, name text)",
        "INSERT INTO t VALUES (1, 'sound'), (2, CONCAT('Su', CHAR(0), 'karno')), (3, 'sound')",
    )
    reading = read(contract("mysql", "t", ["id", "full_name:name"]), url)
    assert reading.rows == [("1", "sound"), ("2", None), ("3", "sound")]
    assert reading.faults == {2: r"full_name: NUL byte: Su\x00karno"}


def test_names_are_quoted_and_columns_found_whatever_their_case(url: str) -> None:
    run_mariadb(
        url,
        "CREATE TABLE `odd ``table` (NIK varchar(16), `se``lect` int)",
        "INSERT INTO `odd ``table` VALUES ('6171', 7)",
    )
    reading = read(contract("mysql", "odd `table", ["n:se`lect", "nik"]), url)
    assert reading.rows == [("7", "6171")]
    assert reading.source_columns == ("NIK", "se`lect")


def test_since_is_inclusive_quoted_and_may_have_an_offset(url: str) -> None:
    run_mariadb(
        url,
        "CREATE TABLE t (id int, at datetime)",
        "INSERT INTO t SELECT seq, '2025-01-01' + INTERVAL seq DAY FROM seq_1_to_5",
    )
    of = contract("mysql", "t", ["id", "changed:at"], sync=incremental("changed"))
    assert [row[0] for row in read(of, url, since="2025-01-05 00:00:00+00").rows] == ["4", "5"]
    assert len(read(of, url, since="2025-01-05' OR '1'='1").rows) == 2
    assert len(read(of, url).rows) == 5


@pytest.mark.fault(23)
def test_the_read_is_one_snapshot_in_bounded_blocks(many: str) -> None:
    of = contract("mysql", "many", ["id", "filler"])
    with open_connector(of, parse_connection("test", many), Path()).open(Request(of)) as extract:
        first = next(extract.blocks)
        run_mariadb(
            many, "UPDATE many SET filler = 'changed' WHERE id > 100000", "DELETE FROM many WHERE id < 1000"
        )
        rest = list(extract.blocks)
    assert max(map(len, [first, *rest])) < 2 * BLOCK
    assert sum(block.count(b"\n") for block in [first, *rest]) == 200_000
    assert not any(b"changed" in block for block in rest)


def test_wide_values_are_read_few_at_a_time(url: str) -> None:
    run_mariadb(
        url,
        "CREATE TABLE t (id int, doc longtext)",
        "INSERT INTO t SELECT seq, REPEAT('y', 1000000) FROM seq_1_to_20",
    )
    of = contract("mysql", "t", ["id", "doc"])
    with open_connector(of, parse_connection("test", url), Path()).open(Request(of)) as extract:
        sizes = [len(block) for block in extract.blocks]
    assert len(sizes) == 20


def processes(url: str) -> list[int]:
    c = parse_connection("test", url)
    with mysql.connector.connect(
        host=c.host, port=c.port or 3306, user=c.user, password=c.password, collation="utf8mb4_general_ci"
    ) as link:
        cursor = link.cursor()
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", [c.database])
        return [int(row[0]) for row in cursor.fetchall()]  # type: ignore[arg-type, index]


def test_a_read_left_early_is_not_read_to_its_end(url: str) -> None:
    run_mariadb(url, "CREATE VIEW endless AS SELECT a.seq AS id FROM seq_1_to_1000000 a, seq_1_to_1000000 b")
    of = contract("mysql", "endless", ["id"])
    began = time.monotonic()
    with open_connector(of, parse_connection("test", url), Path()).open(Request(of)) as extract:
        next(extract.blocks)
    assert time.monotonic() - began < 5
    for _ in range(100):
        if not processes(url):
            return
        time.sleep(0.05)
    pytest.fail("the source's session is still there")


@pytest.mark.fault(23)
def test_a_server_that_dies_while_reading_is_unavailable(many: str) -> None:
    of = contract("mysql", "many", ["id", "filler"])
    connector = open_connector(of, parse_connection("test", many), Path())
    with connector.open(Request(of)) as extract, pytest.raises(SourceUnavailable, match="connection test"):
        next(extract.blocks)
        run_mariadb(many, *(f"KILL {process}" for process in processes(many)))
        for _ in extract.blocks:
            pass


@pytest.mark.fault(28)
def test_missing_tables_and_columns_are_named(url: str) -> None:
    run_mariadb(url, "CREATE TABLE t (id int, name text)")
    with pytest.raises(SourceRefused, match="no column nik; it has id, name"):
        read(contract("mysql", "t", ["id", "nik"]), url)
    with pytest.raises(SourceRefused, match=r"connection test: Table '.*nowhere' doesn't exist"):
        read(contract("mysql", "nowhere", ["id"]), url)


@pytest.mark.fault(28)
def test_wrong_passwords_and_permissions_are_refused_without_the_secret(url: str) -> None:
    run_mariadb(url, "CREATE TABLE t (id int)")
    user = f"lumbung_{uuid4().hex[:12]}"
    run_mariadb(
        url,
        f"CREATE USER {user}@'%' IDENTIFIED BY 'right'",
        f"CREATE USER {user}@localhost IDENTIFIED BY 'right'",
    )
    try:
        with pytest.raises(SourceRefused, match="correct AIRFLOW_CONN_TEST") as caught:
            read(contract("mysql", "t", ["id"]), with_login(url, user, "hush-hush"))
        assert "hush" not in str(caught.value)
        with pytest.raises(SourceRefused, match="connection test"):
            read(contract("mysql", "t", ["id"]), with_login(url, user, "right"))
    finally:
        run_mariadb(url, f"DROP USER {user}@'%'", f"DROP USER {user}@localhost")


@pytest.mark.fault(28)
def test_an_unreachable_host_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable, match=r"connection test: 127\.0\.0\.1 did not answer"):
        read(contract("mysql", "t", ["id"]), "mysql://root:hush@127.0.0.1:1/x")


def test_without_the_c_extension_the_same_comes_slower(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_mariadb(
        url,
        "CREATE TABLE t (id int, name text, b blob)",
        r"INSERT INTO t VALUES (1, 'a\tb', 'x'), (2, NULL, NULL)",
    )
    of = contract("mysql", "t", ["id", "name", "b"])
    fast = read(of, url)
    connect = mysql.connector.connect
    monkeypatch.setattr(mysql.connector, "connect", lambda **given: connect(use_pure=True, **given))
    assert read(of, url) == fast


def test_chinook_comes_whole(url: str) -> None:
    script = (corpus() / "sql/Chinook_MySql.sql").read_text(encoding="utf-8-sig")
    statements = [
        s
        for s in script.split(";\n")
        if s.strip()
        and not s.lstrip("-/* \n").upper().startswith(("DROP DATABASE", "CREATE DATABASE", "USE "))
    ]
    run_mariadb(url, *(s for s in statements if any(w in s for w in ("CREATE TABLE", "INSERT INTO"))))
    invoices = read(contract("mysql", "InvoiceLine", ["InvoiceLineId", "UnitPrice"]), url)
    assert len(invoices.rows) == 2240
    artists = read(contract("mysql", "Artist", ["ArtistId", "Name"]), url)
    assert ("6", "Ant\u00f4nio Carlos Jobim") in artists.rows
