"""A release whenever any dataset came home: pin loads, build the models in their order, check, release."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetAny, task

from lumbung.airflow_runtime import stages
from lumbung.airflow_runtime.assets import asset_of
from lumbung.airflow_runtime.schedules import START, dataset_ids
from lumbung.models import load_models
from lumbung.settings import Settings
from schemas.catalogue import load_catalogue

project = Settings.from_environment().project

with DAG(
    "publish",
    description="Integrates what is home and publishes it, all tables together.",
    # Syncs that end while a release is made are gathered into the next one.
    schedule=AssetAny(*map(asset_of, dataset_ids(project))),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": stages.failed,
    },
    tags=["publish"],
):
    planned: Any = task(stages.plan)()
    checked = task(stages.check)(planned)
    released = task(stages.release)(planned)
    built = {}
    for model in load_models(project, load_catalogue(project)):
        built[model.name] = task(task_id=model.name)(stages.build)(planned, model.name)
        [built[read] for read in model.models] >> built[model.name] >> checked
    checked >> released
