"""Places by code, by name and by both: resolved when certain, a finding when not, never another place."""

import csv
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.places.codes import BPS, KEMENDAGRI, KEMENKEU, readings
from lumbung.places.crosswalk import NAME, Crosswalk, CrosswalkError, Lies, Row, of_reference
from lumbung.places.resolve import Finding, Kind, Mention, Resolved, registered_in, resolve, taxed_in
from lumbung.places.spelling import spelled

REFERENCE = Path(__file__).parents[2] / "warehouse" / "reference"


def _reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ALL_REGIONS = _reference("region.csv")
CODES = _reference("region_code.csv")
ALL_ALIASES = _reference("region_alias.csv")
CITY = of_reference(ALL_REGIONS, CODES, ALL_ALIASES)
# Official names and codes alone, so that a spelling is read by rule and not found in the list of spellings.
BY_RULE = of_reference(ALL_REGIONS, CODES, [])
# Those of the city: kecamatan and kelurahan.
REGIONS = [region for region in ALL_REGIONS if region["region_code"].startswith("61.71.")]
ALIASES = [alias for alias in ALL_ALIASES if alias["region_code"].startswith("61.71.")]


def _place(answer: Resolved | Finding) -> str:
    assert isinstance(answer, Resolved), answer
    return answer.code


def _finding(answer: Resolved | Finding) -> tuple[Kind, tuple[str, ...]]:
    assert isinstance(answer, Finding), answer
    return answer.kind, answer.candidates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("61.71.01.1002", {KEMENDAGRI: "61.71.01.1002"}),
        ("61-71-01-1002", {KEMENDAGRI: "61.71.01.1002"}),
        ("6171011002", {KEMENDAGRI: "61.71.01.1002", BPS: "6171011002"}),
        ("6171010002", {BPS: "6171010002"}),
        ("6171010", {BPS: "6171010"}),
        ("617101", {KEMENDAGRI: "61.71.01"}),
        ("14.09", {KEMENDAGRI: "14.09", BPS: "1409", "kemenkeu": "14.09"}),
        ("6171014101900001", {KEMENDAGRI: "61.71.01"}),
        ("61.71.010.002.013-0001.0", {BPS: "6171010002"}),
    ],
)
def test_a_code_is_read_in_each_system_whose_form_it_has(text: str, expected: dict[str, str]) -> None:
    assert {code.system: code.value for code in readings(text)} == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "61.71.1.1002",
        "14.1",
        "6.17101E+15",
        "61710110020",
        "6171011002.0",
        "6171013902900001",
        "٦١٧١٠١",
    ],
)
def test_a_text_of_no_form_is_no_code(text: str) -> None:
    assert readings(text) == ()


def test_ids_without_a_form_are_read_only_where_their_system_is_named() -> None:
    crosswalk = Crosswalk([Row("61.71.05.1003", "sipd", "8123")])
    assert resolve(crosswalk, Mention(code="8123", system="sipd")) == Resolved("61.71.05.1003", ("sipd",))
    assert _finding(resolve(crosswalk, Mention(code="8123")))[0] == Kind.UNKNOWN


def test_a_code_of_two_places_is_ambiguous_until_something_says_which() -> None:
    # Benuamelayu Laut by Kemendagri, Bangkabelitung Darat by BPS.
    code, ministry, statistics = "6171011002", "61.71.01.1002", "61.71.06.1004"
    assert _finding(resolve(CITY, Mention(code=code))) == (Kind.AMBIGUOUS, (ministry, statistics))
    assert _place(resolve(CITY, Mention(code=code, system=BPS))) == statistics
    assert _place(resolve(CITY, Mention(code=code, system=KEMENDAGRI))) == ministry
    assert _place(resolve(CITY, Mention(code=code, name="Benua Melayu Laut"))) == ministry
    assert _place(resolve(CITY, Mention(code=code, kecamatan="Pontianak Tenggara"))) == statistics


def test_a_code_that_one_system_knows_and_another_may_is_in_doubt() -> None:
    # BPS: Sungaijawi. Kemendagri has no 61.71.03.1005, but has others of 61.71.03: it may be a slip.
    answer = resolve(CITY, Mention(code="6171031005"))
    assert _finding(answer) == (Kind.AMBIGUOUS, ("61.71.05.1005",))
    assert _place(resolve(CITY, Mention(code="6171031005", name="Sungai Jawi"))) == "61.71.05.1005"


SPELLINGS = {
    "61.71.02.1004": ["Tanjunghulu", "KEL. TANJUNG HULU", "Kelurahan/Desa Tanjung Hulu", "Tj. Hulu"],
    "61.71.03.1001": ["Pal Lima", "Pal V", "PAL 5", "pal5", "Pal-Lima", "Kel Pal V."],
    "61.71.05.1005": ["Sungai Jawi", "Sei Jawi", "Sui. Jawi", "S. Jawi", "S.JAWI", "Soengei Djawi"],
    "61.71.03.1002": ["Sui Jawi Dalam", "Sungaijawidalam", "SEI.JAWI DALAM"],
    "61.71.01.1002": ["Benua Melayu Laut", "BENUAMELAYULAUT", " benua\u00a0melayu  laut "],
    "61.71.06.1004": ["Bangka Belitung Darat", "Bangkabelitung Darat"],
    "61.71.01.1005": ["Kota Baru", "Kotabaru", "Kotabaroe"],
    "61.71.05": ["Kec. Pontianak Kota", "PONTIANAK KOTA"],
    "61.71.05.1003": ["TENGAH", "Kel. Tengah, Kec. Pontianak Kota"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "text"), [(place, text) for place in SPELLINGS for text in SPELLINGS[place]]
)
def test_spellings_in_use_are_read_by_rule(place: str, text: str) -> None:
    assert _place(resolve(BY_RULE, Mention(name=text))) == place


def test_the_list_of_spellings_says_what_the_rules_say() -> None:
    read = {
        alias["alias_name"]: _place(resolve(BY_RULE, Mention(name=alias["alias_name"]))) for alias in ALIASES
    }
    assert read == {alias["alias_name"]: alias["region_code"] for alias in ALIASES}


@pytest.mark.parametrize(
    ("mention", "kind", "candidates"),
    [
        (Mention(), Kind.UNKNOWN, ()),
        (Mention(name="Kel."), Kind.UNKNOWN, ()),
        (Mention(name="Pal VI"), Kind.UNKNOWN, ()),
        (Mention(name="Tengah II"), Kind.UNKNOWN, ()),
        (Mention(name="Tengah \u0662"), Kind.UNKNOWN, ()),
        (Mention(name="Siantan"), Kind.UNKNOWN, ("61.71.04.1001", "61.71.04.1002", "61.71.04.1003")),
        (Mention(name="Bangka Belitung"), Kind.UNKNOWN, ("61.71.06.1003", "61.71.06.1004")),
        (Mention(name="Kel. Pontianak Kota"), Kind.UNKNOWN, ("61.71.05",)),
        (
            Mention(name="Tengah", kecamatan="Pontianak Utara"),
            Kind.CONTRADICTORY,
            ("61.71.04", "61.71.05.1003"),
        ),
        (Mention(name="Tengah", kecamatan="Sintang"), Kind.UNKNOWN, ("61.71.05.1003",)),
        (
            Mention(code="61.71.05.1003", name="Mariana"),
            Kind.CONTRADICTORY,
            ("61.71.05.1003", "61.71.05.1004"),
        ),
        (Mention(code="61.71.04", name="Mariana"), Kind.CONTRADICTORY, ("61.71.04", "61.71.05.1004")),
        (Mention(code="61.71.05.1003", name="Sintang"), Kind.UNKNOWN, ("61.71.05.1003",)),
        (Mention(code="61.71.5.1003", name="Tengah"), Kind.MALFORMED, ("61.71.05.1003",)),
        (Mention(code="61.71.01.1001"), Kind.UNKNOWN, ()),
    ],
    ids=lambda value: str(value) if isinstance(value, Kind) else "",
)
def test_what_is_not_certain_is_a_finding(mention: Mention, kind: Kind, candidates: tuple[str, ...]) -> None:
    assert _finding(resolve(CITY, mention)) == (kind, candidates)


def test_one_letter_off_is_read_in_long_names_with_one_candidate_and_said() -> None:
    assert resolve(BY_RULE, Mention(name="Tanjung Hiilir")) == Resolved("61.71.02.1005", ("one letter off",))
    assert _finding(resolve(BY_RULE, Mention(name="Mariena"))) == (Kind.UNKNOWN, ("61.71.05.1004",))
    beside = Mention(name="Mariena", kecamatan="Pontianak Kota")
    assert _finding(resolve(BY_RULE, beside)) == (Kind.UNKNOWN, ("61.71.05.1004",))
    confirmed = resolve(BY_RULE, Mention(code="61.71.05.1004", name="Mariena"))
    assert confirmed == Resolved("61.71.05.1004", ("kemendagri", "one letter off"))
    pair = Crosswalk([Row("61.01.01.2001", NAME, "Tanjung Baru"), Row("61.01.01.2002", NAME, "Tanjung Batu")])
    answer = resolve(pair, Mention(name="Tanjung Bau"))
    assert _finding(answer) == (Kind.AMBIGUOUS, ("61.01.01.2001", "61.01.01.2002"))


@pytest.mark.timeout(20)
def test_a_long_text_is_a_finding_at_once() -> None:
    assert _finding(resolve(CITY, Mention(name="Tanjung Hulu " * 100_000))) == (Kind.UNKNOWN, ())


@pytest.mark.parametrize("text", ["Kampung Tua", "Mekar Sari A", "Mekar Sari C", "Rasau Jaya 21"])
def test_no_number_and_no_letter_that_stands_for_one_is_taken_for_a_typing_error(text: str) -> None:
    names = ["Kampung Dua", "Mekar Sari B", "Rasau Jaya 20"]
    crosswalk = Crosswalk([Row(f"61.01.01.200{n}", NAME, name) for n, name in enumerate(names)])
    assert isinstance(resolve(crosswalk, Mention(name=text)), Finding)


def test_a_word_for_a_kind_of_place_can_be_a_name() -> None:
    crosswalk = Crosswalk([Row("52.05.01", NAME, "Kelurahan"), Row("52.05.01.1001", NAME, "Desa Baru")])
    assert _place(resolve(crosswalk, Mention(name="Kec. Kelurahan"))) == "52.05.01"
    assert _place(resolve(crosswalk, Mention(name="Baru"))) == "52.05.01.1001"


def test_one_name_of_two_places_needs_the_kecamatan() -> None:
    crosswalk = Crosswalk(
        [
            Row("61.01.01", NAME, "Selatan"),
            Row("61.01.01.2001", NAME, "Sejahtera"),
            Row("61.01.02.2001", NAME, "Sejahtera"),
        ]
    )
    both = ("61.01.01.2001", "61.01.02.2001")
    assert _finding(resolve(crosswalk, Mention(name="Sejahtera"))) == (Kind.AMBIGUOUS, both)
    assert _place(resolve(crosswalk, Mention(name="Sejahtera", kecamatan="Kec. Selatan"))) == both[0]
    assert _place(resolve(crosswalk, Mention(name="Sejahtera", kecamatan="61.01.01"))) == both[0]


def test_a_nik_tells_the_kecamatan_of_registration_and_never_contradicts_a_name() -> None:
    nik = "6171024101900001"
    assert resolve(CITY, Mention(code=nik)) == Resolved("61.71.02", ("nik",))
    assert resolve(CITY, Mention(code=nik, name="Mariana")) == Resolved("61.71.05.1004", ("spelling",))


def test_codes_and_kecamatan_are_those_of_the_day() -> None:
    new, split = "61.71.06.1001", date(2008, 1, 1)
    crosswalk = Crosswalk(
        [
            Row("61.71.01", NAME, "Pontianak Selatan"),
            Row("61.71.06", NAME, "Pontianak Tenggara"),
            Row(new, NAME, "Bansir Laut"),
            Row(new, KEMENDAGRI, "61.71.01.1001", valid_to=split),
            Row(new, KEMENDAGRI, new, valid_from=split),
        ]
    )
    before, after = date(2007, 12, 31), split
    assert _place(resolve(crosswalk, Mention(code="61.71.01.1001", on=before))) == new
    assert _finding(resolve(crosswalk, Mention(code="61.71.01.1001", on=after))) == (Kind.UNKNOWN, (new,))
    south = Mention(name="Bansir Laut", kecamatan="Pontianak Selatan", on=before)
    assert _place(resolve(crosswalk, south)) == new
    later = resolve(crosswalk, Mention(name="Bansir Laut", kecamatan="Pontianak Selatan", on=after))
    assert _finding(later) == (Kind.CONTRADICTORY, ("61.71.01", new))


def test_the_code_lists_speak_of_listed_regions() -> None:
    listed = {region["region_code"] for region in ALL_REGIONS}
    assert {told["region_code"] for told in (*CODES, *ALL_ALIASES)} <= listed
    assert {region["parent_code"] for region in ALL_REGIONS} <= {*listed, "ID"}
    by_system = Counter((code["code_system"], code["code_value"]) for code in CODES)
    assert by_system.most_common(1)[0][1] == 1


def test_the_city_lists_29_kelurahan_in_6_kecamatan() -> None:
    today = [region for region in REGIONS if not region["valid_to"]]
    levels = [region["region_level_code"] for region in today]
    assert (levels.count("kecamatan"), levels.count("kelurahan"), len(today)) == (6, 29, 35)


def test_a_place_lay_in_another_kecamatan_before_the_split() -> None:
    before, after = date(2007, 12, 31), date(2008, 1, 2)
    south = Mention(name="Bansir Laut", kecamatan="Pontianak Selatan")
    assert _place(resolve(CITY, replace(south, on=before))) == "61.71.06.1001"
    kind, _ = _finding(resolve(CITY, replace(south, on=after)))
    assert kind == Kind.CONTRADICTORY
    # Addresses are copied for years: without a day, both are right.
    assert _place(resolve(CITY, south)) == "61.71.06.1001"
    assert _finding(resolve(CITY, replace(south, kecamatan="Pontianak Barat")))[0] == Kind.CONTRADICTORY
    assert date(2008, 1, 1) in CITY.turns


def test_a_place_lies_in_what_its_area_lies_in() -> None:
    city = Crosswalk([], [Lies("61.71.06.1001", "61.71.06"), Lies("61.71.06", "61.71")])
    assert city.lies_in("61.71.06.1001", "61.71", None)
    assert not city.lies_in("61.71.06.1001", "61.72", None)


def test_a_code_of_the_city_and_a_name_are_the_kelurahan() -> None:
    by_budget = Mention(code="14.09", system=KEMENKEU)
    assert _place(resolve(CITY, by_budget)) == "61.71"
    assert _place(resolve(CITY, replace(by_budget, name="Pal Lima"))) == "61.71.03.1001"
    elsewhere = replace(by_budget, code="14.10", name="Pal Lima")
    assert _finding(resolve(CITY, elsewhere)) == (Kind.CONTRADICTORY, ("61.71.03.1001", "61.72"))


def test_what_is_asked_for_has_a_level() -> None:
    asked = Mention(name="Kota Pontianak", level=4)
    assert _finding(resolve(CITY, asked)) == (Kind.OTHER_LEVEL, ("61.71",))
    assert _place(resolve(CITY, replace(asked, level=2))) == "61.71"


@pytest.mark.parametrize(
    ("nik", "place"),
    [
        ("6171014101900001", "61.71.01"),
        # Nobody lists the kecamatan of Kubu Raya here.
        ("6112034101900001", "61.12"),
        ("6171094101900001", None),
        ("3174094101900001", None),
        ("6171013902900001", None),
    ],
)
def test_the_beginning_of_a_nik_is_where_it_was_registered(nik: str, place: str | None) -> None:
    answer = registered_in(CITY, nik)
    assert (answer.code if isinstance(answer, Resolved) else None) == place


def test_the_beginning_of_a_nop_is_the_kelurahan_of_the_tax_object() -> None:
    assert _place(taxed_in(CITY, "61.71.010.002.013-0001.0")) == "61.71.01.1002"
    assert isinstance(taxed_in(CITY, "61.71.010.099.013-0001.0"), Finding)


@pytest.mark.parametrize(
    "row",
    [
        Row("6171011002", BPS, "6171010002"),
        Row("61.71.01.1002", BPS, "61.71.01.1002"),
        Row("61.71.01.1002", NAME, "-"),
        Row("61.71.01.1002", "", "1"),
        Row("61.71.01.1002", NAME, "Laut", date(2020, 1, 1), date(2020, 1, 1)),
    ],
)  # fmt: skip
def test_a_crosswalk_with_an_unusable_row_is_refused(row: Row) -> None:
    with pytest.raises(CrosswalkError, match="row 2"):
        Crosswalk([Row("61.71", NAME, "Kota Pontianak"), row])


def test_no_message_holds_what_the_record_says() -> None:
    for mention in (
        Mention(code="6171024101909999x"),
        Mention(name="Rahasia"),
        Mention(code="6199024101909999"),
    ):
        answer = resolve(CITY, mention)
        assert isinstance(answer, Finding)
        assert (mention.code or mention.name) not in repr(answer)


UNHURRIED = settings(deadline=None)
PREFIXES = st.sampled_from(["", "Kel. ", "KELURAHAN ", "kel ", "Kel/Desa "])
JOINTS = st.sampled_from([" ", "", "-", ". ", "  ", "\u00a0"])
CASES = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])


@UNHURRIED
@given(st.data())
def test_a_variant_of_a_name_is_the_same_place_or_a_finding(data: st.DataObject) -> None:
    alias = data.draw(st.sampled_from(ALIASES))
    words = alias["alias_name"].split()
    name = "".join(word + data.draw(JOINTS) for word in words)
    text = data.draw(CASES)(data.draw(PREFIXES) + name)
    answer = resolve(CITY, Mention(name=text))
    assert isinstance(answer, Finding) or answer.code == alias["region_code"]


@UNHURRIED
@given(st.sampled_from(REGIONS), st.data())
def test_official_names_resolve_however_their_words_are_joined(
    region: dict[str, str], data: st.DataObject
) -> None:
    text = "".join(word + data.draw(JOINTS) for word in region["region_name"].split())
    assert _place(resolve(BY_RULE, Mention(name=data.draw(CASES)(text)))) == region["region_code"]


@UNHURRIED
@given(st.sampled_from(REGIONS), st.data())
def test_a_name_with_a_letter_off_is_the_same_place_or_a_finding(
    region: dict[str, str], data: st.DataObject
) -> None:
    name = region["region_name"]
    at = data.draw(st.integers(0, len(name)))
    letter = data.draw(st.sampled_from(["", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ "]))
    answer = resolve(CITY, Mention(name=name[:at] + letter + name[at + data.draw(st.integers(0, 1)) :]))
    assert isinstance(answer, Finding) or answer.code == region["region_code"]


@UNHURRIED
@given(st.sampled_from(REGIONS), st.text(max_size=12))
def test_a_code_with_any_name_beside_it_is_never_another_place(region: dict[str, str], name: str) -> None:
    answer = resolve(CITY, Mention(code=region["region_code"], name=name))
    assert isinstance(answer, Finding) or answer.code.startswith(region["region_code"])


@UNHURRIED
@given(st.text(), st.text(), st.text())
def test_no_text_makes_it_fail(code: str, name: str, kecamatan: str) -> None:
    answer = resolve(CITY, Mention(code, name, kecamatan))
    assert isinstance(answer, Resolved) or answer.message


@UNHURRIED
@given(st.text())
def test_a_normal_form_has_no_marks_or_blanks(text: str) -> None:
    assert not re.search(r"[\W_]", spelled(text).key.replace("\ufffd", ""))
