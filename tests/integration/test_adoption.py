"""Another city starts from what is here: the contracts of its sources, and the tables they suffice for."""

from pathlib import Path

import pytest

from lumbung import pipeline
from lumbung.adoption import select, write
from lumbung.errors import AdoptionRefused
from lumbung.models import Models, load_models
from lumbung.settings import Settings
from lumbung.strictness import gaps
from schemas.catalogue import load_catalogue

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(PROJECT, load_catalogue(PROJECT))


def made(models: Models, target: Path, *sources: str) -> Models:
    """The models of a new project for a city that has these sources."""
    write(select(models, sources), PROJECT, target)
    return load_models(target, load_catalogue(target))


def test_everything_can_be_taken_over(models: Models, tmp_path: Path) -> None:
    everything = {contract.source for contract in models.catalogue.sources.values()}
    taken = made(models, tmp_path / "city", *everything)
    assert list(taken.by_name) == list(models.by_name)
    assert taken.catalogue.sources.keys() == models.catalogue.sources.keys()
    assert list(gaps(taken, tmp_path / "city")) == []


def test_tables_that_lack_a_source_are_left_out_by_name(models: Models, tmp_path: Path) -> None:
    selection = select(models, ["sipd"])
    assert "simda" in selection.lacking["budget_vs_disbursement"]
    assert "sipd" not in selection.lacking["budget_vs_disbursement"]
    taken = made(models, tmp_path / "city", "sipd")
    assert {contract.source for contract in taken.catalogue.sources.values()} == {"sipd", "reference"}
    assert "published.budget_vs_disbursement" not in taken.by_name
    readme = (tmp_path / "city" / "README.md").read_text()
    assert "- `budget_vs_disbursement` needs " in readme
    environment = (tmp_path / "city" / "connections.env").read_text()
    assert "AIRFLOW_CONN_SIPD=" in environment and "SIMDA" not in environment


def test_the_new_project_works_at_once(models: Models, warehouse_url: str, tmp_path: Path) -> None:
    made(models, tmp_path / "city", "siak")
    environment = {"LUMBUNG_HOME": str(tmp_path / "home"), "LUMBUNG_WAREHOUSE_URL": warehouse_url}
    hub = pipeline.open_hub(Settings.from_environment(tmp_path / "city", environment))
    assert pipeline.sync(hub, "reference.region").state == "applied"


def test_nothing_is_overwritten_and_nothing_made_up(models: Models, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    with pytest.raises(AdoptionRefused, match="not empty"):
        made(models, tmp_path, "siak")
    assert [file.name for file in tmp_path.iterdir()] == ["note"]
    with pytest.raises(AdoptionRefused, match=r"no source 'sika'; there are [a-z_]+, "):
        select(models, ["sika"])
