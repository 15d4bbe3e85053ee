"""The gate on a real PostgreSQL: each kind of rule can fail, nothing is left out, nothing leaks."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import great_expectations.expectations as gxe
import psycopg
import pytest

from expectations.rules import Rule
from lumbung import gate
from lumbung.batch import BATCH, open_batch
from lumbung.checks import CheckResult, record, volume_history
from lumbung.data_docs import write_docs
from lumbung.errors import GateError
from schemas.contract import Column, Contract, Quality, Reference, Sync

NOWHERE = Path("nowhere")
STAGED = ("staging", "siak__people__l1")
NIK = "6171014107900001"

PEOPLE = Contract(
    id="siak.people",
    kind="source",
    version="1.0.0",
    status="active",
    title="People",
    description="Everybody.",
    owner="disdukcapil",
    tags=(),
    file=Path("people.odcs.yaml"),
    physical_name="people",
    columns=(
        Column("nik", "NIK", "string", "text", key_position=1, classification="personal"),
        Column("card", "CARD", "string", "text", classification="personal"),
        Column("passport", "PASSPORT", "string", "text", unique=True, classification="personal"),
        Column("sex", "SEX", "string", "text", enum=("1", "2")),
        Column("income", "INCOME", "number", "numeric(18,2)", classification="personal"),
    ),
    references=(
        Reference(("card",), "siak.cards", ("number",)),
        Reference(("nik",), "bpjs.members", ("nik",)),
    ),
    quality=(
        Quality("enough", "rowCount", "critical", {"mustBeBetween": [3, 1000]}),
        Quality("sexes", "invalidValues", "warning", {"mustBe": 0}, "sex"),
        Quality("incomes known", "nullValues", "warning", {"mustBeLessThan": 2}, "income"),
        Quality("sexes given", "missingValues", "critical", {"mustBe": 0}, "sex"),
        Quality("cards differ", "duplicateValues", "warning", {"mustBeLessOrEqualTo": 1}, "card"),
        Quality(
            "total income",
            "sql",
            "critical",
            {"mustBeGreaterThan": 100},
            query="SELECT sum(income) FROM ${object} WHERE nik ~ '^[0-9]{16}$' AND sex <> ':x';",
        ),
    ),
)


@pytest.fixture
def db(warehouse_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE staging.siak__people__l1 (nik text, card text, passport text, sex text, "
            "income numeric(18,2), row_number bigint, reasons text[], source_hash bigint);"
            "CREATE TABLE current.siak__cards (number text);"
            "CREATE TABLE current.bpjs__members (nik text);"
            "INSERT INTO staging.siak__people__l1 SELECT (6171014107900000 + i)::text, 'K' || i, 'P' || i, "
            "(i % 2 + 1)::text, 100 * i, i, '{}' FROM generate_series(1, 20) i;"
            "INSERT INTO staging.siak__people__l1 (nik, row_number, reasons) VALUES ('x', 21, '{nik:type}');"
            "INSERT INTO current.siak__cards SELECT card FROM staging.siak__people__l1;"
            "INSERT INTO current.bpjs__members SELECT nik FROM staging.siak__people__l1;"
        )
        yield connection


def judge(url: str, contract: Contract = PEOPLE, **more: Any) -> dict[str, CheckResult]:
    rules = gate.rules_for_load(contract, NOWHERE, **more)
    results = gate.judge(url, STAGED, contract, rules)
    found = {result.rule: result for result in results}
    assert [rule.name for rule in rules if rule.name in found] == [result.rule for result in results]
    return found


def failures(results: dict[str, CheckResult]) -> dict[str, str]:
    return {name: r.outcome for name, r in results.items() if r.outcome != "passed"}


def test_a_good_load_passes_and_refused_rows_are_not_judged(
    db: psycopg.Connection[Any], warehouse_url: str
) -> None:
    assert failures(judge(warehouse_url, history=gate.VolumeHistory((19, 20, 22)))) == {}


@pytest.mark.parametrize(
    ("breach", "rule", "blocks"),
    [
        (
            "ALTER TABLE {} RENAME reasons TO r; ALTER TABLE {} ADD reasons text[] DEFAULT '{{x}}'",
            "not empty",
            True,
        ),
        ("ALTER TABLE {} DROP passport", "columns", True),
        ("ALTER TABLE {} ALTER income TYPE text", "column types", True),
        ("UPDATE {} SET passport = 'P1' WHERE row_number = 2", "unique passport", True),
        ("UPDATE {} SET card = 'K99' WHERE row_number = 7", "card in siak.cards", True),
        ("DELETE FROM current.bpjs__members WHERE nik = '{nik}'", "nik in bpjs.members", False),
        ("DELETE FROM {} WHERE row_number > 9", "volume against history", False),
        ("DELETE FROM {} WHERE row_number > 2", "enough", True),
        ("UPDATE {} SET sex = '3' WHERE row_number = 7", "sexes", False),
        ("UPDATE {} SET income = NULL WHERE row_number IN (7, 8)", "incomes known", False),
        ("UPDATE {} SET sex = ' ' WHERE row_number = 7", "sexes given", True),
        ("UPDATE {} SET card = 'K1' WHERE row_number < 4", "cards differ", False),
        ("UPDATE {} SET income = 0", "total income", True),
    ],
)
def test_each_kind_of_rule_can_fail(
    db: psycopg.Connection[Any], warehouse_url: str, breach: str, rule: str, blocks: bool
) -> None:
    table = "staging.siak__people__l1"
    db.execute(breach.replace("{nik}", NIK).replace("{}", table).replace("{{x}}", "{x}"))
    result = judge(warehouse_url, history=gate.VolumeHistory((20,)))[rule]
    assert (result.outcome, result.blocks, result.flags) == ("failed", blocks, not blocks)
    assert result.message.startswith(f"siak.people: {result.severity} rule '{rule}' failed: expected ")
    assert "found" in result.message and result.observed


def test_offending_rows_are_named_by_number(db: psycopg.Connection[Any], warehouse_url: str) -> None:
    db.execute("UPDATE staging.siak__people__l1 SET card = 'K99' WHERE row_number IN (7, 3)")
    result = judge(warehouse_url)["card in siak.cards"]
    assert result.observed == {"violations": 2, "row_numbers": [3, 7]}


def test_a_missing_column_fails_by_name(db: psycopg.Connection[Any], warehouse_url: str) -> None:
    published = replace(PEOPLE, kind="published", id="published.people", references=(), quality=())
    db.execute(
        "CREATE TABLE release.people AS SELECT nik, passport, card, sex, income::text "
        "FROM staging.siak__people__l1"
    )
    found = gate.judge(
        warehouse_url, ("release", "people"), published, gate.rules_for_table(published, NOWHERE)
    )
    outcome = {result.rule: result for result in found}
    assert failures(outcome) == {"columns": "failed", "column types": "failed"}
    assert outcome["columns"].observed["observed_value"] == ["nik", "passport", "card", "sex", "income"]
    assert outcome["column types"].observed == {"violations": 1, "columns": ["income"]}


def test_published_values_and_freshness(db: psycopg.Connection[Any], warehouse_url: str) -> None:
    columns = (Column("region", "region", "string", "text", required=True, enum=("A",), key_position=1),)
    table = replace(
        PEOPLE,
        kind="published",
        id="published.t",
        columns=columns,
        references=(),
        quality=(),
        latency_hours=1.0,
    )
    db.execute("CREATE TABLE release.t AS SELECT 'B'::text AS region")
    pins = {}
    for dataset in ("siak.people", "reference.region"):
        load = db.execute(
            "INSERT INTO ops.load (dataset, mode, state, contract_version, contract_fingerprint, finished_at)"
            "VALUES (%s, 'snapshot', 'failed', '1', 'x', now() - interval '2 hours') RETURNING load_id",
            (dataset,),
        ).fetchone()
        assert load is not None
        pins[dataset] = load[0]
    region = replace(PEOPLE, id="reference.region", latency_hours=768.0)
    rules = gate.rules_for_table(table, NOWHERE, pins, [PEOPLE, region])
    found = {r.rule: r for r in gate.judge(warehouse_url, ("release", "t"), table, rules)}
    assert failures(found) == {"region valid": "failed", "freshness": "failed"}
    assert found["freshness"].observed == {"violations": 1, "datasets": ["siak.people"]}


def test_an_error_is_not_a_failure_but_blocks(db: psycopg.Connection[Any], warehouse_url: str) -> None:
    quality = (Quality("odd", "sql", "critical", {"mustBe": 1}, query="SELECT count(nosuch) FROM ${table}"),)
    found = judge(warehouse_url, replace(PEOPLE, quality=quality))
    assert failures(found) == {"odd": "errored"}
    assert found["odd"].blocks and 'column "nosuch" does not exist' in found["odd"].message


def test_what_never_came_home_blocks_a_critical_rule_and_leaves_out_a_warning(
    db: psycopg.Connection[Any], warehouse_url: str, tmp_path: Path
) -> None:
    db.execute("DROP TABLE current.siak__cards; DROP TABLE current.bpjs__members")
    rules = gate.rules_for_load(PEOPLE, NOWHERE)
    results = gate.judge(warehouse_url, STAGED, PEOPLE, rules)
    found = {result.rule: result for result in results}
    assert {rule.name for rule in rules} - found.keys() == {"nik in bpjs.members"}
    assert failures(found) == {"card in siak.cards": "errored"}
    assert found["card in siak.cards"].blocks
    assert "current.siak__cards is not there yet" in found["card in siak.cards"].message
    assert "<td>not judged yet" in write_docs(tmp_path, PEOPLE, rules, results, "load 1").read_text()


def test_no_personal_value_gets_out(
    db: psycopg.Connection[Any],
    warehouse_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    leaks = (
        Quality("cast", "sql", "critical", {"mustBe": 1}, query="SELECT sum(nik::int) FROM ${table}"),
        Quality("text", "sql", "critical", {"mustBe": "x"}, query="SELECT min(nik) FROM ${table}"),
        Quality("number", "sql", "critical", {"mustBe": 1}, query="SELECT min(nik::bigint) FROM ${table}"),
    )
    contract = replace(PEOPLE, quality=leaks)
    rules = gate.rules_for_load(contract, NOWHERE)
    typed = gxe.ExpectColumnValuesToMatchRegex(column="nik", regex="^z")
    among = gxe.ExpectColumnDistinctValuesToBeInSet(column="nik", value_set=["z"])
    highest = gxe.ExpectColumnMaxToBeBetween(column="income", max_value=5)
    rules += [Rule("pattern", "critical", "z", typed), Rule("distinct", "critical", "z", among)]
    rules += [Rule("highest", "critical", "z", highest)]
    db.execute("UPDATE staging.siak__people__l1 SET nik = %s, passport = %s WHERE row_number < 4", [NIK, NIK])
    results = gate.judge(warehouse_url, STAGED, contract, rules)
    assert {r.rule for r in results if r.outcome != "passed"} >= {
        "unique passport", "cast", "text", "number", "pattern", "distinct", "highest",
    }  # fmt: skip
    assert results[-1].observed == {}
    write_docs(tmp_path, contract, rules, results, "load 1")
    with psycopg.connect(warehouse_url) as connection:
        record(connection, results, contract.id)
        stored = connection.execute("SELECT string_agg(c::text, ' ') FROM ops.check_result c").fetchone()
    printed = capfd.readouterr()
    files = [file.read_text() for file in tmp_path.rglob("*") if file.is_file()]
    told = [repr(results), caplog.text, printed.out, printed.err, str(stored), *files]
    assert len(files) >= 3
    assert not [text for text in told if "617101" in text]


def test_incremental_loads_are_judged_with_what_they_leave(
    db: psycopg.Connection[Any], warehouse_url: str
) -> None:
    contract = replace(
        PEOPLE, sync=Sync(mode="incremental"), quality=(Quality("n", "rowCount", "critical", {"mustBe": 25}),)
    )
    db.execute(
        "CREATE TABLE current.siak__people AS SELECT nik, card, passport, sex, income "
        "FROM staging.siak__people__l1 WHERE row_number <= 15;"
        "INSERT INTO current.siak__people "
        "SELECT 'N' || i, 'K1', 'Q' || i, '1', 1 FROM generate_series(1, 5) i"
    )
    assert judge(warehouse_url, contract)["n"].outcome == "passed"
    db.execute("UPDATE current.siak__people SET passport = 'P20' WHERE nik = 'N1'")
    assert judge(warehouse_url, contract)["unique passport"].outcome == "failed"


def test_a_suite_of_another_length_is_refused(
    db: psycopg.Connection[Any], warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(gate.Validator):
        def graph_validate(self, *args: Any, **kwargs: Any) -> Any:
            return super().graph_validate(*args, **kwargs)[1:]

    monkeypatch.setattr(gate, "Validator", Forgetful)
    with pytest.raises(GateError, match="of 12 rules"):
        judge(warehouse_url)
    rules = gate.rules_for_load(PEOPLE, NOWHERE)
    with pytest.raises(GateError, match="share a name"):
        gate.judge(warehouse_url, STAGED, PEOPLE, [*rules, rules[0]])


def test_what_cannot_be_read_is_one_line(db: psycopg.Connection[Any], warehouse_url: str) -> None:
    with pytest.raises(GateError, match=r"^staging\.gone: can't be judged \(UndefinedTable\)$"):
        gate.judge(warehouse_url, ("staging", "gone"), PEOPLE, gate.rules_for_load(PEOPLE, NOWHERE))
    with pytest.raises(GateError, match="can't be reached"):
        gate.judge("postgresql://nobody:secret@127.0.0.1:1/x", STAGED, PEOPLE, [])


def test_a_session_left_behind_does_not_hold_the_table(
    db: psycopg.Connection[Any], warehouse_url: str
) -> None:
    with open_batch(warehouse_url, STAGED, PEOPLE) as batch:
        batch.connection.execute(f"SELECT * FROM {BATCH}").fetchall()
        db.execute("SET lock_timeout = '2s'; DROP TABLE staging.siak__people__l1")


def test_results_are_kept_once_per_load(db: psycopg.Connection[Any]) -> None:
    load = db.execute(
        "INSERT INTO ops.load (dataset, mode, state, contract_version, contract_fingerprint, read_count, "
        "staged_count, quarantined_count, filtered_count, superseded_count, added_count, changed_count, "
        "removed_count, confirmed_count, before_count, after_count) VALUES ('siak.people', 'snapshot', "
        "'applied', '1', 'x', 7, 7, 0, 0, 0, 7, 0, 0, 0, 0, 7) RETURNING load_id"
    ).fetchone()
    assert load is not None
    found = [
        CheckResult("a", "critical", "passed"),
        CheckResult("b", "warning", "failed", {"value": 1}, "b failed"),
    ]
    for _ in range(2):
        record(db, found, "siak.people", load_id=load[0])
    stored = db.execute("SELECT rule, outcome, observed, message FROM ops.check_result ORDER BY 1").fetchall()
    assert stored == [("a", "passed", {}, ""), ("b", "failed", {"value": 1}, "b failed")]
    assert volume_history(db, "siak.people") == gate.VolumeHistory((7,))
    assert volume_history(db, "siak.cards") is None
