"""A release whenever a dataset came home: identify, pin loads, build the models in order, check, release."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetAny, task

from lumbung.airflow_runtime import stages
from lumbung.airflow_runtime.assets import asset_of
from lumbung.airflow_runtime.schedules import dataset_ids, start
from lumbung.models import load_models
from lumbung.settings import Settings
from schemas.catalogue import load_catalogue

settings = Settings.from_environment()

with DAG(
    "publish",
    description="Integrates what is home and publishes it, all tables together.",
    # Syncs that end while a release is made are gathered into the next one.
    schedule=AssetAny(*map(asset_of, dataset_ids(settings.project))),
    start_date=start(settings),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": stages.failed,
    },
    tags=["publish"],
):
    identified: Any = task(stages.identify)()
    planned: Any = task(stages.plan)(identified)
    checked = task(stages.check)(planned)
    released = task(stages.release)(planned)
    built = {}
    for model in load_models(settings.project, load_catalogue(settings.project)):
        built[model.name] = task(task_id=model.name)(stages.build)(planned, model.name)
        [built[read] for read in model.models] >> built[model.name] >> checked
    checked >> released
