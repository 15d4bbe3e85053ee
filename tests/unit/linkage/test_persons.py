"""Which resident a record is about: degrees of agreement, doubt between two, and a small city."""

import json
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.linkage.city import judged, quality
from benchmarks.linkage.synthetic import city
from lumbung.linkage.errors import RecordsRefused
from lumbung.linkage.persons import FIELDS, PersonLinker
from lumbung.linkage.persons_model import (
    COMPARISONS,
    document_weights,
    packaged,
    parse_weights,
    person_model,
)

BUDI = {
    "name": "BUDI SANTOSO WICAKSONO", "sex": "L", "birth_date": "1980-04-12", "birth_place": "PONTIANAK",
    "address": "JL. APEL GG. MAWAR NO. 12", "rt": "003", "rw": "005", "kelurahan": "SUNGAIJAWI",
    "kk_number": "6171050101080001", "mother_name": "SITI AMINAH",
}  # fmt: skip
#: Twins, and a namesake of the first of them, born in the same year.
TWINS = [
    {**BUDI, "name": "NUR AINI", "sex": "P", "birth_date": "2010-05-06"},
    {**BUDI, "name": "NUR AINA", "sex": "P", "birth_date": "2010-05-06"},
]
OTHERS = [
    {"name": f"{first} {last}", "sex": "L", "birth_date": f"19{70 + at}-0{1 + at % 9}-2{at % 9}",
     "birth_place": "SAMBAS", "address": f"JL. MERDEKA NO. {at + 1}", "rt": "001", "rw": "001",
     "kelurahan": "MARIANA", "kk_number": f"61710501010900{at:02}", "mother_name": f"MARIA {last}"}
    for at, (first, last) in enumerate((a, b) for a in ("JOKO", "ANDI", "RUDI") for b in (
        "HALIM", "GUNAWAN", "KUSUMA", "TANJUNG", "LUBIS", "SIREGAR", "DAULAY", "HASIBUAN"))
]  # fmt: skip
RESIDENTS = [BUDI, *TWINS, *OTHERS]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in FIELDS}
    return pa.table({"id": list(range(len(rows))), **columns})


@pytest.fixture(scope="module")
def linker() -> PersonLinker:
    return PersonLinker(table(RESIDENTS))


LEVELS: list[tuple[str, dict[str, Any], str]] = [
    ("name", {"name": "Drs. H. Wicaksono Budi Santoso, S.E."}, "same"),
    ("name", {"name": "BUDISANTOSO WICAKSONO"}, "written together"),
    ("name", {"name": "BUDI WICAKSONO"}, "part missing, less common"),
    ("name", {"name": "BUDI SANTOSO WICAKSNO"}, "spelling or initial"),
    ("name", {"name": "B. SANTOSO WICAKSONO"}, "spelling or initial"),
    ("name", {"name": "B. WICAKSNO"}, "spelling or initial, part missing, common"),
    ("name", {"name": "BUDI HARTONO"}, "a part differs, common"),
    ("name", {"name": "YOHANES ATIN"}, "nothing alike"),
    ("birth_date", {"birth_date": "12/04/1980"}, "same"),
    ("birth_date", {"birth_date": "1980-12-04"}, "day and month swapped"),
    ("birth_date", {"birth_date": "1980"}, "only the year, the same"),
    ("birth_date", {"birth_date": "1980-01-01"}, "same year, 1 January or 31 December"),
    ("birth_date", {"birth_date": "1980-04-13"}, "a digit of the day differs"),
    ("birth_date", {"birth_date": "1970-04-12"}, "same day, a digit of the year"),
    ("birth_date", {"birth_date": "1980-07-28"}, "same year"),
    ("birth_date", {"birth_date": "1981-07-28"}, "a year or two apart"),
    ("birth_date", {"birth_date": "2001-07-28"}, "different"),
    ("birth_date", {"birth_date": "00-00-0000"}, "missing"),
    ("home", {}, "same card and house"),
    ("home", {"address": "JL. MERDEKA NO. 9"}, "same card"),
    ("home", {"kk_number": None, "address": "Jalan Apel Gang Mawar 12"}, "same house"),
    ("home", {"kk_number": None, "kelurahan": "MARIANA"}, "same house, kelurahan differs"),
    ("home", {"kk_number": None, "address": "JL. APEL GG. MAWAR"}, "same street, house not told"),
    ("home", {"kk_number": None, "address": "JL. APEL GG. MAWAR NO. 80"}, "same street"),
    ("home", {"kk_number": None, "address": "JL. MERDEKA NO. 80"}, "same RT and RW"),
    ("home", {"kk_number": None, "address": "JL. MERDEKA NO. 80", "rt": "009"}, "same kelurahan"),
    ("mother", {}, "same, one home"),
    ("mother", {"mother_name": "SITI"}, "alike, one home"),
    ("mother", {"mother_name": "ROSNAH"}, "different, one home"),
    ("mother", {"kk_number": None, "address": None}, "same"),
    ("mother", {"kk_number": None, "address": None, "mother_name": "ROSNAH"}, "different"),
    ("mother", {"mother_name": None}, "missing"),
    ("sex", {"sex": "1"}, "same"),
    ("sex", {"sex": "P"}, "different"),
    ("birth_place", {"birth_place": "Kota Pontianak"}, "same"),
    ("birth_place", {"birth_place": "PONTIANK"}, "alike"),
    ("birth_place", {"birth_place": "SAMBAS"}, "different"),
]  # fmt: skip


def test_each_level_is_reached_by_what_it_is_named_for(linker: PersonLinker) -> None:
    pairs = linker.pairs(table([{**BUDI, **changed} for _, changed, _ in LEVELS])).pairs.to_pylist()
    reached = {
        (pair["left"], one["comparison"]): one["level"]
        for pair in pairs
        if pair["right"] == 0
        for one in pair["evidence"]
    }
    found = [(name, changed, reached.get((at, name))) for at, (name, changed, _) in enumerate(LEVELS)]
    assert found == LEVELS


def test_matches_say_why_and_hold_no_value(linker: PersonLinker) -> None:
    [row] = linker.link(table([BUDI])).to_pylist()
    assert (row["resident_id"], row["outcome"], row["second"]) == (0, "match", None)
    evidence = json.loads(row["evidence"])
    assert [one["comparison"] for one in evidence] == [one.name for one in COMPARISONS]
    assert sum(one["weight"] for one in evidence) + linker.model.prior_weight == pytest.approx(row["score"])
    assert not any(word in row["evidence"].upper() for word in ("BUDI", "1980", "APEL", "AMINAH", "61710"))


def test_between_two_that_are_as_good_nobody_is_chosen(linker: PersonLinker) -> None:
    either, first = {**TWINS[0], "name": "NUR AIN"}, TWINS[0]
    rows = linker.link(table([either, first])).to_pylist()
    assert [row["outcome"] for row in rows] == ["possible", "match"]
    assert rows[0]["score"] - rows[0]["second"] < linker.model.thresholds.margin
    assert rows[1]["resident_id"] == 1


def test_a_name_and_a_year_alone_are_no_match(linker: PersonLinker) -> None:
    bare = {"name": "NUR AINI", "birth_date": "2010"}
    stranger = {"name": "SUGENG PURNOMO", "birth_date": "1999-09-09", "sex": "L"}
    rows = linker.link(table([bare, stranger])).to_pylist()
    assert rows[0]["outcome"] != "match"
    assert (rows[1]["outcome"], rows[1]["resident_id"], rows[1]["evidence"]) == ("none", None, None)


def test_only_the_records_that_changed_residents_concern(linker: PersonLinker) -> None:
    records = table([BUDI, TWINS[0], OTHERS[0]])
    whole = linker.link(records).to_pylist()
    # The twin lives in the house of resident 0, the third record elsewhere.
    assert linker.link(records, only_residents=[0]).to_pylist() == whole[:2]
    assert sorted(linker.touched(records, [0])) == [0, 1]
    assert linker.touched(records, []) == []


def test_no_records_and_no_residents(linker: PersonLinker) -> None:
    assert linker.link(table([])).num_rows == 0
    assert PersonLinker(table([])).link(table([BUDI])).to_pylist()[0]["outcome"] == "none"
    with pytest.raises(RecordsRefused, match="id"):
        PersonLinker(pa.table({"id": [1, 1], "name": ["A", "B"]})).link(table([BUDI]))


def test_a_place_of_more_people_starts_with_less() -> None:
    fewer, usual, more = (person_model(packaged(), people).prior_weight for people in (10, 200_000, 800_000))
    assert fewer == pytest.approx(usual + 3)
    assert more == pytest.approx(usual - 2 * packaged().levels["name"]["same"].per_bit)


def test_weights_are_kept_as_they_are() -> None:
    assert parse_weights(document_weights(packaged())) == packaged()


def test_a_small_city() -> None:
    made = city(7, 5_000, 1_500)
    residents, records = (
        pa.Table.from_pandas(one, preserve_index=False) for one in (made.residents, made.records)
    )
    linker = PersonLinker(residents)
    whole = linker.link(records)
    found = quality(judged(made, whole))
    assert found.precision >= 0.99
    assert found.recall >= 0.95
    assert linker.link(records.slice(100, 50)).equals(whole.slice(100, 50))
