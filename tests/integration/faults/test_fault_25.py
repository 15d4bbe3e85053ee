"""One key, several rows."""

from pathlib import Path

import pytest

from schemas.contract import Duplicates, Sync
from tests.loads_project import column, counts
from tests.piped import Piped, run_sql
from tests.sourced import dataset

FAULT = 25

COLUMNS = (column("id", "integer", key=1), column("name"))


def sourced(warehouse_url: str, folder: Path, sync: Sync) -> tuple[Piped, Path]:
    file = folder / "in.db"
    run_sql(
        file, "CREATE TABLE data (id, name); INSERT INTO data VALUES (1, 'a'), (2, 'b'), (1, 'c'), (1, 'c');"
    )
    return Piped(warehouse_url, folder, dataset("sqlite", *COLUMNS, path=file, sync=sync)), file


def test_nobody_said_which_is_right(warehouse_url: str, tmp_path: Path) -> None:
    """A key comes several times: every copy is quarantined, the others are taken; mended, it comes home."""
    source, file = sourced(warehouse_url, tmp_path, Sync(max_refused_pct=80))
    assert counts(source.sync()) == {"added": 1, "quarantined": 3}
    assert source.refused() == {"1": [":duplicate_key"]}
    run_sql(file, "DELETE FROM data WHERE name = 'c'")
    assert counts(source.sync()) == {"added": 1, "confirmed": 1}
    assert (source.current(), source.refused()) == ([(1, "a"), (2, "b")], {})


@pytest.mark.parametrize(("winner", "name"), [("first", "a"), ("last", "c")])
def test_the_contract_says_which_wins(
    warehouse_url: str, tmp_path: Path, winner: Duplicates, name: str
) -> None:
    """The contract says which copy wins: that one is taken, the others are counted as superseded."""
    source, _ = sourced(warehouse_url, tmp_path, Sync(duplicates=winner))
    assert counts(source.sync()) == {"added": 2, "superseded": 2}
    assert source.current() == [(1, name), (2, "b")]


def test_a_key_that_had_been_good(warehouse_url: str, tmp_path: Path) -> None:
    """A key that was known comes twice: both rows are quarantined, the version from before stays."""
    source, file = sourced(warehouse_url, tmp_path, Sync(max_refused_pct=80))
    run_sql(file, "DELETE FROM data WHERE name = 'c'")
    source.sync()
    run_sql(file, "INSERT INTO data VALUES (2, 'B')")
    assert counts(source.sync()) == {"confirmed": 1, "quarantined": 2}
    assert source.current() == [(1, "a"), (2, "b")]
