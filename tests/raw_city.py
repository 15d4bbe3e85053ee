"""The demo's source systems read with pandas, without the hub: what a correct hub should make of them."""

import json
import re
import sqlite3
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

from tests.published_city import PublishedCity

KEY = ["year", "skpd", "sub"]
#: Agencies that planned 2023 under the code they had before they merged, and who they are today.
MERGED = {"3.26.0.00.0.00.01.0000": "2.19.0.00.0.00.01.0000"}
#: Grades, the lowest first.
GRADES = (("D", "C", "CC", "B", "BB", "A", "AA"), ("TMP", "TW", "WDP", "WTP"))
PERIODS = ["TW1", "TW2", "TW3", "TW4", "TAHUN"]


def table(city: PublishedCity, dataset: str, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The rows that a correct hub takes in, by the manifest."""
    refused = city.refused(dataset)
    parts = zip(*(rows[column].astype(str) for column in key), strict=True)
    return rows[["|".join(part) not in refused for part in parts]].copy()


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


def cash_plan(city: PublishedCity) -> pd.DataFrame:
    """Up to the last month of which progress was reported."""
    files = sorted((city.systems / "sipd_ekspor").glob("rak_*.xlsx"))
    sheets = (
        pd.read_excel(file, sheet_name="RAK", engine="calamine", header=None, dtype=object) for file in files
    )
    raw = pd.concat(_below(sheet, "kode_skpd") for sheet in sheets)
    fixed = ["tahun_anggaran", "kode_skpd", "kode_sub_giat"]
    months = {f"bulan_{number}": number for number in range(1, 13)}
    long = raw.melt(fixed, list(months), "month", "amount").assign(
        month=lambda rows: rows["month"].map(months)
    )
    rows = table(city, "sipd.cash_plan", long[long["amount"].notna()], [*fixed, "month"])
    last = progress_rows(city).groupby("year")["month"].max()
    rows = conformed(rows, "tahun_anggaran", "kode_skpd", "kode_sub_giat")
    rows["counted"] = rows["amount"].where(rows["month"] <= rows["year"].map(last).astype(int), 0)
    return summed(rows, "counted", "cash")


def _below(sheet: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows below the one that has the columns' names."""
    header = next(number for number, row in enumerate(sheet.values.tolist()) if column in row)
    return sheet.iloc[header + 1 :].set_axis(sheet.iloc[header].tolist(), axis=1)


def progress(city: PublishedCity) -> pd.DataFrame:
    """The last reported month's physical progress."""
    last = progress_rows(city).groupby(KEY, as_index=False).last()
    return last.assign(physical=last["physical"].map(lambda value: Decimal(f"{value:.2f}")))[
        [*KEY, "physical"]
    ]


def progress_rows(city: PublishedCity) -> pd.DataFrame:
    """Every report, in the order of the months."""
    names = ["year_", "month", "skpd_", "sub_", "name", "plan", "plan_money", "physical", "money", "remark"]
    files = sorted((city.systems / "emonev").glob("rfk_*.xlsx"))
    raw = pd.concat(
        pd.read_excel(
            f, sheet_name="RFK", engine="calamine", header=None, skiprows=6, names=names, dtype=object
        )
        for f in files
    )
    raw = raw[raw["year_"].notna() & ~raw["skpd_"].astype(str).str.startswith("JUMLAH")]
    rows = table(city, "emonev.progress", raw, ["year_", "month", "skpd_", "sub_"])
    rows = rows.assign(month=rows["month"].astype(int))
    return conformed(rows, "year_", "skpd_", "sub_").sort_values("month")


def reports(city: PublishedCity) -> pd.DataFrame:
    """Every report of an indicator, with the indicator, and what it comes to."""
    file = city.systems / "esakip.db"
    indicators = table(city, "esakip.indicators", sqlite(file, "SELECT * FROM indikator"), ["kode_indikator"])
    raw = sqlite(file, "SELECT * FROM capaian")
    said = table(city, "esakip.achievements", raw, ["kode_indikator", "tahun", "periode"])
    rows = said.merge(indicators, on="kode_indikator", suffixes=("", "_"))
    judged = [judge(*row) for row in rows[["jenis", "arah", "target", "realisasi"]].itertuples(index=False)]
    return rows.assign(reached=[pct for pct, _ in judged], is_achieved=[is_met for _, is_met in judged])


def achievement(city: PublishedCity) -> pd.DataFrame:
    """By year and outcome: its first indicator, and the furthest period in which that was reported."""
    rows = reports(city)
    rows = rows.assign(order=rows["periode"].map(PERIODS.index) + 10 * rows["is_achieved"].notna())
    rows = rows.sort_values("order").groupby(["tahun", "kode_indikator"], as_index=False).tail(1)
    rows = rows.sort_values("kode_indikator").groupby(["tahun", "kode_sasaran"], as_index=False).head(1)
    named = {"tahun": "year", "kode_sasaran": "outcome", "kode_indikator": "indicator"}
    return rows.rename(columns=named)[["year", "outcome", "indicator", "target", "reached"]]


def judge(kind: str, direction: str, target: str, realisation: str) -> tuple[Decimal | None, bool | None]:
    """Per cent of the target (none for grades), and whether it was reached; neither if it can't be read."""
    if kind == "PREDIKAT":
        scale = next((s for s in GRADES if target in s and realisation in s), None)
        return None, scale and scale.index(realisation) >= scale.index(target)
    if not re.fullmatch(r"[\d.]+(,\d+)?%?", realisation):
        return None, None
    aim, got = (Decimal(t.rstrip("%").replace(".", "").replace(",", ".")) for t in (target, realisation))
    falls = direction == "TURUN"
    reached = (2 * aim - got if falls else got) * 100 / aim
    return reached.quantize(Decimal("0.01"), ROUND_HALF_UP), got <= aim if falls else got >= aim
