"""Housekeeping: drops what no kept load or release needs, and says which datasets are late."""

from datetime import timedelta

from airflow.sdk import DAG, task

from lumbung.airflow_runtime import stages
from lumbung.airflow_runtime.schedules import start
from lumbung.settings import Settings

with DAG(
    "maintenance",
    description="Retention and freshness alarms.",
    schedule="30 * * * *",
    start_date=start(Settings.from_environment()),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": stages.failed,
    },
    tags=["maintenance"],
):
    task(stages.retain)()
    task(stages.freshness)()
