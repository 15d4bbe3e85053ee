"""Reason codes in words: complete, in both languages, from the contract alone."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from lumbung.patterns import digits_of, example_of
from lumbung.reason_words import NOUNS, SENTENCES
from lumbung.reasons import Explanation, Language, column_name, explain
from lumbung.rules import violations
from schemas.catalogue import contract_files
from schemas.contract import Column, Contract, Read, Reference, Sync
from schemas.loading import load_contract

PROJECT = Path(__file__).parents[2]
#: Rules over several rows, which `lumbung.rules` does not list.
SET_RULES = ("unique", "reference", "duplicate_key", "immutable")


def column(name: str = "c", logical_type: str = "string", pg_type: str = "text", **more: Any) -> Column:
    return Column(name, more.pop("source_name", name.upper()), logical_type, pg_type, **more)


def contract(*columns: Column, **more: Any) -> Contract:
    return Contract(
        id="opd.data", kind="source", version="1", status="active", title="", description="", owner="",
        tags=(), file=Path("none"), physical_name="data", columns=columns, **more,
    )  # fmt: skip


def told(code: str, *columns: Column, language: Language = "en", **more: Any) -> Explanation:
    return explain(code, contract(*columns, **more), language)


def test_both_languages_know_the_same_words() -> None:
    assert set(SENTENCES) == set(NOUNS) == set(get_args(Language))
    assert SENTENCES["id"].keys() == SENTENCES["en"].keys()
    assert NOUNS["id"].keys() == NOUNS["en"].keys()


@pytest.mark.parametrize("language", get_args(Language))
def test_every_rule_of_the_citys_contracts_has_words(language: Language) -> None:
    rules = set()
    for file in contract_files(PROJECT):
        loaded = load_contract(file)
        for violation in violations(loaded):
            rules.add(violation.code.partition(":")[2])
            words = explain(violation.code, loaded, language)
            assert words.problem.endswith(".") and words.remedy.endswith(".")
            said = re.sub(r"\{[0-9]+(,[0-9]*)?\}", "", words.problem + words.remedy)
            assert "{" not in said, violation.code
    assert {*rules, *SET_RULES} <= SENTENCES[language].keys()
    assert {"required", "type", "pattern", "enum", "malformed"} <= rules


@pytest.mark.parametrize(
    ("code", "of", "remedy"),
    [
        (
            "c:pattern",
            {"options": {"pattern": "^[0-9]{16}$"}},
            "Write C as 16 digits; in Excel, use the cell format Text.",
        ),
        ("c:pattern", {"options": {"pattern": "^[0-9]{5}$"}}, "Write C as 5 digits."),
        (
            "c:pattern",
            {"options": {"pattern": "^(A|B)-[0-9]{2}$"}},
            "Write C as text following the pattern ^(A|B)-[0-9]{2}$, e.g. A-11.",
        ),
        (
            "c:length",
            {"options": {"minLength": 2, "maxLength": 9}},
            "Write C with between 2 and 9 characters.",
        ),
        ("c:length", {"options": {"minLength": 4, "maxLength": 4}}, "Write C with exactly 4 characters."),
        ("c:length", {"options": {"maxLength": 9}}, "Write C with at most 9 characters."),
        ("c:enum", {"enum": ("1", "2")}, "Use one of: 1, 2."),
        (
            "c:enum",
            {"enum": tuple(map(str, range(20)))},
            "Use one of: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more.",
        ),
        ("c:required", {}, "Fill in C."),
        ("c:unique", {}, "Give each row a C of its own, or delete the copies."),
    ],
)
def test_what_the_contract_expects_of_texts(code: str, of: dict[str, Any], remedy: str) -> None:
    assert told(code, column(**of)).remedy == remedy


@pytest.mark.parametrize(
    ("code", "of", "remedy"),
    [
        (
            "c:type",
            ("date", "date", {"format": "dd/MM/yyyy"}),
            "Write C as a date in the form dd/MM/yyyy, e.g. 31/12/2024.",
        ),
        (
            "c:type",
            ("date", "date", {"format": "d MMMM yyyy"}),
            "Write C as a date in the form d MMMM yyyy, e.g. 31 Desember 2024.",
        ),
        ("c:type", ("date", "date", {}), "Write C as a date in the form yyyy-MM-dd, e.g. 2024-12-31."),
        ("c:type", ("date", "date", {"format": "excel"}), "Write C as Excel's day number."),
        (
            "c:type",
            ("date", "date", {"format": "dd/MM/yyyy | d-MMM-yy | excel"}),
            "Write C as a date in the form dd/MM/yyyy or d-MMM-yy, e.g. 31/12/2024.",
        ),
        (
            "c:type",
            ("timestamp", "timestamp without time zone", {"format": "yyyy-MM-dd'T'HH:mm:ssXXX"}),
            "Write C as a date and time in the form yyyy-MM-dd'T'HH:mm:ssXXX, "
            "e.g. 2024-12-31T13:45:00+07:00.",
        ),
        (
            "c:minimum",
            ("date", "date", {"minimum": "1900-01-01"}),
            "Check C: it has to be 1900-01-01 or later.",
        ),
        ("c:minimum", ("integer", "bigint", {"minimum": 5}), "Check C: it has to be 5 or more."),
        ("c:minimum", ("integer", "bigint", {"exclusiveMinimum": 5}), "Check C: it has to be more than 5."),
        ("c:maximum", ("integer", "smallint", {"format": "u8"}), "Check C: it has to be 255 or less."),
        (
            "c:maximum",
            ("number", "numeric", {"maximum": 1e21}),
            "Check C: it has to be 1000000000000000000000 or less.",
        ),
        ("c:type", ("integer", "bigint", {}), "Write C as a whole number."),
        ("c:scale", ("number", "numeric(18,2)", {}), "Write C with at most 2 digits after the decimal mark."),
        ("c:multiple", ("number", "numeric", {"multipleOf": 50}), "Write C as a multiple of 50."),
    ],
)
def test_what_the_contract_expects_of_values(
    code: str, of: tuple[str, str, dict[str, Any]], remedy: str
) -> None:
    assert told(code, column("c", of[0], of[1], options=of[2])).remedy == remedy


def test_a_column_that_is_a_part_of_a_cell() -> None:
    read = Read(extract={"c": "^([0-9]{2}) - .+$"})
    said = told("c:extract", column(), read=read)
    assert said.problem == "The cell doesn't hold C as it should."
    assert said.remedy == "Write the cell as text following the pattern ^([0-9]{2}) - .+$, e.g. 11 - A."
    assert "menurut pola" in told("c:extract", column(), read=read, language="id").remedy


def test_numbers_are_shown_as_the_source_writes_them() -> None:
    amount = column("c", "number", "numeric(18,2)")
    read = Read(decimal_mark=",", group_mark=".")
    assert told("c:type", amount, read=read).remedy == "Write C as a number, e.g. 1.234,55."
    assert (
        told("c:type", column("c", "number", "numeric(4,2)"), read=read).remedy
        == "Write C as a number, e.g. 12,55."
    )


def test_rules_of_the_whole_row() -> None:
    keyed = (column("year", key_position=1), column("code", key_position=2, business_name="Kode Rekening"))
    double = told(":duplicate_key", *keyed, language="id")
    assert double.column == "YEAR + Kode Rekening (CODE)"
    assert double.problem == "Lebih dari satu baris memakai YEAR + Kode Rekening yang sama."
    assert told(":malformed", *keyed).column == ""
    assert "may not change" in told(":immutable", *keyed, sync=Sync(mode="append")).problem


def test_reference_names_the_dataset_it_points_to() -> None:
    reference = Reference(("kk",), "opd.cards", ("kk",))
    words = told("kk:reference", column("kk", business_name="Nomor KK"), references=(reference,))
    assert words.remedy == "Correct Nomor KK, or add what it points to in opd.cards first."


def test_codes_of_an_older_contract_still_get_words() -> None:
    assert told("gone:type", column()).column == "gone"
    assert told("c:newer_rule", column()).problem == "C breaks the rule newer_rule."


@pytest.mark.parametrize(
    ("business", "source", "expected"),
    [("Tanggal Lahir", "TGL_LHR", "Tanggal Lahir (TGL_LHR)"), ("NIK", "nik", "nik"), ("", "KODE", "KODE")],
)
def test_columns_are_called_as_their_owner_calls_them(business: str, source: str, expected: str) -> None:
    assert column_name(column(business_name=business, source_name=source)) == expected


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (r"^[0-9]{12}(?!0000)[0-9]{4}$", "1" * 16),
        (r"^4\.[1-3]\.[0-9]{2}(\.[0-9]{2})?$", "4.1.11"),
        (r"^[^X]{3}$", "AAA"),
        (r"^\d{2}/(UP|GU)$", "11/UP"),
        (r"^((a|b)c)+$", ""),
        (r"^[[:alpha:]]+$", ""),
    ],
)
def test_examples_match_or_are_left_out(pattern: str, example: str) -> None:
    assert example_of(pattern) == example


def test_dates_are_early_and_late_numbers_small_and_large() -> None:
    assert (
        told("c:maximum", column("c", "date", "date", options={"maximum": "2024-12-31"})).problem
        == "C is too late."
    )
    assert (
        told("c:maximum", column("c", "integer", "bigint", options={"maximum": 9})).problem
        == "C is too large."
    )


def test_digits() -> None:
    assert digits_of("^[0-9]{12}(?!0000)[0-9]{4}$") == 16
    assert digits_of("^78[0-9]{3}$") is None
    assert digits_of("^[0-9]{16}$") == 16
    assert digits_of("^[0-9]{1,16}$") is None
