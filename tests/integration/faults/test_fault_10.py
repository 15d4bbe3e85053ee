"""Identifiers that a spreadsheet has taken for numbers."""

from pathlib import Path

import pytest
import xlsxwriter

from schemas.contract import Read
from tests.loads_project import column
from tests.sourced import Sourced, dataset

FAULT = 10

ID = column("id", key=1)
NIK = column("nik", required=True, options={"pattern": "^[0-9]{16}$"}, classification="personal")
CODE = column("code", required=True, options={"pattern": "^[0-9]{2}$"})


def workbook(path: Path, rows: list[list[str | float]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["id", "nik", "code"], *rows]):
            for place, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(number, place, value)
    return path


def test_a_nik_kept_as_a_number(warehouse_url: str, tmp_path: Path) -> None:
    """A NIK is kept as a number in Excel, which rounds it: the row is quarantined, the others go on.

    Those that Excel happened to keep are refused as well, for nobody can tell them from the others.
    """
    path = workbook(
        tmp_path / "in.xlsx",
        [
            ["text", "6171010101010001", "01"],
            ["number", 6171010101010001, "01"],
            ["round", 6171010101010000, "01"],
            ["beyond", 6.17101e15, "01"],
        ],
    )
    source = Sourced(warehouse_url, dataset("xlsx", ID, NIK, CODE, path=path))
    load = source.sync()
    assert source.accepted() == [("text", "6171010101010001", "01")]
    assert source.refused() == {key: ["nik:pattern"] for key in ("number", "round", "beyond")}
    assert (load.read_count, load.quarantined_count) == (4, 3)


def test_lost_leading_zeros(warehouse_url: str, tmp_path: Path) -> None:
    """A code such as 01 is kept as the number 1 in Excel: quarantined, not filled up with zeros."""
    rows: list[list[str | float]] = [["number", "6171010101010001", 1], ["text", "6171010101010002", "01"]]
    rows.append(["short", 171010101010001, "01"])
    source = Sourced(warehouse_url, dataset("xlsx", ID, NIK, CODE, path=workbook(tmp_path / "in.xlsx", rows)))
    source.sync()
    assert source.accepted() == [("text", "6171010101010002", "01")]
    assert source.refused() == {"number": ["code:pattern"], "short": ["nik:pattern"]}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_scientific_notation_in_a_csv(warehouse_url: str, tmp_path: Path, delimiter: str) -> None:
    """A CSV was saved from Excel with NIKs as 6.17101E+15: the rows are quarantined, in texts and numbers."""
    niks = {
        "sound": "6171010101010001",
        "dot": "6.17101E+15",
        "comma": '"6,17101E+15"',
        "zero": "171010101010001",
    }
    lines = [delimiter.join(("id", "nik", "code", "household"))]
    lines += [delimiter.join((key, nik, "01", nik)) for key, nik in niks.items()]
    path = tmp_path / "in.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    household = column("household", "integer")
    of = dataset("csv", ID, NIK, CODE, household, path=path, read=Read(delimiter=delimiter))
    source = Sourced(warehouse_url, of)
    source.sync()
    assert source.accepted() == [("sound", "6171010101010001", "01", 6171010101010001)]
    assert source.refused() == {
        "dot": ["household:type", "nik:pattern"],
        "comma": ["household:type", "nik:pattern"],
        "zero": ["nik:pattern"],
    }
