"""Dates and times as texts: the format that a column is written in."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from lumbung.drafting.marks import BLANK
from schemas.formats import MONTHS, Part, parse_format

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ISO_MOMENT = re.compile(rf"\d{{4}}-\d\d-\d\d[ T]{_CLOCK}")
_ISO_ZONED = re.compile(rf"\d{{4}}-\d\d-\d\d[ T]{_CLOCK} ?(Z|[+-]\d\d(:?\d\d)?)")
_TIME = re.compile(_CLOCK)
#: Day first, as Indonesia writes; month first only where day first can't be.
_DATES = (
    "dd/MM/yyyy", "d/M/yyyy", "dd-MM-yyyy", "d-M-yyyy", "dd.MM.yyyy", "yyyy/MM/dd", "dd MMMM yyyy",
    "d MMMM yyyy", "dd-MMM-yyyy", "d-MMM-yyyy", "dd-MMM-yy", "dd/MM/yy", "d/M/yy", "MM/dd/yyyy", "M/d/yyyy",
)  # fmt: skip
_CLOCKS = ("HH:mm:ss", "HH:mm", "H:mm:ss", "H:mm")
#: Digits only are a date where the name says so.
_DIGITS = ("yyyyMMdd", "ddMMyyyy")
_NAMED = re.compile(r"tanggal|tgl|date|dob|lahir|versi")


@dataclass(frozen=True)
class Temporal:
    """A column of dates or times: its logical type, `format` ("" for ISO), zone, and whether day and
    month could be the other way round."""

    kind: str
    format: str = ""
    is_zoned: bool = False
    is_doubtful: bool = False


def temporal(name: str, values: Iterable[str]) -> Temporal | None:
    """The form in which all the values are dates, timestamps or times; None when there is none."""
    texts = [value.strip(BLANK) for value in values]
    if not texts:
        return None
    iso = _iso(texts)
    if iso is not None:
        return iso
    for form in _DATES + (_DIGITS if _NAMED.search(name) else ()):
        if fits(form, texts):
            return Temporal("date", form, is_doubtful=_is_doubtful(form, texts))
    if not all(":" in text for text in texts):
        return None
    for form in (f"{day} {clock}" for day in _DATES for clock in _CLOCKS):
        if fits(form, texts):
            return Temporal("timestamp", form, is_doubtful=_is_doubtful(form, texts))
    return None


def most_likely(name: str, values: dict[str, int]) -> tuple[str, int]:
    """The date format that most rows are written in ("" for ISO), and how many rows are not.

    `values` are texts and how often each came. Formats that none is written in count as missing them all.
    """
    total, best = sum(values.values()), ("", sum(values.values()))
    for form in ("yyyy-MM-dd", *_DATES, *(_DIGITS if _NAMED.search(name) else ())):
        other = total - sum(count for value, count in values.items() if fits(form, [value.strip(BLANK)]))
        if other < best[1]:
            best = form, other
    return best[0].replace("yyyy-MM-dd", ""), best[1]


def _iso(texts: Sequence[str]) -> Temporal | None:
    if not all(_ISO_DAY.match(text) or _TIME.fullmatch(text) for text in texts):
        return None
    if all(_TIME.fullmatch(text) for text in texts):
        return Temporal("time")
    if not all(_exists(text) for text in texts if _ISO_DAY.match(text)):
        return None
    if all(_ISO_DAY.fullmatch(text) for text in texts):
        return Temporal("date")
    if all(_ISO_MOMENT.fullmatch(text) or _ISO_DAY.fullmatch(text) for text in texts):
        return Temporal("timestamp")
    zoned = all(_ISO_ZONED.fullmatch(text) for text in texts)
    return Temporal("timestamp", is_zoned=True) if zoned else None


def _exists(text: str) -> bool:
    return _is_day(int(text[:4]), int(text[5:7]), int(text[8:10]))


def fits(form: str, texts: Iterable[str]) -> bool:
    """Whether every text is a date or moment that exists, written in this format."""
    pattern, fields = _compiled(form)
    for text in texts:
        found = pattern.fullmatch(text)
        if found is None or not _is_real(dict(zip(fields, found.groups(), strict=True))):
            return False
    return True


@cache
def _compiled(form: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts: tuple[Part, ...] = parse_format(form) or ()
    pattern = "".join(f"({part.matches})" if part.field else part.matches for part in parts)
    return re.compile(pattern), tuple(part.field for part in parts if part.field)


def _is_real(fields: dict[str, str]) -> bool:
    year = int(fields.get("year") or f"20{fields.get('year2', '00')}")
    if "month_name" in fields:
        name = fields["month_name"].lower()
        month = next((n for n, names in enumerate(MONTHS, 1) if name in names), 0)
    else:
        month = int(fields["month"])
    return _is_day(year, month, int(fields["day"]))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day)
    except ValueError:
        return False
    return True


def _is_doubtful(form: str, texts: Sequence[str]) -> bool:
    """Whether day and month may be swapped without any text ceasing to be a date."""
    if "MMM" in form or form.startswith("yyyy"):
        return False
    swapped = form.translate(str.maketrans("dM", "Md"))
    return fits(swapped, texts) and any(text[:2] != text[3:5] for text in texts)
