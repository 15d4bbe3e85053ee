"""PostgreSQL sources, on a real server whose roles have awkward defaults."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from connectors.base import BLOCK, Request
from connectors.connection import parse_connection
from connectors.errors import SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from tests.integration.connectors.reading import contract, incremental, read
from tests.services import corpus, postgres_database, with_login

TYPES = "day date, at timestamptz, took interval, ratio double precision, photo bytea, note text"
NAMES = ["day", "at", "took", "ratio", "photo", "note"]


@pytest.fixture
def url() -> Iterator[str]:
    with postgres_database() as address:
        yield address


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        for statement in statements:
            link.execute(statement)


@pytest.fixture
def many(url: str) -> str:
    run(
        url,
        "CREATE TABLE many AS SELECT g AS id, repeat('x', 200) AS filler FROM generate_series(1, 200000) g",
    )
    return url


def test_values_do_not_depend_on_the_defaults_of_the_database(url: str) -> None:
    run(
        url,
        f"CREATE TABLE t ({TYPES})",
        "INSERT INTO t VALUES ('2025-08-07', '2025-08-07 01:00+07', '1 day 2 hours', 0.1::float8 + 0.2, "
        r"'\x00ff', E'a\tb\nc\rd\\e''f')",
        "INSERT INTO t DEFAULT VALUES",
    )
    with psycopg.connect(url, autocommit=True) as link:
        for setting in (
            "datestyle = 'SQL, DMY'",
            "timezone = 'Asia/Pontianak'",
            "intervalstyle = 'sql_standard'",
            "extra_float_digits = -5",
            "bytea_output = 'escape'",
            "client_encoding = 'LATIN1'",
        ):
            link.execute(f"ALTER DATABASE {link.info.dbname} SET {setting}")
    assert read(contract("postgres", "t", NAMES), url).rows == [
        (
            "2025-08-07",
            "2025-08-06 18:00:00+00",
            "P1DT2H",
            "0.30000000000000004",
            r"\x00ff",
            "a\tb\nc\rd\\e'f",
        ),
        (None,) * 6,
    ]


def test_only_declared_columns_of_a_dotted_table_are_read_in_contract_order(url: str) -> None:
    run(
        url,
        'CREATE SCHEMA "Siak"',
        'CREATE TABLE "Siak"."Biodata" ("NIK" text, "Odd ""name" int, secret text)',
        """INSERT INTO "Siak"."Biodata" VALUES ('6171', 7, 'x')""",
    )
    columns = ['n:Odd "name', "nik:NIK"]
    dotted = read(contract("postgres", "Siak.Biodata", columns), url)
    assert dotted.rows == [("7", "6171")]
    assert dotted.source_columns == ("NIK", 'Odd "name', "secret")
    assert read(contract("postgres", "Biodata", columns, settings={"schema": "Siak"}), url) == dotted


def test_since_is_inclusive_and_quoted(url: str) -> None:
    run(
        url,
        "CREATE TABLE t (id int, at timestamp)",
        "INSERT INTO t SELECT g, timestamp '2025-01-01' + g * interval '1 day' FROM generate_series(1, 5) g",
    )
    of = contract("postgres", "t", ["id", "changed:at"], sync=incremental("changed"))
    assert [row[0] for row in read(of, url, since="2025-01-05 00:00:00").rows] == ["4", "5"]
    with pytest.raises(SourceRefused, match="SQLSTATE 22007"):
        read(of, url, since="'; DROP TABLE t; --")


@pytest.mark.fault(23)
def test_the_read_is_one_snapshot_in_bounded_blocks(many: str) -> None:
    of = contract("postgres", "many", ["id", "filler"])
    with open_connector(of, parse_connection("test", many), Path()).open(Request(of)) as extract:
        first = next(extract.blocks)
        run(many, "UPDATE many SET filler = 'changed'", "DELETE FROM many WHERE id > 100")
        rest = list(extract.blocks)
    assert BLOCK <= len(first) < 1.2 * BLOCK
    assert max(map(len, rest)) < 1.2 * BLOCK
    assert sum(block.count(b"\n") for block in [first, *rest]) == 200_000
    assert not any(b"changed" in block for block in rest)


def test_a_read_left_early_ends_at_once_at_the_server_too(many: str) -> None:
    of = contract("postgres", "many", ["id", "filler"])
    with open_connector(of, parse_connection("test", many), Path()).open(Request(of)) as extract:
        next(extract.blocks)
    for _ in range(100):
        with psycopg.connect(many) as link:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lumbung' AND datname = %s"
            )
            left = link.execute(query, [link.info.dbname]).fetchone()
        if left == (0,):
            return
        time.sleep(0.05)
    pytest.fail("the source's session is still there")


@pytest.mark.fault(23)
def test_a_server_that_dies_while_reading_is_unavailable(many: str) -> None:
    of = contract("postgres", "many", ["id", "filler"])
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'lumbung' AND datname = current_database()"
    )
    connector = open_connector(of, parse_connection("test", many), Path())
    with connector.open(Request(of)) as extract, pytest.raises(SourceUnavailable, match="connection test"):
        next(extract.blocks)
        run(many, kill)
        for _ in extract.blocks:
            pass


@pytest.mark.fault(28)
def test_missing_tables_and_columns_are_named(url: str) -> None:
    run(url, "CREATE TABLE t (id int, name text)")
    with pytest.raises(SourceRefused, match=r"no column NIK, no_kk; it has id, name\."):
        read(contract("postgres", "t", ["id", "nik:NIK", "no_kk"]), url)
    with pytest.raises(SourceRefused, match='no table "nowhere"'):
        read(contract("postgres", "nowhere", ["id"]), url)


@pytest.mark.fault(28)
def test_a_missing_permission_is_named_with_its_remedy(url: str) -> None:
    role = f"lumbung_test_{uuid4().hex[:12]}"
    run(
        url,
        "CREATE TABLE t (id int, secret text)",
        f"CREATE ROLE {role} LOGIN PASSWORD 'p'",
        f"GRANT SELECT (id) ON t TO {role}",
    )
    try:
        as_role = with_login(url, role, "p")
        assert read(contract("postgres", "t", ["id"]), as_role).rows == []
        with pytest.raises(SourceRefused, match='may not read secret of "t"; ask the owner to GRANT SELECT'):
            read(contract("postgres", "t", ["id", "secret"]), as_role)
    finally:
        run(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_database_without_encoding_is_read_as_far_as_it_is_utf8() -> None:
    options = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    with postgres_database("template0", options) as url:
        run(url, "CREATE TABLE t (id int, name text)", "INSERT INTO t VALUES (1, 'Sukarno')")
        assert read(contract("postgres", "t", ["id", "name"]), url).rows == [("1", "Sukarno")]
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(r"INSERT INTO t SELECT 2, convert_from('\xe9'::bytea, 'SQL_ASCII')")
        reading = read(contract("postgres", "t", ["id", "name"]), url)
        assert reading.rows == [("1", "Sukarno"), ("2", None)]
        assert reading.faults == {2: r"name: undecodable bytes: \xe9"}


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("postgresql://postgres:hush-hush@127.0.0.1:1/x", SourceUnavailable),
        ("postgresql://postgres:hush-hush@no-such-host.invalid/x", SourceUnavailable),
    ],
)
@pytest.mark.fault(28)
def test_unreachable_hosts_are_named_without_the_secret(address: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"test\.dataset: connection test: ") as caught:
        read(contract("postgres", "t", ["id"]), address)
    assert "hush" not in str(caught.value) + repr(parse_connection("test", address))
    assert caught.value.__suppress_context__


def test_an_unknown_database_is_refused_naming_the_variable(url: str) -> None:
    with pytest.raises(SourceRefused, match="correct AIRFLOW_CONN_TEST"):
        read(contract("postgres", "t", ["id"]), f"{url}_not")


def test_northwind_is_read_as_postgresql_itself_writes_it(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute((corpus() / "sql/northwind_psql.sql").read_text())
        link.execute("SET DateStyle = 'ISO, YMD'; SET search_path = public")
        tables = link.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        assert len(tables) == 14
        for (table,) in tables:
            query = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            names = [row[0] for row in link.execute(query, [table]).fetchall()]
            with link.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                expected = b"".join(map(bytes, copy))
            of = contract("postgres", table, names)
            with open_connector(of, parse_connection("test", url), Path()).open(Request(of)) as extract:
                assert b"".join(extract.blocks) == expected
