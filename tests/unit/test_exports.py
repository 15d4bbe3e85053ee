"""Defect lists: nothing in them runs as a formula, nothing of a row is lost; masks hide what they should."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.errors import ExportError
from lumbung.exports import Defect, Listing, defects, harmless, write
from lumbung.feedback import Feedback, Line, Trend
from lumbung.masking import MASK, masked, masked_key, masked_row
from schemas.contract import Column, Contract, Reference, Server

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
        id="opd.data", kind="source", version="1", status="active", title="Data & more", description="",
        owner="opd", tags=(), file=Path("none"), physical_name="data", columns=columns,
        **{"server": Server("opd", "csv"), **more},
    )  # fmt: skip


def listing(*trends: Trend, language: Any = "en", **more: Any) -> Listing:
    ended = datetime(2024, 8, 7, 20, 30, tzinfo=UTC)
    counts = {"read": 1200, "staged": 1190, "quarantined": 10, "filtered": 0, "superseded": 0}
    load: dict[str, Any] = {"load_id": 12, "finished_at": ended}
    load |= {f"{name}_count": count for name, count in counts.items()}
    before = {**load, "load_id": 11, "finished_at": ended - timedelta(days=1)}
    found = Feedback(contract(**more), load, before, 10, 12, 3, trends, False, {})
    return Listing(found, language, WIB)


def line(code: str, row: dict[str, str], **more: Any) -> Line:
    said: dict[str, Any] = {
        "code": code, "row_key": "6171010101900001|2024", "has_key": True, "row": row, "row_number": 7,
        "opened_at": datetime(2024, 8, 7, 20, 30, tzinfo=UTC), "file": "may.csv", "file_place": 0,
    }  # fmt: skip
    return Line(**{**said, **more})


def defect(row: str | int, value: str, **more: Any) -> Defect:
    said: dict[str, Any] = {
        "file": "=may.csv", "row": row, "key": "6171010101900001", "column": "A", "value": value,
        "problem": "@p", "remedy": "r", "found": "t", "code": "a:type", "is_number": False,
    }  # fmt: skip
    return Defect(**{**said, **more})


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "\n ", "\u00a0", "\ufeff"])
def test_formulas_are_made_harmless(sign: str, before: str) -> None:
    text = f"{before}{sign}HYPERLINK(1)"
    assert harmless(text).startswith("'")
    assert harmless(text).replace("'", "") == text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("expected 7 fields, found 3: a,b,c", "seharusnya 7 kolom, ditemukan 3: a,b,c"),
        ("expected 2 fields, found 1: x; b: NUL byte: y\\x00",
         "seharusnya 2 kolom, ditemukan 1: x; b: memuat byte NUL: y\\x00"),
        ("nama: undecodable bytes: \\xe9; kk: NUL byte: \\x00",
         "nama: memuat byte yang tidak dapat dibaca: \\xe9; kk: memuat byte NUL: \\x00"),
        ("',' expected after '\"': a\"b", "seharusnya ada ',' sesudah '\"': a\"b"),
        ("no JSON (Expecting value): {", "bukan JSON: {"),
        ("found 3: expected 7 fields, found 3: a", "found 3: expected 7 fields, found 3: a"),
    ],
)  # fmt: skip
def test_damaged_rows_are_told_in_the_owner_s_language(fault: str, told: str) -> None:
    one = line(":malformed", {"row_fault": fault})
    by_language = {x: next(defects([one], listing(language=x))).value for x in ("id", "en")}
    assert by_language == {"id": told, "en": fault}


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


def test_lines_speak_as_the_owner_does() -> None:
    lines = [
        line(":duplicate_key", {"nik": "a"}),
        line("note:enum", {"note": "b"}, file="", file_place=1, row_number=9),
        line("note:enum", {}, row_number=None),
    ]
    found = list(defects(lines, listing()))
    assert [(d.file, d.row, d.column, d.value) for d in found] == [
        ("may.csv", 7, "NIK + TAHUN", "a | "), ("", "2:9", "CATATAN", "b"), ("may.csv", "", "CATATAN", ""),
    ]  # fmt: skip
    assert found[0].found == "2024-08-08 03:30"


def test_values_of_references_and_damaged_rows() -> None:
    reference = Reference(("kk", "year"), "opd.cards", ("kk", "year"))
    row = {"kk": "123", "year": "2024", "row_fault": "3 fields, expected 4: a,b,c"}
    lines = [line("kk:reference", row, has_key=False), line(":malformed", row, has_key=False)]
    found = defects(lines, listing(references=(reference,)))
    assert [(d.value, d.key) for d in found] == [("123 | 2024", ""), ("3 fields, expected 4: a,b,c", "")]


def test_a_source_without_files_has_no_column_for_them() -> None:
    assert "file" in listing().fields
    assert "file" not in listing(server=Server("opd", "postgres")).fields


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_written_is_read_back(kind: Any, tmp_path: Path) -> None:
    target = tmp_path / f"list.{kind}"
    target.write_text("an older list")
    long = "x" * 40_000
    found = [defect(2, "=1+1"), defect("2:3", long, code="b:type"), defect(4, "-5", is_number=True)]
    assert write(target, kind, iter(found), listing(language="id")) == 3
    assert [file.name for file in tmp_path.iterdir()] == [target.name]
    if kind == "csv":
        with target.open(encoding="utf-8-sig", newline="") as file:
            rows: list[list[Any]] = list(csv.reader(file))
        assert rows[0][:4] == ["Berkas", "Nomor baris", "Kunci", "Kolom"]
        assert rows[1] == ["'=may.csv", "2", "6171010101900001", "A", "'=1+1", "'@p", "r", "t"]
        assert [row[4] for row in rows[2:]] == [long, "-5"]
        return
    sheet = openpyxl.load_workbook(target)["Daftar kesalahan"]
    assert [cell.value for cell in sheet[2]] == [
        "=may.csv",
        2,
        "6171010101900001",
        "A",
        "=1+1",
        "@p",
        "r",
        "t",
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    assert len(str(sheet["E3"].value)) == 32_767


def test_the_list_is_made_to_be_filtered_and_printed(tmp_path: Path) -> None:
    target = tmp_path / "list.xlsx"
    write(target, "xlsx", [defect(2, "a"), defect(3, "b")], listing())
    sheet = openpyxl.load_workbook(target)["Defects"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H3")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert sheet["F2"].alignment.wrap_text


def test_the_summary_says_how_the_load_went_and_what_moved(tmp_path: Path) -> None:
    target = tmp_path / "list.xlsx"
    trends = (Trend("note:enum", 10, 4, 1), Trend("year:type", 0, 0, 5))
    write(target, "xlsx", [], listing(*trends, language="id"))
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["Ringkasan", "Daftar kesalahan"]
    rows = [[cell.value for cell in row] for row in book["Ringkasan"].iter_rows()]
    facts = {row[0]: row[1] for row in rows}
    assert facts["Kunci baris"] == "NIK | TAHUN"
    assert facts["Muatan"] == "nomor 12, 8 Agustus 2024 pukul 03.30 WIB"
    assert facts["Dibandingkan dengan"] == "nomor 11, 7 Agustus 2024 pukul 03.30 WIB"
    counts = ("Baris dibaca", "Baris diterima", "Baris ditolak", "Baris bukan data (dilewati)")
    assert [facts[label] for label in counts] == [1200, 1190, 10, 0]
    assert facts["Baris yang disetujui tetap di luar"] == 3
    assert facts["Baris yang perlu diperbaiki"] == "10 (turun 2)"
    assert [row[2:] for row in rows if row[6] and row[2] != "Jumlah baris"] == [
        [10, 4, 6, 1, "naik 3"],
        [0, 0, 0, 5, "turun 5"],
    ]


def test_a_list_longer_than_a_sheet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbung.workbook.MOST_ROWS", 3)
    target = tmp_path / "list.xlsx"
    write(target, "xlsx", [defect(n, "a") for n in range(2)], listing())
    with pytest.raises(ExportError, match="export it as CSV"):
        write(target, "xlsx", [defect(n, "a") for n in range(3)], listing())


def test_a_list_that_breaks_off_leaves_the_older_one(tmp_path: Path) -> None:
    def breaking() -> Iterator[Defect]:
        yield defect(1, "")
        raise ConnectionError("lost")

    target = tmp_path / "list.csv"
    target.write_text("an older list")
    with pytest.raises(ExportError, match="can't be written"):
        write(target, "csv", breaking(), listing())
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
