"""Which DAGs there are, from contract files alone."""

import pytest

from lumbung.airflow_runtime.events import StageFailed
from lumbung.airflow_runtime.schedules import dataset_ids, run_order, sync_schedules
from schemas.errors import ContractErrors
from tests.dags.conftest import KEY, Project

KEYED = f"name: id, {KEY}"


def test_a_source_with_one_frequency_is_one_dag(project: Project) -> None:
    found = {s.dag_id: [c.id for c in s.datasets] for s in sync_schedules(project.root)}
    assert found == {"sync_izin": ["izin.offices", "izin.permits"], "sync_tarif": ["tarif.rates"]}


def test_each_further_frequency_is_a_dag_with_a_suffix(project: Project) -> None:
    project.dataset("tarif.fines", KEYED, cron="*/15 1,2 1-5 * *")
    found = {s.dag_id: s.cron for s in sync_schedules(project.root)}
    assert found["sync_tarif__by_hand"] is None
    assert found["sync_tarif__xper15_1and2_1to5_x_x"] == "*/15 1,2 1-5 * *"


def test_parents_count_within_a_dag_only(project: Project) -> None:
    link = "name: office, logicalType: string, relationships: [{to: izin.offices.office}]"
    project.dataset("izin.visits", KEYED, link, cron="0 1 * * *")
    by_id = {s.dag_id: s for s in sync_schedules(project.root)}
    assert by_id["sync_izin__by_hand"].parents["izin.permits"] == ("izin.offices",)
    assert by_id["sync_izin__0_1_x_x_x"].parents == {"izin.visits": ()}


def test_one_dag_s_schedule_is_found_by_its_id(project: Project) -> None:
    project.dataset("tarif.fines", KEYED, cron="0 1 * * *")
    (found,) = sync_schedules(project.root, "sync_tarif__0_1_x_x_x")
    assert [c.id for c in found.datasets] == ["tarif.fines"]


def test_a_source_whose_name_begins_with_another_s_is_not_taken_for_it(project: Project) -> None:
    project.dataset("tarif_lama.rates", KEYED)
    assert [s.dag_id for s in sync_schedules(project.root, "sync_tarif")] == ["sync_tarif"]
    assert [s.dag_id for s in sync_schedules(project.root, "sync_tarif_lama")] == ["sync_tarif_lama"]


def test_a_broken_contract_is_refused(project: Project) -> None:
    project.dataset("tarif.rates", "name: id, logicalType: nonsense")
    with pytest.raises(ContractErrors):
        sync_schedules(project.root)


def test_sources_that_others_refer_to_run_first(project: Project) -> None:
    link = "name: kind, logicalType: string, relationships: [{to: tarif.rates.kind}]"
    project.dataset("izin.offices", f"name: office, {KEY}", link)
    assert run_order(sync_schedules(project.root)) == ["sync_tarif", "sync_izin"]


def test_sources_that_refer_to_each_other_run_all_the_same(project: Project) -> None:
    to_rates = "name: kind, logicalType: string, relationships: [{to: tarif.rates.kind}]"
    to_offices = "name: office, logicalType: string, relationships: [{to: izin.offices.office}]"
    project.dataset("izin.offices", f"name: office, {KEY}", to_rates)
    project.dataset("tarif.rates", f"name: kind, {KEY}", to_offices)
    assert run_order(sync_schedules(project.root)) == ["sync_izin", "sync_tarif"]


def test_dataset_ids_follow_from_file_names(project: Project) -> None:
    assert dataset_ids(project.root) == ["izin.offices", "izin.permits", "tarif.rates"]


@pytest.mark.parametrize(
    ("dag_id", "task_id", "subject"),
    [
        ("sync_siak", "residents.land", "siak.residents"),
        ("sync_siak__0_1_x_x_x", "residents.apply", "siak.residents"),
        ("publish", "published.progress", "published.progress"),
    ],
)
def test_a_failure_names_what_it_is_about(dag_id: str, task_id: str, subject: str) -> None:
    assert StageFailed(dag_id, task_id, "").subject == subject
