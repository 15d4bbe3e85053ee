"""`plan_to_result` is what pandas makes of the source systems, to the rupiah, without the hub."""

import json
import re
import sqlite3
from contextlib import closing
from decimal import Decimal
from functools import reduce
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from tests.published_city import PublishedCity

pytestmark = pytest.mark.slow

KEY = ["year", "skpd", "sub"]
#: Agencies that planned 2023 under the code they had before they merged, and who they are today.
MERGED = {"3.26.0.00.0.00.01.0000": "2.19.0.00.0.00.01.0000"}
PERIODS = ["TW1", "TW2", "TW3", "TW4", "TAHUN"]
#: How many of the city's sub-activities are compared beside those that are known to be odd.
SAMPLE = 150


def table(city: PublishedCity, dataset: str, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The rows that a correct hub takes in, by the manifest."""
    keys = rows[key].astype(str).agg("|".join, axis=1)
    return rows[~keys.isin(city.refused(dataset))].copy()


def sqlite(file: Path, select: str) -> pd.DataFrame:
    with closing(sqlite3.connect(file)) as link:
        return pd.read_sql_query(select, link)


def conformed(rows: pd.DataFrame, year: str, skpd: str, sub: str) -> pd.DataFrame:
    """With the key that all systems share: today's agency, the longer form of the sub-activity's code."""
    longer = rows[sub].fillna("unstated").map(lambda code: re.sub(r"\.(\d\d)$", r".00\1", code))
    return rows.assign(year=rows[year].astype(int), skpd=rows[skpd].replace(MERGED), sub=longer)


def summed(rows: pd.DataFrame, amount: str, name: str) -> pd.DataFrame:
    exact = rows.assign(**{name: rows[amount].map(lambda value: Decimal(str(value)))})
    return exact.groupby(KEY, as_index=False)[name].sum()


def plan(city: PublishedCity) -> pd.DataFrame:
    raw = sqlite(city.systems / "planning.db", "SELECT * FROM rkpd_sub_kegiatan")
    rows = table(city, "planning.rkpd_lines", raw, ["tahun", "kode_skpd", "kode_sub_kegiatan"])
    rows = conformed(rows, "tahun", "kode_skpd", "kode_sub_kegiatan")
    nodes = sqlite(
        city.systems / "planning.db", "SELECT id_node AS id_sasaran, kode AS outcome FROM pohon_kinerja"
    )
    outcome = rows.merge(nodes, on="id_sasaran").groupby(KEY, as_index=False)["outcome"].first()
    return summed(rows, "pagu_indikatif", "rkpd").merge(outcome, how="left", on=KEY)


def ceilings(city: PublishedCity) -> pd.DataFrame:
    raw = sqlite(city.systems / "planning.db", "SELECT * FROM plafon_kua_ppas")
    rows = table(city, "planning.kua_ppas_lines", raw, ["tahun", "kode_skpd", "kode_sub_kegiatan"])
    return summed(conformed(rows, "tahun", "kode_skpd", "kode_sub_kegiatan"), "plafon", "kua_ppas")


def budget(city: PublishedCity) -> pd.DataFrame:
    raw = pd.DataFrame(json.loads((city.systems / "sipd" / "rincian-belanja.json").read_text()), dtype=object)
    rows = table(city, "sipd.budget_lines", raw, ["tahun_anggaran", "kode_sbl", "kode_akun"])
    rows = conformed(rows[rows["active"] == 1], "tahun_anggaran", "kode_skpd", "kode_sub_giat")
    return summed(rows, "pagumurni", "murni").merge(summed(rows, "pagu", "pagu"), on=KEY)


def paid(city: PublishedCity) -> pd.DataFrame:
    raw = sqlite(city.systems / "simda.db", "SELECT * FROM ta_sp2d WHERE jenis <> 'UP' OR jenis IS NULL")
    rows = table(city, "simda.sp2d", raw, ["no_sp2d"])
    rows = rows.assign(year_paid=rows["tgl_sp2d"].str[:4])
    return summed(conformed(rows, "year_paid", "kd_skpd", "kd_sub_giat"), "nilai", "paid")


def progress(city: PublishedCity) -> pd.DataFrame:
    """The last reported month's physical progress."""
    names = ["year_", "month", "skpd_", "sub_", "name", "plan", "plan_money", "physical", "money", "remark"]
    files = sorted((city.systems / "emonev").glob("rfk_*.xlsx"))
    raw = pd.concat(
        pd.read_excel(f, sheet_name="RFK", header=None, skiprows=6, names=names, dtype=object) for f in files
    )
    raw = raw[raw["year_"].notna() & ~raw["skpd_"].astype(str).str.startswith("JUMLAH")]
    rows = table(city, "emonev.progress", raw, ["year_", "month", "skpd_", "sub_"])
    rows = conformed(rows, "year_", "skpd_", "sub_").sort_values("month", key=lambda m: m.astype(int))
    last = rows.groupby(KEY, as_index=False).last()
    return last.assign(physical=last["physical"].map(lambda v: Decimal(str(v)).quantize(Decimal("0.01"))))[
        [*KEY, "physical"]
    ]


def achievement(city: PublishedCity) -> pd.DataFrame:
    """By year and outcome: its first indicator, and the furthest period in which that was reported."""
    file = city.systems / "esakip.db"
    indicators = table(city, "esakip.indicators", sqlite(file, "SELECT * FROM indikator"), ["kode_indikator"])
    raw = sqlite(file, "SELECT * FROM capaian")
    reports = table(city, "esakip.achievements", raw, ["kode_indikator", "tahun", "periode"])
    rows = reports.merge(indicators, on="kode_indikator", suffixes=("", "_"))
    readable = rows["realisasi"].str.fullmatch(r"[\d.]+(,\d+)?%?|WTP|AA|A|BB|B|CC|C|D").fillna(False)
    rows = rows.assign(order=rows["periode"].map(PERIODS.index) + 10 * readable)
    rows = rows.sort_values("order").groupby(["tahun", "kode_indikator"], as_index=False).last()
    rows = rows.sort_values("kode_indikator").groupby(["tahun", "kode_sasaran"], as_index=False).first()
    rows["reached"] = [
        reached(*row) for row in rows[["jenis", "arah", "target", "realisasi"]].itertuples(index=False)
    ]
    named = {"tahun": "year", "kode_sasaran": "outcome", "kode_indikator": "indicator"}
    return rows.rename(columns=named)[["year", "outcome", "indicator", "target", "realisasi", "reached"]]


def reached(kind: str, direction: str, target: str, realisation: str) -> Decimal | None:
    """Per cent of the target; None for grades and what isn't reported."""
    if kind == "PREDIKAT" or realisation == "-":
        return None
    aim, got = (
        Decimal(text.rstrip("%").replace(".", "").replace(",", ".")) for text in (target, realisation)
    )
    return ((2 * aim - got if direction == "TURUN" else got) * 100 / aim).quantize(Decimal("0.01"))


def expected(city: PublishedCity) -> pd.DataFrame:
    parts = [plan(city), ceilings(city), budget(city), paid(city), progress(city)]
    whole = reduce(lambda left, right: left.merge(right, how="outer", on=KEY), parts)
    return whole.merge(achievement(city), how="left", on=["year", "outcome"])


COLUMNS = {
    "rkpd": "indicative_pagu_amount",
    "kua_ppas": "ceiling_amount",
    "murni": "initial_pagu_amount",
    "pagu": "pagu_amount",
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
    for key in sorted({*Random(7).sample(sorted(found), SAMPLE), *odd(published_city, found)}):
        assert found[key] == said[key] | {"paid": said[key]["paid"] or Decimal(0)}, key


def odd(city: PublishedCity, found: dict[tuple[object, ...], object]) -> set[tuple[object, ...]]:
    """Sub-activities that don't fit on purpose, and those of the agency that was two."""
    known = {tuple(text.split("|")) for _, text in city.manifest["known"] if text.count("|") == 2}
    return {
        key
        for key in found
        if tuple(map(str, key)) in known or key[:2] == (2023, MERGED["3.26.0.00.0.00.01.0000"])
    }


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
