"""Clocks that are wrong, and rows that come late."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.contract import Sync
from tests.loads_project import column, counts
from tests.piped import Piped, run_sql
from tests.sourced import dataset

FAULT = 20

COLUMNS = (column("id", "integer", key=1), column("moved_at", "timestamp", required=True))


def orders(warehouse_url: str, folder: Path, lookback: str | None = None) -> tuple[Piped, Path]:
    file = folder / "in.db"
    run_sql(
        file,
        "CREATE TABLE data (id, moved_at); INSERT INTO data VALUES "
        "(1, '2024-05-01 10:00:00'), (2, '2024-05-01 12:00:00');",
    )
    sync = Sync("incremental", ("moved_at",), lookback, max_refused_pct=100)
    return Piped(warehouse_url, folder, dataset("sqlite", *COLUMNS, path=file, sync=sync)), file


WATERMARK = "SELECT watermark FROM ops.dataset"


def test_a_clock_that_is_ahead(warehouse_url: str, tmp_path: Path) -> None:
    """A row is dated years ahead: it is quarantined, and the watermark does not follow it."""
    source, file = orders(warehouse_url, tmp_path)
    ahead = (datetime.now(UTC) + timedelta(days=900)).strftime("%Y-%m-%d %H:%M:%S")
    run_sql(file, f"INSERT INTO data VALUES (3, '{ahead}')")
    source.sync()
    assert source.refused() == {"3": ["moved_at:future"]}
    assert source.query(WATERMARK) == [("2024-05-01 12:00:00",)]
    run_sql(file, "INSERT INTO data VALUES (4, '2024-05-01 13:00:00')")
    assert counts(source.sync()) == {"added": 1, "confirmed": 1, "quarantined": 1}
    assert [key for key, _ in source.current()] == [1, 2, 4]


def test_a_clock_that_is_a_little_ahead(warehouse_url: str, tmp_path: Path) -> None:
    """A source's clock is some hours ahead: its rows are taken, as clocks do differ by that."""
    source, file = orders(warehouse_url, tmp_path)
    soon = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    run_sql(file, f"INSERT INTO data VALUES (3, '{soon}')")
    assert counts(source.sync()) == {"added": 3}


def test_a_commit_that_comes_late(warehouse_url: str, tmp_path: Path) -> None:
    """A long transaction commits rows dated before the watermark: the lookback still reads them."""
    source, file = orders(warehouse_url, tmp_path, lookback="PT3H")
    source.sync()
    run_sql(file, "INSERT INTO data VALUES (3, '2024-05-01 09:30:00'), (4, '2024-05-01 08:00:00')")
    late = source.sync()
    assert (late.since, counts(late)) == ("2024-05-01 09:00:00", {"added": 1, "confirmed": 2})
    assert source.query(WATERMARK) == [("2024-05-01 12:00:00",)], "never back"


def test_a_commit_that_comes_late_without_a_lookback(warehouse_url: str, tmp_path: Path) -> None:
    """A row comes dated before the watermark and no lookback is declared: a window read by hand brings it."""
    from lumbung import pipeline

    source, file = orders(warehouse_url, tmp_path)
    source.sync()
    run_sql(file, "INSERT INTO data VALUES (3, '2024-05-01 09:30:00')")
    assert counts(source.sync()) == {"confirmed": 1}
    window = pipeline.Window("2024-05-01 09:00:00", "2024-05-01 10:00:00")
    assert counts(pipeline.sync(source.hub, source.first, window)) == {"added": 1}
    assert source.query(WATERMARK) == [("2024-05-01 12:00:00",)]
