"""The same sync twice at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lumbung import pipeline
from schemas.contract import Sync
from tests.loads_project import column, counts
from tests.piped import Piped, run_sql
from tests.sourced import dataset

FAULT = 4

COLUMNS = (column("id", "integer", key=1), column("name"))


def piped(warehouse_url: str, folder: Path, sync: Sync | None = None) -> Piped:
    file = folder / "in.db"
    run_sql(file, "CREATE TABLE data (id, name); INSERT INTO data VALUES (1, 'a'), (2, 'b');")
    said = {} if sync is None else {"sync": sync}
    return Piped(warehouse_url, folder, dataset("sqlite", *COLUMNS, path=file, **said))


def test_two_runs_side_by_side(warehouse_url: str, tmp_path: Path) -> None:
    """A sync is started twice at once: one is applied, the other superseded, and each row is there once."""
    source = piped(warehouse_url, tmp_path)
    loads = [pipeline.land(source.hub, source.first) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda load_id: pipeline.apply(source.hub, load_id), loads))
    assert sorted(load.state for load in ended) == ["applied", "superseded"]
    assert source.current() == [(1, "a"), (2, "b")]


def test_one_load_twice(warehouse_url: str, tmp_path: Path) -> None:
    """A scheduler forgot a task that still runs and starts it anew: the second waits and finds it done."""
    source = piped(warehouse_url, tmp_path)
    load_id = pipeline.land(source.hub, source.first)
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda n: pipeline.apply(source.hub, load_id), range(2)))
    assert [load.state for load in ended] == ["applied", "applied"]
    assert counts(ended[0]) == counts(ended[1]) == {"added": 2}
    assert source.query("SELECT count(*) FROM history.test__data") == [(2,)]
