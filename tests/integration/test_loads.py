"""Loads after each other: what is added, changed, removed, confirmed, refused, and never lost."""

import datetime as dt
from pathlib import Path

import pytest

from lumbung import gate, ledger, pipeline
from lumbung.errors import LandingLost, LoadRefused
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Column, Filter, Quality, Read, Reference, Server, Sync
from tests.loads_project import Loads, Rows, catalogue, column, contract, counts

KEY = column("id", "integer", key=1)
NAME = column("name", required=True)
OPEN = Sync(max_delete_pct=100, max_refused_pct=100)


@pytest.fixture
def loads(warehouse_url: str) -> Loads:
    return Loads(Warehouse(warehouse_url), contract(KEY, NAME))


def test_a_snapshot_is_compared_with_the_last_one(warehouse_url_each: str) -> None:
    loads = Loads(Warehouse(warehouse_url_each), contract(KEY, NAME))
    assert counts(loads.sync(("1", "a"), ("2", "b"), ("3", "c"))) == {"added": 3}
    second = loads.sync(("1", "a"), ("2", "B"), ("4", "d"))
    assert counts(second) == {"added": 1, "changed": 1, "removed": 1, "confirmed": 1}
    assert loads.current() == [(1, "a"), (2, "B"), (4, "d")]
    versions = loads.query(
        "SELECT id, name, from_load_id, to_load_id FROM history.test__rows ORDER BY id, from_load_id"
    )
    assert versions == [
        (1, "a", 1, None),
        (2, "b", 1, 2),
        (2, "B", 2, None),
        (3, "c", 1, 2),
        (4, "d", 2, None),
    ]


def test_the_same_load_twice_changes_nothing(loads: Loads) -> None:
    rows = [(str(n), f"name {n}") for n in range(50)]
    loads.sync(*rows)
    everything = (
        "SELECT id, name, recorded_from, from_load_id, to_load_id FROM history.test__rows ORDER BY id"
    )
    before = loads.query(everything)
    again = loads.sync(*rows)
    assert counts(again) == {"confirmed": 50}
    assert loads.query(everything) == before
    assert loads.apply(again.load_id) == again


def test_a_refused_row_does_not_remove_its_good_predecessor(loads: Loads) -> None:
    loads.sync(("1", "a"), ("2", "b"), ("3", "c"))
    third = loads.sync(("1", "a"), ("2", None))
    assert counts(third) == {"confirmed": 1, "quarantined": 1, "removed": 1}
    assert loads.current() == [(1, "a"), (2, "b")]
    assert loads.entries() == [("2", ["name:required"])]


def test_an_unreadable_key_holds_every_removal(loads: Loads) -> None:
    loads.sync(("1", "a"), ("2", "b"))
    held = loads.sync(("1", "a"), ("two", "b"))
    assert held.removals_held_count == 1
    assert held.reason and "can't be read" in held.reason
    assert loads.current() == [(1, "a"), (2, "b")]


@pytest.mark.fault(25)
def test_every_copy_of_a_duplicate_is_refused_unless_the_contract_says_which_wins(loads: Loads) -> None:
    rows = [("1", "a"), ("1", "b"), ("2", "c")]
    assert counts(loads.sync(*rows)) == {"added": 1, "quarantined": 2}
    assert loads.entries() == [("1", [":duplicate_key"])]
    last = loads.changed(sync=Sync(max_delete_pct=100, max_refused_pct=100, duplicates="last"))
    assert counts(last.sync(*rows)) == {"added": 1, "confirmed": 1, "superseded": 1}
    first = loads.changed(sync=Sync(max_delete_pct=100, max_refused_pct=100, duplicates="first"))
    assert counts(first.sync(*rows)) == {"changed": 1, "confirmed": 1, "superseded": 1}
    assert loads.current() == [(1, "a"), (2, "c")]


def test_unique_columns_and_malformed_rows(warehouse_url: str) -> None:
    unique = column("name", unique=True)
    loads = Loads(Warehouse(warehouse_url), contract(KEY, unique, server=Server("test", "csv")))
    rows = [
        ("2", None, "1", "x"),
        ("3", None, "2", "x"),
        ("4", "3 fields: 5,6,7", None, None),
        ("5", None, "", ""),
    ]
    found = loads.sync(*rows, numbered=True)
    assert counts(found) == {"quarantined": 3, "filtered": 1}
    reasons = loads.query(
        "SELECT row_numbers, reasons, rows -> 0 ->> 'row_fault' FROM quarantine.entry ORDER BY 1"
    )
    assert reasons == [
        ([2], ["name:unique"], None),
        ([3], ["name:unique"], None),
        ([4], [":malformed"], "3 fields: 5,6,7"),
    ]


@pytest.mark.fault(14)
def test_declared_rows_that_are_not_data_are_counted(warehouse_url: str) -> None:
    read = Read(filters=(Filter("name", pattern="^Jumlah"), Filter("id", blank=True)))
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, read=read))
    found = loads.sync(("1", "a"), ("2", "Jumlah a"), (None, "footer"))
    assert counts(found) == {"added": 1, "filtered": 2}


@pytest.mark.fault(26)
def test_children_need_a_parent_within_their_source(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    parents = Loads(warehouse, contract(KEY, NAME, name="test.parents"))
    child = contract(
        KEY, column("parent", "integer"), references=(Reference(("parent",), "test.parents", ("id",)),)
    )
    children = Loads(warehouse, child)
    assert counts(children.sync(("1", "10"), ("2", None))) == {"added": 1, "quarantined": 1}
    parents.sync(("10", "a"))
    assert counts(children.sync(("1", "10"), ("2", None), ("3", "11"))) == {
        "added": 1, "confirmed": 1, "quarantined": 1,
    }  # fmt: skip
    assert children.entries("corrected") == [("1", ["parent:reference"])]


def test_a_dataset_may_refer_to_itself_within_one_load(warehouse_url: str) -> None:
    self_reference = (Reference(("boss",), "test.rows", ("id",)),)
    loads = Loads(
        Warehouse(warehouse_url), contract(KEY, column("boss", "integer"), references=self_reference)
    )
    assert counts(loads.sync(("1", None), ("2", "1"), ("3", "9"))) == {"added": 2, "quarantined": 1}


@pytest.mark.fault(20)
def test_incremental_reads_from_the_watermark_less_the_lookback(warehouse_url: str) -> None:
    moved = column("moved_at", "timestamp", required=True)
    sync = Sync("incremental", ("moved_at",), "PT2H", max_refused_pct=100)
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, moved, sync=sync))
    first = loads.sync(("1", "a", "2024-01-01 10:00:00"), ("2", "b", "2024-01-01 12:00:00"))
    assert (first.since, first.watermark) == (None, "2024-01-01 12:00:00")
    second = loads.sync(("2", "b", "2024-01-01 12:00:00"), ("3", "c", "2024-01-01 11:00:00"))
    assert second.since == "2024-01-01 10:00:00"
    assert counts(second) == {"added": 1, "confirmed": 1}
    assert len(loads.current()) == 3, "absence says nothing in incremental mode"


@pytest.mark.fault(20)
def test_a_watermark_in_the_future_is_refused_and_does_not_advance(warehouse_url: str) -> None:
    moved = column("moved_at", "timestamp", required=True)
    loads = Loads(
        Warehouse(warehouse_url),
        contract(KEY, moved, sync=Sync("incremental", ("moved_at",), max_refused_pct=100)),
    )
    future = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).strftime("%Y-%m-%d %H:%M:%S")
    loads.sync(("1", "2024-01-01 10:00:00"), ("2", future))
    assert loads.entries() == [("2", ["moved_at:future"])]
    assert loads.query("SELECT watermark FROM ops.dataset") == [("2024-01-01 10:00:00",)]


def test_rows_of_an_append_dataset_never_change(warehouse_url: str) -> None:
    sync = Sync("append", ("id",), max_refused_pct=100)
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, sync=sync))
    loads.sync(("1", "a"), ("2", "b"))
    assert counts(loads.sync(("2", "changed"), ("3", "c"))) == {"added": 1, "quarantined": 1}
    assert loads.current() == [(1, "a"), (2, "b"), (3, "c")]
    assert loads.entries() == [("2", [":immutable"])]


@pytest.mark.fault(24)
def test_a_source_that_returns_nothing_is_refused_and_can_be_accepted(
    warehouse_url: str, tmp_path: Path
) -> None:
    described = contract(KEY, NAME, sync=Sync(max_delete_pct=20, max_refused_pct=100))
    loads = Loads(Warehouse(warehouse_url), described)
    loads.sync(*[(str(n), "x") for n in range(10)])
    hub = Hub(Settings(tmp_path, tmp_path), loads.warehouse, catalogue(described))
    empty = loads.land()
    loads.validate(empty)
    with pytest.raises(LoadRefused, match=r"no longer has 10 of 10 rows \(100.0 %\).*--accept"):
        pipeline.apply(hub, empty)
    assert len(loads.current()) == 10
    accepted = pipeline.accept(hub, empty, "Ani", "the register was closed")
    assert counts(accepted) == {"removed": 10}
    assert loads.query(f"SELECT accepted_by, accepted_reason FROM ops.load WHERE load_id = {empty}") == [
        ("Ani", "the register was closed")
    ]


def test_too_many_refused_rows_refuse_the_load(warehouse_url: str) -> None:
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, sync=Sync(max_refused_pct=30)))
    loads.sync(("1", "a"), ("2", "b"), ("3", "c"), ("4", None))
    with pytest.raises(LoadRefused, match=r"2 of 4 rows \(50.0 %\) break the contract"):
        loads.sync(("1", "a"), ("2", "b"), ("3", None), ("4", None))
    assert len(loads.current()) == 3


def test_an_older_load_applied_last_is_superseded(loads: Loads) -> None:
    loads.sync(("1", "a"))
    older, newer = loads.land(("1", "old")), loads.land(("1", "new"))
    loads.validate(older)
    loads.validate(newer)
    assert loads.apply(newer).state == "applied"
    assert loads.apply(older).state == "superseded"
    assert loads.current() == [(1, "new")]


def test_a_lost_landing_lands_again_under_the_same_load(warehouse_url: str, tmp_path: Path) -> None:
    described = contract(KEY, NAME)
    loads = Loads(Warehouse(warehouse_url), described)
    source = Rows([("1", "a"), ("2", "b")])

    class RowsHub(Hub):
        def connector(self, contract: object) -> Rows:
            return source

    hub = RowsHub(Settings(tmp_path, tmp_path), loads.warehouse, catalogue(described))
    load_id = pipeline.land(hub, described.id)
    loads.run(f"TRUNCATE landing.test__rows__l{load_id}")
    with pytest.raises(LandingLost, match="counted 2 rows, 0 are left"):
        loads.validate(load_id)
    pipeline.validate(hub, load_id)
    loads.run(f"TRUNCATE staging.test__rows__l{load_id}, landing.test__rows__l{load_id}")
    assert counts(pipeline.apply(hub, load_id)) == {"added": 2}
    assert len(source.requests) == 3


def test_columns_follow_the_contract_and_nothing_recorded_is_lost(loads: Loads) -> None:
    loads.sync(("1", "a"), ("2", "b"))
    wider = loads.changed(columns=(KEY, NAME, column("note")))
    assert counts(wider.sync(("1", "a", "x"), ("2", "B", "y"))) == {"changed": 1, "confirmed": 1}
    assert wider.current() == [(1, "a", "x"), (2, "B", "y")]
    assert counts(wider.sync(("1", "a", "x"), ("2", "B", "y"))) == {"confirmed": 2}
    retyped = loads.changed(columns=(KEY, NAME, column("note", "date")))
    assert counts(retyped.sync(("1", "a", "2024-01-01"), ("2", "B", None))) == {"confirmed": 2}
    assert retyped.current() == [(1, "a", dt.date(2024, 1, 1)), (2, "B", None)]
    kept = loads.query("SELECT note__until_l4 FROM history.test__rows WHERE to_load_id IS NULL ORDER BY id")
    assert kept == [("x",), ("y",)]
    assert counts(loads.sync(("1", "a"), ("2", "B"))) == {"confirmed": 2}


def test_the_ledger_refuses_counts_that_do_not_add_up(loads: Loads) -> None:
    load = loads.sync(("1", "a"))
    with pytest.raises(Exception, match="every_row_is_accounted_for"), loads.warehouse.connect() as session:
        ledger.note(session, load.load_id, read_count=2)


@pytest.mark.fault(26)
def test_a_chain_of_orphans_is_refused_to_its_end(warehouse_url: str) -> None:
    reference = (Reference(("parent",), "test.rows", ("id",)),)
    loads = Loads(Warehouse(warehouse_url), contract(KEY, column("parent", "integer"), references=reference))
    loads.sync(("2", "1"), ("3", "2"), ("4", "3"), ("5", None))
    assert loads.current() == [(5, None)]
    assert loads.entries() == [(key, ["parent:reference"]) for key in "234"]


def test_another_watermark_column_reads_everything_and_begins_anew(warehouse_url: str) -> None:
    columns = (KEY, column("serial", "integer"), column("revision", "integer"))
    by_serial, by_revision = (
        Sync(mode="incremental", watermark=(name,), max_delete_pct=100, max_refused_pct=100)
        for name in ("serial", "revision")
    )
    loads = Loads(Warehouse(warehouse_url), contract(*columns, sync=by_serial))
    loads.sync(("1", "1000", "1"))
    other = loads.changed(sync=by_revision)
    assert other.sync(("1", "1000", "2"), ("2", "900", "3")).since is None
    assert other.sync(("2", "900", "3")).since == "3"


@pytest.mark.parametrize(
    "columns",
    [
        (column("id", key=1), NAME),
        (KEY, column("name", key=2)),
        (column("name", key=1), column("id", "integer")),
    ],
)
def test_another_key_is_refused_in_words(loads: Loads, columns: tuple[Column, ...]) -> None:
    loads.sync(("1", "a"), ("2", "b"))
    other = loads.changed(columns=columns)
    with pytest.raises(LoadRefused, match="kept by the key id bigint"):
        other.sync(*[tuple(reversed(row)) if columns[0].name == "name" else row for row in [("1", "a")]])
    assert loads.current() == [(1, "a"), (2, "b")]


def test_the_gate_judges_an_incremental_load_that_brings_a_column(warehouse_url: str) -> None:
    sync = Sync(mode="incremental", watermark=("id",), max_delete_pct=100, max_refused_pct=100)
    quality = (
        Quality("rows", "rowCount", "critical", {"mustBe": 2}),
        Quality("said more", "nullValues", "critical", {"mustBe": 1}, "more"),
    )
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, sync=sync))
    loads.sync(("1", "a"), ("2", "b"))
    wide = loads.changed(columns=(KEY, NAME, column("more", "date")), quality=quality)
    load_id = wide.land(("1", "a", "2024-01-31"))
    wide.validate(load_id)
    rules = gate.rules_for_load(wide.contract, wide.contract.file)
    staging = ("staging", f"{wide.contract.table}__l{load_id}")
    found = {r.rule: r.outcome for r in gate.judge(loads.warehouse.url, staging, wide.contract, rules)}
    assert (found["rows"], found["said more"]) == ("passed", "passed")
