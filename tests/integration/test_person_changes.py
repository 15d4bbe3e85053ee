"""Which kinds of change a run notes about people. The people are nobody's."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from lumbung.resolution.feed import changes_since, follow
from lumbung.resolution.merging import Because, merge, split
from lumbung.resolution.nik_states import settle_nik_states
from lumbung.resolution.person_changes import note_changes
from lumbung.resolution.register import register
from lumbung.warehouse import Warehouse
from schemas.register import Register
from tests.resolution_world import World

ANI, BUDI, CICI, RIGHT = "6171014501900001", "6171010101800002", "6171014501850003", "6171010101800009"
CARD, OTHER_CARD = "6171010101200001", "6171010101200002"
BORN = date(1990, 1, 5)


@pytest.fixture
def world(warehouse_url: str, tmp_path: Path) -> World:
    """A register of three people on one card, as a first run found it."""
    world = World(tmp_path, Warehouse(warehouse_url), (register, settle_nik_states, note_changes))
    world.dataset(
        "siak.residents",
        "nik text, kk text, full_name text, born date, job text",
        register=Register("residents", key="nik", kk_number="kk", name="full_name", birth_date="born"),
    )
    world.dataset(
        "siak.cards",
        "kk text, street text",
        register=Register("family_cards", kk_number="kk", address="street"),
    )
    world.dataset(
        "siak.events",
        "id bigint, nik text, old_nik text, kk text, old_kk text, kind text",
        register=Register(
            "events", key="nik", old_key="old_nik", kk_number="kk", old_kk_number="old_kk", kind="kind",
            key_corrected="UBAH_NIK", died="MATI",
        ),
    )  # fmt: skip
    world.rows("siak.cards", (CARD, "Jl. Merdeka"), (OTHER_CARD, "Jl. Apel"))
    people(world)
    world.rows("siak.events")
    world.identify()
    return world


def people(world: World, *others: tuple[object, ...]) -> None:
    """ANI, BUDI and CICI are in the register, those of `others` as told there."""
    known = {ANI: (ANI, CARD, "ANI", BORN, "a"), BUDI: (BUDI, CARD, "BUDI", BORN, "b")}
    known[CICI] = (CICI, OTHER_CARD, "CICI", BORN, "c")
    world.rows("siak.residents", *(known | {row[0]: row for row in others}).values())


def person(world: World, nik: str) -> UUID:
    found = world.query("SELECT person_id FROM identity.person_key WHERE key = %s AND to_run_id IS NULL", nik)
    assert isinstance(found[0][0], UUID)
    return found[0][0]


def noted(world: World) -> dict[UUID, set[str]]:
    """What the next run notes."""
    run_id = world.identify()
    found = world.query("SELECT person_id, kinds FROM identity.person_change WHERE run_id = %s", run_id)
    return {person: set(kinds) for person, kinds in found}


def test_kinds_by_what_the_register_says_otherwise(world: World) -> None:
    assert world.query("SELECT * FROM identity.person_change") == []
    people(world, (ANI, CARD, "ANI LESTARI", BORN, "x"), (BUDI, OTHER_CARD, "BUDI", date(1990, 1, 6), "b"))
    assert noted(world) == {person(world, ANI): {"name"}, person(world, BUDI): {"household", "birth"}}
    people(world, (ANI, CARD, "ANI LESTARI", BORN, "another job"), (BUDI, CARD, "BUDI", BORN, "b"))
    assert noted(world) == {person(world, BUDI): {"household", "birth"}}
    world.rows("siak.cards", (CARD, "Jl. Baru"), (OTHER_CARD, "Jl. Apel"))
    assert noted(world) == {person(world, ANI): {"moved"}, person(world, BUDI): {"moved"}}


def test_people_come_go_come_back_and_die(world: World) -> None:
    people(world, ("6171010101990009", CARD, "DEDI", BORN, "d"))
    assert noted(world) == {}
    world.rows("siak.residents", (ANI, CARD, "ANI", BORN, "a"))
    assert noted(world) == {person(world, nik): {"unlisted"} for nik in (BUDI, CICI, "6171010101990009")}
    world.rows("siak.residents", (ANI, CARD, "ANI", BORN, "a"), (BUDI, CARD, "BUDI", BORN, "b"))
    world.rows("siak.events", (1, CICI, None, None, CARD, "MATI"))
    assert noted(world) == {person(world, BUDI): {"listed"}, person(world, CICI): {"deceased"}}


def test_a_corrected_nik_is_a_change_of_the_same_person(world: World) -> None:
    budi = person(world, BUDI)
    world.rows("siak.residents", (ANI, CARD, "ANI", BORN, "a"), (RIGHT, CARD, "BUDI S", BORN, "b"), (
        CICI, OTHER_CARD, "CICI", BORN, "c"))  # fmt: skip
    world.rows("siak.events", (1, RIGHT, BUDI, CARD, None, "UBAH_NIK"))
    assert noted(world) == {budi: {"nik", "name"}}


def test_merges_name_the_one_kept_and_splits_both(world: World) -> None:
    kept, merged = person(world, ANI), person(world, CICI)
    with world.warehouse.connect() as session:
        follow(session, "dinsos", merged)
        merge(session, kept, merged, Because("dukcapil", "one woman"))
    assert noted(world) == {kept: {"merged", "duplicate"}, merged: {"merged"}}
    with world.warehouse.connect() as session:
        found, cursor = changes_since(session, "dinsos")
        assert {change.person_id: change.merged_into for change in found} == {merged: kept, kept: None}
        split(session, kept, merged, Because("dukcapil", "sisters"))
    assert noted(world) == {kept: {"split", "duplicate"}, merged: {"split", "duplicate"}}
    with world.warehouse.connect() as session:
        assert {change.person_id for change in changes_since(session, "dinsos", cursor)[0]} == {kept, merged}
