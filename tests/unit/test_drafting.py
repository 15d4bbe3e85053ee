"""What drafts conclude from values: names, numbers, dates, keys, what is personal, how a file is written."""

from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.drafting.calendars import Temporal, temporal
from lumbung.drafting.columns import ColumnDraft, drafted
from lumbung.drafting.found import SourceField
from lumbung.drafting.keys import Candidate, Key, find_key
from lumbung.drafting.layout import Layout, find, letters
from lumbung.drafting.marks import Marks, Numeric, marks_of, numeric
from lumbung.drafting.naming import column_names, dataset_names, snake
from lumbung.drafting.profile import Profile, Reading, reading
from lumbung.drafting.text_files import dialect
from lumbung.drafting.types import declaration, declared
from lumbung.drafting.yaml_text import flow, scalar
from schemas.contract import MAX_IDENTIFIER, RESERVED


@given(st.lists(st.text(max_size=90), max_size=8))
def test_any_titles_make_names_that_contracts_take(titles: list[str]) -> None:
    names = column_names([*titles, "Reasons"])
    assert len(set(names)) == len(names) == len(titles) + 1
    for name in names:
        assert snake(name) == name and name[0].isalpha() and name not in RESERVED
        assert len(name.encode()) <= MAX_IDENTIFIER


def test_names_are_those_of_the_source() -> None:
    assert column_names(["NoKK", "TARGET RKPD", "Luas (m²)", "2024", "Realisasi %", "realisasi (%)", ""]) == [
        "no_kk", "target_rkpd", "luas_m2", "c_2024", "realisasi_pct", "realisasi_pct_2", "column_7",
    ]  # fmt: skip
    (name,) = dataset_names("contoh", ["x" * 80])
    assert len(f"contoh__{name}") == 48


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_read_back_from_the_yaml(text: str) -> None:
    import yaml

    assert yaml.safe_load(f"{{key: {scalar(text)}, list: {flow([text])}}}") == {"key": text, "list": [text]}


@pytest.mark.parametrize(
    ("values", "marks", "expected"),
    [
        (["1", "20", "-3"], Marks(), Numeric("integer")),
        (["1.5", "20"], Marks(), Numeric("number", 1)),
        (["007", "8"], Marks(), None),
        (["6171010101900001"], Marks(), None),
        (["1.234.567,8", "12"], Marks(",", "."), Numeric("number", 1, True)),
        (["1.23,4"], Marks(",", "."), None),
        (["6.17101E+15"], Marks(), Numeric("float", 0)),
        (["0,5\u00a0"], Marks(",", ""), None),
        (["NaN", "1"], Marks(), None),
    ],
)
def test_numbers_are_only_what_the_hub_reads_as_such(
    values: list[str], marks: Marks, expected: Numeric | None
) -> None:
    found = numeric(values, marks)
    # A NIK that a spreadsheet made a number of stays a text, to be refused by its pattern.
    assert found == (None if expected == Numeric("float", 0) else expected)


def test_marks_are_those_that_make_most_columns_numbers() -> None:
    assert marks_of([["1,5", "2"], ["x"], ["10"]]) == (Marks(",", ""), False)
    assert marks_of([["1.000,5"], ["1.234"]]) == (Marks(",", "."), False)
    assert marks_of([["1.234", "5.678"], ["1"]]) == (Marks(), True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-02-29"], Temporal("date")),
        (["2023-02-29"], None),
        (["31/12/2024", "01/01/2024"], Temporal("date", "dd/MM/yyyy")),
        (["12/31/2024"], Temporal("date", "MM/dd/yyyy")),
        (["05/06/2024"], Temporal("date", "dd/MM/yyyy", is_doubtful=True)),
        (["17 Agustus 2024", "01 Mei 2024"], Temporal("date", "dd MMMM yyyy")),
        (["2024-01-02 03:04:05", "2024-01-02"], Temporal("timestamp")),
        (["2024-01-02T03:04:05+07:00"], Temporal("timestamp", is_zoned=True)),
        (["31/12/2024 23:59"], Temporal("timestamp", "dd/MM/yyyy HH:mm")),
        (["07:30"], Temporal("time")),
        (["20240101"], None),
    ],
)
def test_dates_are_in_one_format_that_fits_all(values: list[str], expected: Temporal | None) -> None:
    assert temporal("kolom", values) == expected


def test_digits_are_a_date_where_the_name_says_so() -> None:
    assert temporal("tgl_lahir", ["19901231", "20000229"]) == Temporal("date", "yyyyMMdd")


def _drafted(name: str, *values: str) -> ColumnDraft:
    seen = Profile(len(values), 0, {value: values.count(value) for value in values})
    return drafted(name, SourceField(name, name), seen, Reading())


@pytest.mark.parametrize(
    ("name", "value", "classification"),
    [
        ("nik", "6171010101900001", "personal"),
        ("nama_pemohon", "Warga Contoh", "personal"),
        ("nama_kelurahan", "Akcaya", "internal"),
        ("tgl_lahir", "1990-01-01", "personal"),
        ("kontak", "warga@contoh.id", "personal"),
        ("nomor_identitas", "6171014101900001", "personal"),
        ("agama", "Islam", "personal"),
        ("jenis_disabilitas", "netra", "specific-personal"),
        ("jumlah", "17", "internal"),
    ],
)
def test_no_value_of_a_personal_column_is_told(name: str, value: str, classification: str) -> None:
    column = _drafted(name, *[value] * 30)
    assert column.classification == classification
    told = " ".join([*column.comments, *column.edits, str(column.options), str(column.enum)])
    assert (value in told) == (classification == "internal")


def test_codes_stay_texts_and_known_ones_are_told() -> None:
    nik = _drafted("nik", "6171010101900001", "6171014101900002")
    assert (nik.logical, nik.options) == ("string", {"pattern": "^[0-9]{16}$"})
    kbli = _drafted("kbli", "11110", "47111")
    assert (kbli.logical, kbli.options) == ("string", {})
    assert any("KBLI" in said for said in kbli.comments)
    assert _drafted("kode_pos", "78111", "78112").logical == "string"
    assert _drafted("tahun", "2023", "2024").logical == "integer"


def test_a_few_values_decide_that_a_column_is_text() -> None:
    column = _drafted("nilai", *map(str, range(40)), "n.a.")
    assert column.logical == "string"
    assert "all but 1 values are numbers ('n.a.')" in column.edits[0]


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        ("character varying(40)", ("string", "character varying(40)")),
        ("numeric(10,2)", ("number", "decimal(10,2)")),
        ("NUMERIC(10,2)", ("number", "decimal(10,2)")),
        ("double precision", ("number", "double precision")),
        ("timestamp(6) without time zone", ("timestamp", "timestamp(6) without time zone")),
        ("tinyint(1) unsigned", ("integer", "tinyint(1) unsigned")),
        ("integer[]", ("string", "integer[]")),
        ("bytea", ("string", "bytea")),
    ],
)
def test_declared_types(native: str, expected: tuple[str, str]) -> None:
    assert declared(native) == expected


def test_declared_values_are_an_enum() -> None:
    said = declaration("enum('baik','rusak','ra''gu')")
    assert said is not None and said.enum == ("baik", "rusak", "ra'gu")
    unsigned = declaration("bigint(20) unsigned")
    assert unsigned is not None and unsigned.options == {"format": "u64"}


def _key(*names: str, rows: list[tuple[str, ...]]) -> Key:
    frame = pandas.DataFrame(rows, columns=range(len(names)), dtype=object)
    candidates = [Candidate(place, name, 9, name == "nilai") for place, name in enumerate(names)]
    return find_key(frame, candidates, candidates[0])


def test_the_key_is_the_smallest_that_is_named_like_one() -> None:
    rows = [("a", "1", "2023"), ("b", "1", "2024"), ("c", "2", "2023")]
    assert _key("uraian", "kode", "tahun", rows=rows) == Key((0,), "unnamed")
    assert _key("id", "kode", "tahun", rows=rows) == Key((0,), "named")
    twice = [("a", "1", "2023"), ("a", "1", "2024"), ("a", "2", "2023")]
    assert _key("uraian", "kode", "tahun", rows=twice) == Key((1, 2), "named")


def test_rows_without_a_key_are_told_apart_from_copies() -> None:
    copies = [("a", "1"), ("a", "1"), ("b", "2")]
    assert _key("kode", "nilai", rows=copies) == Key((0,), "copies", 2)
    assert _key("kode", "nilai", rows=[("a", "1"), ("a", "2"), ("b", "2")]) == Key((0, 1), "all")


def test_null_tokens_are_only_what_nobody_means_otherwise() -> None:
    frame = pandas.DataFrame({0: ["1", "-", "3"], 1: ["-", "x", " "], 2: ["NULL", "a", "b"]}, dtype=object)
    assert reading(frame, True) == Reading(("", " ", "NULL", "-"), ("-",))
    assert reading(frame[[1]], True).tokens == ("", " ")


def test_headers_below_titles_and_over_two_rows() -> None:
    rows = [["LAPORAN", None, None], [None, None, None], ["Kode", "Anggaran", None], [None, "Murni", "Ubah"],
            ["1", "10", "20"]]  # fmt: skip
    assert find(rows[:3] + rows[4:]) == Layout(2, 1, ("Kode", "Anggaran", ""))
    assert find(rows, [((2, 1), (2, 2))]) == Layout(2, 2, ("Kode", "Anggaran Murni", "Anggaran Ubah"))
    assert find([["1", "2"], ["3", "4"]]) == Layout(None, 0, ("", ""))
    assert [letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a;b\n1,5;2\n3;4\n", {"delimiter": ";"}),
        (b"a\tb\n1\t2\n", {"delimiter": "\t"}),
        (b"a|'b'\n1|'x|y'\n2|'z'\n", {"delimiter": "|", "quote": "'"}),
        ("a,b\nPère,\x96\n".encode("latin-1"), {"encoding": "windows-1252"}),
        ("a,b\nPère,x\n".encode("utf-8-sig"), {}),
        (b'a,b\n"x\ny",2\n', {}),
    ],
)
def test_dialects(tmp_path: Path, text: bytes, expected: dict[str, str]) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(text)
    read, layout, rows = dialect(file)
    assert read == expected
    assert (layout.header, len(layout.names)) == (0, 2)
    assert len(rows[-1][1]) == 2
