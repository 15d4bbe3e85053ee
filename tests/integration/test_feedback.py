"""What a load means to the owner: which defects stand, and how each rule moved since the load before."""

from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from lumbung import exports, feedback, ledger, pipeline
from lumbung.errors import ExportError
from lumbung.feedback import Trend
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from tests.loads_project import Loads, Row, catalogue, column, contract

KEY = column("id", "integer", key=1)
AGE = column("age", "integer", options={"maximum": 120})
PEOPLE = contract(KEY, AGE)


@pytest.fixture
def loads(warehouse_url: str) -> Loads:
    return Loads(Warehouse(warehouse_url), PEOPLE)


def moves(loads: Loads, load_id: int | None = None) -> dict[str, tuple[int, int, int, int]]:
    """By rule: rows now, new, still wrong, and done with."""
    found = feedback.feedback(loads.warehouse.engine, PEOPLE, load_id)
    return {t.code: (t.row_count, t.new_count, t.still_count, t.mended_count) for t in found.trends}


def listed(loads: Loads, load_id: int | None = None) -> list[tuple[str, int | None]]:
    found = feedback.feedback(loads.warehouse.engine, PEOPLE, load_id)
    lines = feedback.lines(loads.warehouse.engine, found)
    return [(line.code, line.row_number) for line in lines]


def three_days(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "abc"), ("3", "130"), ("4", "30"))
    loads.sync(("1", "abc"), ("2", "130"), ("3", "30"), ("4", "xyz"), ("5", "130"))
    loads.sync(("1", "30"), ("2", "30"), ("3", "30"), ("4", "30"), ("5", "30"))


def test_each_rule_tells_what_is_new_still_wrong_and_done(loads: Loads) -> None:
    three_days(loads)
    assert moves(loads, 1) == {"age:type": (2, 2, 0, 0), "age:maximum": (1, 1, 0, 0)}
    # 2 was unreadable and is too old now: done with by one rule, new for the other.
    assert moves(loads, 2) == {"age:type": (2, 1, 1, 1), "age:maximum": (2, 2, 0, 1)}
    assert moves(loads, 3) == moves(loads) == {"age:type": (0, 0, 0, 2), "age:maximum": (0, 0, 0, 2)}
    totals = [feedback.feedback(loads.warehouse.engine, PEOPLE, load_id) for load_id in (1, 2, 3)]
    assert [(found.before_count, found.row_count) for found in totals] == [(0, 3), (3, 4), (4, 0)]
    assert [found.before and found.before["load_id"] for found in totals] == [None, 1, 2]


def test_a_list_of_a_load_in_the_past_is_what_it_was(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "130"), ("3", "abc"))
    before = listed(loads, 1)
    assert before == [("age:type", 1), ("age:type", 3), ("age:maximum", 2)], "by rule, then by row"
    loads.sync(("1", "30"), ("2", "30"), ("3", "abc"))
    assert listed(loads, 1) == before
    assert listed(loads) == [("age:type", 3)]


def test_a_load_that_changes_nothing_has_no_news(loads: Loads) -> None:
    loads.sync(("1", "abc"))
    assert feedback.feedback(loads.warehouse.engine, PEOPLE).has_changed
    loads.sync(("1", "abc"))
    found = feedback.feedback(loads.warehouse.engine, PEOPLE)
    assert (found.has_changed, found.is_renumbered) == (False, False)
    assert found.trends == (Trend("age:type", 1, 0, 0),)


def test_waived_rows_are_on_no_list_from_then_on(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "abc"))
    loads.sync(("1", "abc"), ("2", "abc"))
    hub = Hub(Settings(Path("unused"), Path("unused")), loads.warehouse, catalogue(PEOPLE))
    pipeline.waive(hub, [1], "Rina", "stays out")
    assert [len(listed(loads, load_id)) for load_id in (1, 2, None)] == [2, 1, 1]
    found = feedback.feedback(loads.warehouse.engine, PEOPLE)
    assert (found.row_count, found.waived_count, found.has_changed) == (1, 1, True)
    loads.sync(("1", "abc"), ("2", "abc"))
    assert moves(loads) == {"age:type": (1, 0, 1, 1)}, "the list of load 2 still had it"
    assert [len(listed(loads, load_id)) for load_id in (1, 2, 3)] == [2, 2, 1]


def test_copies_of_a_key_are_rows_each(loads: Loads) -> None:
    loads.sync(("1", "30"), ("1", "31"), ("1", "32"))
    loads.sync(("1", "30"), ("1", "31"))
    assert moves(loads) == {":duplicate_key": (2, 0, 2, 1)}
    assert listed(loads) == [(":duplicate_key", 1), (":duplicate_key", 2)]


def test_rows_of_files_say_which_file(loads: Loads) -> None:
    loads.sync(("1", "abc"))
    names = '{"files": [{"name": "may.csv"}, {"name": "june.csv"}]}'
    loads.run(f"UPDATE ops.load SET lineage = lineage || '{names}'")
    loads.run("UPDATE quarantine.entry SET row_numbers = '{1000000007}'")
    found = feedback.feedback(loads.warehouse.engine, PEOPLE)
    (line,) = feedback.lines(loads.warehouse.engine, found)
    assert (line.file, line.row_number) == ("june.csv", 7)


def test_a_list_tells_when_rows_stand_elsewhere_in_the_files(loads: Loads) -> None:
    loads.sync(("1", "abc"))
    second = loads.land(("2", "20"), ("1", "abc"))
    loads.run(
        f"""UPDATE ops.load SET lineage = lineage || '{{"files": [{{"name": "june.csv"}}]}}'
        WHERE load_id = {second}"""
    )
    loads.validate(second)
    loads.apply(second)
    found = feedback.feedback(loads.warehouse.engine, PEOPLE)
    assert (found.has_changed, found.is_renumbered) == (False, True)
    (line,) = feedback.lines(loads.warehouse.engine, found)
    assert (line.file, line.row_number) == ("june.csv", 2)


def refused(loads: Loads, *rows: Row, reason: str = "too many") -> int:
    """A load that was judged, and refused as a whole."""
    load_id = loads.land(*rows)
    loads.validate(load_id)
    with loads.warehouse.connect() as session:
        ledger.end(session, load_id, "refused", reason)
    return load_id


def test_the_list_of_a_refused_load_is_that_of_its_own_rows(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "30"), ("9", "130"))
    hub = Hub(Settings(Path("unused"), Path("unused")), loads.warehouse, catalogue(PEOPLE))
    pipeline.waive(hub, [2], "Rina", "stays out")
    load_id = refused(loads, ("2", "130"), ("3", "abc"), ("3", "30"), ("x", "1"), ("9", "130"))
    found = feedback.feedback(loads.warehouse.engine, PEOPLE, load_id)
    assert (found.is_refused, found.row_count, found.waived_count) == (True, 4, 1)
    assert found.before is not None and found.before["load_id"] == 1
    assert moves(loads, load_id) == {
        ":duplicate_key": (2, 2, 0, 0), "age:maximum": (1, 1, 0, 0), "age:type": (2, 2, 0, 0),
        "id:type": (1, 1, 0, 0),
    }  # fmt: skip
    assert sorted(listed(loads, load_id)) == [
        (":duplicate_key", 2), (":duplicate_key", 3), ("age:maximum", 1), ("age:type", 2), ("age:type", 3),
        ("id:type", 4),
    ]  # fmt: skip
    assert listed(loads) == [("age:type", 1)], "what is on record is what was applied"
    loads.apply(loads.validate(loads.land(("1", "abc"), ("9", "130"))).load_id)
    assert len(listed(loads, load_id)) == 6, "later loads leave it as it is"


@pytest.mark.parametrize(
    "lost",
    [
        "DROP TABLE landing.{0}",
        "DROP TABLE staging.{0}",
        "TRUNCATE landing.{0}",
        "ALTER TABLE staging.{0} DROP COLUMN id",
    ],
)
def test_what_is_left_of_a_refused_load_is_all_or_nothing(loads: Loads, lost: str) -> None:
    load_id = refused(loads, ("1", "abc"))
    loads.run(lost.format(f"{PEOPLE.table}__l{load_id}"))
    with pytest.raises(ExportError, match=r"load 1, which was refused, are no longer there.*7 days"):
        feedback.feedback(loads.warehouse.engine, PEOPLE, load_id)


def test_a_load_refused_before_its_rows_were_judged_has_no_list(loads: Loads) -> None:
    load_id = loads.land(("1", "abc"))
    with loads.warehouse.connect() as session:
        ledger.end(session, load_id, "refused", "the source is another")
    with pytest.raises(ExportError, match="before its rows were judged: the source is another"):
        feedback.feedback(loads.warehouse.engine, PEOPLE, load_id)


def test_a_refusal_by_the_gate_is_told_without_wrong_rows(loads: Loads, tmp_path: Path) -> None:
    load_id = refused(loads, ("1", "30"), reason="rows failed: expected 5; found 1")
    found = feedback.feedback(loads.warehouse.engine, PEOPLE, load_id)
    assert (found.row_count, found.trends, found.is_refused) == (0, (), True)
    listing = exports.Listing(found, "id", ZoneInfo("Asia/Pontianak"))
    exports.write(tmp_path / "x.xlsx", "xlsx", [], listing)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["Ringkasan"]
    said = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert said["Status"] == "Muatan ditolak: muatan tidak lolos pemeriksaan mutu"
    assert said["Catatan sistem"] == "rows failed: expected 5; found 1"
    assert said["Baris yang perlu diperbaiki"] == "0 (muatan ditolak, belum ada data lama)"


def test_loads_that_are_not_over_have_no_lists(loads: Loads) -> None:
    with pytest.raises(ExportError, match="no load was applied yet"):
        feedback.feedback(loads.warehouse.engine, PEOPLE)
    loads.land(("1", "abc"))
    with pytest.raises(ExportError, match="load 1 is no applied or refused load"):
        feedback.feedback(loads.warehouse.engine, PEOPLE, 1)
