"""Rows that no watermark would ever bring: they come all the same, and are judged like any other."""

from collections.abc import Iterator

import psycopg
import pytest

from schemas.contract import Sync
from tests.loads_project import column, counts
from tests.services import postgres_database
from tests.sourced import Sourced, dataset

MARKED = Sync(mode="incremental", watermark=("at",), max_delete_pct=100, max_refused_pct=100)


@pytest.fixture
def source() -> Iterator[str]:
    with postgres_database() as url:
        run(
            url,
            "CREATE TABLE data (id int PRIMARY KEY, value text, at timestamp)",
            "INSERT INTO data VALUES (1, 'a', '2025-01-01'), (2, 'b', '2025-01-02'), (3, 'c', NULL)",
        )
        yield url


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        for statement in statements:
            link.execute(statement.encode())


def hub(source: str, warehouse_url: str, *, required: bool) -> Sourced:
    columns = (column("id", "integer", key=1), column("value"), column("at", "timestamp", required=required))
    return Sourced(warehouse_url, dataset("postgres", *columns, sync=MARKED), source)


def test_they_are_compared_with_what_is_known(source: str, warehouse_url: str) -> None:
    city = hub(source, warehouse_url, required=False)
    assert counts(city.sync()) == {"added": 3}
    run(source, "UPDATE data SET value = 'new' WHERE at IS NULL", "INSERT INTO data VALUES (4, 'd', NULL)")
    load = city.sync()
    # The row at the watermark itself is read again, as always.
    assert counts(load) == {"added": 1, "changed": 1, "confirmed": 1}
    assert [row[:2] for row in city.accepted()] == [(1, "a"), (2, "b"), (3, "new"), (4, "d")]


def test_they_are_refused_where_the_watermark_is_required(source: str, warehouse_url: str) -> None:
    city = hub(source, warehouse_url, required=True)
    assert counts(city.sync()) == {"added": 2, "quarantined": 1}
    run(source, "INSERT INTO data VALUES (4, 'd', NULL)")
    assert counts(city.sync()) == {"confirmed": 1, "quarantined": 2}
    assert set(city.refused()) == {"3", "4"}
    run(source, "UPDATE data SET at = '2025-01-03' WHERE at IS NULL")
    assert counts(city.sync()) == {"added": 2, "confirmed": 1}
    assert city.refused() == {}
