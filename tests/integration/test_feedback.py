"""What a load means to the owner: which defects stand, and how each rule moved since the load before."""

from pathlib import Path

import pytest

from lumbung import feedback, pipeline
from lumbung.errors import ExportError
from lumbung.feedback import Trend
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from tests.loads_project import Loads, catalogue, column, contract

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


def test_only_applied_loads_have_lists(loads: Loads) -> None:
    with pytest.raises(ExportError, match="no load was applied yet"):
        feedback.feedback(loads.warehouse.engine, PEOPLE)
    loads.land(("1", "abc"))
    with pytest.raises(ExportError, match="load 1 is no applied load"):
        feedback.feedback(loads.warehouse.engine, PEOPLE, 1)
