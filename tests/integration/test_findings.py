"""What agencies and the register say differently of one person or business. The people are nobody's."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lumbung.resolution.businesses import settle_businesses
from lumbung.resolution.findings import settle_disagreements
from lumbung.resolution.links import link_records
from lumbung.resolution.register import register
from lumbung.warehouse import Warehouse
from schemas.entities import BusinessRole, Entities, PersonRole
from schemas.register import Register
from tests.resolution_world import World

ANI, BUDI = "6171014501900001", "6171010101800002"
CARD = "6171010101200001"
BORN = date(1990, 1, 5)
STEPS = (register, link_records, settle_businesses, settle_disagreements)
APPLIED = date(2026, 3, 1)


@pytest.fixture
def world(warehouse_url: str, tmp_path: Path) -> World:
    """A register of two people, a licensing agency that knows owners, and a social agency that knows more."""
    world = World(tmp_path, Warehouse(warehouse_url), STEPS)
    world.dataset(
        "siak.residents",
        "nik text, kk text, full_name text, born date, sex text",
        register=Register(
            "residents", key="nik", kk_number="kk", name="full_name", birth_date="born", sex="sex"
        ),
    )
    world.dataset(
        "siak.cards",
        "kk text, street text",
        register=Register("family_cards", kk_number="kk", address="street"),
    )
    world.dataset(
        "siak.events",
        "id bigint, nik text, old_nik text, kk text, old_kk text, kind text, day date",
        register=Register(
            "events", key="nik", old_key="old_nik", kk_number="kk", old_kk_number="old_kk", kind="kind",
            died="MATI", happened="day",
        ),
    )  # fmt: skip
    owner = PersonRole("applicant", nik="nik", name="who", seen_on="day")
    holder = BusinessRole("holder", nib="nib", name="firm", owner="applicant")
    world.dataset(
        "izin.permits",
        "id text, nik text, who text, day date, nib text, firm text",
        entities=Entities(persons=(owner,), businesses=(holder,)),
    )
    client = PersonRole("client", nik="nik", name="who", birth_date="born", sex="sex", address="street")
    world.dataset(
        "sosial.clients",
        "id text, nik text, who text, born date, sex text, street text",
        entities=Entities(persons=(client,)),
    )
    world.rows("siak.cards", (CARD, "Jl. Merdeka No. 5"))
    world.rows(
        "siak.residents", (ANI, CARD, "ANI LESTARI", BORN, "2"), (BUDI, CARD, "BUDI SANTOSO", BORN, "1")
    )
    world.rows("siak.events")
    return world


def findings(world: World) -> set[tuple[Any, ...]]:
    world.identify()
    return set(
        world.query(
            "SELECT kind, subject, field, dataset, value, other_dataset, other_value, owner, other_owner "
            "FROM identity.record_finding WHERE to_run_id IS NULL"
        )
    )


def golden(world: World) -> dict[str, tuple[Any, ...]]:
    """What stands for the one person of whom an agency speaks."""
    rows = world.query(
        "SELECT field, value, outcome, dataset FROM identity.person_golden WHERE to_run_id IS NULL"
    )
    return {name: rest for name, *rest in rows}


def test_writing_habits_are_no_disagreement(world: World) -> None:
    world.rows("sosial.clients", ("c1", ANI, "Hj. Ani Lestari, S.Pd", BORN, "P", "Jalan Merdeka 5"))
    assert findings(world) == set()
    assert golden(world) == {
        "name": ["ANI LESTARI", "chosen", "siak.residents"],
        "birth_date": ["1990-01-05", "chosen", "siak.residents"],
        "sex": ["2", "chosen", "siak.residents"],
        "address": ["Jl. Merdeka No. 5", "chosen", "siak.residents"],
    }


def test_the_register_stands_and_both_values_are_told(world: World) -> None:
    other = date(1991, 1, 5)
    world.rows("sosial.clients", ("c1", ANI, "Ani Lestari", other, "L", "Jl. Gajah Mada 77"))
    sides = ("sosial", "siak")
    assert findings(world) == {
        ("disagreement", "person", "birth_date", "sosial.clients", "1991-01-05", "siak.residents",
         "1990-01-05", *sides),
        ("disagreement", "person", "sex", "sosial.clients", "L", "siak.residents", "2", *sides),
        ("disagreement", "person", "address", "sosial.clients", "Jl. Gajah Mada 77", "siak.residents",
         "Jl. Merdeka No. 5", *sides),
    }  # fmt: skip
    assert golden(world)["birth_date"] == ["1990-01-05", "chosen", "siak.residents"]
    world.rows("sosial.clients", ("c1", ANI, "Ani Lestari", BORN, "P", None))
    assert findings(world) == set()


def test_where_the_register_is_silent_agencies_are_not_overruled(world: World) -> None:
    world.rows(
        "siak.residents", (ANI, CARD, "ANI LESTARI", None, "2"), (BUDI, CARD, "BUDI SANTOSO", BORN, "1")
    )
    world.rows(
        "sosial.clients",
        ("c1", ANI, "Ani Lestari", date(1991, 1, 5), None, None),
        ("c2", ANI, "Ani Lestari", date(1991, 5, 1), None, None),
    )
    found = findings(world)
    assert [row[2:7] for row in found] == [
        ("birth_date", "sosial.clients", "1991-05-01", "sosial.clients", "1991-01-05")
    ]
    assert golden(world)["birth_date"] == [None, "abstained", None]


def test_a_nik_of_somebody_else(world: World) -> None:
    world.rows("izin.permits", ("p1", ANI, "Joko Widada Wiranata", APPLIED, None, None))
    assert findings(world) == {
        ("nik_of_somebody_else", "person", "name", "izin.permits", "Joko Widada Wiranata", "siak.residents",
         "ANI LESTARI", "izin", "siak"),
    }  # fmt: skip
    assert golden(world) == {}


def test_people_seen_after_their_death(world: World) -> None:
    world.rows("izin.permits", ("p1", ANI, "Ani Lestari", APPLIED, None, None))
    died = APPLIED - timedelta(days=30)
    world.rows("siak.events", (1, ANI, None, None, CARD, "MATI", died))
    assert findings(world) == {
        (
            "disagreement",
            "person",
            "alive",
            "izin.permits",
            str(APPLIED),
            "siak.events",
            str(died),
            "izin",
            "siak",
        )
    }
    world.rows("siak.events", (1, ANI, None, None, CARD, "MATI", APPLIED))
    assert findings(world) == set()


def test_a_business_of_two_owners(world: World) -> None:
    world.rows("izin.permits", ("p1", ANI, "Ani Lestari", APPLIED, "8120010201234", "UD Melati"))
    world.rows(
        "izin.permits",
        ("p1", ANI, "Ani Lestari", APPLIED, "8120010201234", "UD Melati"),
        ("p2", BUDI, "Budi Santoso", APPLIED, "8120010201234", "Toko Melati"),
    )
    found = findings(world)
    assert {(subject, field) for _, subject, field, *_ in found} == {("business", "owner")}
    stands = "SELECT owner_person_id, abstained FROM identity.business WHERE to_run_id IS NULL"
    assert world.query(stands) == [(None, ["owner_person_id"])]


def test_since_when_each_says_so(world: World) -> None:
    world.rows("sosial.clients", ("c1", ANI, "Ani Lestari", date(1991, 1, 5), "P", None))
    world.rows("sosial.clients", ("c1", ANI, "Ani Lestari", date(1991, 1, 5), "P", "Jl. Merdeka 5"))
    world.rows("siak.residents", (ANI, CARD, "ANI LESTARI", date(1990, 2, 5), "2"))
    world.identify()
    since, other = world.query("SELECT since, other_since FROM identity.record_finding")[0]
    assert [(since,)] == world.query("SELECT min(recorded_from) FROM history.sosial__clients")
    changed = "SELECT max(recorded_from) FROM history.siak__residents WHERE nik = %s"
    assert [(other,)] == world.query(changed, ANI)
    run = world.identify()
    assert world.query("SELECT counts FROM identity.run WHERE run_id = %s", run) == [({},)]


def test_a_nik_that_came_as_another_went(world: World) -> None:
    world.identify()
    right = "6171014501900009"
    world.rows(
        "siak.residents", (right, CARD, "ANI LESTARI", BORN, "2"), (BUDI, CARD, "BUDI SANTOSO", BORN, "1")
    )
    world.identify()
    keys = "SELECT person_id::text FROM identity.person_key WHERE key = %s"
    found = world.query(
        "SELECT kind, subject_id, other_value FROM identity.record_finding WHERE to_run_id IS NULL"
    )
    assert found == [("nik_changed_candidate", world.query(keys, ANI)[0][0], world.query(keys, right)[0][0])]
