"""Airflow around the pipeline: its DAGs run once in a process, or live as a service of this machine."""

from lumbung.airflow_runtime.events import AirflowReady, AirflowStarting, DagStarted, StageFailed
from lumbung.airflow_runtime.live import up
from lumbung.airflow_runtime.once import RunResult, run_once
from lumbung.airflow_runtime.single import stop

__all__ = [
    "AirflowReady",
    "AirflowStarting",
    "DagStarted",
    "RunResult",
    "StageFailed",
    "run_once",
    "stop",
    "up",
]
