"""CSV files, sound and damaged."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import csv_text
from connectors.errors import SourceError, SourceMalformed, SourceRefused
from tests.integration.connectors.reading import Reading, file_contract, read
from tests.services import corpus

Given = Callable[..., Reading]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Reads columns a, b, c of a file with this content."""

    def reading(content: bytes, *columns: str, **settings: Any) -> Reading:
        path = tmp_path / "data.csv"
        path.write_bytes(content)
        return read(file_contract("csv", columns or ("a", "b", "c"), path, **settings))

    return reading


def test_rows_are_numbered_by_their_first_line_and_columns_found_by_name(given: Given) -> None:
    reading = given(b' B ,extra,A,c\r\n1,x,"two\r\nlines, quoted ""so""",\r\n\r\n4,,5\t\\N,6\r\n')
    assert [line.number for line in reading.lines] == [2, 5]
    assert reading.rows == [('two\r\nlines, quoted "so"', "1", ""), ("5\t\\N", "4", "6")]
    assert reading.source_columns == ("b", "extra", "a", "c")


@pytest.mark.fault(7)
def test_ragged_rows_are_faults_and_the_others_are_read(given: Given) -> None:
    reading = given(b"a,b,c\n1,2,3\n1,2\n1,2,3,4,5\n1,2,3,,\n7,8,9\n")
    assert reading.faults == {
        3: "expected 3 fields, found 2: 1,2",
        4: "expected 3 fields, found 5: 1,2,3,4,5",
    }
    assert reading.rows == [("1", "2", "3"), (None,) * 3, (None,) * 3, ("1", "2", "3"), ("7", "8", "9")]


@pytest.mark.fault(7)
def test_a_quote_in_the_wrong_place_is_a_fault_of_its_row_alone(given: Given) -> None:
    reading = given(b'a,b,c\n1,"Toko "Maju" Jaya",3\n4,5,6\n')
    assert reading.rows[1] == ("4", "5", "6")
    assert reading.faults[2].endswith(': 1,"Toko "Maju" Jaya",3')


@pytest.mark.fault(12)
def test_bytes_that_cannot_be_decoded_or_stored_are_faults_of_their_row(given: Given) -> None:
    reading = given(b"a,b,c\n1,caf\xe9,3\n4,nul\x00,6\n7,caf\xc3\xa9,9\n")
    assert reading.faults == {2: r"b: undecodable bytes: caf\xe9", 3: r"b: NUL byte: nul\x00"}
    assert reading.rows == [("1", None, "3"), ("4", None, "6"), ("7", "caf\u00e9", "9")]


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        ("a,b,c\n1,caf\u00e9 \u201cx\u201d,3\n".encode("cp1252"), "cp1252"),
        ("a,b,c\n1,caf\u00e9 \u201cx\u201d,3\n".encode("utf-8-sig"), "utf-8"),
        ("a,b,c\n1,caf\u00e9 \u201cx\u201d,3\n".encode("utf-8-sig"), "cp1252"),
        ("a,b,c\n1,caf\u00e9 \u201cx\u201d,3\n".encode("utf-16"), "utf-8"),
        ("a,b,c\n1,caf\u00e9 \u201cx\u201d,3\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
@pytest.mark.fault(12)
def test_a_byte_order_mark_wins_over_the_declared_encoding(
    given: Given, content: bytes, declared: str
) -> None:
    assert given(content, encoding=declared).rows == [("1", "caf\u00e9 \u201cx\u201d", "3")]


def test_dialect_and_place_of_the_header_are_the_contracts(given: Given) -> None:
    content = b"LAPORAN;;\n\n'a';'b';'c'\n1,5;'x;y';3\n"
    reading = given(content, delimiter=";", quote="'", header_row=3)
    assert reading.rows == [("1,5", "x;y", "3")]
    assert reading.lines[0].number == 4


def test_a_header_of_two_rows_is_joined(given: Given) -> None:
    reading = given(
        b"no,Anggaran,,\n,2024,2025,c\n1,10,20,30\n",
        "no",
        "b:Anggaran 2024",
        "c:anggaran 2025",
        header_rows=2,
    )
    assert reading.rows == [("1", "10", "20")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b"a,b,c\n", "has a header and no rows"),
        (b",,\n1,2,3\n", r"the header \(row 1\) is empty"),
        (b"a,b,c,B\n1,2,3,4\n", "names B, b more than once|names b more than once"),
        (b"a,,b,c\n1,2,3,4\n", "column 2 of the header has no name"),
        (b'a,b,c\n1,"never closed,3\n4,5,6\n', "a quote opened in the row of line 2 is never closed"),
        ("a,b,c\n1,2,3\n".encode("utf-16-le"), "is its encoding UTF-16"),
        (b"PK\x03\x04...", "is a spreadsheet, not CSV"),
        (b"\xff\xfea\x00,\x00b\x00,\x00c\x00\n\x00x\x00\x00", "is not utf-16 throughout"),
    ],
)  # fmt: skip
@pytest.mark.fault(8)
def test_a_file_without_rows_or_sense_is_an_error_never_an_empty_load(
    given: Given, content: bytes, message: str
) -> None:
    with pytest.raises(SourceMalformed, match=f"data.csv.*({message})"):
        given(content)


def test_missing_columns_and_unknown_encodings_are_refused(given: Given) -> None:
    with pytest.raises(SourceRefused, match=r"data\.csv has no column c; it has a, b, d"):
        given(b"a,b,d\n1,2,3\n")
    with pytest.raises(SourceRefused, match="unknown encoding utf-9"):
        given(b"a,b,c\n1,2,3\n", encoding="utf-9")


@pytest.mark.fault(7)
def test_a_field_longer_than_the_modules_limit_is_read(given: Given) -> None:
    assert given(b"a,b,c\n1," + b"x" * 1_000_000 + b",3\n").rows[0][1] == "x" * 1_000_000


@pytest.mark.fault(7)
def test_memory_is_bounded_when_a_file_has_no_line_ends_or_its_quote_never_ends(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_text, "LONGEST", 1 << 16)
    for content in (b"a,b,c\n" + b"x" * 20_000_000, b'a,b,c\n1,"' + b"x,y,z\n" * 3_000_000):
        tracemalloc.start()
        with pytest.raises(SourceMalformed, match=r"longer than|never closed"):
            given(content)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
        tracemalloc.stop()


@pytest.mark.fault(7)
def test_ten_thousand_columns_are_read(given: Given) -> None:
    names = [f"n{i}" for i in range(10_000)]
    reading = given(f"{','.join(names)}\n{','.join(map(str, range(10_000)))}\n".encode(), "n0", "n9999")
    assert reading.rows == [("0", "9999")]


def test_several_files_are_one_dataset_with_numbers_apart(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/2025-02.csv").write_text("b,a\n2,1\n")
    (tmp_path / "in/2025-01.csv").write_text("a,b,c\n3,4,5\n")
    (tmp_path / "in/~$2025-01.csv").write_text("lock")
    (tmp_path / "out.csv").write_text("a,b\n0,0\n")
    of = file_contract("csv", ["a", "b"], Path("in"), files="2025-*.csv")
    reading = read(of, root=tmp_path)
    assert [(line.number, line.fields) for line in reading.lines] == [
        (2, ("3", "4")),
        (1_000_000_002, ("1", "2")),
    ]
    assert reading.source_columns == ("a", "b", "c")


@pytest.mark.parametrize("pattern", ["../out.csv", "/etc/*.conf", "link.csv", "none*.csv"])
@pytest.mark.fault(11)
def test_files_outside_the_folder_are_not_read(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.csv").write_text("a\n0\n")
    (tmp_path / "in/link.csv").symlink_to(tmp_path / "out.csv")
    with pytest.raises(SourceError, match=r"leads out of its folder|no file matches"):
        read(file_contract("csv", ["a"], Path("in"), files=pattern), root=tmp_path)


def test_a_connection_says_where_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    of = file_contract("csv", ["a"], Path("elsewhere.csv"))
    assert read(of, f"file://{tmp_path}/x.csv").rows == [("1",)]
    with pytest.raises(SourceMalformed, match=r"no file elsewhere\.csv"):
        read(of, root=tmp_path)


def test_real_files_come_whole() -> None:
    folder = corpus() / "tabular"
    trailing = read(
        file_contract(
            "csv", ["wilayah", "nilai", "t:target_makro_rpjmn"], folder / "indikator_trailing_comma.csv"
        )
    )
    assert not trailing.faults and trailing.rows[0] == ("1000", "0.53", "")
    assert "" not in trailing.source_columns
    semicolon = read(
        file_contract(
            "csv",
            ["wilayah", "nilai", "versi"],
            folder / "indikator_semicolon_variant.csv",
            delimiter=";",
            encoding="cp1252",
        )
    )
    assert not semicolon.faults and semicolon.rows[0] == ("1000", "3,69", "12/09/2022")
    budgets = folder / "apbd_2023_all_pemda.csv"
    header = budgets.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert (
        len(read(file_contract("csv", [f"c{i}:{n}" for i, n in enumerate(header) if n], budgets)).rows)
        > 11_000
    )
