"""Files that are laid out as reports: sought headers, positions, groups, months side by side."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import csv_text
from connectors.base import Connection, Request
from connectors.errors import ColumnsMissing, SourceMalformed
from connectors.registry import open_connector
from schemas.contract import Filter, Unpivot
from tests.integration.connectors.reading import Reading, file_contract, lines_of, read
from tests.services import corpus


def of(folder: Path, content: str | bytes, *columns: str, **layout: Any) -> Reading:
    """What comes of a CSV file with this content."""
    path = folder / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(file_contract("csv", columns, path, **layout))


def test_a_header_is_sought_among_titles_and_may_be_of_two_lines(tmp_path: Path) -> None:
    content = 'LAPORAN "Triwulan I"\n\nKota;Pontianak\nKode;OPD;Anggaran;\n;;2024; 2025\n1;Dinas A;10;20\n'
    reading = of(
        tmp_path, content, "k:Kode", "a:Anggaran 2025",
        header_find=("kode", "Anggaran"), header_rows=2, delimiter=";",
    )  # fmt: skip
    assert [(line.number, line.fields) for line in reading.lines] == [(6, ("1", "20"))]
    with pytest.raises(SourceMalformed, match=r"none of the first 200 rows .*headerFind: Kode, Pagu;"):
        of(tmp_path, content, "k:Kode", header_find=("Kode", "Pagu"), delimiter=";")
    with pytest.raises(SourceMalformed, match="none of the first 200 rows"):
        of(tmp_path, "judul\n" * 200 + "kode\n1\n", "k:Kode", header_find=("Kode",))


def test_columns_by_position_with_a_header_or_without(tmp_path: Path) -> None:
    content = "1;x;;3\n2;y;;4\n3;z\n"
    reading = of(tmp_path, content, "n:A", "v:D", header_by="position", header_row=0, delimiter=";")
    assert reading.rows == [("1", "3"), ("2", "4"), (None, None)]
    assert reading.faults == {3: "expected 4 fields, found 2: 3;z"}
    assert reading.source_columns == ("A", "B", "C", "D")
    assert of(tmp_path, "?,?\n1,2\n", "n:B", header_by="position").rows == [("2",)]
    with pytest.raises(ColumnsMissing, match=r"data\.csv has no column E; it has A, B, C, D"):
        of(tmp_path, content, "n:E", header_by="position", header_row=0, delimiter=";")
    with pytest.raises(SourceMalformed, match="is empty"):
        of(tmp_path, "\n\n", "n:A", header_by="position", header_row=0)


def test_groups_are_filled_down_but_not_from_rows_that_are_no_data(tmp_path: Path) -> None:
    content = "opd,kegiatan\n,awal\nDinas A,a\n ,b\nJumlah Dinas A,\n,c\nDinas B,d\n,e\n"
    filters = (Filter("opd", r"^Jumlah\y"),)
    reading = of(tmp_path, content, "opd", "kegiatan", fill_down=("opd",), filters=filters)
    groups = [None, "Dinas A", "Dinas A", "Jumlah Dinas A", "Dinas A", "Dinas B", "Dinas B"]
    assert reading.rows == list(zip(groups, ["awal", "a", "b", "", "c", "d", "e"], strict=True))


def test_nothing_is_filled_down_across_a_damaged_row(tmp_path: Path) -> None:
    """The damaged row may have named the next group, so what is below it belongs nowhere."""
    content = 'opd,kegiatan\nDinas A,a\n"Dinas B"?,b\n,c\nDinas C,d\n,e\n'
    reading = of(tmp_path, content, "opd", "kegiatan", fill_down=("opd",))
    assert [line.fields for line in reading.lines if not line.fault] == [
        ("Dinas A", "a"), ("Dinas C", "d"), ("Dinas C", "e"),
    ]  # fmt: skip
    assert sorted(reading.faults) == [3, 4]


def test_months_become_rows_numbered_apart(tmp_path: Path) -> None:
    content = "kode,Jan,Feb,Maret\nA,1,2,x\nB,,\nC, ,6,x\n"
    unpivot = Unpivot({"feb": "2", "jan": "1"}, "month", "amount")
    reading = of(tmp_path, content, "month", "kode", "amount", "file:@file", unpivot=unpivot)
    step = 10**14
    assert [(line.number, line.fields[:3]) for line in reading.lines] == [
        (2, ("2", "A", "2")), (2 + step, ("1", "A", "1")),
        (3, (None, None, None)),
        (4, ("2", "C", "6")), (4 + step, ("1", "C", " ")),
    ]  # fmt: skip
    assert reading.faults == {3: "expected 4 fields, found 3: B,,"}
    assert reading.lines[0].fields[3] == "data.csv"
    dropping = Unpivot({"feb": "2", "jan": "1"}, "month", "amount", drop_empty=True)
    rows = of(tmp_path, content, "month", "kode", "amount", unpivot=dropping).rows
    assert rows[-1] == ("2", "C", "6") and len(rows) == 4
    with pytest.raises(ColumnsMissing, match=r"has no column April; it has kode, Jan, Feb, Maret"):
        missing = Unpivot({"April": "4"}, "month", "amount")
        of(tmp_path, content, "month", "kode", "amount", unpivot=missing)


def test_the_keys_alone_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("opd,kode,Jan,Feb\nA,1,5,6\n,2,7,\n")
    unpivot = Unpivot({"Jan": "1", "Feb": "2"}, "month", "amount", drop_empty=True)
    whole = file_contract(
        "csv", ["amount", "kode", "month", "opd"], path, unpivot=unpivot, fill_down=("opd",)
    )
    key = {"opd": 1, "month": 2}
    columns = tuple(replace(column, key_position=key.get(column.name)) for column in whole.columns)
    request = Request(replace(whole, columns=columns), keys_only=True)
    with open_connector(whole, Connection("test", "file"), Path()).open(request) as extract:
        assert extract.columns == ("opd", "month")
        assert lines_of(extract).rows == [("A", "1"), ("A", "2"), ("A", "1")]


FIELDS = st.lists(
    st.text(st.sampled_from('ab,"\n\r\t\\;é \0'), max_size=6), min_size=3, max_size=3
)  # fmt: skip
PIECES = st.one_of(
    st.builds(lambda row, end: ",".join('"' + f.replace('"', '""') + '"' for f in row) + end,
              FIELDS, st.sampled_from(["\n", "\r\n", "\r"])),
    st.sampled_from(["1,2,3\n", "4,5,6\r\n", "a,b\n", "x,y,z,\n", "\n", "a\tb,\\N,c\n", "d,e,f\r"]),
    st.sampled_from(['q,"q" q,q\n', "a,\0,c\n", "1,2,3", "1,2,3,4\n"]),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12), st.integers(1, 40))
def test_rows_by_the_batch_are_those_taken_singly(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], chunk: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "batches.csv"
    path.write_bytes(("a,b,c\n" + "".join(pieces)).encode())
    contract = file_contract("csv", ["c", "a"], path)

    def outcome(size: int, singly: bool) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_text, "CHUNK", size)
            if singly:
                patch.setattr(csv_text.Parsed, "batches", lambda self: iter([iter(self)]))
            try:
                return read(contract)
            except SourceMalformed as error:
                return str(error)

    assert outcome(chunk, False) == outcome(1 << 17, False) == outcome(1 << 17, True)


def test_a_quoted_row_keeps_its_line_number_whatever_lies_between_the_batches(tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["a", "b"])
    writer.writerows([i, f"line\n{i}" if i % 7 == 0 else "x" * 50] for i in range(20_000))
    reading = of(tmp_path, text.getvalue(), "a", "b")
    assert len(reading.lines) == 20_000
    assert reading.lines[-1].number == 2 + 19_999 + len(range(0, 19_999, 7))


def used(path: Path, sheet: int, below: int) -> list[tuple[Any, ...]]:
    """The rows below this one that hold anything, as another program reads them."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = book.worksheets[sheet].iter_rows(min_row=below + 1, values_only=True)
    return [row for row in rows if any(cell is not None for cell in row)]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("tabular/1_lra_2025.xlsx", 0),
        ("tabular/Format_Anggaran_Kas.xlsx", 0),
        ("tabular/contoh_template_apbd.xlsx", 0),
        ("tabular/contoh_template_apbd.xlsx", 1),
        ("tabular/ct_investasi.xlsx", 0),
        ("codes/nomenklatur_subkegiatan_2027.xlsx", 0),
    ],
)
def test_real_workbooks_come_whole_by_position(name: str, sheet: int) -> None:
    path = corpus() / name
    title = openpyxl.load_workbook(path, read_only=True).sheetnames[sheet]
    contract = file_contract("xlsx", ["a:A", "b:B"], path, header_by="position", header_row=0, sheet=title)
    reading, expected = read(contract), used(path, sheet, 0)
    assert len(reading.lines) == len(expected) and not reading.faults
    assert [bool(line.fields[0]) for line in reading.lines] == [row[0] not in (None, "") for row in expected]
