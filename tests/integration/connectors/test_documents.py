"""JSON, JSON Lines and XML files: exact values, damage told apart from sound rows, nothing in silence."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import json_stream
from connectors.errors import SourceError, SourceMalformed
from connectors.json_stream import Document
from schemas.contract import Read
from tests.integration.connectors.reading import Reading, contract, file_contract, read


def reading(folder: Path, kind: str, text: str | bytes, *columns: str, **said: Any) -> Reading:
    file = folder / f"data.{kind}"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(file_contract(kind, columns or ("id",), file, **said))


def test_numbers_and_nested_values_keep_the_documents_text(tmp_path: Path) -> None:
    text = (
        '{"meta": {"n": [1, {"rows": 0}]}, "data": {"rows": [{"id": 1.10, "b": 12345678901234567890, '
        '"c": 1E+3, "d": true, "e": null, "in": {"ner": "x", "list": [1.0, "\\u00e9"]}, "do.t": "k"}, '
        '{"id": "2"}]}, "end": 0}'
    )
    columns = ("id", "b", "c", "d", "e", "n:in.ner", "l:in.list", "k:do.t", "file:@file")
    found = reading(tmp_path, "json", text, *columns, records_path="data.rows")
    assert found.rows == [
        ("1.10", "12345678901234567890", "1E+3", "true", None, "x", '[1.0,"\u00e9"]', "k", "data.json"),
        ("2", None, None, None, None, None, None, None, "data.json"),
    ]
    assert found.source_columns[:6] == ("id", "b", "c", "d", "e", "in")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=6), VALUES, st.integers(1, 40), st.booleans(), st.floats(0, 0.99))
def test_a_document_read_in_pieces_is_the_one_that_was_written(
    rows: list[Any], beside: Any, piece: int, is_ascii: bool, cut: float
) -> None:
    class Pieces:
        encoding = "utf-8"

        def __init__(self, text: str) -> None:
            self._rest = text

        def read(self, _: int) -> str:
            now, self._rest = self._rest[:piece], self._rest[piece:]
            return now

    text = json.dumps({"beside": beside, "rows": rows, "after": beside}, ensure_ascii=is_ascii)
    found = [row.value for row in Document(Pieces(text), "t", "rows").rows()]  # type: ignore[arg-type]
    assert json.dumps(found, default=str) == json.dumps(
        json.loads(json.dumps(rows), parse_int=str, parse_float=str), default=str
    )
    with pytest.raises(SourceMalformed):
        list(Document(Pieces(text[: int(cut * len(text))]), "t", "rows").rows())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"id": 1}, {"id"', r"no complete JSON: .*\(character 18\)"),
        ('[{"id": 1}', "no complete JSON: expected , or ], found its end"),
        ('[{"id": NaN}]', "NaN is no JSON"),
        ('[{"id": -Infinity}]', "-Infinity is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 100_000, "no list at its top|nested"),
        ('{"id": 1}', "no list at its top; correct recordsPath"),
        ('[{"id": 1}]\n[{"id": 2}]', "more follows after its end"),
        ("[]", "has no rows"),
        ("", "no complete JSON"),
        ("<!DOCTYPE html><h1>Masuk</h1>", "is an HTML page, not JSON"),
        (b"PK\x03\x04rest", "is a spreadsheet or an archive, not JSON"),
        ('[{"name": 1}]', "data.json has no column id; it has name"),
    ],
)
def test_a_document_that_is_not_whole_is_refused_whole(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        reading(tmp_path, "json", text)


def test_a_key_that_stands_twice_is_the_rows_fault_and_its_other_values_stay(tmp_path: Path) -> None:
    text = '[{"id": 1, "a": "x", "a": "y"}, {"id": 2, "in": {"b": 1, "b": 2}, "a": "z"}, {"id": 3}]'
    found = reading(tmp_path, "json", text, "id", "a", "in")
    assert found.rows == [("1", None, None), ("2", "z", None), ("3", None, None)]
    assert found.faults == {
        1: 'a: the key stands more than once: {"id": 1, "a": "x", "a": "y"}',
        2: 'b: the key stands more than once: {"id": 2, "in": {"b": 1, "b": 2}, "a": "z"}',
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "windows-1252"])
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_marks_and_declared_encodings_are_honoured(tmp_path: Path, kind: str, encoding: str) -> None:
    text = '{"id": "Jos\u00e9"}' if kind == "jsonl" else '[{"id": "Jos\u00e9"}]'
    declared = {"encoding": encoding} if encoding == "windows-1252" else {}
    assert reading(tmp_path, kind, text.encode(encoding), **declared).rows == [("Jos\u00e9",)]


def test_bytes_of_another_encoding_are_the_rows_fault(tmp_path: Path) -> None:
    found = reading(tmp_path, "json", b'[{"id": "Jos\xe9"}, {"id": "b"}]')
    assert found.faults == {1: r"id: undecodable bytes: Jos\xe9"}
    with pytest.raises(SourceMalformed, match="not utf-16 throughout"):
        reading(tmp_path, "json", '[{"id": "abc"}]'.encode("utf-16")[:-1])


def test_a_column_that_only_late_rows_have_is_found(tmp_path: Path) -> None:
    rows = [{"id": n} for n in range(500)] + [{"id": 500, "late": "x"}]
    assert reading(tmp_path, "json", json.dumps(rows), "id", "late").rows[-1] == ("500", "x")
    with pytest.raises(SourceError, match="has no column lat; it has id"):
        reading(tmp_path, "json", json.dumps(rows), "id", "lat")


def test_a_damaged_line_is_a_faulty_row_and_not_the_end(tmp_path: Path) -> None:
    text = '{"id": 1}\n\n{"id": 2\n{"id": 3, "id": 4}\n[5]\n{"id": NaN}\n{"id": 7} {}\n{"id": 8}\r\n'
    found = reading(tmp_path, "jsonl", text)
    assert [(line.number, *line.fields) for line in found.lines if not line.fault] == [(1, "1"), (8, "8")]
    assert found.faults == {
        3: "no JSON (Expecting ',' delimiter): {\"id\": 2",
        4: 'id: the key stands more than once: {"id": 3, "id": 4}',
        5: "expected an object, found: [5]",
        6: 'no JSON (NaN is no JSON): {"id": NaN}',
        7: 'no JSON (more follows after the object): {"id": 7} {}',
    }


def test_the_members_of_an_archive_are_read_as_one_dataset(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "delivery.zip", "w") as archive:
        archive.writestr("a.json", '[{"id": 1}]')
        archive.writestr("b.json", '[{"id": 2}]')
    of = contract("json", "", ("id", "f:@file"), settings={"path": str(tmp_path)}, read=Read(files="*.zip"))
    assert read(of).rows == [("1", "delivery.zip/a.json"), ("2", "delivery.zip/b.json")]


XML = """<?xml version="1.0" encoding="utf-8"?>
<x:Data xmlns:x="urn:x" xmlns:xsi="urn:xsi"><Head><Row>no row</Row></Head>
  <x:Row id="1"><x:Name>Si &amp; <![CDATA[<Jo>]]></x:Name>
  <Address kind="home"><Street>Jl. A</Street></Address></x:Row>
  <x:Row id="2"><Name xsi:nil="true"/><Address><Street/></Address><Phone>1</Phone><Phone>2</Phone></x:Row>
  <x:Row id="3"><Name>a</Name><Name>b</Name><Address/></x:Row>
  <x:Row id="4"><Name>a</Name><Address><Street>x<b>y</b></Street></Address></x:Row>
</x:Data>"""


def test_rows_of_xml_are_elements_and_attributes_by_local_names(tmp_path: Path) -> None:
    columns = ("id:@id", "name:Name", "street:Address/Street", "kind:Address/@kind", "f:@file")
    found = reading(tmp_path, "xml", XML, *columns, records_path="Data/Row")
    assert found.rows == [
        ("1", "Si & <Jo>", "Jl. A", "home", "data.xml"),
        ("2", None, "", None, "data.xml"),
        ("3", None, None, None, "data.xml"),
        ("4", "a", None, None, "data.xml"),
    ]
    assert found.faults == {
        3: "Name: stands more than once",
        4: "Address/Street: holds elements; name the one that is meant",
    }
    assert "Phone" in found.source_columns


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "iso-8859-1"])
def test_xml_says_its_encoding_itself_unless_the_contract_does(tmp_path: Path, encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><a><r><id>Jos\u00e9</id></r></a>"
    assert reading(tmp_path, "xml", text.encode(encoding)).rows == [("Jos\u00e9",)]
    wrong = text.replace(encoding, "utf-8", 1).encode("windows-1252")
    assert reading(tmp_path, "xml", wrong, encoding="windows-1252").rows == [("Jos\u00e9",)]
    with pytest.raises(SourceMalformed, match="no complete XML: not well-formed"):
        reading(tmp_path, "xml", wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a><r><id>&b;</id></r></a>", "declares a document type"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "declares a document type"),
        ("<!doctype html><html></html>", "is an HTML page, not XML"),
        ("<a><r><id>1</id></r><r><id>2", "no complete XML"),
        ("<a><r><id>1</id></r></a><a/>", "no complete XML: junk after document element"),
        ("<a><r><id>&undefined;</id></r></a>", "no complete XML: undefined entity"),
        ("<a>" * 1000, "nested more than 200 deep"),
        ("", "no complete XML: no element found"),
        ("<a></a>", "has no rows"),
        ("<a><r><id>1</id></r><s/></a>", "the root holds both r and s; say recordsPath"),
    ],
)
def test_xml_that_is_not_whole_or_declares_entities_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(SourceMalformed, match=message):
        reading(tmp_path, "xml", text)


def test_an_attribute_that_comes_twice_is_the_rows_fault(tmp_path: Path) -> None:
    text = "<a><r><p><b x='1'/></p><p><b x='2'/></p><id>1</id></r></a>"
    found = reading(tmp_path, "xml", text, "id", "x:p/b/@x")
    assert found.rows == [("1", None)]
    assert "stands more than once" in found.faults[1]


def test_a_wrong_path_in_xml_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(SourceMalformed, match=r"no element is at Data/Rows; .* It has Data, Data/Head"):
        reading(tmp_path, "xml", XML, records_path="Data/Rows")


def test_rows_larger_than_any_row_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST", 1 << 18)
    with pytest.raises(SourceMalformed, match="a value is longer than 262144 characters"):
        reading(tmp_path, "json", '[{"id": "' + "x" * (1 << 21) + '"}]')
    monkeypatch.undo()
    with pytest.raises(SourceMalformed, match="a row has more than 1048576 values"):
        reading(tmp_path, "json", '[{"id": [' + "0," * (1 << 21) + "0]}]")


def test_what_stands_where_an_object_is_expected_is_a_fault_and_no_null(tmp_path: Path) -> None:
    text = (
        '[{"a": {"b": 1}}, {"a": [{"b": 2}]}, {"a": "x"}, {"a": null}, {"a": {"c": 3}}, {"a.b": 4, "a": 5}]'
    )
    found = reading(tmp_path, "json", text, "x:a.b")
    assert found.rows == [("1",), (None,), (None,), (None,), (None,), ("4",)]
    assert found.faults == dict.fromkeys((2, 3), "a: expected an object with keys, found another value")


def test_an_element_that_is_nil_and_has_a_text_is_a_fault(tmp_path: Path) -> None:
    text = '<d><r><id nil="true">5</id></r><r><id nil="true"> </id></r><r><id>6</id></r></d>'
    found = reading(tmp_path, "xml", text)
    assert found.rows == [(None,), (None,), ("6",)]
    assert found.faults == {1: "id: is nil, and has a text"}
