"""Parses the DAG files and writes what came of it as JSON: `python inspect_dags.py OUTPUT`."""

import json
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

from lumbung.airflow_runtime.configuration import dags_folder

began = time.monotonic()
bag = DagBag(dag_folder=str(dags_folder()))
seconds = time.monotonic() - began
dags = {
    dag.dag_id: {
        "tasks": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
        "outlets": {task.task_id: [asset.uri for asset in task.outlets] for task in dag.tasks},
        "max_active_runs": dag.max_active_runs,
        "timezone": str(dag.timezone),
        "schedule": str(dag.timetable.asset_condition if hasattr(dag.timetable, "asset_condition") else ""),
        "serialised": DagSerialization.to_dict(dag),
    }
    for dag in bag.dags.values()
}
found = {
    "errors": bag.import_errors,
    "dags": dags,
    "seconds": seconds,
    "modules": sorted(sys.modules),
}
Path(sys.argv[1]).write_text(json.dumps(found, default=str))
