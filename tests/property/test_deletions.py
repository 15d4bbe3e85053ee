"""Whatever marked and unmarked rows come, in any mode, history tells what a few lines of Python tell."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.warehouse import Warehouse
from schemas.contract import Deleted, Mode, Sync
from tests.loads_project import Loads, column, contract

ROW = st.tuples(
    st.sampled_from(["1", "2", "3", "x"]), st.sampled_from(["1", "2", "bad"]), st.sampled_from("tf")
)
LOADS = st.lists(st.lists(ROW, max_size=5), min_size=1, max_size=4)
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def url(embedded_servers: Any) -> Iterator[str]:
    with embedded_servers.database(18, "template_migrated") as url:
        yield url


def expected(before: dict[int, int], rows: list[tuple[str, str, str]], mode: Mode) -> dict[int, int]:
    living = [(key, value) for key, value, mark in rows if mark == "f"]
    keys = [key for key, _ in living]
    good = {int(k): int(v) for k, v in living if k != "x" and v != "bad" and keys.count(k) == 1}
    refused = {int(k) for k in keys if k != "x"} - set(good)
    marked = {int(key) for key, _, mark in rows if mark == "t" and key != "x"}
    gone = marked - set(good) - refused
    if mode == "snapshot" and not any(key == "x" for key, *_ in rows):
        gone |= set(before) - set(good) - refused
    return {k: v for k, v in before.items() if k not in gone} | good


@pytest.mark.parametrize("mode", ["snapshot", "incremental"])
@settings(max_examples=12, deadline=None)
@given(loads=LOADS)
def test_any_sequence_of_marks(url: str, mode: Mode, loads: list[list[Any]]) -> None:
    columns = (column("id", "integer", key=1), column("value", "integer"), column("gone", "boolean"))
    sync = Sync(mode, ("id",), deleted=Deleted("gone"), max_delete_pct=100, max_refused_pct=100)
    described = Loads(Warehouse(url), contract(*columns, name=f"test.m{next(NUMBERS)}", sync=sync))
    state: dict[int, int] = {}
    for rows in loads:
        load = described.sync(*rows)
        state = expected(state, rows, mode)
        assert {key: value for key, value, _ in described.current()} == state
        assert load.after_count == len(state)
        assert load.filtered_count == sum(mark == "t" and key != "x" for key, _, mark in rows)
