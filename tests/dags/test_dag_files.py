"""The DAG files: they load, follow from the contracts alone, and touch nothing while they are parsed."""

import json
from typing import Any

import pytest

from schemas.catalogue import load_catalogue
from tests.dags.conftest import REPOSITORY, Inspect, Project

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def city(inspect_dags: Inspect) -> dict[str, Any]:
    """The city's own DAG files, parsed."""
    return inspect_dags(REPOSITORY, seed="1")


def test_the_city_s_dags_load_and_hold_every_dataset(city: dict[str, Any]) -> None:
    contracts = load_catalogue(REPOSITORY).sources
    outlets = [uri for dag in city["dags"].values() for assets in dag["outlets"].values() for uri in assets]
    assert city["errors"] == {}
    assert {"publish", "maintenance"} < set(city["dags"])
    assert sorted(outlets) == sorted(
        f"postgres://lumbung:5432/warehouse/current/{contract.table}" for contract in contracts.values()
    )


def test_every_dag_runs_once_at_a_time_on_the_city_s_clock(city: dict[str, Any]) -> None:
    dags = city["dags"].values()
    assert {dag["max_active_runs"] for dag in dags} == {1}
    assert {dag["timezone"] for dag in dags} == {"Asia/Pontianak"}


def test_parsing_twice_gives_the_same(inspect_dags: Inspect, city: dict[str, Any]) -> None:
    again = inspect_dags(REPOSITORY, seed="77")["dags"]
    assert json.dumps(again, sort_keys=True) == json.dumps(city["dags"], sort_keys=True)


def test_a_dataset_is_landed_validated_and_applied_after_its_parents(
    inspect_dags: Inspect, project: Project
) -> None:
    assert inspect_dags(project.root)["dags"]["sync_izin"]["tasks"] == {
        "offices.land": [],
        "offices.validate": ["offices.land"],
        "offices.apply": ["offices.validate"],
        "permits.land": ["offices.apply"],
        "permits.validate": ["permits.land"],
        "permits.apply": ["permits.validate"],
    }


def test_publishing_follows_any_dataset_and_builds_models_in_their_order(
    inspect_dags: Inspect, project: Project
) -> None:
    publish = inspect_dags(project.root)["dags"]["publish"]
    assert publish["tasks"] == {
        "identify": [],
        "plan": ["identify"],
        "integrated.office": ["plan"],
        "published.permits_by_office": ["integrated.office", "plan"],
        "check": ["integrated.office", "plan", "published.permits_by_office"],
        "release": ["check", "plan"],
    }
    condition = publish["serialised"]["dag"]["timetable"]["__var"]["asset_condition"]
    assert condition["__type"] == "asset_any"
    assert {asset["name"] for asset in condition["objects"]} == {
        "izin.offices",
        "izin.permits",
        "tarif.rates",
    }


def test_parsing_is_quick_and_touches_nothing(inspect_dags: Inspect, project: Project) -> None:
    home = project.root.parent / "untouched"
    nowhere = {"LUMBUNG_HOME": str(home), "LUMBUNG_WAREHOUSE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    found = inspect_dags(project.root, **nowhere)
    assert found["errors"] == {}
    assert found["seconds"] < 10
    assert not {"great_expectations", "pandas", "lumbung.pipeline"} & set(found["modules"])
    assert not home.exists()


def test_a_task_reads_its_own_source_s_contracts_only(inspect_dags: Inspect, project: Project) -> None:
    project.dataset("izin.offices", "name: office, logicalType: nonsense")
    wanted = inspect_dags(project.root, _AIRFLOW_PARSING_CONTEXT_DAG_ID="sync_tarif")
    assert [dag for dag in wanted["dags"] if dag.startswith("sync")] == ["sync_tarif"]


def test_a_broken_contract_is_an_import_error_that_names_it(inspect_dags: Inspect, project: Project) -> None:
    file = project.dataset("izin.offices", "name: office, logicalType: nonsense")
    errors = inspect_dags(project.root)["errors"]
    assert any(str(file) in trace for trace in errors.values())
