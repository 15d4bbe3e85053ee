"""The rules beyond the baseline, under the real contracts: each passes on good data and can be broken."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from lumbung import gate
from lumbung.checks import CheckResult
from schemas.contract import Contract
from schemas.loading import load_contract

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "schemas" / "sources"
PUBLISHED = ROOT / "schemas" / "published"

RESIDENTS = {
    "nik": "(6171014107900000 + i)::text",
    "sex_code": "(i % 2 + 1)::text",
    "birth_date": "current_date - (i % 60 + 1) * 365",
}
SP2D = {
    "sp2d_number": "i::text",
    "sp2d_date": "date '2026-02-03'",
    "sp2d_kind_code": "'LS'",
    "sp2d_amount": "1e6",
}
REVENUE = {
    "budget_year": "2026",
    "month_number": "i % 9 + 1",
    "account_code": "i::text",
    "target_amount": "200",
    "realisation_amount": "50",
    "realisation_pct": "25",
}
PROGRESS = {
    "budget_year": "2026",
    "month_number": "i % 5 + 1",
    "skpd_code": "(i / 5)::text",
    "sub_activity_code": "'x'",
    "physical_pct": "i % 5 * 10",
    "financial_pct": "i % 5 * 8",
}


def fill(
    db: psycopg.Connection[Any], contract: Contract, values: Mapping[str, str], rows: int
) -> tuple[str, str]:
    """Stage `rows` good rows of `contract`: `values` are SQL over i = 0, 1, ...; other columns are null."""
    relation = ("staging", f"{contract.table}__l1")
    columns = sql.SQL(", ").join(
        sql.SQL("({})::{} AS {}").format(
            sql.SQL(values.get(c.name, "NULL")), sql.SQL(c.pg_type), sql.Identifier(c.name)
        )
        for c in contract.columns
    )
    db.execute(
        sql.SQL(
            "CREATE TABLE {} AS SELECT {}, i::bigint AS row_number, '{{}}'::text[] AS reasons "
            "FROM generate_series(0, {}) i"
        ).format(sql.Identifier(*relation), columns, sql.Literal(rows - 1))
    )
    return relation


@pytest.mark.parametrize(
    ("dataset", "good", "broken", "rule", "blocks"),
    [
        ("siak/residents", RESIDENTS, {"sex_code": "'1'"}, "women per cent", True),
        (
            "siak/residents",
            RESIDENTS,
            {"sex_code": "(i % 16 / 7 + 1)::text"},
            "women per cent as usual",
            False,
        ),
        ("siak/residents", RESIDENTS, {"birth_date": "date '1970-01-01'"}, "children per cent", False),
        (
            "siak/residents",
            RESIDENTS,
            {"nik": "(6472014107900000 + i)::text"},
            "nik of the city per cent",
            False,
        ),
        ("simda/sp2d", SP2D, {"sp2d_amount": "1e3"}, "mean amount (rupiah)", True),
        ("simda/sp2d", SP2D, {"sp2d_amount": "1e9"}, "paid within the budget", False),
        ("pendapatan/revenue", REVENUE, {"month_number": "i % 2 * 8 + 1"}, "months present", True),
        (
            "pendapatan/revenue",
            REVENUE,
            {"realisation_pct": "52"},
            "percentages follow from the amounts",
            False,
        ),
        ("emonev/progress", PROGRESS, {"financial_pct": "40 - i % 5 * 8"}, "progress does not fall", False),
    ],
)
def test_rules_of_datasets(
    warehouse_url: str, dataset: str, good: dict[str, str], broken: dict[str, str], rule: str, blocks: bool
) -> None:
    contract = load_contract(SOURCES / f"{dataset}.odcs.yaml")
    rules = gate.rules_for_load(contract, ROOT)
    own = [each for each in rules if each.name == rule]
    with psycopg.connect(warehouse_url, autocommit=True) as db:
        db.execute(
            "CREATE TABLE current.sipd__budget_lines AS SELECT 2026 AS budget_year, 1e10 AS pagu_amount"
        )
        relation = fill(db, contract, good, 600)
        assert [r.outcome for r in gate.judge(warehouse_url, relation, contract, own)] == ["passed"]
        db.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(*relation)))
        fill(db, contract, good | broken, 600)
    result = gate.judge(warehouse_url, relation, contract, own)[0]
    assert (result.outcome, result.blocks) == ("failed", blocks), result.message


@pytest.mark.parametrize(
    ("breach", "rule"),
    [
        ("DELETE FROM release.t WHERE kelurahan_code = 'K29'", "all kelurahan"),
        (
            "UPDATE release.t SET resident_count = 3, is_suppressed = false WHERE is_suppressed",
            "small cells withheld",
        ),
        ("UPDATE release.t SET is_suppressed = NOT is_suppressed", "small cells withheld"),
        ("UPDATE release.t SET resident_count = 16 WHERE kelurahan_code = 'K1'", "total is the register's"),
    ],
)
def test_rules_of_residents_by_kelurahan(warehouse_url: str, breach: str, rule: str) -> None:
    contract = load_contract(PUBLISHED / "population" / "residents_by_kelurahan.odcs.yaml")
    with psycopg.connect(warehouse_url, autocommit=True) as db:
        # 28 kelurahan of 10 residents, one of 3; load 7 is pinned, load 8 came later.
        db.execute(
            "CREATE TABLE history.siak__residents AS SELECT i AS nik, CASE WHEN i > 283 THEN 8 ELSE 7 END "
            "AS from_load_id, CASE WHEN i < 100 THEN 8 END AS to_load_id FROM generate_series(1, 400) i;"
            "CREATE TABLE release.t AS SELECT '61.71.01' AS kecamatan_code, 'A' AS kecamatan_name, 'K' || i "
            "AS kelurahan_code, 'B' AS kelurahan_name, '0-4' AS age_band, '1' AS sex_code, "
            "CASE WHEN i < 29 THEN 10::bigint END AS resident_count, i = 29 AS is_suppressed "
            "FROM generate_series(1, 29) i"
        )
        assert not_passed(warehouse_url, contract, {"siak.residents": 7}) == {}
        db.execute(breach)
    found = not_passed(warehouse_url, contract, {"siak.residents": 7})
    assert found[rule].blocks, found


@pytest.mark.parametrize(
    ("breach", "rule"),
    [
        ("UPDATE release.t SET pagu_amount = 99, remaining_amount = 59", "budget is SIPD's"),
        ("UPDATE release.t SET disbursed_amount = 41, remaining_amount = 59", "disbursement is SIMDA's"),
        ("UPDATE release.t SET remaining_amount = 61", "remaining is budget less disbursement"),
    ],
)
def test_rules_of_budget_vs_disbursement(warehouse_url: str, breach: str, rule: str) -> None:
    contract = load_contract(PUBLISHED / "budgeting" / "budget_vs_disbursement.odcs.yaml")
    pins = {"sipd.budget_lines": 1, "simda.sp2d": 2}
    with psycopg.connect(warehouse_url, autocommit=True) as db:
        db.execute(
            "CREATE TABLE history.sipd__budget_lines AS SELECT 100::numeric AS pagu_amount, "
            "active AS is_active, 1 AS from_load_id, NULL::bigint AS to_load_id "
            "FROM unnest(ARRAY[true, false]) active;"
            "CREATE TABLE history.simda__sp2d AS SELECT 40::numeric AS sp2d_amount, kind AS sp2d_kind_code, "
            "2 AS from_load_id, NULL::bigint AS to_load_id FROM unnest(ARRAY['LS', 'UP']) kind;"
            "CREATE TABLE release.t AS SELECT 2026::bigint AS budget_year, 'S' AS skpd_code, "
            "'S' AS skpd_name, 'A' AS sub_activity_code, 'A' AS sub_activity_name, '5' AS account_code, "
            "'B' AS account_name, "
            "100::numeric(18,2) AS initial_pagu_amount, 100::numeric(18,2) AS pagu_amount, "
            "40::numeric(18,2) AS disbursed_amount, 60::numeric(18,2) AS remaining_amount, "
            "40::numeric(9,2) AS disbursed_pct, 1::bigint AS sp2d_count, true AS is_budgeted, "
            "false AS is_over_budget"
        )
        assert not_passed(warehouse_url, contract, pins) == {}
        db.execute(breach)
    found = not_passed(warehouse_url, contract, pins)
    assert set(found) == {rule} and found[rule].blocks


def not_passed(url: str, contract: Contract, pins: Mapping[str, int]) -> dict[str, CheckResult]:
    """What the whole suite of a published table finds amiss in `release.t`."""
    rules = gate.rules_for_table(contract, ROOT, pins)
    results = gate.judge(url, ("release", "t"), contract, rules)
    return {result.rule: result for result in results if result.outcome != "passed"}
