"""The check by element, asked of a register in the warehouse. The people are nobody's."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from lumbung.identity.verification import Answer, Request
from lumbung.resolution.merging import Because, merge
from lumbung.resolution.nik_states import settle_nik_states
from lumbung.resolution.register import register
from lumbung.resolution.verifying import verify_nik
from lumbung.warehouse import Warehouse
from schemas.register import Register
from tests.resolution_world import World

ANI, BUDI, OLD, TWIN = "6171014501900001", "6171010101800002", "6171014501900003", "6171010101800004"
CARD = "6171010101200001"
RESIDENTS = "nik text, kk text, full_name text, sex text, place text, born date, village bigint"


@pytest.fixture
def world(warehouse_url: str, tmp_path: Path) -> World:
    """A register of residents, cards and events."""
    world = World(tmp_path, Warehouse(warehouse_url), (register, settle_nik_states))
    world.dataset(
        "siak.residents",
        RESIDENTS,
        register=Register(
            "residents", key="nik", kk_number="kk", name="full_name", sex="sex", birth_place="place",
            birth_date="born", village="village",
        ),
    )  # fmt: skip
    world.dataset(
        "siak.cards",
        "kk text, street text, rt text",
        register=Register("family_cards", kk_number="kk", address="street", rt="rt"),
    )
    world.dataset(
        "siak.events",
        "id bigint, nik text, old_nik text, kk text, old_kk text, kind text, corrects bigint",
        register=Register(
            "events", key="nik", old_key="old_nik", kk_number="kk", old_kk_number="old_kk", kind="kind",
            corrects="corrects", key_corrected="UBAH_NIK", died="MATI",
        ),
    )  # fmt: skip
    world.rows("siak.cards", (CARD, "Jl. Merdeka No. 5", "001"))
    world.rows("siak.residents", ani(), budi())
    world.rows("siak.events")
    return world


def ani() -> tuple[object, ...]:
    return (ANI, CARD, "ANI LESTARI", "2", "PONTIANAK", date(1990, 1, 5), 1002)


def budi(nik: str = BUDI) -> tuple[object, ...]:
    return (nik, CARD, "BUDI SANTOSO", "1", "SAMBAS", date(1980, 1, 1), 1002)


def ask(world: World, nik: str, **elements: str) -> Answer:
    with world.warehouse.connect() as session:
        return verify_nik(session, world.hub.catalogue, Request(nik, elements or {"NAMA_LGKP": "SIAPA"}))


def code(world: World, nik: str) -> str:
    return ask(world, nik).response_code


def person(world: World, nik: str) -> UUID:
    found = world.query("SELECT person_id FROM identity.person_key WHERE key = %s AND to_run_id IS NULL", nik)
    assert isinstance(found[0][0], UUID)
    return found[0][0]


def test_elements_are_compared_and_none_is_told(world: World) -> None:
    assert code(world, ANI) == "13"
    world.identify()
    answer = ask(
        world, ANI, NAMA_LGKP="Hj. Ani Lestari, S.Pd", TGL_LHR="05-01-1990", JENIS_KLMIN="L",
        ALAMAT="Jalan Merdeka no 5 RT 1", NO_KK=CARD, NO_KEL="1002", TMPT_LHR="Sambas", NO_PROP="61",
    )  # fmt: skip
    assert answer.response_code == "00"
    results = {name: (one.result, one.score) for name, one in answer.elements.items()}
    assert results == {
        "NAMA_LGKP": ("Sesuai", 100), "TMPT_LHR": ("Tidak Sesuai", None), "TGL_LHR": ("Sesuai", None),
        "JENIS_KLMIN": ("Tidak Sesuai", None), "ALAMAT": ("Sesuai", 100), "NO_KK": ("Sesuai", None),
        "NO_PROP": ("Tidak Sesuai", None), "NO_KEL": ("Sesuai", None),
    }  # fmt: skip
    for value in ("ANI", "LESTARI", "1990", CARD, ANI, "Merdeka"):
        assert value not in f"{answer!r} {answer.document()}"


def test_codes_say_why_nothing_is_compared(world: World) -> None:
    world.identify()
    assert code(world, "6171010101809999") == "13"
    assert code(world, "12345") == "15"
    world.rows("siak.events", (1, BUDI, None, None, CARD, "MATI", None))
    world.identify()
    assert code(world, BUDI) == "11"
    assert ask(world, BUDI).elements == {}
    world.rows(
        "siak.events",
        (1, BUDI, None, None, CARD, "MATI", None),
        (2, BUDI, None, None, None, "BATAL", 1),
    )
    world.identify()
    assert code(world, BUDI) == "00"
    world.rows("siak.residents", ani())
    world.identify()
    assert code(world, BUDI) == "14"


def test_two_niks_of_one_person(world: World) -> None:
    world.rows("siak.residents", ani(), budi(), budi(TWIN))
    world.identify()
    assert [code(world, nik) for nik in (BUDI, TWIN)] == ["00", "00"]
    with world.warehouse.connect() as session:
        merge(session, person(world, BUDI), person(world, TWIN), Because("dukcapil", "same fingerprints"))
    world.identify()
    assert [code(world, nik) for nik in (BUDI, TWIN, ANI)] == ["12", "12", "00"]


def test_a_corrected_nik_is_inactive(world: World) -> None:
    world.identify()
    world.rows("siak.residents", ani(), budi(TWIN))
    world.rows("siak.events", (1, TWIN, BUDI, CARD, None, "UBAH_NIK", None))
    world.identify()
    assert person(world, BUDI) == person(world, TWIN)
    assert [code(world, nik) for nik in (BUDI, TWIN)] == ["14", "00"]


def test_look_ups_are_by_index(world: World) -> None:
    """Two hundred a second are wanted: what reads a table as large as the city must have an index."""
    world.identify()
    with world.warehouse.connect() as session:
        session.execute("SET LOCAL enable_seqscan = off")
        verify_nik(session, world.hub.catalogue, Request(ANI, {"NAMA_LGKP": "ANI LESTARI"}))
        read = session.execute(
            "SELECT relname, seq_scan, idx_scan FROM pg_stat_xact_user_tables "
            "WHERE schemaname IN ('history', 'identity') AND seq_scan + idx_scan > 0"
        ).fetchall()
    assert {name for name, scanned, _ in read if scanned} == set()
    assert {name for name, _, found in read if found} >= {
        "siak__residents",
        "siak__cards",
        "person_key",
        "run",
    }
