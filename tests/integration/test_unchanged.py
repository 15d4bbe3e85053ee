"""Rows that came as before are confirmed without a second look, and only where that changes nothing."""

from dataclasses import replace

import pytest

from expectations.rules import Rule
from lumbung import gate, landing, quarantine
from lumbung.warehouse import Warehouse
from schemas.contract import Contract, Quality, Reference
from tests.loads_project import Loads, Rows, column, contract, counts

KEY = column("id", "integer", key=1)
NAME = column("name", required=True)
ROWS = (("1", "a"), ("2", "b"), ("3", "c"), ("4", "d"))


@pytest.fixture
def loads(warehouse_url: str) -> Loads:
    return Loads(Warehouse(warehouse_url), contract(KEY, NAME))


def typed(loads: Loads, load_id: int) -> list[tuple[str | None, ...]]:
    """The rows that were typed in the load's validation."""
    return loads.query(f"SELECT id, name FROM staging.{loads.contract.table}__l{load_id} ORDER BY row_number")


def test_only_novel_rows_are_typed(loads: Loads) -> None:
    first = loads.sync(*ROWS)
    assert first.unchanged_count is None
    load_id = loads.land(("1", "a"), ("2", "B"), ("4", "d"), ("5", "e"), ("6", None))
    validated = loads.validate(load_id)
    assert (validated.unchanged_count, validated.staged_count, validated.quarantined_count) == (2, 4, 1)
    assert typed(loads, load_id) == [(2, "B"), (5, "e"), (6, None)]
    applied = loads.apply(load_id)
    assert counts(applied) == {"added": 1, "changed": 1, "removed": 1, "confirmed": 2, "quarantined": 1}
    assert loads.current() == [(1, "a"), (2, "B"), (4, "d"), (5, "e")]


def test_another_contract_looks_at_every_row_again(loads: Loads) -> None:
    loads.sync(*ROWS)
    shorter = loads.changed(columns=(KEY, column("name", required=True, options={"pattern": "^[abc]$"})))
    again = shorter.sync(*ROWS)
    assert (again.unchanged_count, counts(again)) == (None, {"confirmed": 3, "quarantined": 1})


def test_a_contract_that_only_says_more_leaves_every_row_as_it_was(loads: Loads) -> None:
    loads.sync(*ROWS)
    told = replace(NAME, description="As on the card.", tags=("new",), classification="personal")
    guarded = replace(loads.contract.sync, max_delete_pct=50)
    said = loads.changed(
        columns=(KEY, told), title="Rows", quality=(Quality("rows", "rowCount", "critical", {"mustBe": 4}),),
        latency_hours=26.0, sync=guarded,
    )  # fmt: skip
    again = said.sync(*ROWS)
    assert (again.unchanged_count, counts(again)) == (4, {"confirmed": 4})
    strict = said.changed(columns=(KEY, replace(told, unique=True)))
    assert strict.sync(*ROWS).unchanged_count is None


def test_a_row_that_comes_twice_is_refused_though_both_are_as_before(loads: Loads) -> None:
    loads.sync(*ROWS)
    twice = loads.sync(*ROWS, ("4", "d"))
    assert (twice.unchanged_count, counts(twice)) == (None, {"confirmed": 3, "quarantined": 2})
    assert loads.entries() == [("4", [":duplicate_key"])]


def test_a_second_row_of_an_unchanged_key_refuses_both(loads: Loads) -> None:
    loads.sync(*ROWS)
    clash = loads.sync(*ROWS, ("4", "D"))
    assert (clash.unchanged_count, counts(clash)) == (None, {"confirmed": 3, "quarantined": 2})


def test_a_value_that_must_be_unique_is_held_against_unchanged_rows(warehouse_url: str) -> None:
    loads = Loads(Warehouse(warehouse_url), contract(KEY, column("name", unique=True)))
    loads.sync(*ROWS)
    clash = loads.sync(*ROWS, ("5", "d"))
    assert (clash.unchanged_count, counts(clash)) == (None, {"confirmed": 3, "quarantined": 2})


def test_a_parent_that_went_takes_its_unchanged_children_along(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    parents = Loads(warehouse, contract(KEY, name="test.parents"))
    reference = (Reference(("parent",), "test.parents", ("id",)),)
    children = Loads(warehouse, contract(KEY, column("parent", "integer"), references=reference))
    parents.sync(("10",), ("11",))
    children.sync(("1", "10"), ("2", "11"))
    parents.sync(("10",))
    orphaned = children.sync(("1", "10"), ("2", "11"))
    assert (orphaned.unchanged_count, counts(orphaned)) == (None, {"confirmed": 1, "quarantined": 1})


def test_the_source_that_goes_back_to_the_version_before_closes_the_entry(loads: Loads) -> None:
    loads.sync(*ROWS)
    loads.sync(*ROWS[:3], ("4", None))
    assert loads.entries() == [("4", ["name:required"])]
    back = loads.sync(*ROWS)
    assert (back.unchanged_count, counts(back)) == (4, {"confirmed": 4})
    assert (loads.entries(), loads.entries("corrected")) == ([], [("4", ["name:required"])])


def test_other_words_for_the_same_value_are_learnt(loads: Loads) -> None:
    loads.sync(*ROWS)
    padded = loads.sync((" 1", "a"), *ROWS[1:])
    assert (padded.unchanged_count, counts(padded)) == (3, {"confirmed": 4})
    again = loads.sync((" 1", "a"), *ROWS[1:])
    assert (again.unchanged_count, counts(again)) == (4, {"confirmed": 4})


def test_a_row_that_could_not_be_read_is_never_as_before(loads: Loads) -> None:
    plain = [(str(n), None, *row) for n, row in enumerate(ROWS)]
    loads.sync(*plain, numbered=True)
    faulty = loads.sync(*plain[:3], ("3", "a NUL byte in name", "4", "d"), numbered=True)
    assert counts(faulty) == {"confirmed": 3, "quarantined": 1}
    assert loads.entries() == [("4", [":malformed"])]


def test_the_gate_judges_unchanged_rows_too(loads: Loads) -> None:
    described: Contract = loads.changed(
        quality=(Quality("rows", "rowCount", "critical", {"mustBe": 4}),)
    ).contract
    counted = Loads(loads.warehouse, described)
    counted.sync(*ROWS)
    load_id = counted.land(("1", "a"), ("2", "B"), ("3", "c"), ("5", "e"))
    assert counted.validate(load_id).unchanged_count == 2
    rules: list[Rule] = gate.rules_for_load(described, described.file)
    staging = ("staging", f"{described.table}__l{load_id}")
    results = {r.rule: r.outcome for r in gate.judge(loads.warehouse.url, staging, described, rules)}
    assert results["rows"] == "passed"


def test_lost_keys_of_gone_versions_are_noticed(loads: Loads) -> None:
    loads.sync(*ROWS)
    load_id = loads.land(*ROWS[:3])
    loads.validate(load_id)
    loads.run(f"TRUNCATE staging.gone__l{load_id}")
    with pytest.raises(Exception, match="landing lost"):
        loads.apply(load_id)


def test_what_stayed_for_a_refused_row_was_never_judged_by_the_new_contract(loads: Loads) -> None:
    loads.sync(*ROWS)
    shorter = loads.changed(columns=(KEY, column("name", required=True, options={"pattern": "^[abc]$"})))
    for _ in range(3):
        assert counts(shorter.sync(*ROWS)) == {"confirmed": 3, "quarantined": 1}
    assert shorter.entries() == [("4", ["name:pattern"])]


def test_a_replay_judges_nothing_but_its_own_rows(loads: Loads) -> None:
    loads.sync(*ROWS, ("5", None))
    shorter = loads.changed(columns=(KEY, column("name", required=True, options={"pattern": "^[abc]$"})))
    with loads.warehouse.connect() as session:
        load = quarantine.land_entries(session, shorter.contract)
    assert load is not None
    shorter.validate(load.load_id)
    shorter.apply(load.load_id)
    assert counts(shorter.sync(*ROWS)) == {"confirmed": 3, "quarantined": 1}


def test_a_value_taken_while_its_owner_was_refused_refuses_both_when_it_is_back(warehouse_url: str) -> None:
    described = contract(KEY, column("name", unique=True), column("age", "integer"))
    loads = Loads(Warehouse(warehouse_url), described)
    loads.sync(("1", "a", "1"), ("2", "b", "1"))
    # Version (1, a) stays, for its row is refused; meanwhile another row takes the name.
    loads.sync(("1", "z", "x"), ("2", "b", "1"), ("3", "a", "1"))
    both = loads.sync(("1", "a", "1"), ("2", "b", "1"), ("3", "a", "1"))
    assert (both.unchanged_count, counts(both)) == (None, {"confirmed": 1, "quarantined": 2})


def test_the_keys_that_an_earlier_try_found_gone_do_not_outlive_it(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    parents = Loads(warehouse, contract(KEY, name="test.parents"))
    reference = (Reference(("parent",), "test.parents", ("id",)),)
    children = Loads(warehouse, contract(KEY, column("parent", "integer"), references=reference))
    rows = (("1", "10"), ("2", "11"))
    parents.sync(("10",), ("11",))
    children.sync(*rows)
    load_id = children.land(*rows)
    assert children.validate(load_id).unchanged_count == 2
    parents.sync(("10",))
    landing.land_again(warehouse, children.contract, Rows(rows), load_id)
    assert children.validate(load_id).unchanged_count is None
    assert children.query(f"SELECT to_regclass('staging.gone__l{load_id}')") == [(None,)]
