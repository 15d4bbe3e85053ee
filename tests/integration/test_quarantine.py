"""Refused rows: kept as they came, closed when a good row comes, replayed under today's contract."""

from dataclasses import replace
from pathlib import Path

import pytest

from lumbung import pipeline
from lumbung.errors import ReplayTooEarly, WaiverRefused
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Contract, Read, Sync
from tests.loads_project import Loads, catalogue, column, contract, counts

KEY = column("id", "integer", key=1)
AGE = column("age", "integer", options={"maximum": 120})
PEOPLE = contract(KEY, AGE)


@pytest.fixture
def loads(warehouse_url: str) -> Loads:
    return Loads(Warehouse(warehouse_url), PEOPLE)


def hub(loads: Loads, described: Contract = PEOPLE) -> Hub:
    return Hub(Settings(Path("unused"), Path("unused")), loads.warehouse, catalogue(described))


def test_an_entry_keeps_the_row_as_it_came_and_every_reason(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("x", "130"))
    entries = loads.query("SELECT has_key, rows, reasons, row_numbers FROM quarantine.entry ORDER BY has_key")
    assert entries == [
        (False, [{"id": "x", "age": "130"}], ["age:maximum", "id:type"], [2]),
        (True, [{"id": "1", "age": "abc"}], ["age:type"], [1]),
    ]


def test_an_entry_lives_until_something_else_is_known_of_its_key(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "abc"), ("3", "abc"))
    opened = loads.query("SELECT entry_id, opened_at FROM quarantine.entry ORDER BY row_key")
    loads.sync(("1", "abc"), ("2", "abc"), ("3", "abc"))
    assert loads.query("SELECT entry_id, opened_at FROM quarantine.entry ORDER BY row_key") == opened
    loads.sync(("1", "40"), ("2", "xyz"))
    assert loads.entries() == [("2", ["age:type"])]
    states = loads.query("SELECT row_key, state, closed_by_load_id FROM quarantine.entry ORDER BY 1, 2")
    assert states == [("1", "corrected", 3), ("2", "open", None), ("2", "replaced", 3), ("3", "gone", 3)]


def test_replay_takes_what_todays_contract_allows(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "130"), ("3", "30"))
    patient = replace(PEOPLE, columns=(KEY, replace(AGE, options={"maximum": 150})))
    replayed = pipeline.replay(hub(loads, patient), PEOPLE.id)
    assert replayed is not None
    assert counts(replayed) == {"added": 1, "quarantined": 1}
    assert loads.current() == [(2, 130), (3, 30)]
    assert loads.entries() == [("1", ["age:type"])]
    assert loads.entries("replayed") == [("2", ["age:maximum"])]
    again = pipeline.replay(hub(loads, patient), PEOPLE.id)
    assert again is not None
    assert counts(again) == {"quarantined": 1}


def test_replay_never_overwrites_a_newer_version(loads: Loads) -> None:
    loads.sync(("1", "130"))
    # As after a restore of one table: the entry is still open though a good row came since.
    loads.sync(("1", "31"))
    loads.run("UPDATE quarantine.entry SET state = 'open', closed_at = NULL, closed_by_load_id = NULL")
    patient = replace(PEOPLE, columns=(KEY, replace(AGE, options={"maximum": 150})))
    assert pipeline.replay(hub(loads, patient), PEOPLE.id) is None
    assert loads.current() == [(1, 31)]
    assert loads.entries("superseded") == [("1", ["age:maximum"])]


def test_replay_without_entries_does_nothing(loads: Loads) -> None:
    assert pipeline.replay(hub(loads), PEOPLE.id) is None
    loads.sync(("1", "31"))
    assert pipeline.replay(hub(loads), PEOPLE.id) is None


def test_a_replay_is_superseded_by_a_sync_that_came_between(loads: Loads) -> None:
    from lumbung import quarantine

    loads.sync(("1", "130"))
    with loads.warehouse.connect() as session:
        replay = quarantine.land_entries(session, PEOPLE)
    assert replay is not None
    loads.sync(("1", "31"))
    loads.validate(replay.load_id)
    assert loads.apply(replay.load_id).state == "superseded"
    assert loads.current() == [(1, 31)]


def test_wide_rows_fit_too(warehouse_url: str) -> None:
    columns = [column(f"c{n}") for n in range(120)]
    wide = Loads(Warehouse(warehouse_url), contract(KEY, AGE, *columns))
    wide.sync(("1", "abc", *["x"] * 120))
    assert wide.query("SELECT rows -> 0 ->> 'c119', rows -> 0 ->> 'age' FROM quarantine.entry") == [
        ("x", "abc")
    ]
    assert pipeline.replay(hub(wide, wide.contract), wide.contract.id) is not None
    assert wide.entries() == [("1", ["age:type"])]


INCREMENTAL = Sync(mode="incremental", watermark=("serial",), max_delete_pct=100, max_refused_pct=100)
SERIAL = column("serial", "integer")
GROUPED = Read(group_mark=".", decimal_mark=",")


@pytest.fixture
def counters(warehouse_url: str) -> Loads:
    """Keys such as `1.000`, of which the contract does not know yet that the dot is no decimal mark."""
    described = contract(KEY, column("name", required=True), SERIAL, name="test.counters", sync=INCREMENTAL)
    return Loads(Warehouse(warehouse_url), described)


def test_an_entry_without_a_key_ends_when_a_replay_can_read_it(counters: Loads) -> None:
    counters.sync(("1.000", "a", "1"), ("2.000", None, "2"))
    grouped = counters.changed(read=GROUPED)
    replayed = pipeline.replay(hub(grouped, grouped.contract), grouped.contract.id)
    assert replayed is not None and counts(replayed) == {"added": 1, "quarantined": 1}
    assert grouped.entries() == [("2000", ["name:required"])]
    grouped.sync(("1000", "newer", "3"))
    pipeline.replay(hub(grouped, grouped.contract), grouped.contract.id)
    assert grouped.current() == [(1000, "newer", 3)]


def test_a_replay_that_can_read_a_key_overwrites_no_newer_version_of_it(counters: Loads) -> None:
    counters.sync(("1.000", "a", "1"))
    counters.sync(("1000", "newer", "2"))
    grouped = counters.changed(read=GROUPED)
    replayed = pipeline.replay(hub(grouped, grouped.contract), grouped.contract.id)
    assert replayed is not None and counts(replayed) == {"superseded": 1}
    assert grouped.current() == [(1000, "newer", 2)]
    assert (grouped.entries(), len(grouped.entries("superseded"))) == ([], 1)


def test_a_replay_waits_for_a_sync_after_a_change_of_columns(counters: Loads) -> None:
    counters.sync(("1", None, "1"))
    wide = counters.changed(columns=(*counters.contract.columns, column("more")))
    with pytest.raises(ReplayTooEarly, match="has other columns"):
        pipeline.replay(hub(wide, wide.contract), wide.contract.id)
    assert wide.sync(("1", "a", "1", "x")).since is None


def test_keys_that_only_a_bar_tells_apart_have_entries_of_their_own(warehouse_url: str) -> None:
    columns = (column("a", key=1), column("b", key=2), column("name", required=True), SERIAL)
    loads = Loads(Warehouse(warehouse_url), contract(*columns, name="test.bars", sync=INCREMENTAL))
    loads.sync(("x|y", "z", None, "1"))
    loads.sync(("x", "y|z", "good", "2"))
    assert loads.entries() == [("x%7Cy|z", ["name:required"])]


def waive(loads: Loads, *keys: str) -> None:
    ids = loads.query(f"SELECT entry_id FROM quarantine.entry WHERE row_key IN ({', '.join(keys)})")
    pipeline.waive(hub(loads), [entry_id for (entry_id,) in ids], "Rina (Disdukcapil)", "known, stays out")


def test_a_numeric_key_has_one_entry_however_many_zeros_it_is_written_with(warehouse_url: str) -> None:
    loads = Loads(Warehouse(warehouse_url), contract(column("id", "number", key=1), AGE))
    loads.sync(("1.0", "abc"))
    loads.sync(("1.00", "xyz"))
    assert loads.entries() == [("1", ["age:type"])]
    loads.sync(("1.000", "40"))
    assert loads.entries() == []


def test_a_waived_entry_is_not_opened_again_while_its_row_stays_as_it_is(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("x", "9"), ("3", "30"))
    waive(loads, "'1'", "(SELECT row_key FROM quarantine.entry WHERE NOT has_key)")
    again = loads.sync(("1", "abc"), ("x", "9"), ("3", "30"))
    assert counts(again) == {"confirmed": 1, "quarantined": 2}, "every row is still accounted for"
    assert (loads.entries(), len(loads.entries("waived"))) == ([], 2)
    assert pipeline.replay(hub(loads), PEOPLE.id) is None, "a waived row is not tried again"


def test_a_waiver_ends_when_something_else_is_known_of_its_key(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "abc"), ("3", "abc"), ("4", "abc"))
    waive(loads, "'1'", "'2'", "'3'", "'4'")
    loads.sync(("1", "xyz"), ("2", "20"), ("4", "abc"))
    states = loads.query("SELECT row_key, state, waived_by FROM quarantine.entry ORDER BY entry_id")
    assert states == [
        ("1", "replaced", "Rina (Disdukcapil)"),
        ("2", "corrected", "Rina (Disdukcapil)"),
        ("3", "gone", "Rina (Disdukcapil)"),
        ("4", "waived", "Rina (Disdukcapil)"),
        ("1", "open", None),
    ]


def test_a_replay_leaves_waived_entries_alone(loads: Loads) -> None:
    loads.sync(("1", "130"), ("2", "130"), ("x", "9"))
    waive(loads, "'1'", "(SELECT row_key FROM quarantine.entry WHERE NOT has_key)")
    patient = replace(PEOPLE, columns=(KEY, replace(AGE, options={"maximum": 150})))
    replayed = pipeline.replay(hub(loads, patient), PEOPLE.id)
    assert replayed is not None and counts(replayed) == {"added": 1}
    assert (loads.current(), len(loads.entries("waived"))) == ([(2, 130)], 2)


def test_waivers_are_all_or_none_and_can_be_taken_back(loads: Loads) -> None:
    loads.sync(("1", "abc"), ("2", "abc"))
    waive(loads, "'1'")
    (first,), (second,) = loads.query("SELECT entry_id FROM quarantine.entry ORDER BY row_key")
    with pytest.raises(WaiverRefused, match=f"{first} is waived, 999 is not there"):
        pipeline.waive(hub(loads), [first, second, 999], "Rina", "why")
    assert loads.entries() == [("2", ["age:type"])]
    pipeline.reopen(hub(loads), [first])
    assert loads.entries() == [("1", ["age:type"]), ("2", ["age:type"])]
    with pytest.raises(WaiverRefused, match=f"{second} is open"):
        pipeline.reopen(hub(loads), [second])


def test_an_entry_says_where_its_row_stands_in_the_newest_files(loads: Loads) -> None:
    loads.sync(("1", "abc"))
    loads.run("""UPDATE ops.load SET lineage = lineage || '{"files": [{"name": "may.csv"}]}'""")
    second = loads.land(("2", "20"), ("1", "abc"))
    loads.run(
        f"""UPDATE ops.load SET lineage = lineage || '{{"files": [{{"name": "june.csv"}}]}}'
        WHERE load_id = {second}"""
    )
    loads.validate(second)
    loads.apply(second)
    assert loads.query("SELECT load_id, seen_load_id, row_numbers FROM quarantine.entry") == [
        (1, second, [2])
    ]
