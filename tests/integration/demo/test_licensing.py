"""Licensing: false declarations are found, days are counted by the calendar, nobody is named in public."""

import csv
import re
from datetime import date, timedelta

import pytest

from demo.model import PROJECT
from tests.published_city import PublishedCity

pytestmark = pytest.mark.slow

VERIFIABLE = {
    "permit_number", "permit_kind_code", "permit_kind_name", "holder_shown", "kelurahan_name", "issued_date",
    "permit_status_code", "valid_until_date",
}  # fmt: skip
TABLES = (
    "permit", "permit_process", "permit_verification", "declared_vs_registered", "official_letter",
    "archive_document",
)  # fmt: skip


def closed() -> set[date]:
    """Holidays and leave by the code list."""
    with (PROJECT / "warehouse" / "reference" / "office_calendar.csv").open(encoding="utf-8") as file:
        return {date.fromisoformat(row["calendar_date"]) for row in csv.DictReader(file)}


def office_days(first: date, last: date, holidays: set[date]) -> int:
    """Office days after `first` up to `last`, one by one."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 and day not in holidays for day in days)


def test_false_declarations_are_found_and_no_others(published_city: PublishedCity) -> None:
    found = published_city.rows(
        "SELECT 'declared_' || fact_code, split_part(permit_key, ':', 2) "
        "FROM published.declared_vs_registered WHERE outcome_code <> 'agrees' AND fact_code <> 'domicile'"
    )
    known = {
        (kind, about) for kind, about in published_city.manifest["known"] if kind.startswith("declared_")
    }
    assert len(known) > 5
    assert known <= set(found)
    assert set(found) - known <= unpaid_for_the_hub(published_city)


def unpaid_for_the_hub(published_city: PublishedCity) -> set[tuple[str, str]]:
    """What looks wrongly declared because a payment of the object was refused."""
    refused = {key.replace("|", "")[:18] for key in published_city.refused("sismiop.payments")}
    named = published_city.rows("SELECT permit_id::text, nop FROM current.perizinan__declarations")
    return {("declared_property_tax", permit) for permit, nop in named if nop in refused}


def test_the_larger_the_difference_the_harder_the_sanction(published_city: PublishedCity) -> None:
    found = published_city.rows(
        "SELECT severity_code, fine_pct, fine_amount = fine_base_amount * fine_pct / 100 "
        "FROM published.declared_vs_registered WHERE fact_code = 'floor_area' AND outcome_code = 'differs' "
        "ORDER BY difference_pct"
    )
    assert found == [("ringan", 100, True), ("sedang", 200, True), ("berat", 500, True)]


def test_days_are_counted_by_the_calendar(published_city: PublishedCity) -> None:
    rows = published_city.rows(
        "SELECT started_at::date, finished_at::date, office_days FROM published.permit_process "
        "WHERE finished_at IS NOT NULL AND started_at >= '2023-01-01'"
    )
    holidays = closed()
    assert len(rows) > 100
    assert {office_days(first, last, holidays) == days for first, last, days in rows} == {True}


def test_agencies_work_side_by_side(published_city: PublishedCity) -> None:
    together = published_city.rows(
        "SELECT count(DISTINCT skpd_code) FROM published.permit_process WHERE is_parallel GROUP BY permit_key"
    )
    assert max(count for (count,) in together) >= 3
    alone = published_city.rows(
        "SELECT DISTINCT step_code FROM published.permit_process WHERE NOT is_parallel"
    )
    assert ("VERIFIKASI_BERKAS",) in alone


def test_agencies_are_those_of_today(published_city: PublishedCity) -> None:
    named = published_city.rows(
        "SELECT DISTINCT skpd_name FROM published.permit_process WHERE step_code = 'PENERBITAN' "
        "UNION SELECT DISTINCT skpd_name FROM published.official_letter"
    )
    assert ("Dinas Penanaman Modal dan PTSP",) in named


def test_cek_aspal_shows_no_more_than_it_may(published_city: PublishedCity) -> None:
    contract = published_city.demo.hub.catalogue.published["permit_verification"]
    assert set(contract.names) == VERIFIABLE
    assert {column.classification for column in contract.columns} == {"public"}
    names = "SELECT applicant_name FROM current.perizinan__permits WHERE applicant_name LIKE '% %' "
    names += "UNION SELECT owner_name FROM current.simbg__buildings WHERE owner_name LIKE '% %'"
    shown = "SELECT DISTINCT holder_shown FROM published.permit_verification WHERE holder_shown IS NOT NULL"
    assert not set(published_city.rows(names)) & set(published_city.rows(shown))


def test_every_permit_once_and_only_real_ones_are_genuine(published_city: PublishedCity) -> None:
    (counts,) = published_city.rows(
        "SELECT count(*), count(DISTINCT permit_key), count(DISTINCT system_code) FROM published.permit"
    )
    assert counts[0] == counts[1] > 500
    assert counts[2] == 4
    assert not published_city.rows(
        "SELECT 1 FROM published.permit_verification v LEFT JOIN published.permit p "
        "ON v.permit_number IN (p.permit_number, p.building_number) WHERE p.permit_key IS NULL"
    )


def test_classes_of_business_have_their_zero_again(published_city: PublishedCity) -> None:
    lost = published_city.rows("SELECT 1 FROM current.oss__projects WHERE length(kbli_code) = 4 LIMIT 1")
    codes = published_city.rows("SELECT DISTINCT kbli_code FROM published.permit WHERE kbli_code LIKE '0%'")
    assert lost
    assert {len(code) for (code,) in codes} == {5}


def test_nobody_is_told_by_a_nik(published_city: PublishedCity) -> None:
    niks = {nik for (nik,) in published_city.rows("SELECT nik FROM current.siak__residents")}
    niks |= {nik for (nik,) in published_city.rows("SELECT owner_nik FROM current.simbg__buildings")}
    for table in TABLES:
        for (row,) in published_city.rows(f"SELECT t::text FROM published.{table} AS t"):
            assert not niks & set(re.findall(r"(?<!\d)\d{16}(?!\d)", row)), table
