"""Office days of complaints are what the calendar says, and steps that can't be are found exactly."""

import csv
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from demo.model import PROJECT
from tests.published_city import AS_OF, PublishedCity

pytestmark = pytest.mark.slow

TERMS = {"forward": 3, "answer": 5, "close": 10}
STEPS = ("TanggalMasuk", "TanggalDiteruskan", "TanggalJawaban", "TanggalSelesai")


def days_off() -> set[date]:
    """Days of the week on which no office works, as the reference list has them."""
    with (PROJECT / "warehouse" / "reference" / "office_calendar.csv").open(encoding="utf-8") as file:
        return {date.fromisoformat(row["calendar_date"]) for row in csv.DictReader(file)}


def office_days(first: date, last: date, off: set[date]) -> int:
    """Office days after `first` up to `last`."""
    days = (first + timedelta(days=number + 1) for number in range((last - first).days))
    return sum(day.weekday() < 5 and day not in off for day in days)


def expected(row: dict[str, str], off: set[date]) -> list[Any]:
    """Days of the three steps, and whether each was on time."""
    moments = [datetime.fromisoformat(row[name]).date() if row[name] else None for name in STEPS]
    days: list[int | None] = []
    kept: list[bool | None] = []
    for first, last, term in zip(moments, moments[1:], TERMS.values(), strict=False):
        taken = office_days(first, last or AS_OF, off) if first else None
        days.append(taken if last else None)
        kept.append(None if taken is None or (last is None and taken <= term) else taken <= term)
    return [*days, *kept]


def test_each_complaint_took_as_many_office_days_as_it_did(published_city: PublishedCity) -> None:
    text = (published_city.systems / "lapor" / "pengaduan.csv").read_text("utf-8")
    sent = {row["TrackingID"]: row for row in csv.DictReader(text.splitlines())}
    rows = published_city.rows(
        "SELECT tracking_id::text, sequence_code, forward_days, answer_days, close_days,"
        " is_forwarded_on_time, is_answered_on_time, is_closed_on_time FROM published.complaint_handling"
    )
    assert {row[0] for row in rows} == sent.keys() - published_city.refused("lapor.complaints")
    off = days_off()
    for key, sequence, *found in rows:
        if sequence == "fits":
            assert found == expected(sent[key], off), key
    odd = {(f"complaint_{row[1]}", row[0]) for row in rows if row[1] != "fits"}
    assert odd == {tuple(pair) for pair in published_city.manifest["known"] if "complaint" in pair[0]}


def test_each_complaint_has_its_agency_and_kelurahan(published_city: PublishedCity) -> None:
    (without,) = published_city.rows(
        "SELECT count(*) FILTER (WHERE forwarded_date IS NOT NULL AND skpd_code IS NULL),"
        " round(100.0 * count(kelurahan_code) / count(*)) FROM published.complaint_handling"
    )
    assert without[0] == 0
    assert without[1] > 80
