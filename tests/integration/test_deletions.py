"""Rows that the source marks as deleted: removed, counted as filtered, and back when they are unmarked."""

import pytest

from lumbung import gate
from lumbung.errors import LoadRefused
from lumbung.warehouse import Warehouse
from schemas.contract import Column, Deleted, Quality, Reference, Sync
from tests.loads_project import Loads, column, contract, counts

KEY = column("id", "integer", key=1)
NAME = column("name", required=True)
FLAG = column("is_deleted", "boolean")
SERIAL = column("serial", "integer")
SNAPSHOT = Sync(deleted=Deleted("is_deleted"), max_delete_pct=100, max_refused_pct=100)
INCREMENTAL = Sync("incremental", ("serial",), deleted=Deleted("is_deleted"), max_delete_pct=100)


def incremental(url: str, sync: Sync = INCREMENTAL, flag: Column = FLAG) -> Loads:
    return Loads(Warehouse(url), contract(KEY, NAME, flag, SERIAL, sync=sync))


def test_in_an_incremental_load_a_mark_removes_and_its_absence_adds_again(warehouse_url: str) -> None:
    loads = incremental(warehouse_url)
    first = loads.sync(("1", "a", "f", "1"), ("2", "b", "f", "2"), ("3", "c", "t", "3"))
    assert (counts(first), first.watermark) == ({"added": 2, "filtered": 1}, "3")
    marked = loads.sync(("2", None, "t", "4"), ("3", "c", "t", "3"), ("9", None, "t", "3"))
    assert (counts(marked), marked.watermark, marked.deleted_count) == ({"removed": 1, "filtered": 3}, "4", 3)
    assert loads.current() == [(1, "a", False, 1)]
    assert counts(loads.sync(("2", "b", "f", "5"))) == {"added": 1}
    versions = loads.query("SELECT from_load_id, to_load_id FROM history.test__rows WHERE id = 2 ORDER BY 1")
    assert [ended is None for _, ended in versions] == [False, True]


def test_in_a_snapshot_marked_rows_are_removed_and_the_others_not_looked_at_again(warehouse_url: str) -> None:
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, FLAG, sync=SNAPSHOT))
    rows = [("1", "a", "f"), ("2", "b", "f"), ("3", "c", "f"), ("4", "d", "t")]
    assert counts(loads.sync(*rows)) == {"added": 3, "filtered": 1}
    again = loads.sync(*rows)
    assert (again.unchanged_count, counts(again)) == (3, {"confirmed": 3, "filtered": 1})
    marked = loads.sync(*rows[:2], ("3", "c", "t"), rows[3])
    assert (marked.unchanged_count, counts(marked)) == (2, {"confirmed": 2, "removed": 1, "filtered": 2})
    back = loads.sync(*rows)
    assert (back.unchanged_count, counts(back)) == (2, {"added": 1, "confirmed": 2, "filtered": 1})


def test_a_living_copy_of_a_key_is_worth_more_than_marked_ones(warehouse_url: str) -> None:
    loads = Loads(Warehouse(warehouse_url), contract(KEY, NAME, FLAG, sync=SNAPSHOT))
    rows = [("1", "old", "t"), ("1", "older", "t"), ("1", "a", "f")]
    assert counts(loads.sync(*rows)) == {"added": 1, "filtered": 2}
    again = loads.sync(*rows)
    assert (again.unchanged_count, counts(again)) == (1, {"confirmed": 1, "filtered": 2})
    twice = loads.sync(*rows, ("1", "b", "f"))
    assert counts(twice) == {"quarantined": 2, "filtered": 2}
    assert loads.current() == [(1, "a", False)]


def test_where_the_last_copy_wins_a_mark_may_be_it(warehouse_url: str) -> None:
    loads = incremental(warehouse_url, sync=Sync(
        "incremental", ("serial",), deleted=Deleted("is_deleted"), max_delete_pct=100, duplicates="last"
    ))  # fmt: skip
    loads.sync(("1", "a", "f", "1"), ("2", "b", "f", "1"))
    copies = (("1", "b", "f", "2"), ("1", "b", "t", "3"), ("2", "b", "t", "2"), ("2", "c", "f", "3"))
    assert counts(loads.sync(*copies)) == {
        "changed": 1, "removed": 1, "filtered": 1, "superseded": 2,
    }  # fmt: skip


def test_what_a_marked_row_is_known_by_has_to_be_right(warehouse_url: str) -> None:
    loads = incremental(warehouse_url, sync=Sync(
        "incremental", ("serial",), deleted=Deleted("is_deleted"), max_delete_pct=100, max_refused_pct=100
    ))  # fmt: skip
    loads.sync(("1", "a", "f", "1"), ("2", "b", "f", "1"))
    found = loads.sync(("x", None, "t", "2"), ("1", None, "t", "soon"), ("2", "b", "perhaps", "2"))
    assert counts(found) == {"quarantined": 3}
    assert [reasons for _, reasons in loads.entries()] == [
        ["serial:type"], ["is_deleted:type"], ["id:type"],
    ]  # fmt: skip
    assert len(loads.current()) == 2


@pytest.mark.parametrize(
    ("flag", "values", "marks", "others"),
    [
        (column("flag"), ("Y", "D"), ("Y", "D "), ("N", "y", "", None)),
        (column("flag", "date"), (), ("2024-01-31",), (None,)),
        (column("flag"), (), ("anything",), ("", " ", None)),
        (column("flag", "integer"), ("1",), ("1", "01"), ("0", "2", None)),
        (column("flag", "boolean"), ("ya",), ("t", "Ya", "1"), ("f", "0", None)),
        (column("flag", "boolean"), (), ("t", "yes"), ("f", None)),
    ],
)
def test_what_is_a_mark(
    warehouse_url: str,
    flag: Column,
    values: tuple[str, ...],
    marks: tuple[str, ...],
    others: tuple[str | None, ...],
) -> None:
    sync = Sync(deleted=Deleted("flag", values), max_delete_pct=100)
    loads = Loads(Warehouse(warehouse_url), contract(KEY, flag, sync=sync))
    rows = [(str(n), text) for n, text in enumerate((*marks, *others))]
    assert counts(loads.sync(*rows)) == {"added": len(others), "filtered": len(marks)}


def test_removals_by_mark_are_guarded_but_never_held(warehouse_url: str) -> None:
    loads = incremental(warehouse_url, sync=Sync(
        "incremental", ("serial",), deleted=Deleted("is_deleted"), max_delete_pct=50, max_refused_pct=100
    ))  # fmt: skip
    loads.sync(("1", "a", "f", "1"), ("2", "b", "f", "1"))
    with pytest.raises(LoadRefused, match="no longer has 2 of 2 rows"):
        loads.sync(("1", "a", "t", "2"), ("2", "b", "t", "2"))
    unreadable = loads.sync(("1", "a", "t", "2"), ("two", "b", "f", "2"))
    assert (counts(unreadable), unreadable.removals_held_count) == (
        {"removed": 1, "filtered": 1, "quarantined": 1}, 0,
    )  # fmt: skip


def test_a_marked_row_is_no_parent(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    boss = (Reference(("boss",), "test.rows", ("id",)),)
    described = contract(KEY, column("boss", "integer"), FLAG, sync=SNAPSHOT, references=boss)
    staff = Loads(warehouse, described)
    staff.sync(("1", None, "f"), ("2", "1", "f"))
    assert counts(staff.sync(("1", None, "t"), ("2", "1", "f"))) == {
        "removed": 1, "filtered": 1, "quarantined": 1,
    }  # fmt: skip
    assert staff.entries() == [("2", ["boss:reference"])]


def test_a_mark_ends_the_entry_of_its_key(warehouse_url: str) -> None:
    loads = incremental(warehouse_url, sync=Sync(
        "incremental", ("serial",), deleted=Deleted("is_deleted"), max_delete_pct=100, max_refused_pct=100
    ))  # fmt: skip
    loads.sync(("1", None, "f", "1"), ("2", None, "f", "1"))
    loads.sync(("1", None, "t", "2"))
    assert (loads.entries(), loads.entries("gone")) == (
        [("2", ["name:required"])], [("1", ["name:required"])],
    )  # fmt: skip


def test_the_gate_judges_the_dataset_without_what_is_marked(warehouse_url: str) -> None:
    quality = (Quality("rows", "rowCount", "critical", {"mustBe": 1}),)
    loads = incremental(warehouse_url).changed(quality=quality)
    loads.sync(("1", "a", "f", "1"), ("2", "b", "f", "1"))
    load_id = loads.land(("2", "b", "t", "2"))
    loads.validate(load_id)
    staging = ("staging", f"{loads.contract.table}__l{load_id}")
    rules = gate.rules_for_load(loads.contract, loads.contract.file)
    found = {r.rule: r.outcome for r in gate.judge(loads.warehouse.url, staging, loads.contract, rules)}
    assert found["rows"] == "passed"


def test_lost_marks_are_noticed(warehouse_url: str) -> None:
    loads = incremental(warehouse_url)
    loads.sync(("1", "a", "f", "1"))
    load_id = loads.land(("1", "a", "t", "2"))
    loads.validate(load_id)
    loads.run(f"TRUNCATE staging.deleted__l{load_id}")
    with pytest.raises(Exception, match="landing lost"):
        loads.apply(load_id)
