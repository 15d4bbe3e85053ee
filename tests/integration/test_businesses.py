"""Businesses from agencies' records: by number, by name with address or owner, with ids that stay."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lumbung.resolution.businesses import settle_businesses
from lumbung.warehouse import Warehouse
from schemas.entities import BusinessRole, Entities
from tests.resolution_world import World

PERMITS = "id text, nib text, npwp text, label text, address text"
TAXES = "id text, npwp text, label text, address text"
NPWP = "01.300.066.6-091.000"
NPWP_16 = "0013000666091000"
HOME, OTHER = "Jl. Merdeka No. 5 RT 01/RW 02", "Jl. Gajah Mada No. 77"


@pytest.fixture
def world(warehouse_url: str, tmp_path: Path) -> World:
    """Two agencies that know businesses: one by NIB, one by NPWP."""
    world = World(tmp_path, Warehouse(warehouse_url), (settle_businesses,))
    holder = BusinessRole("holder", nib="nib", npwp="npwp", name="label", address="address")
    world.dataset("izin.permits", PERMITS, entities=Entities(businesses=(holder,)))
    payer = BusinessRole("payer", npwp="npwp", name="label", address="address")
    world.dataset("pajak.payers", TAXES, entities=Entities(businesses=(payer,)))
    return world


def found(world: World) -> dict[str, tuple[Any, ...]]:
    """By record: business_id, outcome and method."""
    return {
        key: rest
        for table in ("izin__permits__holder", "pajak__payers__payer")
        for key, *rest in world.query(
            f"SELECT id, business_id, outcome, method FROM identity.{table} WHERE to_run_id IS NULL"
        )
    }


def business_of(world: World, record: str) -> UUID:
    business_id, outcome, _ = found(world)[record]
    assert outcome == "match"
    assert isinstance(business_id, UUID)
    return business_id


def test_numbers_decide_whatever_form_they_have(world: World) -> None:
    world.rows(
        "izin.permits",
        ("p1", "8120010201234", NPWP, "PT Sinar Abadi", HOME),
        ("p2", "8120 0102 01234", None, "Sinar Abadi", OTHER),
        ("p3", None, None, None, HOME),
    )
    world.rows("pajak.payers", ("t1", NPWP_16, "P.T. SINAR ABADI", None), ("t2", "-", "-", None))
    world.identify()
    assert business_of(world, "p1") == business_of(world, "p2") == business_of(world, "t1")
    assert {record: method for record, (_, _, method) in found(world).items()} == {
        "p1": "nib", "p2": "nib", "t1": "npwp",
    }  # fmt: skip
    stands = "SELECT nib, npwp, abstained FROM identity.business WHERE to_run_id IS NULL"
    assert world.query(stands) == [("8120010201234", NPWP_16, ["address"])]


def test_an_npwp_beside_two_nib_decides_nothing(world: World) -> None:
    world.rows(
        "izin.permits",
        ("p1", "8120010201234", NPWP, "Toko Sinar", HOME),
        ("p2", "8120010209999", NPWP, "Toko Bulan", OTHER),
    )
    world.rows("pajak.payers", ("t1", NPWP, "Sinar", HOME))
    world.identify()
    assert business_of(world, "p1") != business_of(world, "p2")
    assert found(world)["t1"] == [None, "conflict", "npwp"]


def test_a_name_alone_is_possible_and_with_its_address_a_match(world: World) -> None:
    world.rows("izin.permits", ("p1", "8120010201234", None, "UD. Sumber Rejeki", HOME))
    world.rows(
        "pajak.payers",
        ("t1", None, "Sumber Rezeki", "Jalan Merdeka 5 RT.1 RW.2"),
        ("t2", None, "Toko Sumber Rejeki", None),
        ("t3", None, "Sumber Rejeki", OTHER),
        ("t4", None, "Sumber Makmur", HOME),
    )
    world.identify()
    assert business_of(world, "t1") == business_of(world, "p1")
    assert found(world)["t2"] == [None, "possible", "linkage"]
    assert len({business_of(world, record) for record in ("p1", "t3", "t4")}) == 3


def test_two_that_fit_alike_leave_it_open(world: World) -> None:
    world.rows(
        "izin.permits",
        ("p1", "8120010201234", None, "Apotek Melati", HOME),
        ("p2", "8120010209999", None, "Apotek Melati", HOME),
    )
    world.rows("pajak.payers", ("t1", None, "Apotek Melati", HOME))
    world.identify()
    assert found(world)["t1"] == [None, "conflict", "linkage"]
    evidence = world.query("SELECT evidence -> 'candidates' FROM identity.pajak__payers__payer")
    assert {UUID(one) for one in evidence[0][0]} == {business_of(world, "p1"), business_of(world, "p2")}


def test_ids_stay_when_a_business_becomes_known_by_a_number(world: World) -> None:
    world.rows("izin.permits", ("p1", None, None, "CV Karya", HOME))
    world.rows("pajak.payers", ("t1", None, "CV Karya", HOME))
    world.identify()
    first = business_of(world, "p1")
    assert business_of(world, "t1") == first
    world.rows("izin.permits", ("p1", "8120010201234", None, "CV Karya", HOME))
    second_run = world.identify()
    assert business_of(world, "p1") == business_of(world, "t1") == first
    assert [run for run, *_ in world.query("SELECT count(*) FROM identity.run")] == [second_run]
    world.rows("izin.permits", ("p1", "8120010201234", NPWP, "CV Karya", HOME))
    world.rows("pajak.payers", ("t1", NPWP_16, "Karya Jaya", None))
    world.identify()
    assert business_of(world, "t1") == first
    world.identify()
    assert world.query("SELECT max(from_run_id) FROM identity.business_key") == [(3,)]


def test_what_sources_say_otherwise_is_not_chosen(world: World) -> None:
    world.rows("izin.permits", ("p1", "8120010201234", NPWP, "CV Karya", HOME))
    world.rows("izin.permits", ("p1", "8120010201234", NPWP, "CV Karya", HOME), (
        "p2", "8120010201234", "01.312.166.0-091.000", "CV Karya Baru", OTHER))  # fmt: skip
    world.identify()
    stands = "SELECT name, address, npwp, abstained FROM identity.business WHERE to_run_id IS NULL"
    assert world.query(stands) == [("CV Karya Baru", OTHER, None, ["npwp"])]
