"""Runs a DAG as a backfill runs it: `python backfill.py DAG LOGICAL_DATE`."""

import sys
from datetime import datetime
from typing import Any
from unittest.mock import patch

from airflow.dag_processing.dagbag import DagBag
from airflow.models import dagrun
from airflow.utils.db import initdb
from airflow.utils.types import DagRunType

from lumbung.airflow_runtime.configuration import dags_folder

create = dagrun.get_or_create_dagrun


def of_a_backfill(*given: Any, session: Any, **said: Any) -> Any:
    """The run that `dag.test()` makes, but for its type."""
    run = create(*given, session=session, **said)
    run.run_type = DagRunType.BACKFILL_JOB
    session.commit()
    return run


initdb()
dag = DagBag(dag_folder=str(dags_folder())).dags[sys.argv[1]]
with patch.object(dagrun, "get_or_create_dagrun", of_a_backfill):
    run = dag.test(logical_date=datetime.fromisoformat(sys.argv[2]))
sys.exit(run.state != "success")
