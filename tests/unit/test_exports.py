"""Defect lists: nothing in them runs as a formula, nothing of a row is lost; masks hide what they should."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import STRIDE
from lumbung.errors import ExportError
from lumbung.exports import Defect, defects, harmless, write
from lumbung.masking import MASK, masked, masked_key, masked_row
from lumbung.reasons import Explanation
from lumbung.reports import Entry
from schemas.contract import Column, Contract, Reference

WIB = ZoneInfo("Asia/Pontianak")
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d")


def contract(**more: Any) -> Contract:
    columns = (
        Column("nik", "NIK", "string", "text", key_position=1, classification="personal"),
        Column("year", "TAHUN", "integer", "bigint", key_position=2),
        Column("kk", "NO_KK", "string", "text", classification="personal"),
        Column("note", "CATATAN", "string", "text"),
    )
    return Contract(
        id="opd.data", kind="source", version="1", status="active", title="", description="", owner="",
        tags=(), file=Path("none"), physical_name="data", columns=columns, **more,
    )  # fmt: skip


def entry(*reasons: str, **more: Any) -> Entry:
    said: dict[str, Any] = {
        "entry_id": 1, "dataset": "opd.data", "row_key": "6171010101900001|2024", "has_key": True,
        "load_id": 1,
        "row_numbers": (7,), "rows": ({"nik": "6171010101900001", "year": "2024", "note": "=1"},),
        "reasons": reasons, "state": "open", "opened_at": datetime(2024, 8, 7, 20, 30, tzinfo=UTC),
        "closed_at": None, "closed_by_load_id": None,
    }  # fmt: skip
    return Entry(**{**said, **more})


def lines(*entries: Entry, **more: Any) -> list[Defect]:
    return list(defects(entries, contract(**more), "en", WIB))


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "\n ", "\u00a0", "\ufeff"])
def test_formulas_are_made_harmless(sign: str, before: str) -> None:
    text = f"{before}{sign}HYPERLINK(1)"
    assert harmless(text).startswith("'")
    assert harmless(text).replace("'", "") == text


@pytest.mark.parametrize("text", ["a=b", "Jl. Ahmad Yani", "2024-01-01", "", "a;b", "O'Neil"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_numbers_of_number_columns_stay_numbers() -> None:
    assert harmless("-5", is_number=True) == "-5"
    assert harmless("-1.234,50", is_number=True) == "-1.234,50"
    assert harmless("-5") == "'-5"
    assert harmless("-5+cmd()", is_number=True) == "'-5+cmd()"


@given(st.text(alphabet="=+-@;,\t\r\n\"' a1", max_size=12))
def test_no_cell_begins_a_formula_however_the_line_is_split(text: str) -> None:
    safe = harmless(text)
    for separator in ";\t\n\r":
        assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in safe.split(separator))
    assert safe.replace("'", "") == text.replace("'", "")


def test_a_line_for_each_reason_of_each_row() -> None:
    double = entry(
        ":duplicate_key", "note:enum", row_numbers=(7, STRIDE + 9), rows=({"nik": "a"}, {"note": "b"})
    )
    found = lines(double)
    assert [(d.row_number, d.words.column, d.value) for d in found] == [
        (7, "NIK + TAHUN", "a | "), (7, "CATATAN", ""),
        ("2:9", "NIK + TAHUN", " | "), ("2:9", "CATATAN", "b"),
    ]  # fmt: skip
    assert found[0].found == "2024-08-08 03:30"


def test_values_of_references_and_damaged_rows() -> None:
    reference = Reference(("kk", "year"), "opd.cards", ("kk", "year"))
    row = {"kk": "123", "year": "2024", "row_fault": "3 fields, expected 4: a,b,c"}
    found = lines(entry("kk:reference", ":malformed", rows=(row,), has_key=False), references=(reference,))
    assert [(d.value, d.key) for d in found] == [("123 | 2024", ""), ("3 fields, expected 4: a,b,c", "")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_written_is_read_back(kind: Any, tmp_path: Path) -> None:
    target = tmp_path / f"list.{kind}"
    target.write_text("an older list")
    long = "x" * 40_000
    found = [
        Defect(2, "6171010101900001", "=1+1", False, Explanation("A", "p", "r"), "t"),
        Defect("2:3", "", long, False, Explanation("B", "@p", "r"), "t"),
    ]
    assert write(target, kind, iter(found), "id", "Data") == 2
    if kind == "csv":
        with target.open(encoding="utf-8-sig", newline="") as file:
            rows: list[list[Any]] = list(csv.reader(file))
        assert rows[1] == ["2", "6171010101900001", "A", "'=1+1", "p", "r", "t"]
        assert rows[2][:5] == ["2:3", "", "B", long, "'@p"]
        return
    sheet = openpyxl.load_workbook(target).worksheets[0]
    assert sheet.title == "Daftar kesalahan"
    assert [cell.value for cell in sheet[2]] == [2, "6171010101900001", "A", "=1+1", "p", "r", "t"]
    assert [cell.data_type for cell in sheet[2]] == ["n", "s", "s", "s", "s", "s", "s"]
    assert len(str(sheet["D3"].value)) == 32_767
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


def test_a_list_that_breaks_off_leaves_the_older_one(tmp_path: Path) -> None:
    def breaking() -> Iterator[Defect]:
        yield Defect(1, "", "", False, Explanation("A", "p", "r"), "t")
        raise ConnectionError("lost")

    target = tmp_path / "list.csv"
    target.write_text("an older list")
    with pytest.raises(ExportError, match="can't be written"):
        write(target, "csv", breaking(), "id")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("list.csv", "an older list")]


def test_masks() -> None:
    assert masked("6171010101900001") == "617101••••••••••"
    assert masked("Budi Santoso") == masked("X") == masked("") == MASK
    assert masked_key("6171010101900001|2024", contract()) == "617101••••••••••|2024"
    assert masked_key("a|b|2024", contract()) == MASK, "a part that holds the separator can't be told apart"
    assert masked_key("anything", None) == MASK
    row = {"nik": "x", "year": "2024", "note": "n", "row_fault": "raw text"}
    assert masked_row(row, contract()) == {"nik": MASK, "year": "2024", "note": "n", "row_fault": MASK}
    assert set(masked_row(row, None).values()) == {MASK}
