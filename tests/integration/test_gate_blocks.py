"""Every critical rule of the project blocks: the load or release is refused, what was there before stays.

The rules are held against a real city, so a rule that is added without a breach here fails the test.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from expectations.rules import Rule
from lumbung import gate, pipeline
from lumbung.errors import LoadRefused, ReleaseRefused
from schemas.contract import Column, Contract, Sync
from tests.conftest import Servers
from tests.demo_city import DemoCity, a_demo_city
from tests.gate_breaches import FIRST, LICENSING, PLANNING

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = sorted(
    file.relative_to(ROOT / "schemas").as_posix() for file in (ROOT / "schemas").glob("*/*/*.odcs.yaml")
)
_COUNTS = ("birth_count", "death_count", "moved_in_count", "moved_out_count")
_ONE_PLACE = "region_code = (SELECT min(region_code) FROM t WHERE region_level_code = 'kelurahan')"
#: How a count is left alone as the only withheld one, by table and rule.
WITHHELD = {
    "households_by_kelurahan": {
        "small cells withheld": "UPDATE t SET is_suppressed = NOT is_suppressed",
        "none alone: sizes of a kelurahan": (
            "UPDATE t SET household_count = CASE WHEN household_size_code <> '1' THEN 9 END"
        ),
        "none alone: kelurahan of a size": (
            f"UPDATE t SET household_count = CASE WHEN NOT {_ONE_PLACE} THEN 9 END"
        ),
        "none alone: totals of kelurahan": (
            f"UPDATE t SET household_count = CASE WHEN NOT {_ONE_PLACE} THEN 9 END"
        ),
    },
    "population_change": {
        "small cells withheld": "UPDATE t SET is_suppressed = NOT is_suppressed",
        **{
            f"none alone: kelurahan, {name}": f"UPDATE t SET {name} = CASE WHEN NOT {_ONE_PLACE} THEN 9 END"
            for name in _COUNTS
        },
    },
}
#: What breaks the rules of the treasury's and the monitoring's tables: the column to set, and to what.
TREASURY = {
    "disbursement": {
        "payments are SIMDA's": "sp2d_amount = sp2d_amount + 1",
        "findings follow from the documents": "is_over_budget = NOT is_over_budget",
    },
    "cash_plan_vs_actual": {
        "the plan is SIPD's": "planned_amount = planned_amount + 1",
        "payments are SIMDA's": "paid_amount = paid_amount + 1",
        "the budget is SIPD's": "pagu_amount = pagu_amount + 1",
        "sums follow from the months": "cumulative_difference_amount = cumulative_difference_amount + 1",
    },
    "receipt": {
        "deposits are SIMDA's": "sts_amount = sts_amount + 1",
        "receipts are SIMDA's": "tbp_amount = tbp_amount + 1",
        "differences follow from the documents": "difference_amount = difference_amount + 1",
    },
    "realisation_reconciliation": {
        "the treasury's report is whole": "treasury_amount = treasury_amount + 1",
        "the accounting's report is whole": "accounting_amount = accounting_amount + 1",
        "documents are SIMDA's": "document_amount = document_amount + 1",
        "differences follow from the amounts": "difference_code = 'none'",
    },
    "progress": {"the alarm follows from the limits": "alarm_code = 'normal'"},
    "late_activity": {"only late ones": "late_since_month_number = 13"},
}
#: What breaks the rules of the tables of local taxes.
TAXES = {
    "arrears": {
        "bills are the registers'": "billed_amount = billed_amount + 1",
        "arrears are billed less paid": "outstanding_amount = outstanding_amount + 1",
        "ages add up": "overdue_1_to_2_years_amount = overdue_1_to_2_years_amount + 1",
        "no small group": "taxpayer_count = 4",
    },
    "tax_object": {
        "land is SISMIOP's": "land_area = land_area + 1",
        "states follow from the amounts": "payment_state_code = 'not_billed'",
    },
    "tax_finding": {
        "payments without a bill are complete": "paid_amount = paid_amount + 1",
        "differences follow": "difference_amount = difference_amount + 1",
    },
}
#: What breaks the rules that the project adds to the baseline, on the table `t`.
BREACHES = {
    ("siak.residents", "women per cent"): "UPDATE t SET sex_code = '1'",
    ("simda.sp2d", "mean amount (rupiah)"): "UPDATE t SET sp2d_amount = 1",
    ("pendapatan.revenue", "months present"): "DELETE FROM t WHERE month_number = 1",
    ("published.residents_by_kelurahan", "all kelurahan"): (
        "DELETE FROM t WHERE kelurahan_code = (SELECT min(kelurahan_code) FROM t)"
    ),
    ("published.residents_by_kelurahan", "small cells withheld"): "UPDATE t SET is_suppressed = false",
    ("published.residents_by_kelurahan", "total is the register's"): (
        "UPDATE t SET resident_count = resident_count + 1000"
    ),
    ("published.complaint_handling", "every complaint is listed"): f"DELETE FROM t {FIRST}",
    ("published.opd_scorecard", "budget is SIPD's"): "UPDATE t SET pagu_amount = pagu_amount + 1",
    ("published.opd_scorecard", "payments are SIMDA's"): (
        "UPDATE t SET disbursed_amount = disbursed_amount + 1"
    ),
    ("published.opd_scorecard", "no more achieved than there is"): (
        "UPDATE t SET achieved_count = indicator_count + 1"
    ),
    ("published.kelurahan_profile", "all kelurahan"): f"DELETE FROM t {FIRST}",
    ("published.kelurahan_profile", "none alone: residents of a kelurahan"): (
        "UPDATE t SET resident_count = CASE WHEN ctid <> (SELECT min(ctid) FROM t) THEN 9 END"
    ),
    ("published.innovation_index", "points are the source's"): "UPDATE t SET score = score + 1",
    ("published.innovation_index", "classes follow from scores"): "UPDATE t SET score = 10",
    ("published.complaint_handling", "days follow the steps"): "UPDATE t SET answer_days = -1",
    **{
        (f"published.{table}", rule): breach
        for table, breaches in (*WITHHELD.items(), *PLANNING.items(), *LICENSING.items())
        for rule, breach in breaches.items()
    },
    **{
        (f"published.{table}", rule): f"UPDATE t SET {breach}"
        for table, breaches in (*TREASURY.items(), *TAXES.items())
        for rule, breach in breaches.items()
    },
    ("published.tax_object", "objects are SISMIOP's"): f"DELETE FROM t {FIRST}",
    ("published.budget_vs_disbursement", "budget is SIPD's"): "UPDATE t SET pagu_amount = pagu_amount + 1",
    ("published.budget_vs_disbursement", "disbursement is SIMDA's"): (
        "UPDATE t SET disbursed_amount = disbursed_amount + 1"
    ),
    ("published.budget_vs_disbursement", "remaining is budget less disbursement"): (
        "UPDATE t SET remaining_amount = remaining_amount + 1"
    ),
}


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCity]:
    """A city whose first day is published, under a copy of the project that tests may change."""
    home, project = tmp_path_factory.mktemp("city"), tmp_path_factory.mktemp("project")
    for folder in ("schemas", "expectations", "warehouse"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("*.pyc", "migrations"))
    with a_demo_city(embedded_servers, home, project) as demo:
        for dataset in demo.hub.catalogue.sources:
            pipeline.sync(demo.hub, dataset)
        pipeline.publish(demo.hub)
        yield demo


@pytest.mark.parametrize("file", CONTRACTS)
def test_a_breach_of_each_critical_rule_blocks(city: DemoCity, file: str) -> None:
    contract = contract_at(city, file)
    rules = critical(city, contract)
    with copied(city, contract) as relation:
        assert blocking(city, contract, relation, rules) == []
    for rule in rules:
        with copied(city, contract, breach(contract, rule.name)) as relation:
            assert blocking(city, contract, relation, [rule]) == [rule.name], breach(contract, rule.name)


def contract_at(city: DemoCity, file: str) -> Contract:
    known = [*city.hub.catalogue.sources.values(), *city.hub.catalogue.published.values()]
    (found,) = [each for each in known if each.file.as_posix().endswith(f"schemas/{file}")]
    return found


def critical(city: DemoCity, contract: Contract) -> list[Rule]:
    project = city.hub.settings.project
    if contract.kind == "source":
        rules = gate.rules_for_load(contract, project)
    else:
        with psycopg.connect(city.hub.warehouse.url) as link:
            (pins,) = link.execute("SELECT pins FROM ops.release ORDER BY release_id DESC").fetchone() or ()
        rules = gate.rules_for_table(contract, project, pins)
    return [rule for rule in rules if rule.severity == "critical"]


@contextmanager
def copied(city: DemoCity, contract: Contract, breach: str = "SELECT") -> Iterator[tuple[str, str]]:
    """The rows that the hub has, as the gate gets to see them, after the breach."""
    schema, more = "release", sql.SQL("")
    shown = sql.Identifier("published", contract.table)
    if contract.kind == "source":
        schema, shown = "staging", sql.Identifier("current", contract.table)
        more = sql.SQL(", row_number() OVER () AS row_number, '{}'::text[] AS reasons")
    with psycopg.connect(city.hub.warehouse.url, autocommit=True) as link:
        link.execute(f"SET search_path = {schema}".encode())
        link.execute(sql.SQL("CREATE TABLE t AS SELECT *{} FROM {}").format(more, shown))
        try:
            link.execute(breach.encode())
            yield schema, "t"
        finally:
            link.execute("DROP TABLE t")


def blocking(city: DemoCity, contract: Contract, relation: tuple[str, str], rules: list[Rule]) -> list[str]:
    # The copy is all of the dataset, whatever a load of it would be.
    whole = replace(contract, sync=Sync())
    results = gate.judge(city.hub.warehouse.url, relation, whole, rules)
    assert {result.outcome for result in results} <= {"passed", "failed"}
    return [result.rule for result in results if result.blocks]


def breach(contract: Contract, rule: str) -> str:
    """SQL that breaks the rule on the table `t`, and others with it."""
    if (contract.id, rule) in BREACHES:
        return BREACHES[contract.id, rule]
    if rule == "columns":
        return f"ALTER TABLE t DROP {contract.names[-1]}"
    if rule == "column types":
        return f"ALTER TABLE t ALTER {contract.names[0]} TYPE bytea USING NULL"
    if rule in {"not empty", *(quality.name for quality in contract.quality)}:
        return "DELETE FROM t"
    name, _, rest = rule.partition(" ")
    if name == "unique":
        given = " AND ".join(f"{column} IS NOT NULL" for column in rest.split(", "))
        return f"INSERT INTO t SELECT * FROM t WHERE {given} LIMIT 1"
    if rest == "valid":
        return f"UPDATE t SET {name} = {invalid(contract.column(name))} {FIRST}"
    referring = {", ".join(reference.columns) for reference in contract.references}
    assert rest.startswith("in ") and name in referring, f"{contract.id}: what breaks the rule {rule!r}?"
    return f"UPDATE t SET {name} = '-1' {FIRST}"


def invalid(column: Column) -> str:
    if column.required:
        return "NULL"
    return str(column.options["minimum"] - 1) if "minimum" in column.options else "'none of them'"


def test_a_blocked_load_leaves_the_old_data(city: DemoCity) -> None:
    seen = "SELECT count(*), count(*) FILTER (WHERE sex_code = '2') FROM current.siak__residents"
    before = one(city, seen)
    with psycopg.connect(city.siak) as siak:
        siak.execute('UPDATE biodata_wni SET "JENIS_KLMIN" = 1')
    with pytest.raises(
        LoadRefused, match="critical rule 'women per cent' failed: expected between 40 and 60"
    ):
        pipeline.sync(city.hub, "siak.residents")
    assert one(city, seen) == before
    newest = "SELECT state, reason FROM ops.load WHERE dataset = 'siak.residents' ORDER BY load_id DESC"
    assert one(city, newest)["state"] == "refused"
    assert "'women per cent'" in one(city, newest)["reason"]


def test_a_blocked_table_leaves_the_old_release(city: DemoCity) -> None:
    seen = "SELECT sum(pagu_amount), sum(disbursed_amount) FROM published.budget_vs_disbursement"
    current = "SELECT count(*) FROM ops.release WHERE state = 'released'"
    before = one(city, seen), one(city, current)
    model = city.hub.settings.project / "warehouse/published/budgeting/budget_vs_disbursement.sql"
    text = model.read_text("utf-8")
    model.write_text(text.replace("l.pagu_amount::numeric", "(l.pagu_amount + 1)::numeric"), "utf-8")
    try:
        with pytest.raises(ReleaseRefused, match="critical rule 'budget is SIPD's' failed"):
            pipeline.publish(city.hub)
    finally:
        model.write_text(text, "utf-8")
    assert (one(city, seen), one(city, current)) == before
    newest = one(city, "SELECT state, reason FROM ops.release ORDER BY release_id DESC")
    assert newest["state"] == "refused" and "'budget is SIPD's'" in newest["reason"]


def one(city: DemoCity, query: str) -> Mapping[str, Any]:
    with city.hub.warehouse.connect() as session, session.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        found = cursor.execute(query.encode()).fetchone()
    assert found is not None
    return found
