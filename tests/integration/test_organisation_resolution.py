"""Agencies of datasets: codes and names of their time, and who does today what they did."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lumbung.organisations.register import RegisterError
from schemas.contract import Contract
from schemas.entities import Entities, OrganisationRole
from tests.conftest import VERSIONS, Servers
from tests.loads_project import column, contract
from tests.reference_city import SOURCES, ReferenceCity, a_template, as_sent, reference

LISTS = ("region", "organisation", "organisation_alias", "organisation_event")
SKPD = as_sent("sipd.skpd")
MODELS = (
    "organisation", "organisation_code", "organisation_finding", "organisation_successor", "skpd",
)  # fmt: skip
TODAY = date(2026, 9, 15)
FINANCE = "5.02.0.00.0.00.01.0000"


@pytest.fixture(scope="module")
def template(embedded_servers: Servers) -> Iterator[str]:
    """A database with the code lists."""
    with a_template(embedded_servers, *LISTS) as name:
        yield name


@pytest.fixture
def city(embedded_servers: Servers, template: str) -> Iterator[ReferenceCity]:
    """A city with its code lists."""
    with embedded_servers.database(VERSIONS[0], template) as url:
        yield ReferenceCity(url)


def budgets() -> Contract:
    """Budgets of agencies, by year."""
    columns = (column("id", key=1), column("year", "integer"), column("code"), column("name"))
    agency = OrganisationRole("agency", code="code", name="name", as_of="year")
    return replace(contract(*columns, name="test.budgets"), entities=Entities(organisations=(agency,)))


def skpd() -> list[list[str | None]]:
    """SIPD's list: every agency and unit of the day, by a number of its own."""
    now = [row for row in reference("organisation") if not row["valid_to"]]
    return [
        [str(3100 + n), row["organisation_code"], row["organisation_name"], "true"]
        for n, row in enumerate(now)
    ]


def agencies(city: ReferenceCity) -> dict[str, str | None]:
    """What the budgets' keys mean."""
    query = "SELECT id, organisation_id FROM identity.test__budgets__agency WHERE to_run_id IS NULL"
    return dict(city.rows(query))


ROWS: list[list[str | None]] = [
    ["one", "2022", "2.19.0.00.0.00.01.0000", None],
    ["two", "2022", "219000001", None],
    ["merged", "2022", "3.26.0.00.0.00.01", "Dinas Pariwisata Kota Pontianak"],
    ["split", "2022", FINANCE, None],
    ["chain", "2016", None, "BP2T"],
    ["renamed", "2021", "5.03.0.00.0.00.01.0000", "Badan Kepegawaian Daerah"],
    ["today", "2026", FINANCE, "BKAD"],
    ["mixed", "2022", FINANCE, "Badan Keuangan dan Aset Daerah"],
    ["handed", "2022", "2.09.0.00.0.00.01.0000", None],
    ["other", "2026", None, "Disperindag"],
    ["silent", "2026", None, None],
]


def test_rows_mean_the_agency_of_their_year(city: ReferenceCity) -> None:
    city.sync(budgets(), *ROWS)
    city.identify()
    assert agencies(city) == {
        "one": "dispora", "two": None, "merged": "dispar", "split": "bkd", "chain": "bp2t",
        "renamed": "bkpsdm", "today": "bkad", "mixed": None, "handed": None, "other": None,
    }  # fmt: skip
    assert city.findings() == [
        ("agency", "", "Disperindag", "unknown", "", 1),
        ("agency", "2.09.0.00.0.00.01.0000", "", "ambiguous", "dkp, dppp", 1),
        ("agency", "219000001", "", "malformed", "", 1),
        ("agency", FINANCE, "Badan Keuangan dan Aset Daerah", "unknown", "bkad", 1),
    ]


def test_an_agency_of_2022_joins_to_its_successor_in_2026(city: ReferenceCity, tmp_path: Path) -> None:
    city.sync(SKPD, *skpd())
    city.sync(budgets(), *ROWS)
    city.integrate(tmp_path, TODAY, *MODELS)
    successors = successors_of(city)
    assert successors["dispora"] == [("disporapar", 1, 1, True)]
    assert successors["dispar"] == [("disporapar", 1, 1, True)]
    assert successors["bkd"] == [("bapenda", 1, 2, False), ("bkad", 1, 2, False)]
    assert successors["bp2t"] == [("disnaker", 2, 2, False), ("dpmptsp", 2, 2, False)]
    assert successors["dinsosnaker"] == [
        ("dinsos", 1, 3, False), ("disnaker", 2, 3, False), ("dpmptsp", 2, 3, False)
    ]  # fmt: skip
    assert successors["bkpsdm"] == [("bkpsdm", 0, 1, True)]
    joined = city.rows(
        "SELECT b.id, c.organisation_name FROM current.test__budgets AS b "
        "JOIN identity.test__budgets__agency AS a ON a.id = b.id AND a.to_run_id IS NULL "
        "JOIN organisation_successor AS s ON s.organisation_id = a.organisation_id AND s.is_sole "
        "JOIN organisation AS c ON c.organisation_id = s.successor_id AND c.is_current "
        "WHERE b.year = 2022 ORDER BY 1"
    )
    assert joined == [
        ("merged", "Dinas Kepemudaan, Olahraga dan Pariwisata"),
        ("one", "Dinas Kepemudaan, Olahraga dan Pariwisata"),
    ]


def successors_of(city: ReferenceCity) -> dict[str, list[tuple[Any, ...]]]:
    """Successor, steps, how many there are, whether it is the only one; by agency."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for agency, *said in city.rows("SELECT * FROM organisation_successor ORDER BY 1, 2"):
        found.setdefault(agency, []).append(tuple(said))
    return found


def test_successors_are_those_of_the_day(city: ReferenceCity, tmp_path: Path) -> None:
    city.sync(SKPD, *skpd())
    city.integrate(tmp_path, date(2018, 1, 1), *MODELS)
    successors = successors_of(city)
    assert successors["bp2t"] == [("dpmtkptsp", 1, 1, True)]
    # Not founded yet: it takes over from nobody, and nobody does from it.
    assert successors["disporapar"] == [(None, None, 0, False)]


def test_events_that_go_in_a_circle_come_to_an_end(city: ReferenceCity, tmp_path: Path) -> None:
    city.sync(SKPD, *skpd())
    events = [list(row.values()) for row in reference("organisation_event")]
    back: list[str | None] = ["disporapar", "dispora", "2025-01-01", "merge"]
    city.sync(SOURCES["reference.organisation_event"], *events, back)
    city.integrate(tmp_path, TODAY, *MODELS)
    assert successors_of(city)["dispora"] == [("disporapar", 1, 1, True)]


def test_organisations_have_codes_of_every_system(city: ReferenceCity, tmp_path: Path) -> None:
    listed = skpd()
    unknown: list[str | None] = ["9999", "9.99.0.00.0.00.01.0000", "Dinas Lain", "true"]
    city.sync(SKPD, *listed, unknown)
    city.integrate(tmp_path, TODAY, *MODELS)
    by_system = (
        "SELECT code_system, count(DISTINCT organisation_id) FROM organisation_code GROUP BY 1 ORDER BY 1"
    )
    assert len(listed) == 48
    assert city.rows(by_system) == [("sipd", 48), ("skpd", 54), ("skpd_undotted", 54)]
    held = "SELECT organisation_id FROM organisation_code WHERE code_value = '{}' AND '{}' >= valid_from " \
        "AND '{}' < valid_to"  # fmt: skip
    assert city.rows(held.format(FINANCE, "2022-06-01", "2022-06-01")) == [("bkd",)]
    assert city.rows(held.format(FINANCE, "2026-06-01", "2026-06-01")) == [("bkad",)]
    assert city.rows("SELECT owner_id, dataset, written_code, reason_code FROM organisation_finding") == [
        ("bkad", "sipd.skpd", "9.99.0.00.0.00.01.0000", "unknown")
    ]
    assert city.rows("SELECT skpd_name FROM skpd WHERE organisation_id IS NULL") == [("Dinas Lain",)]


def test_a_run_with_an_unusable_table_of_agencies_fails(city: ReferenceCity) -> None:
    rows = [[value or None for value in row.values()] for row in reference("organisation")]
    city.sync(SOURCES["reference.organisation"], *rows, ["x", "1.01", "Dinas X", "2017-01-01", None, None])
    with pytest.raises(RegisterError, match=r"'1\.01' is no code"):
        city.identify()
