"""However a value is written in one of the declared forms, it is read as that value."""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.warehouse import Warehouse
from schemas.contract import Column, Numbers, Read
from tests.loads_project import Loads, column, contract

NUMBERS = itertools.count()
READ = Read(
    decimal_mark=",",
    group_mark=".",
    numbers=Numbers(("Rp", "Rp.", ",-"), ("parentheses", "trailing"), ("-", "nihil"), percent=True),
)
AMOUNT = column("value", "number", "decimal(20,3)")
DAY = column("value", "date", options={"format": "dd/MM/yyyy | d-MMM-yyyy | d MMMM yyyy | excel"})
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November",
    "Desember",
)  # fmt: skip

AMOUNTS = st.decimals(-(10**16), 10**16, places=3, allow_nan=False, allow_infinity=False)
DAYS = st.dates(dt.date(1900, 3, 1), dt.date(4637, 11, 25))


@pytest.fixture(scope="module")
def url(embedded_servers: Any) -> Iterator[str]:
    with embedded_servers.database(18, "template_migrated") as url:
        yield url


def came(url: str, value: Column, texts: list[str], read: Read = READ) -> list[Any]:
    """What each text becomes: its value, or the reasons that refuse it."""
    of = contract(column("id", "integer", key=1), value, name=f"written.t{next(NUMBERS)}", read=read)
    loads = Loads(Warehouse(url), of)
    load_id = loads.land(*[(str(number), text) for number, text in enumerate(texts)])
    loads.validate(load_id)
    rows = loads.query(f"SELECT value, reasons FROM staging.{of.table}__l{load_id} ORDER BY id")
    return [reasons or found for found, reasons in rows]


def digits(amount: Decimal, is_grouped: bool) -> str:
    """The amount without its sign, as Indonesians write it."""
    whole, _, fraction = f"{abs(amount):,}".partition(".")
    whole = whole.replace(",", "." if is_grouped else "")
    return f"{whole},{fraction}" if fraction.strip("0") else whole


@st.composite
def written_amounts(draw: st.DrawFn) -> tuple[str, Decimal]:
    amount = draw(AMOUNTS)
    number = digits(amount, draw(st.booleans()))
    before = draw(st.sampled_from(["", "Rp", "Rp ", "Rp. ", "Rp   "]))
    after = draw(st.sampled_from(["", ",-", " ,-", "%", " %"]))
    plain = [f"{before}{number}{after}"]
    negative = [
        f"-{before}{number}{after}", f"{before}-{number}{after}", f"({before}{number}{after})",
        f"{before}({number}){after}", f"{before}{number}-{after}",
    ]  # fmt: skip
    text = draw(st.sampled_from(negative if amount < 0 else plain))
    blanks = draw(st.sampled_from(["", " ", "  "]))
    return f"{blanks}{text}{blanks}", amount


@st.composite
def written_days(draw: st.DrawFn) -> tuple[str, dt.date]:
    day = draw(DAYS)
    month = draw(st.sampled_from([str.lower, str.upper, str.title]))(MONTHS[day.month - 1])
    text = draw(
        st.sampled_from(
            [
                f"{day.day:02}/{day.month:02}/{day.year:04}",
                f"{day.day}-{month[:3]}-{day.year:04}",
                f"{day.day} {month} {day.year:04}",
                str((day - dt.date(1899, 12, 30)).days),
            ]
        )
    )
    return text, day


@settings(max_examples=15, deadline=None)
@given(st.lists(written_amounts(), min_size=1, max_size=60))
def test_amounts(url: str, written: list[tuple[str, Decimal]]) -> None:
    assert came(url, AMOUNT, [text for text, _ in written]) == [amount for _, amount in written]


@settings(max_examples=15, deadline=None)
@given(st.lists(written_days(), min_size=1, max_size=60))
def test_days(url: str, written: list[tuple[str, dt.date]]) -> None:
    assert came(url, DAY, [text for text, _ in written]) == [day for _, day in written]


#: Pieces of amounts in any order: most of what they make is no amount.
PIECES = st.lists(
    st.sampled_from([*"0123456789.,-+()% ", "Rp", "Rp.", ",-", "nihil", "1.000", "e5", "\u0661"]), max_size=7
)


def is_amount(text: str) -> bool:
    """Whether the digits of a text are one number, whose points stand between groups of three."""
    bare = text.replace("Rp.", "").replace(",-", "")
    runs = "".join(c if c in "0123456789.," else " " for c in bare).split()
    if len(runs) != 1:
        return False
    whole, comma, fraction = runs[0].partition(",")
    first, *groups = whole.split(".")
    is_grouped = not groups or (1 <= len(first) <= 3 and all(len(group) == 3 for group in groups))
    return first.isdigit() and is_grouped and fraction.isdigit() == bool(comma)


@settings(max_examples=15, deadline=None)
@given(st.lists(PIECES.map("".join), min_size=1, max_size=80))
def test_what_is_no_amount_is_refused(url: str, texts: list[str]) -> None:
    for text, found in zip(texts, came(url, AMOUNT, texts), strict=True):
        if isinstance(found, Decimal) and any(c.isdigit() for c in text):
            assert is_amount(text), (text, found)
            assert (found < 0) == ("(" in text or "-" in text.replace(",-", "")) or found == 0, (text, found)
        elif isinstance(found, Decimal):
            assert found == 0 and ("-" in text or "nihil" in text), (text, found)
        else:
            assert found in (["value:type"], ["value:scale"]), (text, found)
