"""What is compared of a person: what means the same comes out the same, what says nothing is NULL."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from lumbung.linkage.persons_fields import PartsOf, Vocabulary, prepared


def made(**fields: Any) -> dict[str, Any]:
    parts_of = PartsOf()
    vocabulary = Vocabulary.of(["SITI AMINAH", "SITI RAHMAH"], parts_of)
    table = pa.table({"id": [1], **{name: [value] for name, value in fields.items()}})
    [row] = prepared(table, "id", vocabulary, parts_of).to_pylist()
    return row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("H. Muhammad Soerja, S.E.", "SURYA"),
        ("M. Rizky Ramadhan", "RAMADHAN RIZKI"),
        ("MUH ARIF", "Moch. Arief"),
        ("ALI bin ABDULLAH", "ALI"),
        ("ANI ALIAS NUR", "ANI"),
        ("JUSUF", "Yusup"),
    ],
)
def test_names_that_mean_the_same_have_one_key(one: str, other: str) -> None:
    assert made(name=one)["name_key"] == made(name=other)["name_key"] is not None


def test_names_that_differ_have_two_keys() -> None:
    assert made(name="SITI AMINAH")["name_key"] != made(name="SITI RAHMAH")["name_key"]
    assert made(name="MUHAMMAD")["name_key"] == made(name="Mohamad")["name_key"] is not None


def test_a_rare_part_tells_more_than_a_common_one_and_an_initial_little() -> None:
    row = made(name="SITI AMINAH M")
    assert row["bits_3"] > 0
    assert row["bits_2"] > row["bits_1"]
    assert row["has_initial"]
    assert made(name="ZULKARNAIN")["bits_1"] >= row["bits_2"]


@pytest.mark.parametrize(
    ("written", "full", "year"),
    [
        ("1985-03-07", "19850307", 1985),
        ("07-03-1985", "19850307", 1985),
        ("7/3/1985", "19850307", 1985),
        (date(1985, 3, 7), "19850307", 1985),
        ("1985", None, 1985),
        ("1985-00-00", None, 1985),
        ("00-00-1985", None, 1985),
        ("00-00-0000", None, None),
        ("0000-00-00", None, None),
        ("unknown", None, None),
        (None, None, None),
    ],
)
def test_birth_dates(written: Any, full: str | None, year: int | None) -> None:
    row = made(name="ANI", birth_date=written)
    assert (row["birth_date"], row["birth_year"]) == (full, year)


def test_day_and_month_are_swapped_only_where_that_is_another_date() -> None:
    assert made(birth_date="1985-03-07")["birth_swapped"] == "19850703"
    assert made(birth_date="1985-03-27")["birth_swapped"] is None
    assert made(birth_date="1985-03-03")["birth_swapped"] is None


def test_addresses_are_taken_apart_and_columns_go_before_what_the_address_says() -> None:
    row = made(address="Jln. Apel Gg. Mawar no 012 RT 003/RW 05 Kel. Pal Lima", rt="004")
    assert row["street"] == "APEL GANG MAWAR"
    assert (row["house"], row["rt"], row["rw"], row["village"]) == ("12", "4", "5", "PALLIMA")


def test_the_rest() -> None:
    row = made(sex="Perempuan", birth_place="Kab. Sambas", kk_number="6171010101010001", kelurahan="Pal 5")
    assert (row["sex"], row["birth_place"], row["card"]) == ("P", "SAMBAS", "6171010101010001")
    assert row["village"] == made(kelurahan="KELURAHAN PALLIMA")["village"]
    assert made(kk_number="0000000000000000", sex="?", birth_place="-")["card"] is None


def test_no_rows_and_no_columns() -> None:
    parts_of = PartsOf()
    table = pa.table({"id": pa.array([], pa.int64())})
    assert prepared(table, "id", Vocabulary.of([], parts_of), parts_of).num_rows == 0
    row = made()
    assert {value for name, value in row.items() if name != "id"} == {None}
