"""Text becomes typed values exactly, or is refused: nothing slips in wrong or becomes NULL in silence."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.warehouse import Warehouse
from schemas.contract import Column, Numbers, Read, Server
from tests.loads_project import Loads, column, contract

AS_IS = Read()
DATE = column("value", "date")
DMY = column("value", "date", options={"format": "dd/MM/yyyy"})
MONTH = column("value", "date", options={"format": "d-MMM-yy"})
LONG = column("value", "date", options={"format": "d MMMM yyyy"})
SERIAL = column("value", "date", options={"format": "excel"})
STAMP = column("value", "timestamp")
ZONED = column("value", "timestamp", options={"defaultTimezone": "Asia/Pontianak"})
STAMP_DMY = column("value", "timestamp", options={"format": "dd/MM/yyyy HH:mm"})
CLOCK = column("value", "time")
WHOLE = column("value", "integer")
SMALL = column("value", "integer", options={"format": "i16"})
UNSIGNED = column("value", "integer", options={"format": "u64"})
NUMBER = column("value", "number")
MONEY = column("value", "number", "decimal(5,2)")
FLOAT = column("value", "number", options={"format": "f64"})
YES = column("value", "boolean")
JSON = column("value", "object")

# Column, text, what comes of it, and under which rule it is refused.
CASES: list[tuple[Column, str, Any]] = [
    *((DATE, text, "type") for text in (
        "yesterday", "today", "infinity", "-infinity", "J2460000", "epoch", "07/08/2023", "2023-13-01",
        "2023-02-30", "0000-00-00", "2025-00-15", "00-00-0000", "20230807", "2023-8-7", "12023-08-07",
        "2023-08-07 00:00:00", "2023-08-07x", "Aug 7 2023", "0044-03-15 BC", "Jan1-07-23", "",
    )),
    (DATE, "2023-08-07", dt.date(2023, 8, 7)),
    (DATE, " 2023-08-07 ", dt.date(2023, 8, 7)),
    (DATE, "0001-01-01", dt.date(1, 1, 1)),
    (DMY, "07/08/2023", dt.date(2023, 8, 7)),
    *((DMY, text, "type") for text in ("2023-08-07", "31/02/2023", "13/13/2023", "7/8/2023", "00/00/0000")),
    (MONTH, "17-Agu-23", dt.date(2023, 8, 17)),
    (MONTH, "7-Des-69", dt.date(1969, 12, 7)),
    (MONTH, "7-Xyz-23", "type"),
    (LONG, "1 Pebruari 2024", dt.date(2024, 2, 1)),
    (LONG, "30 Februari 2024", "type"),
    (SERIAL, "45145", dt.date(2023, 8, 7)),
    *((SERIAL, text, "type") for text in ("59", "45145.5", "1e5", "-1")),
    *((STAMP, text, "type") for text in (
        "now", "2023-08-07 24:00:00", "2023-08-07 10:60:00", "2023-08-07 10:00:60", "0000-00-00 00:00:00",
        "2023-08-07 10:00:00+07", "2023-08-07 10:00:00 WIB", "2023-08-07 10:00:00.1234567",
        "Aug  -07-23 10:00:00",
    )),
    (STAMP, "2023-08-07 10:11:12", dt.datetime(2023, 8, 7, 10, 11, 12)),
    (STAMP, "2023-08-07T10:11:12.5", dt.datetime(2023, 8, 7, 10, 11, 12, 500_000)),
    (STAMP, "2023-08-07 10:11:12.1234560", dt.datetime(2023, 8, 7, 10, 11, 12, 123_456)),
    (STAMP, "2023-08-07", dt.datetime(2023, 8, 7)),
    (ZONED, "2023-08-07 07:00:00", dt.datetime(2023, 8, 7, tzinfo=dt.UTC)),
    (ZONED, "2023-08-07T00:00:00Z", dt.datetime(2023, 8, 7, tzinfo=dt.UTC)),
    (ZONED, "2023-08-07 08:00:00+08:00", dt.datetime(2023, 8, 7, tzinfo=dt.UTC)),
    (STAMP_DMY, "07/08/2023 23:59", dt.datetime(2023, 8, 7, 23, 59)),
    (STAMP_DMY, "07/08/2023 24:00", "type"),
    (CLOCK, "23:59:59", dt.time(23, 59, 59)),
    *((CLOCK, text, "type") for text in ("24:00:00", "25:00", "allballs", "10:00 PM")),
    *((WHOLE, text, "type") for text in (
        "1_000", "0x1F", "0o7", "0b1", "1.0", "1e3", "NaN", "9223372036854775808", "6.17101E+15", "१२",
        "- 1",
        "",
    )),
    (WHOLE, "9223372036854775807", 2**63 - 1),
    (WHOLE, "-007", -7),
    (WHOLE, "+5", 5),
    (SMALL, "32768", "type"),
    (UNSIGNED, "18446744073709551615", Decimal(2**64 - 1)),
    (UNSIGNED, "18446744073709551616", "maximum"),
    (UNSIGNED, "-1", "minimum"),
    *((NUMBER, text, "type") for text in (
        "NaN", "Infinity", "-inf", "1_000", "0x1F", "1e5", "1,5", "1.234.567,89", "Rp 1.000", "(1.000)",
        "-",
        "#N/A", ".5",
    )),
    (NUMBER, "1" * 60 + ".5", Decimal("1" * 60 + ".5")),
    (MONEY, "1.555", "scale"),
    (MONEY, "1.550000", Decimal("1.55")),
    (MONEY, "999.99", Decimal("999.99")),
    (MONEY, "1000", "type"),
    (MONEY, "NaN", "type"),
    (FLOAT, "1.5E7", 1.5e7),
    *((FLOAT, text, "type") for text in ("NaN", "infinity", "1e400")),
    (YES, "Ya", True),
    (YES, "0", False),
    (YES, "maybe", "type"),
    (JSON, '{"a": 1}', {"a": 1}),
    (JSON, "{a: 1}", "type"),
]  # fmt: skip


def outcomes(
    url: str, cases: list[tuple[Column, str, Any]], read: Read = AS_IS, kind_of_source: str = "postgres"
) -> list[Any]:
    """What each text becomes: its value, or the codes that refuse it. One load per distinct column."""
    found: dict[int, Any] = {}
    for number, kind in enumerate({id(case[0]): case[0] for case in cases}.values()):
        mine = [(i, text) for i, (other, text, _) in enumerate(cases) if other is kind]
        key = column("id", "integer", key=1)
        server = Server("test", kind_of_source)
        loads = Loads(Warehouse(url), contract(key, kind, name=f"types.t{number}", read=read, server=server))
        load_id = loads.land(*[(str(i), text) for i, text in mine])
        loads.validate(load_id)
        rows = loads.query(f"SELECT id, value, reasons FROM staging.types__t{number}__l{load_id}")
        found |= {i: reasons or value for i, value, reasons in rows}
    return [found[i] for i in range(len(cases))]


def expected(case: tuple[Column, str, Any]) -> Any:
    wanted = case[2]
    return [f"value:{wanted}"] if isinstance(wanted, str) else wanted


@pytest.mark.fault(22)
def test_exact_or_refused(warehouse_url_each: str) -> None:
    found = outcomes(warehouse_url_each, CASES)
    wrong = [
        (case[0].options or case[0].pg_type, case[1], got)
        for case, got in zip(CASES, found, strict=True)
        if got != expected(case) or type(got) is not type(expected(case))
    ]
    assert wrong == []


@pytest.mark.fault(15)
def test_declared_marks_and_null_tokens(warehouse_url: str) -> None:
    indonesian = Read(decimal_mark=",", group_mark=".", null_tokens=("", "-"))
    cases: list[tuple[Column, str, Any]] = [
        (MONEY, "123,45", Decimal("123.45")),
        (NUMBER, "1.234.567,89", Decimal("1234567.89")),
        (NUMBER, "-1.234", Decimal(-1234)),
        (NUMBER, "1.23.456", "type"),
        (NUMBER, "1234.567", "type"),
        (NUMBER, "1.5", "type"),
        (NUMBER, "-", None),
        (NUMBER, "", None),
        (MONEY, "1,555", "scale"),
        (WHOLE, "1.000", 1000),
        (DATE, "-", None),
    ]
    found = outcomes(warehouse_url, cases, indonesian)
    assert found == [expected(case) for case in cases]


RUPIAH = Read(
    decimal_mark=",",
    group_mark=".",
    null_tokens=("", "#N/A"),
    numbers=Numbers(
        currency=("Rp", "Rp.", "IDR", ",-"),
        negatives=("parentheses", "trailing"),
        zero_tokens=("-", "nihil"),
        percent=True,
    ),
)
WIDE = column("value", "number", "decimal(20,2)")


def test_numbers_as_people_write_them(warehouse_url_each: str) -> None:
    cases: list[tuple[Column, str, Any]] = [
        *((WIDE, text, Decimal(1000)) for text in (
            "1.000", "1000", "Rp 1.000", "Rp1.000", "Rp. 1.000,-", "Rp  1.000,00", "1.000 IDR",
            "1.000,-", "+1.000",
            " Rp 1.000 ", "IDR 1.000,-", "Rp +1.000", "+Rp 1.000",
        )),
        *((WIDE, text, Decimal("-1234567.89")) for text in (
            "-1.234.567,89", "(1.234.567,89)", "1.234.567,89-", "(Rp 1.234.567,89)", "Rp (1.234.567,89)",
            "-Rp 1.234.567,89", "Rp -1.234.567,89", "Rp 1.234.567,89-", "1.234.567,89- IDR",
        )),
        *((WIDE, text, Decimal(0)) for text in ("-", "nihil", "Rp -", "Rp. -", "0", "-0", "(0)")),
        *((WIDE, text, Decimal(5)) for text in ("5%", "5 %", "5", "5,00%")),
        (WIDE, "(5%)", Decimal(-5)),
        (WIDE, "#N/A", None),
        *((WIDE, text, "type") for text in (
            "rp 1.000", "USD 1.000", "$1.000", "Rp Rp 1.000", "(-1.000)", "-(1.000)", "-1.000-",
            "(1.000", "1.000)",
            "((1.000))", "- 1", "--1", "1.000.-", ",-1.000", "1,000,000", "1.0000", "1e3", "Rp", "%",
            "%5", "5%%", "()",
            "1.000 2.000", "Nihil", "-nihil", "5 Rp 3", "Rp 1_000", "0x1F", "NaN", "infinity",
            "Rp infinity", "१.१",
            "1.000\n", "Rp\u00a01.000", ".5", ",5", "5,", "1.000,5-5",
        )),
        *((WIDE, text, "scale") for text in ("1,555", "Rp 1,555", "(1,555)", "1,555-", "0,001 %")),
        (WIDE, "(1,5500)", Decimal("-1.55")),
        (WHOLE, "Rp 1.000", 1000),
        (WHOLE, "(1.000)", -1000),
        (WHOLE, "-", 0),
        (WHOLE, "1.000,00", "type"),
        (FLOAT, "(1,5)", -1.5),
    ]  # fmt: skip
    assert differing(warehouse_url_each, cases, RUPIAH) == []


def test_bounds_of_floats_are_what_the_contract_says(warehouse_url: str) -> None:
    """A 4-byte 0.1 is not more than 0.1, and a bound beyond every float raises nothing."""
    short = column("value", "number", options={"format": "f32", "minimum": 0.1, "maximum": 0.3})
    long = column("value", "number", options={"format": "f64", "minimum": 0.1, "maximum": 10**400})
    cases: list[tuple[Column, str, Any]] = [
        (short, "0.1", pytest.approx(0.1)),
        (short, "0.3", pytest.approx(0.3)),
        (short, "0.30001", "maximum"),
        (short, "0.09999", "minimum"),
        (long, "0.1", 0.1),
        (long, "1e300", 1e300),
        (long, "0.0999999999999999", "minimum"),
    ]
    assert outcomes(warehouse_url, cases) == [expected(case) for case in cases]


def test_plain_marks_beside_declared_forms(warehouse_url: str) -> None:
    read = Read(numbers=Numbers(currency=("$",), negatives=("parentheses",)))
    cases: list[tuple[Column, str, Any]] = [
        (WIDE, "$1000.50", Decimal("1000.50")),
        (WIDE, "($7)", Decimal(-7)),
        (WIDE, "7-", "type"),
        (WIDE, "-", "type"),
        (WIDE, "5%", "type"),
        (WIDE, "1,000", "type"),
        (WIDE, "$1.555", "scale"),
        (FLOAT, "1.5E7", 1.5e7),
        *((FLOAT, text, "type") for text in ("$1e5", "NaN", "($Infinity)", "infinity")),
    ]
    assert differing(warehouse_url, cases, read) == []


def differing(
    url: str, cases: list[tuple[Column, str, Any]], read: Read, kind_of_source: str = "postgres"
) -> list[Any]:
    """The cases that came out otherwise than expected."""
    found = outcomes(url, cases, read, kind_of_source)
    return [
        (case[0].options or case[0].pg_type, case[1], got)
        for case, got in zip(cases, found, strict=True)
        if got != expected(case) or type(got) is not type(expected(case))
    ]


MIXED = column("value", "date", options={"format": "dd/MM/yyyy | d-MMM-yy | d MMMM yyyy | excel"})
MOMENT = column("value", "timestamp", options={"format": "dd/MM/yyyy HH:mm | excel"})
HOUR = column("value", "time", options={"format": "HH.mm | HH:mm"})
LOCAL = column(
    "value", "timestamp", options={"format": "dd/MM/yyyy HH:mm", "defaultTimezone": "Asia/Pontianak"}
)
INDEPENDENCE = dt.date(2023, 8, 17)


def test_the_first_format_that_fits(warehouse_url_each: str) -> None:
    cases: list[tuple[Column, str, Any]] = [
        *((MIXED, text, INDEPENDENCE) for text in (
            "17/08/2023", "17-Agu-23", "17-Aug-23", "17 Agustus 2023", "17 AGUSTUS 2023", "45155",
            "45155.0",
        )),
        *((MIXED, text, "type") for text in (
            "31/02/2023", "31-Feb-23", "7/8/2023", "17.08.2023", "2023-08-17", "2023-08-17 00:00:00",
            "08/17/2023",
            "45155.5", "59", "yesterday", "infinity", "17 Foo 2023", "17/08/23", "00/00/0000", "0",
            "NaN", "1_000",
            "0x1F", "epoch", "17-08-2023", "a7/08/2023", "1789/08/17",
        )),
        (MOMENT, "17/08/2023 10:30", dt.datetime(2023, 8, 17, 10, 30)),
        (MOMENT, "45155.4375", dt.datetime(2023, 8, 17, 10, 30)),
        (MOMENT, "45155,4375", dt.datetime(2023, 8, 17, 10, 30)),
        *((MOMENT, text, "type") for text in ("17/08/2023", "17/08/2023 24:00", "now", "2023-08-17 10:30")),
        (HOUR, "07.30", dt.time(7, 30)),
        (HOUR, "07:30", dt.time(7, 30)),
        *((HOUR, text, "type") for text in ("7:30", "24.00", "allballs", "07:30:00")),
    ]  # fmt: skip
    assert differing(warehouse_url_each, cases, AS_IS) == []


@pytest.mark.parametrize("kind_of_source", ["xlsx", "xls", "ods"])
def test_true_date_cells_beside_a_declared_format(warehouse_url: str, kind_of_source: str) -> None:
    at = dt.datetime(2023, 8, 17, 10, 30)
    cases: list[tuple[Column, str, Any]] = [
        *((MIXED, text, INDEPENDENCE) for text in (
            "17/08/2023", "45155", "2023-08-17", "2023-08-17 00:00:00",
        )),
        *((MIXED, text, "type") for text in (
            "2023-08-17 10:30:00", "2023-02-30", "20230817", "2023-8-17", "2023-08-17T00:00:00",
            "0000-00-00",
            "2023-08-17 00:00", "infinity",
        )),
        (SERIAL, "2023-08-17", INDEPENDENCE),
        *((MOMENT, text, at) for text in (
            "17/08/2023 10:30", "2023-08-17 10:30:00", "2023-08-17 10:30:00.000000",
        )),
        (MOMENT, "2023-08-17", dt.datetime(2023, 8, 17)),
        *((MOMENT, text, "type") for text in (
            "2023-08-17 24:00:00", "2023-08-17 10:30:60", "2023-08-17 10:30:00+07",
        )),
        (LOCAL, "2023-08-17 10:30:00", at.replace(hour=3, tzinfo=dt.UTC)),
        (LOCAL, "17/08/2023 10:30", at.replace(hour=3, tzinfo=dt.UTC)),
        (HOUR, "07:30:00", dt.time(7, 30)),
        (HOUR, "24:00:00", "type"),
    ]  # fmt: skip
    assert differing(warehouse_url, cases, AS_IS, kind_of_source) == []


def test_a_part_of_the_sources_text(warehouse_url_each: str) -> None:
    """One cell holds code, name and amount: each column takes its part, or the row is refused."""
    code = column("code", key=1)
    name = column("name", required=False)
    amount = column("amount", "integer", required=True)
    read = Read(
        null_tokens=("", "-"),
        group_mark=".",
        decimal_mark=",",
        extract={
            "code": "^([0-9.]+) ",
            "name": "^[0-9.]+ (.+?) *[(]",
            "amount": r"[(]((?:[0-9]+|x)[.0-9]*)?[)]$",
        },
    )
    of = contract(code, name, amount, name="types.parts", read=read)
    loads = Loads(Warehouse(warehouse_url_each), of)
    texts = [
        "1.02 Dinas (1.000)",
        "1.03 Dinas (x)",
        "Dinas (5)",
        "1.05 Dinas ()",
        "-",
        None,
        "1.06 Dinas (7)",
    ]
    load = loads.sync(*[(text, text, text) for text in texts])
    assert loads.current() and [row[:3] for row in loads.current()] == [
        ("1.02", "Dinas", 1000),
        ("1.06", "Dinas", 7),
    ]
    assert load.read_count == len(texts) and load.quarantined_count == 5
    reasons = loads.query(
        "SELECT rows -> 0 ->> 'code', reasons FROM quarantine.entry "
        "WHERE jsonb_array_length(rows) = 1 ORDER BY 1"
    )
    assert reasons == [
        ("-", ["amount:required", "code:required"]),
        ("1.03 Dinas (x)", ["amount:type"]),
        ("1.05 Dinas ()", ["amount:extract"]),
        ("Dinas (5)", ["code:extract", "name:extract"]),
        (None, ["amount:required", "code:required"]),
    ]


@pytest.fixture(scope="module")
def module_url(embedded_servers: Any) -> Any:
    with embedded_servers.database(18, "template_migrated") as url:
        yield url


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=22)
VALUES = st.tuples(
    st.dates(),
    st.datetimes(),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(-999, 999, allow_nan=False, allow_infinity=False, places=2),
)


@settings(max_examples=8, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=60))
def test_no_text_raises_and_none_is_lost(module_url: str, texts: list[str]) -> None:
    cases = [(kind, text, None) for kind in (DATE, STAMP, WHOLE, MONEY, MONTH) for text in texts]
    for (kind, text, _), got in zip(cases, outcomes(module_url, cases), strict=True):
        assert got is not None, (kind.pg_type, text)


@settings(max_examples=8, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=40))
def test_every_value_comes_through_exactly(module_url: str, values: list[tuple[Any, ...]]) -> None:
    kinds = (DATE, STAMP, WHOLE, MONEY)
    cases = [(kind, str(value), value) for row in values for kind, value in zip(kinds, row, strict=True)]
    assert outcomes(module_url, cases) == [case[2] for case in cases]
