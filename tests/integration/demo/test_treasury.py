"""Where the treasury's books contradict each other, the published tables say so: there, and nowhere else."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.published_city import PublishedCity

pytestmark = pytest.mark.slow

#: What each table lists: kind of difference, and what it is about.
LISTED = """
SELECT chain_code, sp2d_number FROM published.disbursement WHERE chain_code <> 'complete'
UNION SELECT 'spm_over_spp', sp2d_number FROM published.disbursement WHERE is_spm_over_spp
UNION SELECT 'sp2d_over_spm', sp2d_number FROM published.disbursement WHERE is_sp2d_over_spm
UNION SELECT 'dates_out_of_order', sp2d_number FROM published.disbursement WHERE is_out_of_order
UNION SELECT 'line_over_budget', concat_ws('|', budget_year, skpd_code, sub_activity_code, account_code)
    FROM published.disbursement WHERE is_over_budget
UNION SELECT 'cash_plan_differs', concat_ws('|', budget_year, skpd_code, sub_activity_code)
    FROM published.cash_plan_vs_actual WHERE plan_difference_amount <> 0
UNION SELECT 'realisation_differs', concat_ws('|', budget_year, month_number, skpd_code, account_code)
    FROM published.realisation_reconciliation WHERE difference_code <> 'none'
UNION SELECT 'deposit_missing', receipt_number FROM published.receipt WHERE NOT is_deposited
UNION SELECT 'deposit_differs', receipt_number FROM published.receipt
    WHERE is_deposited AND difference_amount <> 0
UNION SELECT 'deposited_late', receipt_number FROM published.receipt WHERE is_late
"""
#: The rule that warns of each kind.
WARNINGS = {
    "every document is held": ("spm_missing", "spp_missing", "spd_missing"),
    "SPM within SPP": ("spm_over_spp",),
    "SP2D within SPM": ("sp2d_over_spm",),
    "dates in order": ("dates_out_of_order",),
    "the plan is the budget": ("cash_plan_differs",),
    "every receipt is deposited": ("deposit_missing",),
    "deposits are their receipts": ("deposit_differs",),
    "deposits in time": ("deposited_late",),
}


def told(city: PublishedCity, name: str) -> set[tuple[str, str]]:
    """`differences` or `known` of the manifest."""
    manifest = json.loads((city.systems / "manifest" / "day0.json").read_text())
    return {(kind, about) for kind, about in manifest[name]}


def test_what_is_listed_is_what_contradicts(published_city: PublishedCity) -> None:
    listed: set[tuple[Any, ...]] = set(published_city.rows(LISTED))
    assert listed == told(published_city, "differences")
    planted = told(published_city, "known")
    kinds = {kind for rule in WARNINGS.values() for kind in rule} | {"realisation_differs"}
    assert {known for known in planted if known[0] in kinds} <= listed
    assert kinds <= {kind for kind, _ in planted}


def test_the_gate_warns_of_each_kind_with_its_number(published_city: PublishedCity) -> None:
    expected = Counter(kind for kind, _ in told(published_city, "differences"))
    results = published_city.rows(
        "SELECT rule, (observed ->> 'violations')::bigint FROM ops.check_result "
        "WHERE release_id = (SELECT max(release_id) FROM ops.release) "
        "AND severity = 'warning' AND outcome = 'failed'"
    )
    found = {rule: count for rule, count in results if rule in WARNINGS}
    assert found == {rule: sum(expected[kind] for kind in kinds) for rule, kinds in WARNINGS.items()}


def test_who_differs_is_told_by_comparing_all_three(published_city: PublishedCity) -> None:
    found = published_city.rows(
        "SELECT difference_code, treasury_difference_amount, accounting_difference_amount "
        "FROM published.realisation_reconciliation"
    )
    alone = {
        (code, amount) for code, *amounts in found for amount in amounts if code in ("treasury", "accounting")
    }
    # Three lines are wrong in one report by these amounts, and one in both.
    assert {
        ("treasury", 1_250_000),
        ("treasury", 75_000),
        ("accounting", 8_300_000),
        ("accounting", 1),
    } <= alone
    assert ("documents", 4_000_000, 4_000_000) in found


def test_old_taxes_and_old_agencies_stand_under_today_s(published_city: PublishedCity) -> None:
    [(hotels, written)] = published_city.rows(
        "SELECT count(*), array_agg(DISTINCT written_account_code) FROM published.receipt "
        "WHERE budget_year = 2023 AND account_code = '4.1.01.19.03'"
    )
    assert hotels >= 12
    assert written == ["4.1.01.06.01"]
    # The accounting knew this agency by its code of before 2021.
    [(lines, without)] = published_city.rows(
        "SELECT count(*), count(*) FILTER (WHERE accounting_amount IS NULL) "
        "FROM published.realisation_reconciliation "
        "WHERE budget_year = 2023 AND skpd_code = '2.17.0.00.0.00.01.0000'"
    )
    assert lines > 0
    assert without <= 1
    assert published_city.rows(
        "SELECT count(*) FROM published.disbursement WHERE sub_activity_code ~ '[.][0-9]{2}$'"
    ) == [(0,)]


def test_late_activities_are_those_of_the_last_reported_month(published_city: PublishedCity) -> None:
    late = published_city.rows(
        "SELECT budget_year, skpd_code, sub_activity_code FROM published.late_activity"
    )
    last = published_city.rows(
        "SELECT budget_year, skpd_code, sub_activity_code FROM current.emonev__progress AS e "
        "WHERE month_number = CASE budget_year WHEN 2026 THEN 8 ELSE 12 END AND planned_physical_pct - "
        "physical_pct > CASE WHEN planned_physical_pct > 70 THEN 5 ELSE 10 END"
    )
    assert set(late) == set(last)
    assert len(late) == len(set(late)) > 100
