"""Spreadsheets, sound, odd and hostile."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from connectors import workbook_guard, workbook_kind
from connectors.errors import SourceMalformed, SourceRefused
from tests.integration.connectors.reading import Reading, file_contract, read
from tests.services import corpus

Given = Callable[..., Reading]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(path: Path, *rows: list[Any], title: str = "Data") -> Worksheet:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return sheet


def edited(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Rewrite one part of the archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Reads columns a, b of a workbook with these rows."""

    def reading(*rows: list[Any], columns: tuple[str, ...] = ("a", "b"), **settings: Any) -> Reading:
        workbook(tmp_path / "data.xlsx", *rows)
        return read(file_contract("xlsx", columns, tmp_path / "data.xlsx", **settings))

    return reading


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"), (-3.0, "-3"), (0.1, "0.1"), (1234567.891, "1234567.891"), (10**15 - 1, "999999999999999"),
        (True, "true"), (date(2025, 8, 7), "2025-08-07"), (time(7, 30), "07:30:00"),
        (datetime(2025, 8, 7, 13, 5, 9), "2025-08-07 13:05:09"), (timedelta(hours=30, minutes=5), "30:05:00"),
        (timedelta(minutes=-15), "-00:15:00"), (timedelta(seconds=90.5), "00:01:30.500000"),
        ("0012", "0012"), ("1.234.567,89", "1.234.567,89"), ("  x\ty\n", "  x\ty\n"),
        ("=cmd|' /C calc'!A0", "#FORMULA"), ("#N/A", "#N/A"), ("#DIV/0!", "#DIV/0!"), (None, None),
    ],
)  # fmt: skip
def test_every_cell_comes_as_its_exact_text(given: Given, value: object, text: str | None) -> None:
    assert given(["a", "b"], ["key", value]).rows == [("key", text)]


@pytest.mark.fault(10)
def test_a_nik_typed_as_a_number_never_looks_like_a_nik(given: Given) -> None:
    numbers = (6171012345678901, 6171010101900001, 1e15)
    texts = [row[1] for row in given(["a", "b"], *(["key", number] for number in numbers)).rows]
    assert texts == ["6.171012345678901E+15", "6.171010101900001E+15", "1E+15"]


@pytest.mark.fault(14)
def test_title_rows_and_empty_rows_are_none_and_numbers_are_the_sheets(given: Given) -> None:
    reading = given(
        ["LAPORAN"],
        [],
        [None, "b", "extra", "a"],
        [None, 1, "x", "k"],
        [],
        [None, 2, None, "l"],
        header_row=3,
    )
    assert [(line.number, line.fields) for line in reading.lines] == [(4, ("k", "1")), (6, ("l", "2"))]
    assert reading.source_columns == ("b", "extra", "a")


@pytest.mark.fault(14)
def test_a_merged_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    sheet = workbook(
        tmp_path / "m.xlsx",
        ["Kode", None, "Anggaran", None, "Realisasi", None],
        [None, None, 2024, 2025, "2024", "2025"],
        ["k", "z", 1, 2, 3, 4],
    )
    for cells in ("A1:B2", "C1:D1", "E1:F1"):
        sheet.merge_cells(cells)
    assert sheet.parent is not None
    sheet.parent.save(tmp_path / "m.xlsx")
    of = file_contract(
        "xlsx", ["k:Kode", "a:Anggaran 2025", "r:Realisasi 2024"], tmp_path / "m.xlsx", header_rows=2
    )
    assert read(of).rows == [("k", "2", "3")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "is empty"),
        ([["a", "b"]], "has a header and no rows"),
        ([["a", "b"], [None, None]], "has a header and no rows"),
        ([["x"], [1]], None),
        ([["a", "b", "A"], [1, 2, 3]], "names a more than once"),
    ],
)
@pytest.mark.fault(8)
def test_a_sheet_without_rows_or_sense_is_an_error(
    given: Given, rows: list[list[Any]], message: str | None
) -> None:
    with pytest.raises(
        SourceMalformed if message else SourceRefused, match=message or "no column a, b; it has x"
    ):
        given(*rows)


def test_the_sheet_is_chosen_by_name_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    sheet = workbook(tmp_path / "s.xlsx", ["a"], [1], title="One")
    assert sheet.parent is not None
    other = sheet.parent.create_sheet("Two & more")
    other.append(["a"])
    other.append(["#REF!"])
    sheet.parent.save(tmp_path / "s.xlsx")
    assert read(file_contract("xlsx", ["a"], tmp_path / "s.xlsx", sheet="Two & more")).rows == [("#REF!",)]
    with pytest.raises(SourceRefused, match=r"no sheet Three; it has One, Two & more"):
        read(file_contract("xlsx", ["a"], tmp_path / "s.xlsx", sheet="Three"))


@pytest.mark.fault(9)
def test_a_sheet_that_fills_its_format_is_possibly_truncated(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workbook_kind.LAST_ROW, "xlsx", 3)
    with pytest.raises(SourceMalformed, match="possibly truncated"):
        given(["a", "b"], [1, 2], [3, 4])


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        b"<html><table>",
        b"PK\x03\x04 cut",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"",
    ],
)
@pytest.mark.fault(11)
def test_what_is_no_spreadsheet_is_malformed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(SourceMalformed, match=r"x\.xlsx"):
        read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))


@pytest.mark.fault(11)
def test_a_workbook_cut_anywhere_is_malformed(tmp_path: Path) -> None:
    workbook(tmp_path / "x.xlsx", ["a"], *([i] for i in range(2000)))
    whole = (tmp_path / "x.xlsx").read_bytes()
    for end in range(10, len(whole), len(whole) // 15):
        (tmp_path / "x.xlsx").write_bytes(whole[:end])
        with pytest.raises(SourceMalformed, match=r"x\.xlsx"):
            read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))


@pytest.mark.fault(11)
def test_a_zip_bomb_is_refused_by_what_it_holds_not_by_what_it_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook(tmp_path / "x.xlsx", ["a"], [1])
    monkeypatch.setattr(workbook_guard, "MAX_UNPACKED", 3_000_000)
    edited(tmp_path / "x.xlsx", SHEET, lambda xml: xml + b" " * 10_000_000)
    with pytest.raises(SourceMalformed, match="unpacks to more than 2 MiB"):
        read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))
    lying = (tmp_path / "x.xlsx").read_bytes()
    size = next(i.file_size for i in zipfile.ZipFile(tmp_path / "x.xlsx").infolist() if i.filename == SHEET)
    (tmp_path / "x.xlsx").write_bytes(lying.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(SourceMalformed, match="unpacks to more than 2 MiB"):
        read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))


@pytest.mark.fault(11)
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_parts_that_unpack_without_bounds_are_refused(tmp_path: Path, method: int) -> None:
    workbook(tmp_path / "x.xlsx", ["a"], [1])
    with zipfile.ZipFile(tmp_path / "x.xlsx", "a", method) as archive:
        archive.writestr("docProps/more.xml", " " * 10_000)
    with pytest.raises(SourceMalformed, match=r"x\.xlsx is packed as no spreadsheet program does"):
        read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))


@pytest.mark.parametrize(
    "far",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="3"><c r="A999999999993"><v>1</v></c></row>',
        b'<row><c r = "zzz1000000"><v>1</v></c></row>',
        # Nothing says where these are, and the reader counts them.
        b"<row/>" * 200_000 + b"<row>" + b"<c/>" * 300 + b"<c><v>1</v></c></row>",
        b"<x:row s='r=\"1\"'/>" * 200_000 + b"<row>" + b"<x:c s='>' />" * 300 + b"<c><v>1</v></c></row>",
    ],
    ids=["corner", "digits", "blanks", "counted", "counted in odd tags"],
)
@pytest.mark.fault(11)
def test_a_cell_at_the_far_end_does_not_fill_the_memory(tmp_path: Path, far: bytes) -> None:
    workbook(tmp_path / "x.xlsx", ["a"], [1])
    edited(tmp_path / "x.xlsx", SHEET, lambda xml: xml.replace(b"</sheetData>", far + b"</sheetData>"))
    with pytest.raises(SourceMalformed, match=r"spans \d+ rows and \d+ columns"):
        read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))


@pytest.mark.fault(11)
def test_xml_entities_are_refused(tmp_path: Path) -> None:
    workbook(tmp_path / "x.xlsx", ["a"], [1])
    entity = b'<!DOCTYPE x [<!ENTITY lol "lol">]><worksheet'
    edited(tmp_path / "x.xlsx", SHEET, lambda xml: xml.replace(b"<worksheet", entity, 1))
    with pytest.raises(SourceMalformed, match="XML entities"):
        read(file_contract("xlsx", ["a"], tmp_path / "x.xlsx"))


def test_real_workbooks_come_whole() -> None:
    codes = corpus() / "codes/nomenklatur_subkegiatan_2027.xlsx"
    book = openpyxl.load_workbook(codes, read_only=True)
    expected = list(book.worksheets[0].iter_rows(values_only=True))
    names = [f"c{i}:{name}" for i, name in enumerate(expected[0]) if name]
    lines = read(file_contract("xlsx", names, codes)).lines
    assert len(lines) == sum(any(v is not None for v in row) for row in expected[1:])
    for line in lines[::97]:
        row = [v for v, name in zip(expected[line.number - 1], expected[0], strict=True) if name]
        assert [f or "" for f in line.fields] == ["" if v is None else str(v) for v in row]
