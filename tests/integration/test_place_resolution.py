"""Places of datasets: all 29 kelurahan from every system and spelling, what can't be told as a finding."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lumbung.places.crosswalk import CrosswalkError
from schemas.contract import Contract
from schemas.entities import Entities, PlaceRole
from tests.conftest import VERSIONS, Servers
from tests.loads_project import column, contract
from tests.reference_city import SOURCES, ReferenceCity, a_template, as_sent, reference
from tests.services import corpus

SIPD = as_sent("sipd.kelurahan")
OBJECTS = "test.objects"
LISTS = ("region", "region_code", "region_alias")


def kelurahan() -> dict[str, dict[str, str]]:
    """The 29, by code, with their codes by system."""
    found = {
        region["region_code"]: {"name": region["region_name"]}
        for region in reference("region")
        if region["region_level_code"] == "kelurahan"
    }
    for code in reference("region_code"):
        if code["region_code"] in found:
            found[code["region_code"]][code["code_system"]] = code["code_value"]
    return found


class City(ReferenceCity):
    """A city with its regions."""

    def places(self, role: str) -> dict[str, str]:
        """What the objects' keys mean in a role."""
        return dict(
            self.rows(f"SELECT id, region_code FROM identity.test__objects__{role} WHERE to_run_id IS NULL")
        )


@pytest.fixture(scope="module")
def template(embedded_servers: Servers) -> Iterator[str]:
    """A database with the code lists."""
    with a_template(embedded_servers, *LISTS) as name:
        yield name


@pytest.fixture
def city(embedded_servers: Servers, template: str) -> Iterator[City]:
    """A city with its code lists."""
    with embedded_servers.database(VERSIONS[0], template) as url:
        yield City(url)


def objects(*names: str, **roles: dict[str, Any]) -> Contract:
    """A dataset with a key `id`, these text columns, and the places that the roles name."""
    places = tuple(PlaceRole(role, **said) for role, said in roles.items())
    columns = [column("id", key=1), *(column(name) for name in names)]
    return replace(contract(*columns, name=OBJECTS), entities=Entities(places=places))


def sipd(places: dict[str, dict[str, str]]) -> list[list[str | None]]:
    """SIPD's list: a number of its own for each, names in its spelling."""
    areas = {region["region_code"]: region["region_name"] for region in reference("region")}
    return [
        [str(45_101 + n), place["name"].upper(), str(int(code[6:8])), f"Kec. {areas[code[:8]]}"]
        for n, (code, place) in enumerate(places.items())
    ]


BY_SYSTEM: dict[str, Callable[[str, dict[str, str], str], str]] = {
    "kemendagri": lambda code, place, number: code,
    "undotted": lambda code, place, number: code.replace(".", ""),
    "bps": lambda code, place, number: place["bps"],
    "kemenkeu": lambda code, place, number: "14.09",
    "sipd": lambda code, place, number: number,
    "nop": lambda code, place, number: f"{place['bps']}01300010",
}


def test_all_kelurahan_resolve_from_every_code_system(city: City) -> None:
    places = kelurahan()
    assert len(places) == 29
    listed = sipd(places)
    city.sync(SIPD, *listed)
    systems = {name: {"code": name, "code_system": name} for name in BY_SYSTEM}
    systems["undotted"]["code_system"] = "kemendagri"
    # The ministry of finance numbers cities alone: its code is read with a name beside it.
    systems["kemenkeu"]["kelurahan"] = "name"
    dataset = objects(*BY_SYSTEM, "name", **systems)
    rows = [
        [code, *(write(code, place, str(line[0])) for write in BY_SYSTEM.values()), place["name"]]
        for (code, place), line in zip(places.items(), listed, strict=True)
    ]
    city.sync(dataset, *rows)
    city.identify()
    assert {name: city.places(name) for name in BY_SYSTEM} == {
        name: {code: code for code in places} for name in BY_SYSTEM
    }
    assert city.findings() == []


@pytest.mark.corpus
def test_all_kelurahan_resolve_from_the_spellings_of_real_lists(city: City) -> None:
    path = corpus() / "regions"
    text = (path / "wilayah_2022.sql").read_text(encoding="utf-8")
    with (path / "pontianak_crosswalk_kemendagri_bps.csv").open(encoding="utf-8", newline="") as file:
        crosswalk = {row["kode_kemendagri"]: row for row in csv.DictReader(file)}
    dump = dict(re.findall(r"^\('(61\.71\.[0-9]{2}\.[0-9]{4})','([^']*)'\)[,;]$", text, flags=re.MULTILINE))
    assert dump.keys() == crosswalk.keys() == kelurahan().keys()
    columns = ("nama_2025", "nama_kemendagri_2018", "nama_bps")
    beside = {"by_area": {"kelurahan": "nama_bps", "kecamatan": "area"}}
    named = {name: {"kelurahan": name} for name in (*columns, "nama_2022")}
    dataset = objects(*columns, "nama_2022", "area", **named, **beside)
    city.sync(
        dataset,
        *(
            [code, *(row[name] for name in columns), dump[code], row["kecamatan"]]
            for code, row in crosswalk.items()
        ),
    )
    city.identify()
    for role in (*named, *beside):
        assert city.places(role) == {code: code for code in dump}
    assert city.findings() == []
    # The list of codes is the same as theirs.
    assert {code: place["bps"] for code, place in kelurahan().items()} == {
        code: row["kode_bps10"] for code, row in crosswalk.items()
    }


def test_what_cannot_be_told_is_listed_with_its_count_and_owner(city: City) -> None:
    dataset = objects("name", "code", site={"kelurahan": "name"}, plot={"code": "code"})
    written = ["Pal Lima", "pal V", "SUI RAYA DALAM", "SUI RAYA DALAM", "Kota Pontianak", None, "Siantan"]
    codes = [None, None, "6171011002", "99.99", None, None, None]
    city.sync(dataset, *([str(n), *pair] for n, pair in enumerate(zip(written, codes, strict=True))))
    city.identify()
    assert city.places("site") == {
        "0": "61.71.03.1001", "1": "61.71.03.1001", "2": None, "3": None, "4": None, "6": None
    }  # fmt: skip
    assert city.findings() == [
        ("plot", "6171011002", "", "ambiguous", "61.71.01.1002, 61.71.06.1004", 1),
        ("plot", "99.99", "", "unknown", "", 1),
        ("site", "", "Kota Pontianak", "other level", "61.71", 1),
        ("site", "", "SUI RAYA DALAM", "unknown", "", 2),
        ("site", "", "Siantan", "unknown", "61.71.04.1001, 61.71.04.1002, 61.71.04.1003", 1),
    ]
    assert city.rows("SELECT DISTINCT owner, dataset FROM identity.finding") == [("test", OBJECTS)]
    evidence = dict(city.rows("SELECT id, evidence FROM identity.test__objects__site"))
    assert evidence["1"] == {"how": ["spelling"]}
    assert evidence["4"] == {"reason": "other level", "candidates": ["61.71"]}


def test_a_run_settles_what_changed_and_keeps_the_rest(city: City) -> None:
    dataset = objects("name", site={"kelurahan": "name"})
    city.sync(dataset, ["1", "Pal Lima"], ["2", "GG. MELATI"])
    first = city.identify()
    since = city.rows("SELECT since FROM identity.finding")
    assert city.identify() == first + 1
    versions = "SELECT id, from_run_id, to_run_id FROM identity.test__objects__site ORDER BY 1, 2"
    assert city.rows(versions) == [("1", first, None), ("2", first, None)]
    city.sync(dataset, ["1", "Pal Lima"], ["2", "Mariana"], ["3", "GG. MELATI"])
    third = city.identify()
    assert city.rows(versions) == [
        ("1", first, None), ("2", first, third), ("2", third, None), ("3", third, None)
    ]  # fmt: skip
    assert city.rows("SELECT since, to_run_id FROM identity.finding") == [(since[0][0], None)]
    # The code list learns the name: no row of the dataset changes, and yet the answer does.
    aliases = [list(row.values()) for row in reference("region_alias")]
    city.sync(SOURCES["reference.region_alias"], *aliases, ["GG. MELATI", "61.71.05.1003", "in use"])
    city.identify()
    assert city.places("site")["3"] == "61.71.05.1003"
    assert city.findings() == []
    city.sync(dataset, ["1", "Pal Lima"], ["3", "Gang Buntu"])
    city.identify()
    assert city.places("site") == {"1": "61.71.03.1001", "3": None}
    assert [count for *_, count in city.findings()] == [1]


def test_findings_of_unchanged_datasets_stay(city: City) -> None:
    city.sync(objects("name", site={"kelurahan": "name"}), ["1", "GG. MELATI"])
    city.sync(SIPD, ["1", "MARIANA", "5", "Pontianak Kota"])
    city.identify()
    found = city.findings()
    assert len(found) == 1
    city.sync(SIPD, ["1", "MARIANA", "5", "Pontianak Kota"], ["2", "TENGAH", "5", "Pontianak Utara"])
    city.identify()
    assert {role for role, *_ in city.findings()} == {"site", "region"}


def test_without_code_lists_everything_is_a_finding(warehouse_url: str) -> None:
    city = City(warehouse_url)
    city.sync(objects("name", site={"kelurahan": "name"}), ["1", "Pal Lima"])
    city.identify()
    assert city.findings() == [("site", "", "Pal Lima", "unknown", "", 1)]


def test_a_number_that_may_be_somebodys_is_not_shown(city: City) -> None:
    dataset = objects("name", "code", site={"kelurahan": "name"}, plot={"code": "code", "code_system": "bps"})
    nik = "6171014101900001"
    city.sync(dataset, ["1", f"Budi {nik}", nik], ["2", "RT 5", "6171099002"])
    city.identify()
    assert [(code, name) for _, code, name, *_ in city.findings()] == [
        ("#", ""), ("6171099002", ""), ("", "Budi #"), ("", "RT 5")
    ]  # fmt: skip


def test_a_nik_tells_the_kecamatan_of_registration_and_is_not_shown(city: City) -> None:
    dataset = objects(registered={"code": "nik", "code_system": "nik"})
    nik = column("nik", classification="personal")
    dataset = replace(dataset, columns=(*dataset.columns, nik))
    niks = [
        "6171014101900001",
        "6171015702880004",
        "'6171020101990003",
        "6112034101900001",
        "6171094101900001",
        "123",
    ]
    city.sync(dataset, *([str(n), nik] for n, nik in enumerate(niks)))
    city.identify()
    assert city.places("registered") == {
        "0": "61.71.01", "1": "61.71.01", "2": "61.71.02", "3": "61.12", "4": None, "5": None
    }  # fmt: skip
    assert city.findings() == [
        ("registered", "", "", "malformed", "", 1),
        ("registered", "", "", "unknown", "", 1),
    ]


def test_a_place_is_told_for_the_day(city: City) -> None:
    dataset = objects(
        "name", "area", site={"kelurahan": "name", "kecamatan": "area", "as_of": "written_date"}
    )
    dataset = replace(dataset, columns=(*dataset.columns, column("written_date", "date")))
    days = ["1999-05-01", "2026-05-01", None]
    city.sync(dataset, *([str(n), "Bansir Laut", "Pontianak Selatan", day] for n, day in enumerate(days)))
    city.identify()
    assert city.places("site") == {"0": "61.71.06.1001", "1": None, "2": "61.71.06.1001"}
    assert [reason for _, _, _, reason, _, _ in city.findings()] == ["contradictory"]


def test_a_code_in_parts_is_put_together(city: City) -> None:
    parts = ("province", "regency", "district", "village")
    dataset = objects(home={"code_parts": parts, "code_system": "kemendagri"})
    dataset = replace(dataset, columns=(*dataset.columns, *(column(name, "integer") for name in parts)))
    written: list[tuple[str | None, ...]] = [
        ("61", "71", "3", "1001"),
        ("61", "71", "3", "1099"),
        ("61", "71", "3", None),
        ("61", None, "3", None),
    ]
    written += [(None,) * 4]
    city.sync(dataset, *([str(n), *row] for n, row in enumerate(written)))
    city.identify()
    assert city.places("home") == {"0": "61.71.03.1001", "1": None, "2": None, "3": None}
    assert city.findings() == [
        ("home", "61..03", "", "malformed", "", 1),
        ("home", "61.71.03", "", "other level", "61.71.03", 1),
        ("home", "61.71.03.1099", "", "unknown", "", 1),
    ]


def test_an_unusable_code_list_fails_the_run_and_changes_nothing(city: City) -> None:
    city.sync(objects("name", site={"kelurahan": "name"}), ["1", "Pal Lima"])
    city.identify()
    codes = [[value or None for value in row.values()] for row in reference("region_code")]
    city.sync(SOURCES["reference.region_code"], *codes, ["61.71", "bps", "61.7", None, None, None])
    with pytest.raises(CrosswalkError, match="is no code of 'bps'"):
        city.identify()
    assert city.places("site") == {"1": "61.71.03.1001"}


def test_whatever_is_written_is_a_finding(city: City) -> None:
    written = ["'; DROP TABLE identity.run; --", "\\N", "a\tb", "\u0662", "x" * 5000, "%s", "\ufffd", "{}"]
    city.sync(
        objects("name", site={"kelurahan": "name"}), *([str(n), text] for n, text in enumerate(written))
    )
    city.identify()
    assert city.places("site") == {str(n): None for n in range(len(written))}
    assert {text for _, _, text, *_ in city.findings()} == {text[:100] for text in written}


def test_regions_are_one_dimension_with_codes_of_every_system(city: City, tmp_path: Path) -> None:
    places = kelurahan()
    listed = sipd(places)
    city.sync(SIPD, *listed, ["9", "SUI RAYA DALAM", "1", "Sungai Raya"])
    models = ("region_version", "region", "region_code", "region_alias", "place_finding")
    city.integrate(tmp_path, date(2026, 9, 15), *models)
    assert city.rows("SELECT region_level_code, count(*) FROM region GROUP BY 1 ORDER BY 1") == [
        ("city", 14), ("kecamatan", 6), ("kelurahan", 29), ("province", 1)
    ]  # fmt: skip
    by_system = "SELECT code_system, count(*), count(DISTINCT region_code) FROM region_code JOIN region " \
        "USING (region_code) WHERE kelurahan_code IS NOT NULL GROUP BY 1 ORDER BY 1"  # fmt: skip
    assert city.rows(by_system) == [
        ("bps", 29, 29), ("kemendagri", 29, 29), ("kemendagri_undotted", 29, 29), ("sipd", 29, 29)
    ]  # fmt: skip
    assert city.rows("SELECT region_code FROM region_code WHERE code_value = '14.09'") == [("61.71",)]
    assert city.rows("SELECT count(DISTINCT kelurahan_code) FROM region_alias") == [(29,)]
    assert city.rows("SELECT owner_id, dataset, written_name, reason_code, row_count FROM place_finding") == [
        ("bkad", "sipd.kelurahan", "SUI RAYA DALAM", "unknown", 1)
    ]
    assert lay_in(city, "61.71.06.1001", "2005-06-01") == ["61.71.01"]
    assert lay_in(city, "61.71.06.1001", "2026-06-01") == ["61.71.06"]


def lay_in(city: City, place: str, day: str) -> list[str]:
    """Codes of what the place lay in on the day."""
    found = city.rows(
        f"SELECT parent_code FROM region_version WHERE region_code = '{place}' "
        f"AND valid_from <= '{day}' AND valid_to > '{day}'"
    )
    return [parent for (parent,) in found]
