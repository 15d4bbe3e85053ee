"""Rows that are gone at the source."""

from pathlib import Path

import pytest

from lumbung import pipeline
from lumbung.errors import LoadRefused
from schemas.contract import Deleted, Sync
from tests.loads_project import column, counts
from tests.piped import Piped, run_sql
from tests.sourced import dataset

FAULT = 24

ROWS = ", ".join(f"({n}, {n}, 0)" for n in range(1, 11))
COLUMNS = (column("id", "integer", key=1), column("serial", "integer"), column("gone", "boolean"))


def register(warehouse_url: str, folder: Path, sync: Sync) -> tuple[Piped, Path]:
    """Ten rows, synced once."""
    file = folder / "in.db"
    run_sql(file, f"CREATE TABLE data (id, serial, gone); INSERT INTO data VALUES {ROWS}")
    source = Piped(warehouse_url, folder, dataset("sqlite", *COLUMNS, path=file, sync=sync))
    source.sync()
    return source, file


def test_a_few_rows_are_gone(warehouse_url: str, tmp_path: Path) -> None:
    """A snapshot lacks some rows: their versions end with this load, and stay in history."""
    source, file = register(warehouse_url, tmp_path, Sync())
    run_sql(file, "DELETE FROM data WHERE id IN (3, 4)")
    load = source.sync()
    assert counts(load) == {"confirmed": 8, "removed": 2}
    ended = source.query(
        "SELECT id, to_load_id FROM history.test__data WHERE recorded_to < 'infinity' ORDER BY 1"
    )
    assert ended == [(3, load.load_id), (4, load.load_id)]


@pytest.mark.parametrize("left", [0, 7])
def test_nothing_or_far_less_comes(warehouse_url: str, tmp_path: Path, left: int) -> None:
    """The source gives nothing, or far less than before: the load is refused, the data stays as it was."""
    source, file = register(warehouse_url, tmp_path, Sync())
    run_sql(file, f"DELETE FROM data WHERE id > {left}")
    with pytest.raises(LoadRefused, match=r"at least one row|no longer has 3 of 10 rows"):
        source.sync()
    assert len(source.current()) == 10
    assert source.query("SELECT state FROM ops.load ORDER BY load_id") == [("applied",), ("refused",)]


def test_it_was_meant(warehouse_url: str, tmp_path: Path) -> None:
    """Many rows are really gone: somebody takes the refused load, with a name and a reason on record."""
    source, file = register(warehouse_url, tmp_path, Sync())
    run_sql(file, "DELETE FROM data WHERE id > 5")
    with pytest.raises(LoadRefused):
        source.sync()
    assert counts(pipeline.accept(source.hub, 2, "Ani", "districts merged")) == {"confirmed": 5, "removed": 5}
    assert source.query("SELECT accepted_by FROM ops.load WHERE load_id = 2") == [("Ani",)]


def test_gone_without_a_word(warehouse_url: str, tmp_path: Path) -> None:
    """Rows vanish from a source that is read by what changed: reading all keys finds and removes them."""
    source, file = register(warehouse_url, tmp_path, Sync("incremental", ("serial",)))
    run_sql(file, "DELETE FROM data WHERE id IN (3, 4)")
    assert counts(source.sync()) == {"confirmed": 1}
    assert counts(pipeline.reconcile(source.hub, source.first)) == {"confirmed": 8, "removed": 2}
    run_sql(file, "DELETE FROM data WHERE id > 2")
    with pytest.raises(LoadRefused, match="no longer has 6 of 8 rows"):
        pipeline.reconcile(source.hub, source.first)


def test_marked_as_deleted(warehouse_url: str, tmp_path: Path) -> None:
    """The source marks rows as deleted: they are removed, and back when the mark is taken off."""
    sync = Sync("incremental", ("serial",), deleted=Deleted("gone", ("1",)))
    source, file = register(warehouse_url, tmp_path, sync)
    run_sql(file, "UPDATE data SET gone = 1, serial = 11 WHERE id = 3")
    assert counts(source.sync()) == {"confirmed": 1, "filtered": 1, "removed": 1}
    run_sql(file, "UPDATE data SET gone = 0, serial = 12 WHERE id = 3")
    assert counts(source.sync()) == {"added": 1}
    run_sql(file, "UPDATE data SET gone = 1, serial = 13 WHERE id < 8")
    with pytest.raises(LoadRefused, match="no longer has 7 of 10 rows"):
        source.sync()
