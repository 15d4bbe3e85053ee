"""Numbers and dates as people write them."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from schemas.contract import Numbers, Read
from tests.loads_project import column
from tests.sourced import Sourced, dataset

FAULT = 15

ID = column("id", key=1)
AMOUNT = column("amount", "number", "decimal(18,2)")
DAY = column("day", "date", options={"format": "dd/MM/yyyy | d-MMM-yy | d MMMM yyyy | excel"})
INDEPENDENCE = dt.date(2023, 8, 17)
DECLARED = Read(
    delimiter=";",
    decimal_mark=",",
    group_mark=".",
    null_tokens=("", "#N/A"),
    numbers=Numbers(
        currency=("Rp", "Rp.", ",-"), negatives=("parentheses", "trailing"), zero_tokens=("-",), percent=True
    ),
)
AMOUNTS = ["1.234.567,89", "(1.000)", "1.000-", "-", "#N/A", "Rp 1.000", "Rp. 1.000,-", "5 %"]
DATES = ["17/08/2023", "17-Agu-23", "17 Agustus 2023", "45155"]


def csv(folder: Path, header: str, texts: list[str]) -> Path:
    path = folder / "in.csv"
    rows = [f"{number};{text}" for number, text in enumerate(texts)]
    path.write_text("\n".join([f"id;{header}", *rows]), encoding="utf-8")
    return path


def test_numbers_by_their_declared_forms(warehouse_url: str, tmp_path: Path) -> None:
    """Amounts like Rp 1.000, (1.000), - and #N/A, declared in the contract: each is read as what it means."""
    path = csv(tmp_path, "amount", AMOUNTS)
    source = Sourced(warehouse_url, dataset("csv", ID, AMOUNT, path=path, read=DECLARED))
    source.sync()
    meant = [Decimal("1234567.89"), -1000, -1000, 0, None, 1000, 1000, 5]
    assert source.accepted() == [(str(number), value) for number, value in enumerate(meant)]
    assert source.refused() == {}


def test_numbers_in_forms_that_nobody_declared(warehouse_url: str, tmp_path: Path) -> None:
    """The same amounts under a contract that declares none of these forms: every row is quarantined."""
    path = csv(tmp_path, "amount", [*AMOUNTS, "1000.5"])
    source = Sourced(warehouse_url, dataset("csv", ID, AMOUNT, path=path, read=Read(delimiter=";")))
    source.sync()
    assert source.accepted() == [("8", Decimal("1000.5"))]
    assert source.refused() == {str(number): ["amount:type"] for number in range(len(AMOUNTS))}


def test_dates_by_the_first_format_that_fits(warehouse_url: str, tmp_path: Path) -> None:
    """Dates as 17/08/2023, 17-Agu-23, 17 Agustus 2023 and serials in one column, all declared: one day."""
    source = Sourced(warehouse_url, dataset("csv", ID, DAY, path=csv(tmp_path, "day", DATES), read=DECLARED))
    source.sync()
    assert {row[1] for row in source.accepted()} == {INDEPENDENCE}
    assert source.refused() == {}


def test_dates_in_other_formats(warehouse_url: str, tmp_path: Path) -> None:
    """Dates that no declared format fits, or that no calendar has: each row is quarantined, none guessed."""
    texts = [
        "08/17/2023",
        "2023-08-17",
        "31/02/2023",
        "17/8/23",
        "17 Foo 2023",
        "45155,5",
        "kemarin",
        "yesterday",
    ]
    source = Sourced(warehouse_url, dataset("csv", ID, DAY, path=csv(tmp_path, "day", texts), read=DECLARED))
    source.sync()
    assert source.accepted() == []
    assert source.refused() == {str(number): ["day:type"] for number in range(len(texts))}


def test_true_numbers_beside_a_decimal_comma(warehouse_url: str, tmp_path: Path) -> None:
    """Thousands have points in texts, and a cell is the true number 1.234: it is not taken for 1234."""
    path = tmp_path / "in.xlsx"
    cells = [1.234, "1.234", 1234.5, "1.234,5", 0.00005, -0.5, 1e15]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(
            [("id", "amount", "code"), *((str(n), cell, 1.02) for n, cell in enumerate(cells))]
        ):
            sheet.write_row(number, 0, row)
    amount, code = column("amount", "number"), column("code", "string")
    source = Sourced(warehouse_url, dataset("xlsx", ID, amount, code, path=path, read=DECLARED))
    source.sync()
    meant = ("1.234", "1234", "1234.5", "1234.5", "0.00005", "-0.5")
    assert [row[1] for row in source.accepted()] == list(map(Decimal, meant))
    assert {row[2] for row in source.accepted()} == {"1.02"}, "a code is no number, whatever its cell is"
    assert source.refused() == {"6": ["amount:type"]}


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_true_numbers_of_json_beside_a_decimal_comma(warehouse_url: str, tmp_path: Path, kind: str) -> None:
    """Thousands have points in texts, and JSON has the number 1.234: it is not taken for 1234."""
    rows = [
        '{"id": "0", "amount": 1.234, "code": 1.10}',
        '{"id": "1", "amount": "1.234"}',
        '{"id": "2", "amount": -1234.50}',
    ]
    path = tmp_path / "in.json"
    path.write_text("\n".join(rows) if kind == "jsonl" else f"[{','.join(rows)}]", encoding="utf-8")
    amount, code = column("amount", "number"), column("code", "string")
    source = Sourced(warehouse_url, dataset(kind, ID, amount, code, path=path, read=DECLARED))
    source.sync()
    assert [row[1] for row in source.accepted()] == list(map(Decimal, ("1.234", "1234", "-1234.50")))
    assert source.accepted()[0][2] == "1.10", "a code is no number, whatever it is in JSON"


def test_a_workbook_with_texts_and_true_cells(warehouse_url: str, tmp_path: Path) -> None:
    """A sheet has true dates and numbers among texts: they are read alike, or quarantined."""
    path = tmp_path / "in.xlsx"
    with xlsxwriter.Workbook(path) as book:
        as_date = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "amount", "day"])
        for number, (amount, day) in enumerate(
            [("Rp 1.000", "17-Agu-23"), (1000, INDEPENDENCE), ("1.000,-", 45155), ("seribu", "2023-8-17")], 1
        ):
            sheet.write_row(number, 0, [str(number), amount])
            if isinstance(day, dt.date):
                sheet.write_datetime(number, 2, day, as_date)
            else:
                sheet.write(number, 2, day)
    source = Sourced(warehouse_url, dataset("xlsx", ID, AMOUNT, DAY, path=path, read=DECLARED))
    source.sync()
    assert source.accepted() == [(key, 1000, INDEPENDENCE) for key in "123"]
    assert source.refused() == {"4": ["amount:type", "day:type"]}
