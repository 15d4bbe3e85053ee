"""Spreadsheets in each format: the same cells, sheets and reports come out of XLSX, XLS and ODS."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors import workbook_guard, workbook_kind
from connectors.errors import SourceMalformed, SourceRefused
from schemas.contract import Filter, Unpivot
from tests.integration.connectors.reading import Reading, file_contract, read
from tests.integration.connectors.workbooks import WRITERS, Error, ods_of, xls

FORMATS = pytest.mark.parametrize("kind", sorted(WRITERS))
PERSON = ["a", "b"]


def given(folder: Path, kind: str, content: dict[str, Any], *columns: str, **settings: Any) -> Reading:
    """What comes of a workbook with these sheets."""
    WRITERS[kind](folder / f"data.{kind}", content)
    return read(file_contract(kind, columns, folder / f"data.{kind}", **settings))


@FORMATS
def test_every_cell_comes_as_its_exact_text(tmp_path: Path, kind: str) -> None:
    values = [
        12,
        -3.0,
        0.1,
        1234567.891,
        True,
        date(2025, 8, 7),
        datetime(2025, 8, 7, 13, 5, 9),
        "0012",
        "é\tx",
    ]
    rows = [["a", "b"], *(["k", value] for value in values), ["k", Error("#N/A")], ["k", None]]
    texts = [row[1] for row in given(tmp_path, kind, {"S": rows}, *PERSON).rows]
    assert texts == [
        "12", "-3", "0.1", "1234567.891", "true", "2025-08-07", "2025-08-07 13:05:09", "0012", "é\tx",
        "#N/A", None,
    ]  # fmt: skip


REPORT = [
    ["PEMERINTAH KOTA"],
    ["LAPORAN REALISASI ANGGARAN"],
    [],
    ["No", "OPD", "Anggaran", "Januari", "Februari"],
    [1, "Dinas A", 100, 10, 20],
    [2, None, 200, None, 5],
    [None, "Jumlah Dinas A", 300, 10, 25],
    [3, "Dinas B", 50, 1, None],
    [None, "Jumlah", 350, 11, 25],
    [],
    ["Dicetak oleh sistem"],
]


@FORMATS
def test_a_report_becomes_rows(tmp_path: Path, kind: str) -> None:
    reading = given(
        tmp_path, kind, {"S": REPORT}, "no:No", "opd:OPD", "month", "amount", "sheet:@sheet", "file:@file",
        header_find=("no", "OPD "), fill_down=("opd",),
        filters=(Filter("opd", "^Jumlah"), Filter("no", blank=True)),
        unpivot=Unpivot({"januari": "1", "Februari": "2"}, "month", "amount", drop_empty=True),
    )  # fmt: skip
    name = f"data.{kind}"
    data = [(line.number, line.fields) for line in reading.lines if (line.fields[0] or "").isdigit()]
    assert data == [
        (5, ("1", "Dinas A", "1", "10", "S", name)),
        (5 + 10**14, ("1", "Dinas A", "2", "20", "S", name)),
        (6 + 10**14, ("2", "Dinas A", "2", "5", "S", name)),
        (8, ("3", "Dinas B", "1", "1", "S", name)),
    ]
    assert {"Anggaran"} == set(reading.source_columns) - {"No", "OPD", "januari", "Februari"}


@FORMATS
def test_a_header_nobody_can_find_says_what_was_sought(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SourceMalformed, match=r"headerFind: No, Kode; the row that comes nearest lacks Kode"):
        given(tmp_path, kind, {"S": REPORT}, "no:No", header_find=("No", "Kode"))
    with pytest.raises(SourceRefused, match="has no column Maret; it has No, OPD"):
        unpivot = Unpivot({"Maret": "3"}, "month", "amount")
        given(tmp_path, kind, {"S": REPORT}, "no:No", "month", "amount", header_row=4, unpivot=unpivot)


@FORMATS
def test_columns_by_position(tmp_path: Path, kind: str) -> None:
    rows = [[None, 1, "x"], [], [None, 2, "y"]]
    for settings in ({"header_row": 0}, {"header_row": 1}):
        reading = given(tmp_path, kind, {"S": rows}, "n:B", "t:C", header_by="position", **settings)
        assert reading.rows == [("1", "x"), ("2", "y")][settings["header_row"] :]
        assert reading.lines[-1].number == 3
        assert reading.source_columns == ("A", "B", "C")
    with pytest.raises(SourceRefused, match="has no column AA; it has A, B, C"):
        given(tmp_path, kind, {"S": rows}, "n:AA", header_by="position", header_row=0)


@FORMATS
def test_several_sheets_are_one_dataset_in_the_workbooks_order(tmp_path: Path, kind: str) -> None:
    sheets = {
        "Feb": [["a", "b"], [1, 2]],
        "Catatan": [["tidak dibaca"]],
        "Jan": [[], ["b", "a", "c"], [3, 4, 5]],
        "Mei": [["a", "b"]],
    }
    of = ("a", "s:@sheet")
    reading = given(tmp_path, kind, sheets, *of, sheets="[!c]*", header_find=("a", "b"))
    assert [(line.number, line.fields) for line in reading.lines] == [
        (2, ("1", "Feb")),
        (1_000_000_003, ("4", "Jan")),
    ]
    assert reading.source_columns == ("a", "b", "c")
    with pytest.raises(SourceMalformed, match="sheet Catatan: none of the first 200 rows"):
        given(tmp_path, kind, sheets, *of, sheets="*", header_find=("a", "b"))
    with pytest.raises(SourceRefused, match=r"no sheet 20\*; it has Feb, Catatan, Jan, Mei. Correct sheets"):
        given(tmp_path, kind, sheets, *of, sheets="20*")
    with pytest.raises(SourceMalformed, match="a header and no rows"):
        given(tmp_path, kind, sheets, *of, sheets="M*")


@FORMATS
def test_what_the_file_is_decides_not_its_name(tmp_path: Path, kind: str) -> None:
    for other in sorted(WRITERS):
        WRITERS[kind](tmp_path / f"x.{other}", {"S": [["a"], [Error("#N/A")], [1]]})
        assert read(file_contract(other, ["a"], tmp_path / f"x.{other}")).rows == [("#N/A",), ("1",)]


@pytest.mark.fault(11)
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"NIK;Nama\n1;x\n", "declare format csv with delimiter ';'"),
        (b"\xef\xbb\xbfNIK,Nama\n1,x\n", "declare format csv$"),
        ("NIK\tNama\n1\tx\n".encode("utf-16"), "declare format tsv"),
        (b"\n <HTML><table><tr><td>1</td></tr></table></HTML>", "is an HTML page, as some applications"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003"),
        (b"\x09\x08\x06\x00\x00\x00\x10\x00", "before 97"),
        (b"%PDF-1.7", "is a PDF"),
        (b"", "is empty"),
        (b"\x00\x01\x02", "no spreadsheet"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_says_what_it_is(tmp_path: Path, kind: str, content: bytes, message: str) -> None:
    (tmp_path / f"x.{kind}").write_bytes(content)
    with pytest.raises(SourceMalformed, match=message):
        read(file_contract(kind, ["a"], tmp_path / f"x.{kind}"))


@pytest.mark.fault(9)
@FORMATS
def test_a_full_sheet_is_possibly_truncated(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workbook_kind.LAST_ROW, kind, 3)
    with pytest.raises(SourceMalformed, match="row 3, the last that its format has: possibly truncated"):
        given(tmp_path, kind, {"S": [["a"], [1], [2]]}, "a")


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ('<table:table-row table:number-rows-repeated="1000000">{c}</table:table-row>' * 50, "spans"),
        ('<table:table-row table:number-rows-repeated="9000"><table:table-cell table:number-columns-repeated='
         '"9000" office:value-type="float" office:value="1"/></table:table-row>', "spans 9000 rows and 9000"),
        ('<table:table-row table:number-rows-repeated="99999999999999"/>', "repeated '99999999999999' times"),
        ("<table:table-row>", "the XML inside is damaged"),
    ],
)  # fmt: skip
def test_an_ods_bomb_is_refused(tmp_path: Path, tables: str, message: str) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    ods_of(tmp_path / "x.ods", f'<table:table table:name="S">{tables.format(c=cell)}</table:table>')
    with pytest.raises(SourceMalformed, match=message):
        read(file_contract("ods", ["a"], tmp_path / "x.ods"))


@pytest.mark.fault(11)
def test_an_ods_with_entities_is_refused_and_one_that_unpacks_too_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ods_of(tmp_path / "x.ods", "", '<!DOCTYPE x [<!ENTITY a "aaaa">]>')
    with pytest.raises(SourceMalformed, match="XML entities"):
        read(file_contract("ods", ["a"], tmp_path / "x.ods"))
    monkeypatch.setattr("connectors.ods_guard.MAX_UNPACKED", 3_000_000)
    ods_of(tmp_path / "x.ods", " " * 10_000_000)
    with pytest.raises(SourceMalformed, match="unpacks to more than 2 MiB"):
        read(file_contract("ods", ["a"], tmp_path / "x.ods"))


@pytest.mark.fault(11)
def test_an_xls_cut_or_spoilt_anywhere_is_malformed_or_read(tmp_path: Path) -> None:
    path = tmp_path / "x.xls"
    xls(path, {"S": [["a"], *([f"row {i}"] for i in range(800))]})
    whole = path.read_bytes()
    for end in range(10, len(whole) - 600, len(whole) // 40):
        path.write_bytes(whole[:end])
        with pytest.raises(SourceMalformed, match=r"x\.xls"):
            read(file_contract("xls", ["a"], path))


@pytest.mark.fault(11)
def test_an_xls_that_claims_rows_without_end_does_not_end_the_process(tmp_path: Path) -> None:
    path = tmp_path / "x.xls"
    xls(path, {"S": [["a"], [1], [2]]})
    content = path.read_bytes()
    # MS-XLS 2.4.90: the record says how far the sheet reaches, and the reader sets memory aside for it.
    place = content.index(b"\x00\x02\x0e\x00") + 8
    path.write_bytes(content[:place] + b"\xff\xff\xff\x7f\x00\x00\xff\x00" + content[place + 8 :])
    with pytest.raises(SourceMalformed, match="the reader gives up on it"):
        read(file_contract("xls", ["a"], path))


@pytest.mark.fault(11)
def test_an_xls_that_spans_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.xls_guard.MAX_CELLS", 500)
    with pytest.raises(SourceMalformed, match="spans 101 rows and 9 columns"):
        given(tmp_path, "xls", {"S": [["a"], *([None] * 8 + [1] for _ in range(100))]}, "a")
    assert workbook_guard.MAX_CELLS > 65_536 * 256


_STRICT = {
    b"schemas.openxmlformats.org/spreadsheetml/2006/main": b"purl.oclc.org/ooxml/spreadsheetml/main",
    b"schemas.openxmlformats.org/officeDocument/2006": b"purl.oclc.org/ooxml/officeDocument",
}


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("odd", "error"),
    [
        (_STRICT, "#N/A"),
        ({b' r="B3"': b"", b' r="B4"': b"", b' r="A4"': b""}, "#N/A"),
        ({b"<v>#N/A</v>": b""}, "#ERROR"),
    ],
    ids=["strict", "without places", "without values"],
)
def test_errors_in_whatever_way_a_program_writes_them(
    tmp_path: Path, odd: dict[bytes, bytes], error: str
) -> None:
    """An error never becomes an empty cell, and a last row of nothing else is not lost."""
    rows = [["a", "b"], [1, 2], ["k", Error("#N/A")], [Error("#N/A")]]
    WRITERS["xlsx"](tmp_path / "usual.xlsx", {"S": rows})
    with zipfile.ZipFile(tmp_path / "usual.xlsx") as usual, zipfile.ZipFile(tmp_path / "x.xlsx", "w") as made:
        for name in usual.namelist():
            content = usual.read(name)
            for plain, said in odd.items():
                content = content.replace(plain, said)
            made.writestr(name, content)
    assert read(file_contract("xlsx", PERSON, tmp_path / "x.xlsx")).rows[1:] == [("k", error), (error, None)]


def test_a_last_row_of_errors_that_are_no_values_in_ods(tmp_path: Path) -> None:
    start = '<table:table-cell office:value-type="string">'
    cells = "".join(f"{start}<text:p>{text}</text:p></table:table-cell>" for text in PERSON)
    error = '<table:table-cell table:formula="of:=1/0"><text:p>Err:502</text:p></table:table-cell>'
    made = "".join(f"<table:table-row>{row}</table:table-row>" for row in (cells, cells, error))
    ods_of(tmp_path / "x.ods", f'<table:table table:name="S">{made}</table:table>')
    assert read(file_contract("ods", PERSON, tmp_path / "x.ods")).rows == [("a", "b"), ("Err:502", None)]
