"""Keys alone, read to find what an incremental dataset lost without a word."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import SourceUnavailable
from lumbung import landing, pipeline, upkeep
from lumbung.errors import LoadRefused, SyncRefused
from lumbung.hub import Hub
from lumbung.pipeline import Window
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Contract, Sync
from tests.loads_project import Loads, catalogue, column, contract, counts
from tests.sourced import dataset

SYNC = Sync("incremental", ("serial",), max_delete_pct=50, max_refused_pct=100)


class Permits:
    """A table that is synced by its serial, in an SQLite file, and a hub that reads it."""

    def __init__(self, warehouse_url: str, folder: Path, sync: Sync = SYNC) -> None:
        self.folder, self.file = folder, folder / "permits.db"
        columns = (column("id", "integer", key=1), column("name", required=True), column("serial", "integer"))
        self.loads = Loads(Warehouse(warehouse_url), dataset("sqlite", *columns, path=self.file, sync=sync))
        self.source("CREATE TABLE data (id, name, serial)")
        self.source("INSERT INTO data VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, NULL, 4)")

    @property
    def hub(self) -> Hub:
        known = catalogue(self.loads.contract)
        return Hub(Settings(self.folder, self.folder), self.loads.warehouse, known)

    def source(self, statement: str) -> None:
        with closing(sqlite3.connect(self.file, isolation_level=None)) as link:
            link.execute(statement)

    def sync(self, window: Window | None = None) -> pipeline.LoadOutcome:
        return pipeline.sync(self.hub, self.loads.contract.id, window)

    def reconcile(self) -> pipeline.LoadOutcome:
        return pipeline.reconcile(self.hub, self.loads.contract.id)

    def keys(self) -> list[int]:
        return [row[0] for row in self.loads.current()]

    def changed(self, sync: Sync) -> None:
        self.loads = self.loads.changed(sync=sync)


@pytest.fixture
def permits(warehouse_url: str, tmp_path: Path) -> Permits:
    found = Permits(warehouse_url, tmp_path)
    found.sync()
    return found


def test_what_the_source_lost_is_removed_and_what_is_new_is_left(permits: Permits) -> None:
    permits.source("DELETE FROM data WHERE id IN (2, 4)")
    permits.source("INSERT INTO data VALUES (5, 'e', 5), (5, 'e', 5)")
    load = permits.reconcile()
    assert (load.kind, load.state, load.read_count, load.staged_count) == ("reconcile", "applied", 4, 2)
    assert counts(load) == {"removed": 1, "confirmed": 2, "filtered": 1, "superseded": 1}
    assert load.reason == "1 new keys are left to the next load"
    assert permits.keys() == [1, 3]
    assert permits.loads.entries("gone") == [("4", ["name:required"])]
    assert permits.loads.query("SELECT watermark FROM ops.dataset") == [("4",)]
    assert counts(permits.sync()) == {"quarantined": 2}
    assert counts(permits.reconcile()) == {"confirmed": 2, "filtered": 1, "superseded": 1}


def test_a_key_that_cannot_be_read_holds_every_removal(permits: Permits) -> None:
    permits.source("UPDATE data SET id = 'two' WHERE id = 2")
    held = permits.reconcile()
    assert (held.removals_held_count, held.reason) == (
        1,
        "1 removals held: 1 keys can't be read; 1 new keys are left to the next load",
    )
    assert permits.keys() == [1, 2, 3]
    assert permits.loads.entries() == [("4", ["name:required"])]


def test_removals_are_guarded_and_can_be_accepted(permits: Permits) -> None:
    permits.source("DELETE FROM data WHERE id < 3")
    with pytest.raises(LoadRefused, match=r"no longer has 2 of 3 rows .* maxDeletePct 50"):
        permits.reconcile()
    assert permits.keys() == [1, 2, 3]
    accepted = pipeline.accept(permits.hub, 2, "Ani", "withdrawn")
    assert (counts(accepted), permits.keys()) == ({"removed": 2, "confirmed": 1, "filtered": 1}, [3])


def test_it_follows_an_ordinary_load_when_it_is_due(permits: Permits) -> None:
    weekly = replace(SYNC, reconcile="P7D")
    permits.changed(weekly)
    kinds = "SELECT kind FROM ops.load WHERE state = 'applied' ORDER BY load_id"
    permits.source("DELETE FROM data WHERE id = 1")
    permits.sync()
    assert permits.loads.query(kinds) == [("sync",)] * 2
    permits.loads.run("UPDATE ops.load SET finished_at = now() - interval '8 days'")
    permits.sync(Window("1", "9"))
    assert len(permits.loads.query(kinds)) == 3, "a window is no ordinary load"
    ordinary = permits.sync()
    assert (ordinary.kind, permits.keys()) == ("sync", [2, 3])
    permits.sync()
    assert permits.loads.query(kinds) == [("sync",)] * 4 + [("reconcile",), ("sync",)]


def test_a_source_that_fails_the_due_one_does_not_take_the_load_along(
    permits: Permits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> int:
        raise SourceUnavailable("test.data: the source is gone")

    permits.changed(replace(SYNC, reconcile="PT0S"))
    monkeypatch.setattr(landing, "land_keys", unavailable)
    load = permits.sync()
    assert (load.state, load.reason) == ("applied", "keys read after it: test.data: the source is gone")


def test_a_guard_that_refuses_the_due_one_does_not_take_the_load_along(permits: Permits) -> None:
    permits.changed(replace(SYNC, reconcile="PT0S"))
    permits.source("DELETE FROM data WHERE id < 3")
    load = permits.sync()
    assert (load.state, load.is_flagged) == ("applied", True)
    assert (
        load.reason
        and "keys read after it: test.data: load 3 refused: the source no longer has 2" in load.reason
    )
    assert permits.keys() == [1, 2, 3]


def test_it_is_superseded_by_a_load_between_and_its_tables_go(permits: Permits) -> None:
    from lumbung import landing

    contract, hub = permits.loads.contract, permits.hub
    older = landing.land_keys(permits.loads.warehouse, contract, hub.connector(contract))
    permits.source("INSERT INTO data VALUES (5, 'e', 5)")
    permits.sync()
    assert pipeline.apply(hub, older).state == "superseded"
    assert permits.keys() == [1, 2, 3, 5]
    dropped = upkeep.drop_forgotten(permits.loads.warehouse, hub.catalogue)
    assert f"landing.test__data__l{older}" in dropped
    assert upkeep.drop_forgotten(permits.loads.warehouse, hub.catalogue) == []


def refused(described: Contract, warehouse_url: str, folder: Path) -> str:
    loads = Loads(Warehouse(warehouse_url), described)
    hub = Hub(Settings(folder, folder), loads.warehouse, catalogue(described))
    with pytest.raises(SyncRefused) as told:
        pipeline.reconcile(hub, described.id)
    return str(told.value)


def test_what_has_no_keys_to_read_apart(warehouse_url: str, tmp_path: Path) -> None:
    key = column("id", key=1)
    file = dataset("csv", key, path=tmp_path / "x.csv", sync=SYNC)
    assert "keys alone can be read from databases, not from csv" in refused(file, warehouse_url, tmp_path)
    assert "mode snapshot reads all keys" in refused(contract(key), warehouse_url, tmp_path)


def test_never_before_the_first_load_nor_after_a_change_of_columns(
    warehouse_url: str, tmp_path: Path
) -> None:
    permits = Permits(warehouse_url, tmp_path)
    with pytest.raises(SyncRefused, match="has no rows yet"):
        permits.reconcile()
    permits.sync()
    permits.loads = permits.loads.changed(columns=(*permits.loads.contract.columns, column("note")))
    with pytest.raises(SyncRefused, match="has other columns"):
        permits.reconcile()
