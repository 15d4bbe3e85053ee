"""Which rows an incremental read takes, the same on three databases: none twice, none never."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from connectors import mysql, postgres, sqlite
from connectors.base import Request
from connectors.connection import parse_connection
from connectors.registry import open_connector
from schemas.contract import Contract
from tests.integration.connectors.reading import contract, incremental, lines_of
from tests.services import mariadb_database, postgres_database, run_mariadb

CREATE = "CREATE TABLE t (id int PRIMARY KEY, at timestamp NULL, no bigint)"
ROWS = """INSERT INTO t VALUES
    (1, '2025-01-01 00:00:00', 1), (2, '2025-01-02 00:00:00', 9), (3, '2025-01-02 00:00:00', 10),
    (4, '2025-01-02 00:00:00', NULL), (5, '2025-01-03 00:00:00', 1), (6, NULL, 5), (7, NULL, NULL),
    (8, '2025-01-04 00:00:00', 1)"""
MANY = "INSERT INTO t SELECT {n} + 10, {day}, {n} FROM {series}"
INDEX = "CREATE INDEX by_at ON t (at, no)"


class Source:
    """A table `t` in one kind of database, and the statement that the connector makes there."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind, self.url = kind, url

    def run(self, *statements: str) -> None:
        if self.kind == "mysql":
            run_mariadb(self.url, *statements)
            return
        path = self.url.removeprefix("sqlite:///")
        with closing(
            sqlite3.connect(path) if self.kind == "sqlite" else psycopg.connect(self.url, autocommit=True)
        ) as link:
            for statement in statements:
                link.execute(statement)
            link.commit()

    def ids(self, of: Contract, **bounds: Any) -> list[int]:
        connector = open_connector(of, parse_connection("test", self.url), Path())
        with connector.open(Request(of, **bounds)) as extract:
            return sorted(int(line.fields[0] or 0) for line in lines_of(extract).lines)


@pytest.fixture(params=["postgres", "mysql", "sqlite"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    if request.param == "sqlite":
        yield Source("sqlite", f"sqlite:///{tmp_path / 'a.db'}")
        return
    with postgres_database() if request.param == "postgres" else mariadb_database() as url:
        yield Source(request.param, url)


@pytest.fixture
def filled(source: Source) -> Source:
    source.run(CREATE, ROWS)
    return source


def watched(kind: str, *watermark: str) -> Contract:
    of = contract(kind, "t", ["id", "at", "no"], sync=incremental(*watermark))
    columns = [replace(c, logical_type={"at": "timestamp"}.get(c.name, "integer")) for c in of.columns]
    return replace(of, columns=(replace(columns[0], key_position=1), *columns[1:]))


def test_rows_without_a_watermark_come_with_every_read_that_is_open_above(filled: Source) -> None:
    of = watched(filled.kind, "at")
    assert filled.ids(of, since="2025-01-03 00:00:00") == [5, 6, 7, 8]
    assert filled.ids(of, since="2025-01-02 00:00:00", until="2025-01-04 00:00:00") == [2, 3, 4, 5]
    assert filled.ids(of, until="2025-01-02 00:00:00") == [1]
    assert filled.ids(of) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_windows_side_by_side_and_an_open_one_give_every_row_once(filled: Source) -> None:
    days = [f"2025-01-0{day} 00:00:00" for day in (1, 2, 3, 4)]
    of = watched(filled.kind, "at")
    windows = zip([None, *days], [*days, None], strict=True)
    found = [filled.ids(of, since=since, until=until) for since, until in windows]
    assert sorted(row for rows in found for row in rows) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_several_watermarks_are_compared_in_row_order_as_numbers(filled: Source) -> None:
    of = watched(filled.kind, "at", "no")
    assert filled.ids(of, since_all=("2025-01-02 00:00:00", "10")) == [3, 4, 5, 6, 7, 8]
    since = ("2025-01-02 00:00:00", "10")
    assert filled.ids(of, since_all=since, until="2025-01-04 00:00:00") == [3, 4, 5]
    assert filled.ids(watched(filled.kind, "no"), since="9") == [2, 3, 4, 7]


def expected(row: tuple[int | None, int | None], since: tuple[int, int], until: int | None) -> bool:
    """Whether a read from `since` takes the row, in the plainest words."""
    first, second = row
    if first is None:
        return until is None
    later = first > since[0] or (first == since[0] and (second is None or second >= since[1]))
    return later and (until is None or first < until)


def test_every_pair_of_watermarks_under_every_pair_of_bounds(source: Source) -> None:
    rows = list(enumerate(product((None, 1, 2, 3), repeat=2), 1))
    listed = ", ".join(f"({n}, {a or 'NULL'}, {b or 'NULL'})" for n, (a, b) in rows)
    source.run("CREATE TABLE t (id int PRIMARY KEY, at bigint, no bigint)", f"INSERT INTO t VALUES {listed}")
    of = watched(source.kind, "at", "no")
    of = replace(of, columns=tuple(replace(c, logical_type="integer") for c in of.columns))
    for since, until in product(product((1, 2, 3), repeat=2), (None, 2, 3, 4)):
        bounds = {"since_all": tuple(map(str, since)), "until": None if until is None else str(until)}
        assert source.ids(of, **bounds) == [n for n, row in rows if expected(row, since, until)], bounds


def test_whole_numbers_are_not_compared_approximately(source: Source) -> None:
    source.run(CREATE, f"INSERT INTO t VALUES (1, NULL, {2**53}), (2, NULL, {2**53 + 1})")
    assert source.ids(watched(source.kind, "no"), since=str(2**53 + 1)) == [2]


def test_bounds_go_by_the_clock_of_a_source_that_knows_no_zones(filled: Source) -> None:
    """The hub's watermarks are in UTC; the source wrote 2 January, midnight, by a clock seven hours ahead."""
    of = watched(filled.kind, "at")
    at = replace(of.columns[1], options={"defaultTimezone": "Asia/Pontianak"})
    of = replace(of, columns=(of.columns[0], at, of.columns[2]))
    assert filled.ids(of, since="2025-01-01 17:00:00+00", until="2025-01-02 17:00:00+00") == [2, 3, 4]
    assert filled.ids(of, since="2025-01-03 17:00:00.000001+00") == [6, 7]


def test_keys_alone_may_be_read(filled: Source) -> None:
    of = watched(filled.kind, "at")
    connector = open_connector(of, parse_connection("test", filled.url), Path())
    with connector.open(Request(of, keys_only=True)) as extract:
        assert extract.columns == ("id",)
        assert sorted(line.fields for line in lines_of(extract).lines) == [(str(n),) for n in range(1, 9)]


def test_what_sources_write_for_no_date_comes_along_too() -> None:
    with mariadb_database() as url:
        source = Source("mysql", url)
        source.run(
            "CREATE TABLE t (id int PRIMARY KEY, at datetime NOT NULL, no bigint)",
            "SET STATEMENT sql_mode = '' FOR INSERT INTO t VALUES"
            " (1, 0, 1), (2, '2025-00-15', 1), (3, '2024-01-01', 1)",
        )
        assert source.ids(watched("mysql", "at"), since="2025-01-01 00:00:00") == [1]
        source.run("ALTER TABLE t MODIFY at varchar(20)", "UPDATE t SET at = '' WHERE id = 1")
        assert source.ids(watched("mysql", "at"), since="2025-01-01 00:00:00") == [1]


SERIES = {
    "postgres": MANY.format(
        n="n", day="timestamp '2024-01-01' + n * interval '1 minute'", series="generate_series(1, 20000) AS n"
    ),
    "mysql": MANY.format(n="seq", day="'2024-01-01' + INTERVAL seq MINUTE", series="seq_1_to_20000"),
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT 20000) "
    + MANY.format(n="n", day="datetime('2024-01-01', n || ' minutes')", series="s"),
}


def plan(source: Source, request: Request) -> str:
    """What the database means to do for the connector's own statement."""
    if source.kind == "sqlite":
        query, values = sqlite.statement(request)
        with closing(sqlite3.connect(source.url.removeprefix("sqlite:///"))) as link:
            return str(link.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall())
    if source.kind == "mysql":
        fields = {name: mysql.Field(name, "timestamp", True) for name in request.contract.names}
        given = parse_connection("test", source.url)
        with closing(mysql.connect(given)) as link, closing(link.cursor(raw=False)) as cursor:
            cursor.execute(f"EXPLAIN FORMAT=JSON {mysql.statement(request, fields)}")
            return str(cursor.fetchall())
    found = dict.fromkeys(request.contract.names, (True, False))
    copy = postgres.statement(request, sql.Identifier("t"), found).as_string()
    query = copy.removeprefix("COPY (").removesuffix(") TO STDOUT")
    with psycopg.connect(source.url) as link:
        return str(link.execute(f"EXPLAIN {query}").fetchall())


@pytest.mark.parametrize(
    "bounds",
    [{"since": "2024-01-14 21:00:00"}, {"since_all": ("2024-01-14 21:00:00", "19980")}],
    ids=["one", "several"],
)
def test_a_read_goes_through_the_index_though_rows_may_lack_a_watermark(
    source: Source, bounds: dict[str, Any]
) -> None:
    source.run(CREATE, SERIES[source.kind], INDEX, "ANALYZE TABLE t" if source.kind == "mysql" else "ANALYZE")
    said = plan(source, Request(watched(source.kind, "at", "no"), **bounds))
    assert "by_at" in said and not re.search("Seq Scan|SCAN t|'access_type': 'ALL'", said), said
