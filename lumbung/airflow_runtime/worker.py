"""The process of one run: `python -m lumbung.airflow_runtime.worker PARENT PIPE`, started by `run_once`."""

import logging
import os
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from lumbung.airflow_runtime.configuration import dags_folder
from lumbung.airflow_runtime.events import DagStarted, RunRefused, StageFailed
from lumbung.airflow_runtime.processes import die_with
from lumbung.airflow_runtime.schedules import run_order, sync_schedules
from lumbung.settings import Settings
from schemas.errors import LumbungError

if TYPE_CHECKING:
    from airflow.sdk import DAG

log = logging.getLogger(__name__)


def main(parent: int, pipe: Connection) -> None:
    """Run every DAG in order, telling `pipe` what happens."""
    die_with(parent)
    from lumbung.airflow_runtime import stages

    try:
        stages.open_hub()
        dags = list(_dags())
    except LumbungError as error:
        pipe.send(RunRefused(str(error)))
        return
    with stages.observed(pipe.send):
        for position, dag in enumerate(dags, start=1):
            pipe.send(DagStarted(dag.dag_id, position, len(dags)))
            for missed in _run(dag):
                pipe.send(missed)


def _dags() -> "Iterator[DAG]":
    """The sync DAGs, those that others refer to first, then the publish DAG."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(dag_folder=str(dags_folder()))
    for file, trace in sorted(bag.import_errors.items()):
        log.error("%s", trace)
        raise LumbungError(f"{file} can't be loaded: {trace.strip().splitlines()[-1]}")
    schedules = sync_schedules(Settings.from_environment().project)
    yield from (bag.dags[dag_id] for dag_id in run_order(schedules))
    yield bag.dags["publish"]


def _run(dag: "DAG") -> list[StageFailed]:
    """Run the DAG; gives the datasets that did not come home because their parents didn't."""
    for task in dag.tasks:
        # Somebody waits at the terminal: a source that is down is told at once.
        task.retries = 0
    tasks = dag.test().get_task_instances(state=["upstream_failed"])
    message = "not synced, because a dataset that it refers to failed"
    return [StageFailed(dag.dag_id, t.task_id, message) for t in tasks if t.task_id.endswith(".land")]


if __name__ == "__main__":
    main(int(sys.argv[1]), Connection(int(sys.argv[2]), readable=False))
    # Libraries leave threads behind that would delay the end; everything that counts is committed.
    sys.stdout.flush()
    os._exit(0)
