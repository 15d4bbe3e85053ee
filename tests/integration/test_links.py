"""Records of an agency and the people of the register: whom each record means, and how that was told."""

import logging
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from lumbung.errors import DecisionRefused, SettingsError
from lumbung.resolution.links_decisions import decide
from lumbung.resolution.merging import Because
from tests.links_project import BECAUSE, Link, Person, Town

SITI = Person("6171014107850001", "SITI NURHALIZAH", "1985-07-01", "JL. APEL NO. 7", "MARIAM", "2")
BUDI = Person("6171012508900002", "MUHAMMAD BUDI SANTOSO", "1990-08-25", "GG. DURIAN NO. 12", "SRI LESTARI")
TJIA = Person("6171021203750003", "TJIA KIM LIONG", "1975-03-12", "JL. GAJAH MADA NO. 88", "LIE MOI")
AMAT = Person("6171030506600004", "AHMAD RAHMAT", "1960-06-05", "GG. MANGGIS NO. 3", "ROHANI")
#: Somebody else, of the same name and day.
OTHER_AMAT = Person("6171010506600007", AMAT.name, AMAT.birth_date, "GG. SALAK NO. 5", "AMINAH")
TOWN = [SITI, BUDI, TJIA, AMAT]


@pytest.fixture
def town(warehouse_url: str, tmp_path: Path) -> Town:
    made = Town(warehouse_url, tmp_path)
    made.people(TOWN)
    return made


def test_by_nik(town: Town) -> None:
    town.applications(
        ["same", SITI.nik, "Siti Nurhalizah", "1985-07-01"],
        ["titles", BUDI.nik, "H. Moh. Budi Santosa, S.Pd", None],
        ["close", BUDI.nik, "M. Budi", BUDI.birth_date],
        ["no name", f" {TJIA.nik} ", None, None],
        ["other", TJIA.nik, "Yohanes Sungkup", "1999-01-31"],
        ["same day", TJIA.nik, "Yohanes Sungkup", TJIA.birth_date],
        ["unknown", "6171015501010009", "Yohanes Sungkup", "2001-01-15"],
    )
    assert town.identify() == 7
    links = town.links()
    assert links["same"].short == (SITI.nik, "match", "nik")
    assert links["same"].evidence == {"fields": {"nik": "same", "name": "same", "birth_date": "same"}}
    assert links["titles"].short == (BUDI.nik, "match", "nik")
    assert links["close"].short == (BUDI.nik, "match", "nik")
    assert links["no name"].short == (TJIA.nik, "match", "nik")
    assert links["other"].short == (None, "conflict", "nik")
    assert links["other"].evidence["candidates"][0]["person_id"] == str(town.person_id(TJIA.nik))
    assert links["same day"].short == (None, "possible", "nik")
    assert links["unknown"].short == (None, "none", "probabilistic")


def test_by_what_is_said(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town.people([*TOWN, OTHER_AMAT])
    town.applications(
        ["all", None, "Hj. Siti Nur Halizah", "1985-07-01", "Jl Apel 7", "Mariam"],
        ["placeholder", "0000000000000000", "Tjia Kim Liong", "1975-03-12", "Gajah Mada 88", "Lie Moi"],
        ["a digit", "6171021203750030", "Tjia Kim Liong", "1975-03-12", "Gajah Mada 88", "Lie Moi"],
        ["another's", "6171021203757777", "Tjia Kim Liong", "1975-03-12", "Gajah Mada 88", "Lie Moi"],
        ["either", None, "Ahmad Rahmat", AMAT.birth_date],
        ["nobody", None, "Yohanes Sungkup", "2001-01-15", "Jl. Kom Yos Sudarso 9", "Maria"],
        ["nothing", None, None, "1985-07-01"],
    )
    with caplog.at_level(logging.DEBUG):
        town.identify()
    links = town.links()
    assert links["all"].short == (SITI.nik, "match", "probabilistic")
    assert links["placeholder"].short == (TJIA.nik, "match", "probabilistic")
    assert links["a digit"].short == (TJIA.nik, "match", "probabilistic")
    assert links["a digit"].evidence["fields"]["nik"] == "a digit or two differ"
    assert links["another's"].short == (None, "possible", "probabilistic")
    assert links["another's"].evidence["fields"]["nik"] == "differs"
    assert links["either"].short == (None, "possible", "probabilistic")
    meant = {candidate["person_id"] for candidate in links["either"].evidence["candidates"]}
    assert meant == {str(town.person_id(AMAT.nik)), str(town.person_id(OTHER_AMAT.nik))}
    assert links["nobody"].short == (None, "none", "probabilistic")
    assert links["nothing"].short == (None, "none", None)
    kept = str(town.rows("SELECT evidence FROM identity.bansos__applications__applicant"))
    for text in (caplog.text.upper(), kept.upper()):
        for value in (TJIA.nik, "TJIA", "SUNGKUP", "AHMAD", "GAJAH", "MOI", "19750312", TJIA.birth_date):
            assert value not in text


def test_only_what_changed_is_looked_at(town: Town) -> None:
    rows: list[list[str | None]] = [
        ["siti", SITI.nik, "Siti Nurhalizah"],
        ["budi", BUDI.nik, "Budi Santoso"],
        ["tjia", None, "Tjia Kim Liong", TJIA.birth_date, TJIA.address, TJIA.mother],
        ["new", None, "Yohanes Sungkup", "2001-01-15", "Jl. Kom Yos Sudarso 9", "Maria"],
        ["far", None, "Lim Ai Hwa", "1949-02-28", "Jl. Sisingamangaraja 1"],
    ]
    town.applications(*rows)
    assert town.identify() == 5
    before = town.links()
    assert town.identify() is None
    town.applications(*rows[1:], ["siti", SITI.nik, "Siti Nurhalizah", None, None, None, "seen"])
    assert town.identify() == 0, "a column that tells nothing of the person changed"
    town.applications(*rows[1:], ["siti", BUDI.nik, "Siti Nurhalizah"])
    assert town.identify() == 1
    assert town.links()["siti"].outcome == "conflict"
    town.applications(*rows)
    assert town.identify() == 1
    assert town.links() == before

    yohanes = Person(
        "6171011501010009", "YOHANES SUNGKUP", "2001-01-15", "JL. KOM YOS SUDARSO NO. 9", "MARIA"
    )
    town.people([*TOWN, yohanes])
    assert town.identify() == 1, "of those who had nobody, the one whom the new resident may be"
    assert town.links()["new"].short == (yohanes.nik, "match", "probabilistic")
    town.people([SITI, BUDI, AMAT, yohanes, Person(TJIA.nik, "LIE SUN TO", "1985-04-13")])
    assert town.identify() == 1
    increments = town.links()
    assert increments["tjia"].outcome != "match"
    town.run("UPDATE identity.run SET rules = 'others'")
    assert town.identify() == 5
    assert shorts(town.links()) == shorts(increments)


def shorts(links: dict[str, Link]) -> dict[str, tuple[str | None, str, str | None]]:
    """Without scores: how rare a name is changes a little with everybody who comes."""
    return {key: link.short for key, link in links.items()}


def test_a_decision_wins_stays_and_can_be_undone(town: Town) -> None:
    rows: list[list[str | None]] = [
        ["one", AMAT.nik, "Ahmad Rahmat"],
        ["two", SITI.nik, "Siti Nurhalizah"],
    ]
    town.applications(*rows)
    town.identify()
    before = town.links()
    is_budi = town.decide("match", "one", BUDI.nik)
    not_siti = town.decide("not_match", "two", SITI.nik)
    assert town.identify() == 2
    decided = town.links()
    assert decided["one"].short == (BUDI.nik, "match", "decision")
    assert decided["one"].evidence == {"decision_id": is_budi}
    assert decided["two"].outcome == "none"
    assert town.identify() is None
    town.applications(["one", AMAT.nik, "Ahmad"], rows[1])
    assert town.identify() == 1
    town.run("UPDATE identity.run SET rules = 'others'")
    assert town.identify() == 2
    assert town.links() == decided
    town.applications(*rows)
    town.undo(is_budi)
    town.undo(not_siti)
    assert town.identify() == 2
    assert town.links() == before
    town.decide("match", "one", BUDI.nik)
    town.decide("match", "one", TJIA.nik)
    town.identify()
    assert town.links()["one"].short == (TJIA.nik, "match", "decision"), "the later one"
    town.decide("not_match", "one", TJIA.nik)
    town.identify()
    assert town.links()["one"].short == (BUDI.nik, "match", "decision"), "who is left"


def test_merge_and_split_of_people(town: Town) -> None:
    again = replace(AMAT, nik="6171030506600099")
    town.people([*TOWN, again])
    town.applications(
        ["first", AMAT.nik, "Ahmad Rahmat"],
        ["second", again.nik, "Ahmad Rahmat"],
        ["either", None, "Ahmad Rahmat", AMAT.birth_date, AMAT.address, AMAT.mother],
        ["decided", SITI.nik, "A. Rahmat"],
    )
    town.identify()
    town.decide("match", "decided", again.nik)
    town.identify()
    before = town.links()
    keys = ("first", "second", "either", "decided")
    assert [before[key].person for key in keys] == [AMAT.nik, again.nik, None, again.nik]
    town.merge(AMAT.nik, again.nik)
    assert town.identify() == 4
    assert {link.person for link in town.links().values()} == {AMAT.nik}
    town.split()
    town.identify()
    assert town.links() == before


def test_what_cannot_be_decided_is_refused(town: Town) -> None:
    town.applications(["a", SITI.nik, "Siti Nurhalizah"])
    town.identify()
    with pytest.raises(DecisionRefused, match="no record with this key"):
        town.decide("match", "b", SITI.nik)
    with town.warehouse.connect() as session, pytest.raises(DecisionRefused, match="has no person"):
        decide(session, town.record("a"), UUID(int=0), "match", BECAUSE)
    with town.warehouse.connect() as session, pytest.raises(DecisionRefused, match="name of who decides"):
        decide(session, town.record("a"), town.person_id(SITI.nik), "match", Because("Rina", " "))
    number = town.decide("match", "a", SITI.nik)
    town.undo(number)
    with pytest.raises(DecisionRefused, match="undone before"):
        town.undo(number)
    with pytest.raises(DecisionRefused, match="no such decision"):
        town.undo(number + 100)


def test_thresholds_are_the_projects(town: Town) -> None:
    town.applications(["a title", BUDI.nik, "H. Moh. Budi Santosa"], ["same", SITI.nik, "Siti Nurhalizah"])
    town.identify()
    assert town.links()["a title"].short == (BUDI.nik, "match", "nik")
    file = town.folder / "warehouse" / "linking.yaml"
    file.parent.mkdir()
    file.write_text("nik: {name_agrees: 100, name_close: 100}\n")
    assert town.identify() == 2, "under other thresholds everything is looked at again"
    assert town.links()["a title"].outcome == "conflict"
    for text, expected in (
        ("nik: {name_agree: 60}\n", "nik.name_agree is unknown; expected name_agrees"),
        ("nik: {name_agrees: 160}\n", "expected 0 <= name_close <= name_agrees <= 100"),
        ("probabilistic: {match: high}\n", "probabilistic.match: expected a number"),
        ("probabilistic: {candidates: 0}\n", "expected 1 or more"),
    ):
        file.write_text(text)
        with pytest.raises(SettingsError, match=expected):
            town.identify()
