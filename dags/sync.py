"""One DAG per source and frequency, made from the contracts: per dataset land, validate, apply.

A new contract file is a new task group, a new source a new DAG; nothing here changes.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, TaskGroup, get_parsing_context, task

from lumbung.airflow_runtime import stages
from lumbung.airflow_runtime.assets import asset_of
from lumbung.airflow_runtime.schedules import SyncSchedule, start, sync_schedules
from lumbung.settings import Settings
from schemas.contract import Contract

#: Only what another try may mend is tried again (lost connections, sources that are down), for about an hour.
PATIENCE = {
    "retries": 5,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2,
    "max_retry_delay": timedelta(minutes=30),
    "on_failure_callback": stages.failed,
}


def dataset_group(contract: Contract) -> TaskGroup:
    """land >> validate >> apply for one dataset; only the load's id passes between them."""
    with TaskGroup(contract.name, tooltip=contract.title) as group:
        limit = timedelta(seconds=contract.read.max_seconds)
        landed: Any = task(execution_timeout=limit)(stages.land)(contract.id)
        validated: Any = task(stages.validate)(landed)
        task(outlets=[asset_of(contract.id)])(stages.apply)(validated, contract.id)
    return group


def sync_dag(schedule: SyncSchedule, settings: Settings) -> DAG:
    """The DAG of one source and frequency. Parents are applied before children are landed."""
    with DAG(
        schedule.dag_id,
        description=f"Brings the datasets of {schedule.source} home.",
        schedule=schedule.cron,
        start_date=start(settings),
        catchup=False,
        max_active_runs=1,
        default_args=PATIENCE,
        tags=["sync", schedule.source],
    ) as dag:
        groups = {contract.id: dataset_group(contract) for contract in schedule.datasets}
        for child, parents in schedule.parents.items():
            for parent in parents:
                groups[parent] >> groups[child]
    return dag


here = Settings.from_environment()
for found in sync_schedules(here.project, get_parsing_context().dag_id):
    sync_dag(found, here)
