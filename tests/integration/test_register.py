"""The population register: who was where on any day, as known at any moment, whatever happens to numbers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from lumbung import pipeline
from lumbung.resolution.asof import AsOf, members_of, state_of
from tests.conftest import Servers
from tests.register_project import Registers, Siak, registers, write_project


@pytest.fixture(scope="module")
def another(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registers]:
    with registers(embedded_servers, write_project(tmp_path_factory.mktemp("register"))) as another:
        yield another


@pytest.fixture
def siak(another: Registers) -> Iterator[Siak]:
    with another() as siak:
        yield siak


def at(siak: Siak, person: UUID, on: str, known: str = "9999-01-01") -> tuple[str, UUID | None] | None:
    """State and household of the person on a day, as known at the end of another."""
    moment = datetime.fromisoformat(f"{known}T23:00:00").replace(tzinfo=UTC)
    with siak.hub.warehouse.connect() as session:
        found = state_of(session, person, AsOf(date.fromisoformat(on), moment))
    return (found.status_code, found.household_id) if found else None


def home(siak: Siak, person: UUID, on: str, known: str = "9999-01-01") -> UUID | None:
    """The household of a resident."""
    found = at(siak, person, on, known)
    assert found is not None
    assert found[0] == "resident"
    return found[1]


def moved(siak: Siak) -> tuple[UUID, UUID, UUID, int]:
    """Somebody moved on 10 February, which came home on the 12th: person, old and new household, event."""
    old, new = siak.card(1), siak.card(2)
    nik, _ = siak.resident(1, old), siak.resident(2, new, family_relation_code=1)
    siak.day("2024-01-01")
    siak.residents[nik]["kk_number"] = new
    event = siak.event("PINDAH_KK", nik, "2024-02-10", kk_number=new, old_kk_number=old)
    siak.day("2024-02-12")
    siak.publish()
    return siak.person(nik), siak.household(old), siak.household(new), event


def test_the_household_of_a_person_who_moved_before_and_after_a_late_correction(siak: Siak) -> None:
    person, old, new, event = moved(siak)
    told = siak.events[-1]
    siak.events.append(told | {"event_id": 2, "event_date": "01-02-2024", "corrects_event_id": event})
    siak.day("2024-03-01")
    siak.publish()
    # Before anything was heard of it, then as it was first told, then as it was corrected.
    assert home(siak, person, "2024-02-05", known="2024-02-01") == old
    assert home(siak, person, "2024-02-20", known="2024-02-01") == old
    assert home(siak, person, "2024-02-05", known="2024-02-20") == old
    assert home(siak, person, "2024-02-10", known="2024-02-20") == new
    assert home(siak, person, "2024-02-05", known="2024-03-01") == new
    assert home(siak, person, "2024-01-31", known="2024-03-01") == old
    assert at(siak, person, "2024-02-05", known="2023-12-31") is None
    with siak.hub.warehouse.connect() as session:
        known = datetime(2024, 2, 20, tzinfo=UTC)
        before = members_of(session, new, AsOf(date(2024, 2, 5), known))
        after = members_of(session, new, AsOf(date(2024, 2, 5)))
    assert [member.relation_code for member in before] == ["1"]
    assert [member.relation_code for member in after] == ["1", "4"]
    assert after[1].person_id == person


def test_a_move_that_is_withdrawn_never_was(siak: Siak) -> None:
    person, old, new, event = moved(siak)
    siak.residents[next(iter(siak.residents))]["kk_number"] = next(iter(siak.cards))
    siak.event("BATAL", siak.events[0]["nik"], "2024-02-10", corrects_event_id=event)
    siak.day("2024-03-01")
    siak.publish()
    assert home(siak, person, "2024-02-20", known="2024-02-20") == new
    assert home(siak, person, "2024-02-20", known="2024-03-01") == old
    assert home(siak, person, "2024-06-01") == old


def test_a_move_of_which_no_event_tells_is_dated_by_when_it_was_seen(siak: Siak) -> None:
    one, other = siak.card(1), siak.card(2)
    nik = siak.resident(1, one)
    siak.day("2024-01-01")
    siak.residents[nik]["kk_number"] = other
    siak.day("2024-02-12")
    siak.publish()
    person, old, new = siak.person(nik), siak.household(one), siak.household(other)
    assert home(siak, person, "2024-02-11") == old
    assert home(siak, person, "2024-02-12") == new
    # The event comes after all, and dates it.
    siak.event("PINDAH_KK", nik, "2024-01-20", kk_number=other, old_kk_number=one)
    siak.day("2024-03-01")
    siak.publish()
    assert home(siak, person, "2024-02-11") == new
    assert home(siak, person, "2024-02-11", known="2024-02-29") == old
    assert home(siak, person, "2024-01-19") == old


def test_births_deaths_and_moves_out_and_in(siak: Siak) -> None:
    kk = siak.card(1)
    mother = siak.resident(1, kk, family_relation_code=1)
    gone = siak.resident(2, kk)
    siak.day("2024-01-01")
    child = siak.resident(3, kk, birth_date="20-01-2024")
    siak.event("LAHIR", child, "2024-01-20", kk_number=kk)
    row = siak.residents.pop(gone)
    siak.event("PINDAH", gone, "2024-01-25", old_kk_number=kk)
    siak.day("2024-02-01")
    del siak.residents[mother]
    siak.event("MATI", mother, "2024-02-03", old_kk_number=kk)
    siak.residents[gone] = row
    siak.event("DATANG", gone, "2024-02-10", kk_number=kk)
    siak.day("2024-03-01")
    siak.publish()
    household = siak.household(kk)
    persons = {name: siak.person(nik) for name, nik in (("m", mother), ("g", gone), ("c", child))}
    assert at(siak, persons["c"], "2024-01-19") is None
    assert at(siak, persons["c"], "2024-01-20") == ("resident", household)
    assert at(siak, persons["g"], "2024-01-24") == ("resident", household)
    assert at(siak, persons["g"], "2024-01-25") == ("moved_out", None)
    assert at(siak, persons["g"], "2024-02-10") == ("resident", household)
    assert at(siak, persons["m"], "2024-02-02") == ("resident", household)
    assert at(siak, persons["m"], "2024-02-03") == ("deceased", None)
    assert at(siak, persons["m"], "2024-02-20", known="2024-02-01") == ("resident", household)


def test_who_goes_without_an_event_is_unlisted(siak: Siak) -> None:
    kk = siak.card(1)
    nik = siak.resident(1, kk)
    siak.resident(2, kk)
    siak.day("2024-01-01")
    del siak.residents[nik]
    siak.day("2024-02-01")
    siak.publish()
    person = siak.person(nik)
    assert at(siak, person, "2024-01-31") == ("resident", siak.household(kk))
    assert at(siak, person, "2024-02-01") == ("unlisted", None)


def test_a_split_card_is_a_new_household_and_a_replaced_one_is_not(siak: Siak) -> None:
    kk = siak.card(1)
    stays, leaves = siak.resident(1, kk, family_relation_code=1), siak.resident(2, kk)
    siak.day("2024-01-01")
    siak.publish()
    household = siak.household(kk)
    own = siak.card(2)
    siak.residents[leaves] |= {"kk_number": own, "family_relation_code": 1}
    siak.event("PISAH_KK", leaves, "2024-01-15", kk_number=own, old_kk_number=kk)
    siak.day("2024-02-01")
    replaced = siak.card(3)
    del siak.cards[kk]
    siak.residents[stays]["kk_number"] = replaced
    siak.event("GANTI_KK", stays, "2024-02-20", kk_number=replaced, old_kk_number=kk)
    siak.day("2024-03-01")
    siak.publish()
    assert siak.household(kk) == siak.household(replaced) == household
    assert siak.household(own) != household
    assert home(siak, siak.person(leaves), "2024-01-14") == household
    assert home(siak, siak.person(leaves), "2024-01-15") == siak.household(own)
    # For those on it, and for the household itself, a new number changes nothing.
    lived = siak.query(
        "SELECT valid_to = 'infinity' FROM integrated.household_member WHERE person_id = %s",
        siak.person(stays),
    )
    assert lived == [(True,)]
    assert len(siak.query("SELECT FROM integrated.household WHERE household_id = %s", household)) == 1


def test_a_corrected_nik_keeps_the_person_and_a_likely_one_is_only_possible(siak: Siak) -> None:
    kk = siak.card(1)
    wrong, likely = siak.resident(1, kk), siak.resident(2, kk, full_name="SITI")
    siak.resident(5, kk, full_name="ANI")
    siak.day("2024-01-01")
    siak.publish()
    person, other = siak.person(wrong), siak.person(likely)
    right, later = siak.resident(3, kk), siak.resident(4, kk, full_name="SITI")
    del siak.residents[wrong], siak.residents[likely]
    siak.event("UBAH_NIK", right, "2024-01-20", old_nik=wrong)
    siak.day("2024-02-01")
    siak.publish()
    assert siak.person(right) == siak.person(wrong) == person
    assert siak.person(likely) == other
    assert siak.person(later) != other
    possible = (
        "SELECT person_id, other_person_id, reason FROM identity.person_candidate WHERE to_run_id IS NULL"
    )
    assert siak.query(possible) == [(other, siak.person(later), "nik_replaced")]
    # The wrong NIK comes back: it is still the same person's.
    siak.residents[wrong] = siak.residents.pop(right)
    siak.day("2024-03-01")
    siak.publish()
    assert siak.person(wrong) == person
    assert home(siak, person, "2024-02-15") == siak.household(kk)
    lasts = "valid_to = 'infinity', recorded_to = 'infinity'"
    lived = f"SELECT {lasts} FROM integrated.household_member WHERE person_id = %s"
    assert siak.query(lived, person) == [(True, True)]


def test_a_correction_that_is_withdrawn_parts_the_persons_again(siak: Siak) -> None:
    kk = siak.card(1)
    nik, other = siak.resident(1, kk), siak.resident(2, kk, full_name="SITI")
    siak.day("2024-01-01")
    siak.publish()
    before = siak.contents()
    ids = siak.person(nik), siak.person(other)
    event = siak.event("UBAH_NIK", other, "2024-01-10", old_nik=nik)
    siak.day("2024-02-01")
    siak.publish()
    assert siak.person(nik) == siak.person(other)
    siak.event("BATAL", other, "2024-01-10", corrects_event_id=event)
    siak.day("2024-03-01")
    siak.publish()
    assert (siak.person(nik), siak.person(other)) == ids
    assert siak.contents() == before


def test_an_event_heard_of_late_moves_nobodys_id(siak: Siak) -> None:
    nik = siak.resident(1, siak.card(1))
    siak.day("2024-01-01")
    siak.publish()
    person = siak.person(nik)
    siak.event("UBAH_NIK", nik, "2020-05-01", old_nik="6171010101909999")
    siak.day("2024-02-01")
    siak.publish()
    assert siak.person(nik) == siak.person("6171010101909999") == person


def test_foreigners_are_persons_with_a_name_of_two_parts(siak: Siak) -> None:
    kk = siak.card(1)
    stays = {
        "document_kind_code": "KITAP",
        "sex_code": 1,
        "birth_date": "01-05-1980",
        "nationality_code": "NLD",
    }
    siak.foreigners["2D00000001"] = stays | {"first_name": "PIETER", "family_name": "BAKKER", "kk_number": kk}
    siak.foreigners["2C00000002"] = stays | {"first_name": "SUKARNO", "document_kind_code": "KITAS"}
    siak.day("2024-01-01")
    siak.publish()
    found = siak.query("SELECT full_name, nationality_code, household_id FROM integrated.person ORDER BY 1")
    assert found == [("PIETER BAKKER", "NLD", siak.household(kk)), ("SUKARNO", "NLD", None)]
    assert at(siak, siak.person("2C00000002"), "2024-01-01") == ("resident", None)


def test_the_dead_stay_dead_and_an_address_is_dated_by_the_card_or_by_sight(siak: Siak) -> None:
    kk = siak.card(1, address="JL. APEL", entered_at="2015-03-02 09:00:00")
    nik = siak.resident(1, kk)
    siak.event("MATI", nik, "2023-05-01", old_kk_number=kk)
    siak.day("2024-01-01")
    siak.cards[kk]["address"] = "JL. TEBU"
    siak.day("2024-02-01")
    siak.publish()
    assert at(siak, siak.person(nik), "2024-03-01") == ("deceased", None)
    assert at(siak, siak.person(nik), "2023-04-30") == ("resident", siak.household(kk))
    ended = "valid_to < 'infinity', recorded_to < 'infinity'"
    lived = siak.query(f"SELECT address, valid_from, {ended} FROM integrated.household")
    assert sorted(lived) == [
        ("JL. APEL", date(2015, 3, 2), False, True),
        ("JL. APEL", date(2015, 3, 2), True, False),
        ("JL. TEBU", date(2024, 2, 1), False, False),
    ]


def test_identifying_again_changes_nothing(siak: Siak) -> None:
    moved(siak)
    before = siak.contents()
    versions = "SELECT count(*), count(to_run_id) FROM identity.person_key"
    counted = siak.query(versions)
    siak.day("2024-03-05")
    for _ in range(2):
        run = pipeline.identify(siak.hub)
        assert siak.query("SELECT counts FROM identity.run WHERE run_id = %s", run) == [({},)]
    siak.publish()
    assert siak.query(versions) == counted
    assert siak.contents() == before
