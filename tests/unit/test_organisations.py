"""Agencies by code, by name and by both, at a time: resolved when certain, a finding when not."""

import csv
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.agencies import agencies
from lumbung.organisations.codes import agency_of, canonical
from lumbung.organisations.names import key_of
from lumbung.organisations.register import Period, Register, RegisterError, Said, of_reference
from lumbung.organisations.resolve import Finding, Kind, Mention, Resolved, resolve
from schemas.catalogue import load_catalogue

REFERENCE = Path(__file__).parents[2] / "warehouse" / "reference"


def _reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ORGANISATIONS = _reference("organisation")
ALIASES = _reference("organisation_alias")
CITY = of_reference(ORGANISATIONS, ALIASES, ["Kota Pontianak"])
FINANCE, TAXES = "5.02.0.00.0.00.01.0000", "5.02.0.00.0.00.02.0000"


def _id(answer: Resolved | Finding) -> str:
    assert isinstance(answer, Resolved), answer
    return answer.organisation


def _finding(answer: Resolved | Finding) -> tuple[Kind, tuple[str, ...]]:
    assert isinstance(answer, Finding), answer
    return answer.kind, answer.candidates


def _during(year: int, code: str = "", name: str = "") -> Mention:
    return Mention(code, name, date(year, 1, 1), date(year, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "1.01.0.00.0.00.01.0000",
        " 1.01.0.00.0.00.01.0000 ",
        "'1.01.0.00.0.00.01.0000",
        "1-01-0-00-0-00-01-0000",
        "1.01.0.00.0.00.01",
        "101000000010000",
        "10100000001",
    ],
)
def test_a_code_has_one_form(text: str) -> None:
    assert canonical(text) == "1.01.0.00.0.00.01.0000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1.01",
        "1.01.0.00.0.00.1.0000",
        "1.01.0.00.0.00.01.000",
        "1.01.0.00.0.00.00.0000",
        "0.00.0.00.0.00.01.0000",
        "1,01E+14",
        "1010000000100",
        "1.01.0.00.0.00.01.0000.1",
        "\u0661.01.0.00.0.00.01.0000",
    ],
)
def test_a_text_of_no_form_is_no_code(text: str) -> None:
    assert canonical(text) is None


def test_a_unit_has_an_agency() -> None:
    assert agency_of("1.02.0.00.0.00.01.0003") == "1.02.0.00.0.00.01.0000"
    assert canonical("X.XX.0.00.0.00.01.0000") == "X.XX.0.00.0.00.01.0000"


@given(st.from_regex(r"[1-9]\.[0-9]{2}(\.[0-9]\.[0-9]{2}){2}\.0[1-9]\.[0-9]{4}", fullmatch=True))
def test_a_code_survives_every_way_of_writing_it(code: str) -> None:
    code = canonical(code) or ""
    assert len(code) == 22
    assert canonical(code.replace(".", "")) == canonical(code.replace(".", " ")) == code
    if code.endswith(".0000"):
        assert canonical(code[:-5]) == canonical(code[:-5].replace(".", "")) == code


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("DINAS KESEHATAN", "dinkes"),
        ("Din. Kesehatan", "dinkes"),
        ("Dinas Kesehatan Kota Pontianak", "dinkes"),
        ("dinas  pekerjaan umum & penataan ruang", "dpupr"),
        ("Kec. Pontianak Kota", "kec-pontianak-kota"),
        ("Kecamatan Pontianak Kota Kota Pontianak", "kec-pontianak-kota"),
        ("Disdukcapil", "disdukcapil"),
        ("DPM-PTSP", "dpmptsp"),
        ("Sat. Pol. PP", "satpolpp"),
        ("UPT. Puskesmas 1", "puskesmas-01"),
        ("UPTD Puskesmas 11", "puskesmas-11"),
    ],
)
def test_names_in_use(text: str, organisation: str) -> None:
    assert _id(resolve(CITY, _during(2026, name=text))) == organisation


@pytest.mark.parametrize(
    "text",
    ["Dinas", "Dinas Kesehatan Kota Singkawang", "Disperindag", "Puskesmas", "UPT Puskesmas 15", "Dinkess"],
)
def test_what_no_row_says_is_not_guessed(text: str) -> None:
    assert _finding(resolve(CITY, Mention(name=text))) == (Kind.UNKNOWN, ())


def test_every_agency_of_the_budget_resolves_by_code_and_by_name() -> None:
    for agency in agencies():
        by_both = _id(resolve(CITY, Mention(agency.code, agency.name)))
        assert _id(resolve(CITY, _during(2026, code=agency.code))) == by_both
        assert _id(resolve(CITY, _during(2026, name=agency.name))) == by_both


def test_a_code_that_passed_on_needs_the_time_or_the_name() -> None:
    assert _finding(resolve(CITY, Mention(FINANCE))) == (Kind.AMBIGUOUS, ("bkad", "bkd"))
    assert _id(resolve(CITY, _during(2022, FINANCE))) == "bkd"
    assert _id(resolve(CITY, _during(2026, FINANCE))) == "bkad"
    assert _id(resolve(CITY, Mention(FINANCE, "Badan Keuangan Daerah"))) == "bkd"
    assert _finding(resolve(CITY, _during(2022, TAXES))) == (Kind.UNKNOWN, ("bapenda",))
    assert _finding(resolve(CITY, _during(2026, name="Badan Keuangan Daerah"))) == (Kind.UNKNOWN, ("bkd",))


def test_an_abbreviation_that_changed_hands_needs_the_time() -> None:
    assert _finding(resolve(CITY, Mention(name="BKD"))) == (Kind.AMBIGUOUS, ("bkd", "bkpsdm"))
    assert _finding(resolve(CITY, _during(2021, name="BKD"))) == (Kind.AMBIGUOUS, ("bkd", "bkpsdm"))
    assert _id(resolve(CITY, _during(2022, name="BKD"))) == "bkd"
    assert _finding(resolve(CITY, _during(2026, name="BKD"))) == (Kind.UNKNOWN, ("bkd", "bkpsdm"))


def test_an_agency_keeps_its_id_when_it_is_renamed() -> None:
    before = resolve(CITY, _during(2021, name="Badan Kepegawaian Daerah"))
    after = resolve(CITY, _during(2026, name="Badan Kepegawaian dan Pengembangan SDM"))
    assert _id(before) == _id(after) == "bkpsdm"
    assert _id(resolve(CITY, _during(2020, "3.30.2.17.0.00.01.0000"))) == "diskumdag"


def test_a_merger_in_the_year_leaves_two_holders_of_a_code() -> None:
    code = "2.09.0.00.0.00.01.0000"
    assert _finding(resolve(CITY, _during(2022, code))) == (Kind.AMBIGUOUS, ("dkp", "dppp"))
    assert _id(resolve(CITY, Mention(code, first=date(2022, 6, 30), last=date(2022, 6, 30)))) == "dkp"
    assert _id(resolve(CITY, Mention(code, first=date(2022, 7, 1), last=date(2022, 7, 1)))) == "dppp"


@pytest.mark.parametrize(
    ("mention", "kind", "candidates"),
    [
        (Mention(), Kind.UNKNOWN, ()),
        (Mention("1.02.0.00.0.00.01.0099"), Kind.UNKNOWN, ("dinkes",)),
        (Mention("9.99.0.00.0.00.01.0000"), Kind.UNKNOWN, ()),
        (Mention("1.02"), Kind.MALFORMED, ()),
        (Mention("1.02.0.00.0.00.01.0000", "Dinas Sosial"), Kind.CONTRADICTORY, ("dinkes", "dinsos")),
        (Mention("1.02.0.00.0.00.01.0000", "Dinas Rahasia"), Kind.UNKNOWN, ()),
    ],
    ids=lambda value: str(value) if isinstance(value, Kind) else "",
)
def test_what_is_not_certain_is_a_finding(mention: Mention, kind: Kind, candidates: tuple[str, ...]) -> None:
    answer = resolve(CITY, mention)
    assert _finding(answer) == (kind, candidates)
    assert "Rahasia" not in repr(answer)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (Said("a", "1.01", "A"), "is no code"),
        (Said("a", "", "-"), "is no name"),
        (Said("a", "", ""), "expected a code or a name"),
        (Said("a", "", "A", Period(date(2020, 1, 1), date(2020, 1, 1))), "isn't after"),
    ],
)
def test_an_unusable_row_is_refused(row: Said, reason: str) -> None:
    with pytest.raises(RegisterError, match=rf"row 2 \(a\).*{reason}"):
        Register([Said("b", "", "B"), row])


def test_another_name_lasts_as_long_as_the_agency() -> None:
    assert _id(resolve(CITY, _during(2022, name="Dispora"))) == "dispora"
    assert _finding(resolve(CITY, _during(2026, name="Dispora"))) == (Kind.UNKNOWN, ("dispora",))
    stray = {"alias_name": "X", "organisation_id": "x", "valid_from": "", "valid_to": ""}
    with pytest.raises(RegisterError, match="no such agency"):
        of_reference(ORGANISATIONS, [stray], [])


UNHURRIED = settings(deadline=None)
JOINTS = st.sampled_from([" ", "  ", ". ", "\u00a0", " - "])
CASES = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])


@UNHURRIED
@given(st.data())
def test_a_variant_of_a_name_is_the_same_agency_or_a_finding(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(ORGANISATIONS))
    joined = "".join(word + data.draw(JOINTS) for word in row["organisation_name"].split())
    answer = resolve(CITY, Mention(name=data.draw(CASES)(joined)))
    assert _id(answer) == row["organisation_id"]
    wrong = joined[: data.draw(st.integers(0, len(joined)))] + data.draw(st.text(max_size=3))
    cut = resolve(CITY, Mention(row["organisation_code"], wrong))
    # A code is beside it: whatever is written, it is an agency that had this code, or a finding.
    holders = {
        o["organisation_id"] for o in ORGANISATIONS if o["organisation_code"] == row["organisation_code"]
    }
    assert isinstance(cut, Finding) or cut.organisation in holders or not row["organisation_code"]


@UNHURRIED
@given(st.text(), st.text())
def test_no_text_makes_it_fail(code: str, name: str) -> None:
    answer = resolve(CITY, Mention(code, name))
    assert isinstance(answer, Resolved) or answer.message


def test_no_code_and_no_name_has_two_holders_on_a_day() -> None:
    for one, other in combinations(CITY.rows, 2):
        same = (one.code and one.code == other.code) or key_of(one.name) == key_of(other.name)
        if same and one.period.meets(other.period.valid_from, _last(other.period)):
            # The one abbreviation that two agencies had at a time.
            assert one.organisation == other.organisation or {one.name, other.name} == {"BKD"}, (one, other)


def _last(period: Period) -> date | None:
    return period.valid_to - timedelta(days=1) if period.valid_to else None


def test_events_lead_from_agencies_that_end_to_agencies_that_are() -> None:
    lives = {row["organisation_id"]: (row["valid_from"], row["valid_to"]) for row in ORGANISATIONS}
    for event in _reference("organisation_event"):
        assert lives[event["predecessor_id"]][1] == event["event_date"]
        assert lives[event["successor_id"]][0] <= event["event_date"]
    ended = {organisation for organisation, (_, valid_to) in lives.items() if valid_to}
    assert ended == {event["predecessor_id"] for event in _reference("organisation_event")}


def test_owners_of_datasets_are_agencies() -> None:
    owners = {contract.owner for contract in load_catalogue(REFERENCE.parents[1]).sources.values()}
    # The ministry of finance publishes budgets of all cities.
    outside = {"djpk"}
    assert owners - outside <= {row["organisation_id"] for row in ORGANISATIONS if not row["valid_to"]}


def test_numbers_in_names_stay_apart() -> None:
    assert key_of("Puskesmas 1 1") != key_of("Puskesmas 11")
    assert key_of("Puskesmas 01") == key_of("PUSKESMAS 1")
