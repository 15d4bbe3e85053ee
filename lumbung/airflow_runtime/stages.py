"""What every task does around the one function of `lumbung.pipeline` that it calls.

Airflow's connections become the hub's, the hub's errors become Airflow's, outcomes become a line in the
log. The pipeline is imported inside the functions: a DAG file names these functions each time it is
parsed, and parsing may neither import Great Expectations nor connect to anything.
"""

import functools
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from airflow.sdk import Connection as AirflowConnection
from airflow.sdk import get_current_context
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
)
from croniter import croniter

from connectors.base import Connection
from connectors.connection import parse_connection, variable
from connectors.errors import SourceRefused, SourceUnavailable
from lumbung.airflow_runtime.assets import asset_of
from lumbung.airflow_runtime.events import StageFailed
from lumbung.errors import LoadRefused, ReleaseBusy, ReleaseSuperseded, ReleaseTooEarly, WarehouseError
from lumbung.settings import Settings
from schemas.errors import LumbungError

if TYPE_CHECKING:
    from lumbung.pipeline import Hub, Window

log = logging.getLogger(__name__)

Observer = Callable[[object], None]
_FIELDS = ("conn_type", "host", "port", "login", "password", "schema", "extra")
#: What another try may mend.
_PASSING = (SourceUnavailable, WarehouseError, ReleaseBusy)
_observers: list[Observer] = []


def land(dataset: str, dag_run: Any = None) -> int:
    """Copy the source's rows as they are; gives the load's id.

    Airflow fills in `dag_run`. In one of a backfill, only the rows of its interval are copied, if the
    dataset's watermark is a time.
    """
    from lumbung import pipeline

    with _mended_or_refused():
        hub = open_hub()
        return pipeline.land(hub, dataset, backfill_window(hub, dataset, dag_run))


def backfill_window(hub: "Hub", dataset: str, run: Any) -> "Window | None":
    """What a run of a backfill has to read again; None in other runs, and where a load is the whole.

    A run at a point in time stands for the time since the point before, by the dataset's own schedule.
    """
    from lumbung import watermarks

    if run is None or run.run_type != "backfill" or run.data_interval_end is None:
        return None
    contract, end = hub.dataset(dataset), run.data_interval_end
    start = run.data_interval_start or end
    if start >= end:
        if contract.schedule is None:
            return None
        start = croniter(contract.schedule, end.astimezone(hub.settings.timezone)).get_prev(datetime)
    return watermarks.interval(contract, start, end, hub.settings.timezone)


def validate(load_id: int) -> int:
    """Type and check the rows of the load, then judge it as a whole; gives the load's id."""
    from lumbung import pipeline

    with _mended_or_refused(), _owner_told():
        pipeline.validate(open_hub(), load_id)
    return load_id


def apply(load_id: int, dataset: str) -> None:
    """Bring the load into history; tell the dataset's Asset what came of it, and the owner what is wrong.

    A superseded load is a success: a newer one is there already. So is one whose owner can't be told.
    """
    from lumbung import pipeline
    from lumbung.airflow_runtime import lineage_events

    with _mended_or_refused(), _owner_told():
        outcome = pipeline.apply(open_hub(), load_id)
        pipeline.notify(open_hub(), load_id)
        lineage_events.loaded(open_hub(), outcome)
    counts = {f.name: getattr(outcome, f.name) for f in fields(outcome) if f.name.endswith("_count")}
    log.info("%s: load %s %s: %s", dataset, load_id, outcome.state, counts)
    event = get_current_context()["outlet_events"][asset_of(dataset)]
    event.extra = {"load_id": load_id, "state": outcome.state, **counts}
    _tell(outcome)


def identify() -> int:
    """Settle which records speak of the same people and things; gives the run's id."""
    from lumbung import pipeline

    with _mended_or_refused():
        return pipeline.identify(open_hub())


def plan(identified: int) -> int:
    """Pin what the next release shows, as that run of `identify` left it; gives the release's id.

    Before every dataset came home for the first time there is nothing to release yet: the run is skipped.
    """
    from lumbung import pipeline

    with _mended_or_refused():
        try:
            return pipeline.plan_release(open_hub(), run_id=identified)
        except ReleaseTooEarly as early:
            task = get_current_context()["ti"]
            _tell(StageFailed(task.dag_id, task.task_id, str(early)))
            raise AirflowSkipException(str(early)) from None


def build(release_id: int, table: str) -> None:
    """Build one model's table for the release, or find that it did not change."""
    from lumbung import pipeline
    from lumbung.airflow_runtime import lineage_events
    from lumbung.models import load_models

    with _mended_or_refused():
        hub = open_hub()
        pipeline.build(hub, release_id, table)
        lineage_events.built(hub, load_models(hub.settings.project, hub.catalogue), release_id, table)


def check(release_id: int) -> None:
    """Judge the release's tables before anybody sees them."""
    from lumbung import pipeline

    with _mended_or_refused():
        pipeline.check(open_hub(), release_id)


def release(release_id: int) -> None:
    """Show every table of the release at once; overtaken by a newer one it has nothing left to do."""
    from lumbung import pipeline

    with _mended_or_refused():
        try:
            outcome = pipeline.release(open_hub(), release_id)
        except ReleaseSuperseded as newer:
            log.info("%s", newer)
            return
    log.info("release %s: %s", release_id, outcome.state)
    _tell(outcome)


def retain() -> None:
    """Drop what no kept load or release needs."""
    from lumbung import pipeline

    with _mended_or_refused():
        pipeline.retain(open_hub())


def freshness() -> None:
    """Fail, naming them, when datasets are later than their contracts promise."""
    from lumbung import pipeline

    with _mended_or_refused():
        pipeline.freshness(open_hub())


def failed(context: Mapping[str, Any]) -> None:
    """`on_failure_callback`: tell observers which task failed, in one line without data.

    The text of an error that the hub did not word itself may hold values of rows, so only its type is
    told; the task's log has the rest.
    """
    error = context.get("exception")
    known = isinstance(error, AirflowException)
    message = str(error) if known else f"unexpected {type(error).__name__}; the log says where"
    task = context["ti"]
    _tell(StageFailed(task.dag_id, task.task_id, message))


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Within it, `observer` gets every outcome and failure of the tasks that run in this process."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def resolve(connection_id: str) -> Connection:
    """The Airflow connection as the connectors know it, from whichever secrets backend holds it."""
    try:
        found = AirflowConnection.get(connection_id)
    except AirflowNotFoundException:
        raise SourceRefused(
            f"connection {connection_id}: set {variable(connection_id)}, or add the connection in Airflow"
        ) from None
    fields = {name: getattr(found, name) for name in _FIELDS}
    return parse_connection(connection_id, json.dumps(fields))


def _tell(event: object) -> None:
    for observer in _observers:
        observer(event)


def open_hub() -> "Hub":
    """The hub of this process, opened once."""
    return _open_hub(Settings.from_environment())


@functools.cache
def _open_hub(settings: Settings) -> "Hub":
    from lumbung import pipeline

    return pipeline.open_hub(settings, resolve=resolve)


@contextmanager
def _owner_told() -> Iterator[None]:
    """Tell the owner of a load that is refused; the task fails all the same, and for that alone."""
    from lumbung import pipeline

    try:
        yield
    except LoadRefused as refused:
        pipeline.notify_refused(open_hub(), refused)
        raise


@contextmanager
def _mended_or_refused() -> Iterator[None]:
    """Tell Airflow which errors another try may mend, and keep causes (and their secrets) out of its log."""
    try:
        yield
    except _PASSING as error:
        raise AirflowException(str(error)) from None
    except LumbungError as error:
        raise AirflowFailException(str(error)) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise AirflowException(
            f"lost the warehouse ({type(error).__name__}); trying again mends it"
        ) from None
