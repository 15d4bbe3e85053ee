"""What a run of the DAGs tells whoever watches it, beside the pipeline's own outcomes."""

from dataclasses import dataclass, field
from pathlib import Path

from lumbung.airflow_runtime.schedules import PREFIX, source_of


@dataclass(frozen=True)
class DagStarted:
    """A DAG begins: which one, and where it stands among those of this run (counting from 1)."""

    dag_id: str
    position: int
    count: int


@dataclass(frozen=True)
class StageFailed:
    """A task failed: which one, and one line that says why and what to do next."""

    dag_id: str
    task_id: str
    message: str

    @property
    def subject(self) -> str:
        """The dataset (`siak.residents`) or table (`published.progress`) that the task was about."""
        if not self.dag_id.startswith(PREFIX):
            return self.task_id
        return f"{source_of(self.dag_id)}.{self.task_id.rpartition('.')[0]}"


@dataclass(frozen=True)
class RunRefused:
    """The run can't begin: a contract, a model, a setting or the warehouse stands in its way."""

    message: str


@dataclass(frozen=True)
class AirflowStarting:
    """The live Airflow comes up: what it does now."""

    step: str


@dataclass(frozen=True)
class AirflowReady:
    """The live Airflow is up: where its UI is, who may log in, and where it writes."""

    url: str
    user: str
    password: str = field(repr=False)
    logs: Path
