"""Local taxes: exactly what does not fit is found; arrears are the sums of the registers, without the hub."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from demo.model import bps_codes
from demo.tax_objects import NOP
from tests.published_city import AS_OF, PublishedCity

pytestmark = pytest.mark.slow

KINDS = {"payment_without_bill", "paid_twice", "overpaid", "transfer_without_object"}
#: Dataset -> file, table, key.
TABLES = {
    "sismiop.bills": ("sismiop", "sppt", (*NOP, "THN_PAJAK_SPPT")),
    "sismiop.payments": ("sismiop", "pembayaran_sppt", (*NOP, "THN_PAJAK_SPPT", "PEMBAYARAN_SPPT_KE")),
    "bphtb.transactions": ("bphtb", "sspd", ("NO_SSPD",)),
    "pajak.assessments": ("pajak", "sptpd", ("NPWPD", "TAHUN", "BULAN")),
}


def rows(city: PublishedCity, dataset: str) -> list[dict[str, Any]]:
    """The rows of a register that a correct hub takes in."""
    file, table, key = TABLES[dataset]
    refused = city.refused(dataset)
    with closing(sqlite3.connect(city.systems / f"{file}.db")) as link:
        link.row_factory = sqlite3.Row
        found = [dict(row) for row in link.execute(f"SELECT * FROM {table}")]
    return [row for row in found if "|".join(str(row[name]) for name in key) not in refused]


def bills(city: PublishedCity) -> list[tuple[int, str, Decimal, Decimal, str]]:
    """Year, tax, billed, paid and due date of every bill."""
    paid: defaultdict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows(city, "sismiop.payments"):
        bill = tuple(row[name] for name in (*NOP, "THN_PAJAK_SPPT"))
        paid[bill] += Decimal(row["JML_SPPT_YG_DIBAYAR"]) - Decimal(row["DENDA_SPPT"])
    found = [
        (
            row["THN_PAJAK_SPPT"],
            "4.1.01.15",
            Decimal(row["PBB_YG_HARUS_DIBAYAR_SPPT"]),
            paid[tuple(row[name] for name in (*NOP, "THN_PAJAK_SPPT"))],
            row["TGL_JATUH_TEMPO_SPPT"],
        )
        for row in rows(city, "sismiop.bills")
    ]
    for row in rows(city, "bphtb.transactions"):
        amounts = Decimal(row["BPHTB_TERUTANG"]), Decimal(row["JUMLAH_BAYAR"] or 0)
        found.append((int(row["TGL_TRANSAKSI"][:4]), "4.1.01.16", *amounts, row["TGL_TRANSAKSI"]))
    for row in rows(city, "pajak.assessments"):
        code = row["KODE_REKENING"][:9]
        tax = code if code in ("4.1.01.09", "4.1.01.12") else "4.1.01.19"
        amounts = Decimal(row["PAJAK_TERUTANG"]), Decimal(row["JUMLAH_BAYAR"] or 0)
        found.append((row["TAHUN"], tax, *amounts, row["JATUH_TEMPO"]))
    return found


def test_exactly_what_does_not_fit_is_found(published_city: PublishedCity) -> None:
    known = {(kind, key) for kind, key in published_city.manifest["known"] if kind in KINDS}
    assert {kind for kind, _ in known} == KINDS
    found = published_city.rows("SELECT finding_code, object_code FROM published.tax_finding")
    assert set(found) == known
    assert len(found) == len(known)


def test_arrears_are_what_the_registers_add_up_to(published_city: PublishedCity) -> None:
    said: defaultdict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for year, _, billed, paid, due in bills(published_city):
        left = max(billed - paid, Decimal(0))
        overdue = left if due < AS_OF.isoformat() else Decimal(0)
        amounts = (billed, paid, left, overdue)
        said[year] = [before + more for before, more in zip(said[year], amounts, strict=True)]
    found = published_city.rows(
        "SELECT tax_year, sum(billed_amount), sum(paid_amount), sum(outstanding_amount), sum(overdue_amount)"
        " FROM published.arrears GROUP BY tax_year"
    )
    assert {year: amounts for year, *amounts in found} == dict(said)
    assert all(any(amounts) for amounts in said.values())


def test_taxes_keep_their_sums_where_no_small_group_was_taken_out(published_city: PublishedCity) -> None:
    said: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for year, tax, billed, *_ in bills(published_city):
        said[year, tax] += billed
    found = published_city.rows(
        "SELECT tax_year, account_code, sum(billed_amount) FROM published.arrears GROUP BY 1, 2"
    )
    whole = {(year, tax): amount for year, tax, amount in found if tax != "4.1.01"}
    assert all(amount <= said[key] for key, amount in whole.items())
    # One tax for hotels, restaurants and the like, by the old codes of 2023 and the new ones.
    assert {year for year, tax in whole if tax == "4.1.01.19"} == {2023, 2024, 2025, 2026}
    assert whole[2023, "4.1.01.19"] == said[2023, "4.1.01.19"]


def test_nobody_can_be_told_from_the_rest(published_city: PublishedCity) -> None:
    ((groups, fewest, debtors, merged),) = published_city.rows(
        "SELECT count(*), min(taxpayer_count), min(nullif(overdue_taxpayer_count, 0)),"
        " count(*) FILTER (WHERE sector_code = 'several') FROM published.arrears"
    )
    assert groups > 50
    assert fewest >= 5
    assert debtors >= 5
    assert merged > 0


def test_objects_lie_where_their_number_says(published_city: PublishedCity) -> None:
    found = published_city.rows(
        "SELECT left(t.nop, 10), t.kelurahan_code, count(*) FROM published.tax_object t GROUP BY 1, 2"
    )
    assert {(bps, code) for bps, code, _ in found} <= {(bps, code) for code, bps in bps_codes().items()}
    (objects,) = published_city.rows("SELECT count(*) FROM current.sismiop__objects")
    assert sum(count for *_, count in found) == objects[0]
    ((known, nobody),) = published_city.rows(
        "SELECT count(*) FILTER (WHERE has_known_taxpayer), count(*) FILTER (WHERE NOT has_known_taxpayer)"
        " FROM published.tax_object"
    )
    assert known > nobody > 0


def test_years_compare_across_the_change_of_codes(published_city: PublishedCity) -> None:
    found = published_city.rows(
        "SELECT r.account_code, r.previous_year_amount, (SELECT sum(p.realisation_amount)"
        " FROM published.revenue_target_vs_realisation p WHERE p.budget_year = 2023 AND p.month_number <= 12"
        " AND p.account_code LIKE '4.1.01.06%') FROM published.revenue_target_vs_realisation r"
        " WHERE r.budget_year = 2024 AND r.month_number = 12 AND r.conformed_account_code = '4.1.01.19.03'"
    )
    assert [code for code, *_ in found] == ["4.1.01.19.03"]
    assert found[0][1] == found[0][2] > 0
