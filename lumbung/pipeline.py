"""The stages in order: land, validate, apply; then identify, plan, build, check, release.

Every DAG task and every command calls one function of this module, and no other module knows what
comes after what. Each function may be run again: what is done stays done.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date

import psycopg
import sqlalchemy as sa

from connectors.errors import SourceError
from lumbung import (
    drift_watch,
    history,
    judging,
    keys,
    ledger,
    quarantine,
    retention,
    upkeep,
    validation,
    views,
    waivers,
)
from lumbung import landing as landing_stage
from lumbung import reconcile as reconcile_stage
from lumbung import release as release_stage
from lumbung.checks import CheckResult
from lumbung.delivery import Delivery, deliver
from lumbung.errors import LandingLost, LoadRefused, ReleaseRefused
from lumbung.hub import Hub, open_hub
from lumbung.ledger import Load
from lumbung.models import Models, load_models
from lumbung.releases import (
    ReleaseOutcome,
    ReleaseTable,
    end_release,
    find_release,
    tables_of,
)
from lumbung.resolution import stage as resolution_stage
from lumbung.retrying import retried, retrying
from lumbung.watermarks import Window
from schemas.contract import Contract
from schemas.errors import LumbungError

log = logging.getLogger(__name__)

__all__ = [
    "Hub", "LoadOutcome", "ReleaseOutcome", "Window", "accept", "apply", "build", "check", "freshness",
    "identify", "land", "notify", "notify_refused", "open_hub", "plan_release", "publish", "reconcile",
    "release", "reopen", "replay", "retain", "rollback", "sync", "validate", "waive",
]  # fmt: skip

LoadOutcome = Load

#: Releases that stay queryable.
KEPT_RELEASES = 10


def land(hub: Hub, dataset: str, window: Window | None = None) -> int:
    """Land a new load of the dataset, or of a window of it; returns its id.

    Raises `SourceError`, `LoadRefused`, or `SyncRefused` when it has no such window.
    """
    contract = hub.dataset(dataset)
    return retrying(lambda: _landed(hub, contract, window))


def _landed(hub: Hub, contract: Contract, window: Window | None) -> int:
    watch = drift_watch.watch(hub, contract)
    return landing_stage.land(hub.warehouse, contract, hub.connector(contract), window, watch)


@retried
def validate(hub: Hub, load_id: int) -> None:
    """Type and check the load's rows, then hold the load as a whole against the gate.

    Rows lost in a crash are landed again. Raises `LoadRefused` when a critical rule fails, and when the
    load has ended without success before.
    """
    _with_landing(hub, load_id, _validated)


@retried
def apply(hub: Hub, load_id: int) -> LoadOutcome:
    """Make the validated load history; returns it with its counts.

    A load that was not validated or judged to the end is so first. Ends as `superseded` when a newer load
    was applied meanwhile. When all keys are to be read again, that follows. Raises `LoadRefused` as
    `validate` does, and when too many rows are gone or refused.
    """
    return _with_due_keys(hub, _with_landing(hub, load_id, _applied))


def sync(hub: Hub, dataset: str, window: Window | None = None) -> LoadOutcome:
    """Land, validate and apply one load of the dataset, or of a window of it."""
    load_id = land(hub, dataset, window)
    validate(hub, load_id)
    return apply(hub, load_id)


def reconcile(hub: Hub, dataset: str) -> LoadOutcome:
    """Read all keys of the dataset at its source, and remove what is gone there.

    Raises `SyncRefused` when its keys can't be read apart from its rows, and `LoadRefused` when too many
    are gone.
    """
    contract = hub.dataset(dataset)
    keys.refuse_unless_readable(contract)
    load_id = retrying(lambda: landing_stage.land_keys(hub.warehouse, contract, hub.connector(contract)))
    return apply(hub, load_id)


def accept(hub: Hub, load_id: int, by: str, reason: str) -> LoadOutcome:
    """Apply a load that a guard refused, in somebody's name and for a reason that stay on record."""
    retrying(lambda: _accepted(hub, load_id, by, reason))
    return apply(hub, load_id)


def replay(hub: Hub, dataset: str) -> LoadOutcome | None:
    """Validate the dataset's open quarantine entries under today's contract and apply what is good now.

    Returns None when there was nothing to replay. The gate, which judges loads as a whole, has no say
    about a handful of rows.
    """
    load = retrying(lambda: _entries(hub, dataset))
    return None if load is None else apply(hub, load.load_id)


@retried
def notify(hub: Hub, load_id: int) -> Delivery:
    """Tell the owner of the data what a load found: lists in files, and a mail when they changed.

    A load that was neither applied nor refused for its rows tells nothing. Files or mails that fail are
    logged and in the result.
    """
    return deliver(hub, load_id)


def notify_refused(hub: Hub, refused: LoadRefused) -> Delivery:
    """As `notify`, of a load that was just refused. What fails of it never takes the refusal's place."""
    try:
        return notify(hub, refused.load_id)
    except (LumbungError, LookupError, sa.exc.SQLAlchemyError, psycopg.Error) as error:
        problem = f"load {refused.load_id}: its owner could not be told ({type(error).__name__})"
        log.warning("%s", problem)
        return Delivery(problems=(problem,))


@retried
def waive(hub: Hub, entry_ids: Sequence[int], by: str, reason: str) -> None:
    """Let open entries of the quarantine stay out, in their owner's name and for a reason on record."""
    with hub.warehouse.connect() as session:
        waivers.waive(session, entry_ids, by, reason)


@retried
def reopen(hub: Hub, entry_ids: Sequence[int]) -> None:
    """Take waivers back: the entries are told to their owner and replayed again."""
    with hub.warehouse.connect() as session:
        waivers.reopen(session, entry_ids)


@retried
def identify(hub: Hub) -> int:
    """Settle which records of the last applied loads speak of the same entities; returns the run's number.

    What neither rows nor rules nor people's decisions changed is kept as it was.
    """
    return resolution_stage.identify(hub)


@retried
def plan_release(hub: Hub, as_of_date: date | None = None, run_id: int | None = None) -> int:
    """Pin what a run of `identify` read and left, and open a release of every model; returns its number.

    `as_of_date` is what `:as_of_date` means in models: today where the city is, unless given. Without a
    `run_id`, it identifies first.
    """
    run_id = identify(hub) if run_id is None else run_id
    return release_stage.plan(hub.warehouse, _models(hub), as_of_date or hub.settings.today(), run_id)


@retried
def build(hub: Hub, release_id: int, table: str) -> None:
    """Make the release's relation of `table` (`published.progress`), unless it can be used again."""
    release_stage.build(hub.warehouse, _models(hub), release_id, table)


@retried
def check(hub: Hub, release_id: int) -> None:
    """Hold every new table of the release against its suite.

    Raises `ReleaseRefused` when a critical rule fails, and when the release was refused before.
    """
    models, blocking = _models(hub), list[CheckResult]()
    for table in _unjudged(hub, release_id):
        blocking += [
            result for result in judging.judge_table(hub, models, release_id, table) if result.blocks
        ]
    if blocking:
        reason = "; ".join(result.message for result in blocking)
        end_release(hub.warehouse, release_id, reason)
        raise _refused(release_id, reason)


@retried
def release(hub: Hub, release_id: int, *, breaking: bool = False) -> ReleaseOutcome:
    """Show all tables of the checked release at once."""
    return views.swap(hub.warehouse, release_id, breaking=breaking)


@retried
def rollback(hub: Hub, release_id: int, *, breaking: bool = False) -> ReleaseOutcome:
    """Show the tables of an older release again, as a release with a number of its own."""
    return release_stage.rollback(hub.warehouse, release_id, breaking=breaking)


def publish(hub: Hub, as_of_date: date | None = None, *, breaking: bool = False) -> ReleaseOutcome:
    """Identify, plan, build, check and release every table of the project."""
    release_id = plan_release(hub, as_of_date)
    for model in _models(hub):
        build(hub, release_id, model.name)
    check(hub, release_id)
    return release(hub, release_id, breaking=breaking)


@retried
def retain(hub: Hub) -> list[str]:
    """Drop relations that no kept release needs, and the tables of loads that nobody will take up again."""
    dropped = upkeep.drop_forgotten(hub.warehouse, hub.catalogue)
    return dropped + retention.retain(hub.warehouse, KEPT_RELEASES)


@retried
def freshness(hub: Hub) -> None:
    """Raise `StaleData` naming the datasets that are later than their contracts promise."""
    upkeep.refuse_stale(hub.warehouse, hub.catalogue)


def _models(hub: Hub) -> Models:
    return load_models(hub.settings.project, hub.catalogue)


def _unjudged(hub: Hub, release_id: int) -> list[ReleaseTable]:
    """The release's tables that the gate has to judge, those it was killed over included."""
    with hub.warehouse.connect() as session:
        release = find_release(session, release_id)
        tables = tables_of(session, release_id)
    if release.state == "refused":
        raise _refused(release_id, release.reason or "")
    return [t for t in tables if t.row_count is not None and not t.is_ready]


def _refused(release_id: int, reason: str) -> ReleaseRefused:
    return ReleaseRefused(f"Release {release_id} refused, what users see stays as it was: {reason}")


def _load(hub: Hub, load_id: int) -> Load:
    with hub.warehouse.connect() as session:
        return ledger.get(session, load_id)


def _with_landing(hub: Hub, load_id: int, stage: Callable[[Hub, int], Load]) -> Load:
    """Do the stage; when a crash of the warehouse took the load's rows, land them again and do it anew."""
    try:
        return stage(hub, load_id)
    except LandingLost as lost:
        load = _load(hub, load_id)
        if load.kind == "replay" or load.accepted_by:
            # What was replayed or accepted were those very rows, not what the source would give now.
            with hub.warehouse.connect() as session:
                ledger.end(session, load_id, "failed", str(lost))
            raise
        contract = hub.dataset(load.dataset)
        landing_stage.land_again(hub.warehouse, contract, hub.connector(contract), load_id)
        return stage(hub, load_id)


def _validated(hub: Hub, load_id: int) -> Load:
    """The load, its rows typed and judged. One that is over stays so; without success it is refused again."""
    load = _load(hub, load_id)
    contract = hub.dataset(load.dataset)
    if load.state == "refused" and not load.accepted_by:
        raise LoadRefused(contract.id, load_id, load.reason or "")
    if load.state in ("landing", "failed"):
        raise LoadRefused(contract.id, load_id, f"it never landed ({load.reason or load.state}); sync again")
    if load.state == "landed":
        load = _typed(hub, contract, load_id)
    if load.state == "validated" and not load.is_judged:
        judging.judge_load(hub, contract, load)
    return load


def _typed(hub: Hub, contract: Contract, load_id: int) -> Load:
    with hub.warehouse.connect() as session:
        load = ledger.lock(session, load_id)
        if load.state != "landed":
            return load
        # Keys are judged by nothing but what makes them keys.
        judged_by = keys.keys_of(contract) if load.kind == "reconcile" else contract
        return validation.validate(session, judged_by, load)


def _applied(hub: Hub, load_id: int) -> Load:
    load = _validated(hub, load_id)
    contract = hub.dataset(load.dataset)
    try:
        with hub.warehouse.connect() as session:
            applied = history.apply(session, contract, load)
            if applied.state == "applied":
                # Its own tables have served; history holds the rows, quarantine the refused ones.
                upkeep.drop_tables(session, contract, applied)
            return applied
    except LoadRefused as refused:
        with hub.warehouse.connect() as session:
            # Another process may have brought it to its end meanwhile.
            if ledger.lock(session, load_id).state in ("validated", "refused"):
                ledger.end(session, load_id, "refused", refused.reason)
        raise


def _with_due_keys(hub: Hub, load: Load) -> Load:
    """After an ordinary load that was applied: read all keys, if the contract says that it is time.

    What a guard refuses of that is for somebody to decide, and what the source refuses is asked for again
    after the next load: neither is a reason to do without this one.
    """
    contract = hub.dataset(load.dataset)
    if contract.sync.reconcile is None or load.state != "applied" or not load.moves_watermark:
        return load
    with hub.warehouse.connect() as session:
        if not reconcile_stage.is_due(session, contract):
            return load
    try:
        reconcile(hub, load.dataset)
    except (LoadRefused, SourceError) as refused:
        with hub.warehouse.connect() as session:
            ledger.note(session, load.load_id, is_flagged=True, reason=f"keys read after it: {refused}")
    return _load(hub, load.load_id)


def _accepted(hub: Hub, load_id: int, by: str, reason: str) -> None:
    with hub.warehouse.connect() as session:
        load = ledger.lock(session, load_id)
        if load.state != "refused" or load.validated_at is None:
            raise LoadRefused(
                load.dataset, load_id, f"is {load.state}; only what a guard refused can be accepted"
            )
        ledger.note(session, load_id, accepted_by=by, accepted_reason=reason)


def _entries(hub: Hub, dataset: str) -> Load | None:
    with hub.warehouse.connect() as session:
        return quarantine.land_entries(session, hub.dataset(dataset))
