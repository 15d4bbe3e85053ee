"""Whatever snapshots come, history, quarantine and ledger tell the same story as a few lines of Python."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.ledger import Load
from lumbung.warehouse import Warehouse
from tests.loads_project import Loads, column, contract

ROW = st.tuples(st.sampled_from(["1", "2", "3", "4", "x"]), st.sampled_from(["1", "2", "bad", None]))
#: Each example has a dataset of its own in the one warehouse.
NUMBERS = itertools.count()
SNAPSHOTS = st.lists(st.lists(ROW, max_size=6), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def url(embedded_servers: Any) -> Iterator[str]:
    with embedded_servers.database(18, "template_migrated") as url:
        yield url


def good_rows(rows: list[tuple[str, str | None]]) -> dict[int, int | None]:
    keys = [key for key, _ in rows]
    return {
        int(key): None if value is None else int(value)
        for key, value in rows
        if key != "x" and value != "bad" and keys.count(key) == 1
    }


def expected(before: dict[int, int | None], rows: list[tuple[str, str | None]]) -> dict[int, int | None]:
    good = good_rows(rows)
    if any(key == "x" for key, _ in rows):
        return before | good
    spared = {int(key) for key, _ in rows}
    return {k: v for k, v in before.items() if k in spared} | good


def refused_keys(rows: list[tuple[str, str | None]]) -> set[str]:
    return {key for key, _ in rows if key != "x" and int(key) not in good_rows(rows)}


def assert_books_balance(load: Load, rows: list[tuple[str, str | None]]) -> None:
    assert load.read_count == len(rows)
    assert load.staged_count == len(good_rows(rows))
    assert load.quarantined_count == len(rows) - len(good_rows(rows))


@settings(max_examples=20, deadline=None)
@given(snapshots=SNAPSHOTS)
def test_any_sequence_of_snapshots(url: str, snapshots: list[list[Any]]) -> None:
    key, value = column("id", "integer", key=1), column("value", "integer")
    loads = Loads(Warehouse(url), contract(key, value, name=f"test.d{next(NUMBERS)}"))
    state: dict[int, int | None] = {}
    seen = []
    for rows in snapshots:
        load = loads.sync(*rows)
        state = expected(state, rows)
        assert_books_balance(load, rows)
        assert dict(loads.current()) == state
        assert {key for key, _ in loads.entries() if key and not key.startswith("raw:")} == refused_keys(rows)
        seen.append((load.load_id, dict(state)))
    # Every earlier state can still be asked for, by the load that made it.
    for load_id, then in seen:
        found = loads.query(
            f"SELECT id, value FROM history.{loads.contract.table} WHERE from_load_id <= {load_id} "
            f"AND (to_load_id IS NULL OR to_load_id > {load_id})"
        )
        assert dict(found) == then
