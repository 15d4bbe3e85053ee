"""What the DAGs are, worked out from contract files alone: pure functions, no Airflow, no database."""

import graphlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lumbung.settings import Settings
from schemas.catalogue import SUFFIX
from schemas.contract import Contract
from schemas.loading import load_contract

PREFIX = "sync_"
#: Between source and frequency in a dag_id. No source's name contains it.
SEPARATOR = "__"
#: Cron signs that a dag_id may not contain, as words.
_CRON_WORDS = str.maketrans({" ": "_", "*": "x", "/": "per", ",": "and", "-": "to", "@": "at", "#": "nth"})


@dataclass(frozen=True)
class SyncSchedule:
    """One sync DAG: the datasets of a source that share a frequency.

    `cron` is None for datasets that are synced by hand only. `parents` names, for each dataset, the
    datasets of this DAG that its foreign keys point to.
    """

    dag_id: str
    source: str
    cron: str | None
    datasets: tuple[Contract, ...]
    parents: dict[str, tuple[str, ...]]


def start(settings: Settings) -> datetime:
    """The `start_date` of every DAG: a past day on the city's clock, which cron in a contract means.

    A DAG that is new, or was off, therefore makes up for the last run it missed, and only for that one. It is
    long ago, because Airflow runs no backfill before it.
    """
    return datetime(2000, 1, 1, tzinfo=settings.timezone)


def sync_schedules(project: Path, dag_id: str | None = None) -> list[SyncSchedule]:
    """The sync DAGs of the project in a fixed order; with `dag_id` that one only.

    A task needs its own DAG and nothing else, so with `dag_id` no other source's contracts are read.
    Raises `schemas.errors.ContractErrors`.
    """
    found = [schedule for folder in _folders(project, dag_id) for schedule in _of_source(folder)]
    return [schedule for schedule in found if dag_id in (None, schedule.dag_id)]


def run_order(schedules: list[SyncSchedule]) -> list[str]:
    """The dag_ids, those that others refer to first, else in the given order.

    Sources may refer to each other both ways; then the given order is as good as any.
    """
    home = {c.id: s.dag_id for s in schedules for c in s.datasets}
    referred = {
        s.dag_id: sorted({home[r.dataset] for c in s.datasets for r in c.references} - {s.dag_id})
        for s in schedules
    }
    try:
        return list(graphlib.TopologicalSorter(referred).static_order())
    except graphlib.CycleError:
        return list(referred)


def source_of(dag_id: str) -> str:
    """The source that a sync DAG brings home."""
    return dag_id.removeprefix(PREFIX).split(SEPARATOR)[0]


def dataset_ids(project: Path) -> list[str]:
    """Every dataset's id, from the names of the contract files: nothing is read."""
    return [f"{file.parent.name}.{file.name.removesuffix(SUFFIX)}" for file in _files(_root(project), "*")]


def _root(project: Path) -> Path:
    return project / "schemas" / "sources"


def _files(root: Path, source: str) -> list[Path]:
    return sorted(root.glob(f"{source}/*{SUFFIX}"))


def _folders(project: Path, dag_id: str | None) -> list[Path]:
    folders = sorted({file.parent for file in _files(_root(project), "*")})
    if dag_id is None:
        return folders
    return [folder for folder in folders if folder.name == source_of(dag_id)]


def _of_source(folder: Path) -> Iterator[SyncSchedule]:
    contracts = [load_contract(file) for file in _files(folder.parent, folder.name)]
    crons = sorted({c.schedule for c in contracts}, key=lambda cron: cron or "")
    for cron in crons:
        datasets = tuple(c for c in contracts if c.schedule == cron)
        yield SyncSchedule(
            dag_id=_dag_id(folder.name, cron, only=len(crons) == 1),
            source=folder.name,
            cron=cron,
            datasets=datasets,
            parents=_parents(datasets),
        )


def _dag_id(source: str, cron: str | None, *, only: bool) -> str:
    if only:
        return PREFIX + source
    return PREFIX + source + SEPARATOR + (cron.translate(_CRON_WORDS) if cron else "by_hand")


def _parents(datasets: tuple[Contract, ...]) -> dict[str, tuple[str, ...]]:
    here = {c.id for c in datasets}
    return {c.id: tuple(sorted({r.dataset for r in c.references} & (here - {c.id}))) for c in datasets}
