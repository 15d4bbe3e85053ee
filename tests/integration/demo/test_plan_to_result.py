"""`plan_to_result` is what pandas makes of the source systems, to the rupiah, without the hub."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.published_city import PublishedCity
from tests.raw_city import (
    KEY,
    MERGED,
    achievement,
    budget,
    cash_plan,
    ceilings,
    paid,
    plan,
    progress,
    reports,
)

pytestmark = pytest.mark.slow

#: How many of the city's sub-activities are compared beside those that are known to be odd.
SAMPLE = 150


def expected(city: PublishedCity) -> pd.DataFrame:
    parts = [plan(city), ceilings(city), budget(city), cash_plan(city), paid(city), progress(city)]
    whole = reduce(lambda left, right: left.merge(right, how="outer", on=KEY), parts)
    return whole.merge(achievement(city), how="left", on=["year", "outcome"])


COLUMNS = {
    "rkpd": "indicative_pagu_amount",
    "kua_ppas": "ceiling_amount",
    "murni": "initial_pagu_amount",
    "pagu": "pagu_amount",
    "cash": "planned_cash_amount",
    "paid": "disbursed_amount",
    "physical": "physical_pct",
    "outcome": "outcome_code",
    "indicator": "indicator_code",
    "target": "target_text",
    "reached": "achievement_pct",
}  # fmt: skip


def test_plan_to_result_is_what_the_sources_add_up_to(published_city: PublishedCity) -> None:
    frame = expected(published_city)
    frame = frame.astype(object).where(frame.notna(), None)
    said = {
        tuple(row[:3]): dict(zip(COLUMNS, row[3:], strict=True))
        for row in frame[[*KEY, *COLUMNS]].values.tolist()
    }
    columns = ", ".join(COLUMNS.values())
    rows = published_city.rows(
        f"SELECT plan_year, skpd_code, sub_activity_code, {columns} FROM published.plan_to_result"
    )
    found = {tuple(row[:3]): dict(zip(COLUMNS, row[3:], strict=True)) for row in rows}
    assert found.keys() == said.keys()
    for line in said.values():
        line["paid"] = line["paid"] or Decimal(0)
    chosen = {*Random(7).sample(sorted(found), SAMPLE), *odd(published_city, found)}
    assert {key: found[key] for key in chosen} == {key: said[key] for key in chosen}


def odd(city: PublishedCity, found: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Sub-activities that don't fit on purpose, and those of the agency that was two."""
    known = {tuple(text.split("|")) for _, text in city.manifest["known"] if text.count("|") == 2}
    return {
        key
        for key in found
        if tuple(map(str, key)) in known or key[:2] == (2023, MERGED["3.26.0.00.0.00.01.0000"])
    }


def test_achievements_are_what_the_reports_say(published_city: PublishedCity) -> None:
    """Where less is better too, and texts that are no figures stay there as they are."""
    frame = reports(published_city)
    columns = ["tahun", "periode", "kode_indikator", "realisasi", "reached", "is_achieved"]
    frame = frame[columns].astype(object).where(frame[columns].notna(), None)
    said = {tuple(None if cell == "-" else cell for cell in row) for row in frame.values.tolist()}
    found = published_city.rows(
        "SELECT plan_year, period_code, indicator_code, realisation_text, achievement_pct, is_achieved"
        " FROM published.indicator_achievement"
    )
    assert set(found) == said
    assert len(found) == len(said) > 2000


def test_each_known_gap_is_found_and_others_are_rows_that_were_refused(published_city: PublishedCity) -> None:
    kinds = {"not_planned": "not_in_rkpd", "not_funded": "rkpd_only", "not_in_kua_ppas": "not_in_kua_ppas",
             "not_budgeted": "not_budgeted"}  # fmt: skip
    known = {(kinds[kind], key) for kind, key in published_city.manifest["known"] if kind in kinds}
    found = set(
        published_city.rows(
            "SELECT gap_code, plan_year || '|' || skpd_code || '|' || sub_activity_code"
            " FROM published.plan_to_budget_gap WHERE gap_code <> 'none'"
        )
    )
    assert known <= found
    systems = {"not_in_rkpd": plan, "not_in_kua_ppas": ceilings}
    for gap, key in found - known:
        held = {"|".join(map(str, row)) for row in systems[gap](published_city)[KEY].values.tolist()}
        assert key not in held


def test_what_does_not_hold_together_is_listed_exactly(published_city: PublishedCity) -> None:
    listed = set(published_city.rows("SELECT finding_code, object_code FROM published.plan_finding"))
    kinds = {"node_without_parent", "without_outcome", "achievement_unreadable"}
    known = {(kind, key) for kind, key in published_city.manifest["known"] if kind in kinds}
    assert {pair for pair in listed if pair[0] in kinds} == known
    assert {kind for kind, _ in listed} - kinds == {"programme_not_in_renstra"}


def test_the_gate_warns_of_each_kind_with_its_number(published_city: PublishedCity) -> None:
    results = published_city.rows(
        "SELECT rule, (observed ->> 'violations')::bigint FROM ops.check_result"
        " WHERE release_id = (SELECT max(release_id) FROM ops.release)"
        " AND severity = 'warning' AND outcome = 'failed'"
    )
    known = Counter(kind for kind, _ in published_city.manifest["known"])
    [(unplanned, unagreed, unfunded, programmes)] = published_city.rows(
        "SELECT count(*) FILTER (WHERE NOT is_in_rkpd), count(*) FILTER (WHERE NOT is_in_kua_ppas),"
        " count(*) FILTER (WHERE NOT is_budgeted), (SELECT count(*) FROM published.plan_finding"
        " WHERE finding_code = 'programme_not_in_renstra') FROM published.plan_to_budget_gap"
    )
    assert {
        "nodes have a parent": known["node_without_parent"],
        "sub-activities have an outcome": known["without_outcome"],
        "achievements can be read": known["achievement_unreadable"],
        "programmes are in the Renstra": programmes,
        "what is funded was planned": unplanned,
        "what is funded was agreed": unagreed,
        "what was planned is funded": unfunded,
    }.items() <= dict(results).items()
    assert unfunded == known["not_funded"] + known["not_budgeted"]
