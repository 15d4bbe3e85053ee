"""The stages in order: land, validate, apply; then plan, build, check, release.

Every DAG task and every command calls one function of this module, and no other module knows what
comes after what. Each function may be run again: what is done stays done.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from lumbung import checks, history, ledger, quarantine, validation
from lumbung import landing as landing_stage
from lumbung.errors import LandingLost, LoadRefused, WarehouseError
from lumbung.hub import Hub, open_hub
from lumbung.ledger import Load
from lumbung.warehouse import Session
from schemas.contract import Contract

__all__ = ["Hub", "LoadOutcome", "apply", "land", "open_hub", "replay", "sync", "validate"]

LoadOutcome = Load

_ATTEMPTS = 4
T = TypeVar("T")


def land(hub: Hub, dataset: str) -> int:
    """Land a new load of the dataset; returns its id. Raises `SourceError` or `LoadRefused`."""
    contract = hub.dataset(dataset)
    return _retrying(lambda: landing_stage.land(hub.warehouse, contract, hub.connector(contract)))


def validate(hub: Hub, load_id: int) -> None:
    """Type and check the load's rows, then hold the load as a whole against the gate.

    A landing lost in a crash is landed again. Raises `LoadRefused` when a critical rule fails.
    """
    load = _load(hub, load_id)
    contract = hub.dataset(load.dataset)
    if load.state != "landed":
        return
    _retrying(lambda: _validated(hub, contract, load))
    _judge(hub, contract, load)


def apply(hub: Hub, load_id: int) -> LoadOutcome:
    """Make the validated load history; returns it with its counts.

    Ends as `superseded` when a newer load was applied meanwhile. Raises `LoadRefused` when too many
    rows are gone or refused.
    """
    contract = hub.dataset(_load(hub, load_id).dataset)
    try:
        return _retrying(lambda: _applied(hub, contract, load_id))
    except LandingLost:
        _retrying(lambda: _validated(hub, contract, _load(hub, load_id)))
        return _retrying(lambda: _applied(hub, contract, load_id))
    except LoadRefused as refused:
        with hub.warehouse.connect() as session:
            ledger.end(session, load_id, "refused", refused.reason)
        raise


def sync(hub: Hub, dataset: str) -> LoadOutcome:
    """Land, validate and apply one load of the dataset."""
    load_id = land(hub, dataset)
    validate(hub, load_id)
    return apply(hub, load_id)


def accept(hub: Hub, load_id: int, by: str, reason: str) -> LoadOutcome:
    """Apply a load that a guard refused, in somebody's name and for a reason that stay on record."""
    load = _load(hub, load_id)
    if load.state != "refused" or load.validated_at is None:
        raise LoadRefused(
            load.dataset, load_id, f"is {load.state}; only what a guard refused can be accepted"
        )
    with hub.warehouse.connect() as session:
        ledger.note(session, load_id, accepted_by=by, accepted_reason=reason)
    return apply(hub, load_id)


def replay(hub: Hub, dataset: str) -> LoadOutcome | None:
    """Validate the dataset's open quarantine entries under today's contract and apply what is good now.

    Returns None when there was nothing to replay. The gate, which judges loads as a whole, has no say
    about a handful of rows.
    """
    contract = hub.dataset(dataset)
    with hub.warehouse.connect() as session:
        load = quarantine.land_entries(session, contract)
    if load is None:
        return None
    _retrying(lambda: _validated(hub, contract, load))
    return apply(hub, load.load_id)


def _load(hub: Hub, load_id: int) -> Load:
    with hub.warehouse.connect() as session:
        return ledger.get(session, load_id)


def _validated(hub: Hub, contract: Contract, load: Load) -> Load:
    try:
        with hub.warehouse.connect() as session:
            return validation.validate(session, contract, load)
    except LandingLost:
        if load.kind == "replay":
            raise
        with hub.warehouse.open() as session:
            landing_stage.fill(session, contract, hub.connector(contract), load)
        with hub.warehouse.connect() as session:
            return validation.validate(session, contract, ledger.get(session, load.load_id))


def _judge(hub: Hub, contract: Contract, load: Load) -> None:
    # Great Expectations takes seconds to import: only the task that needs it pays.
    from lumbung import gate

    began = time.monotonic()
    with hub.warehouse.connect() as session:
        volumes = checks.volume_history(session, contract.id)
    rules = gate.rules_for_load(contract, hub.settings.project, volumes)
    staging = ("staging", f"{contract.table}__l{load.load_id}")
    results = gate.judge(hub.warehouse.url, staging, contract, rules)
    blocking = [result for result in results if result.blocks]
    with hub.warehouse.connect() as session:
        checks.record(session, results, contract.id, load_id=load.load_id)
        flagged = any(result.flags for result in results)
        seconds = time.monotonic() - began
        ledger.note(session, load.load_id, is_flagged=flagged, gate_seconds=seconds)
        if blocking:
            ledger.end(session, load.load_id, "refused", "; ".join(r.message for r in blocking))
    if blocking:
        raise LoadRefused(contract.id, load.load_id, "; ".join(r.message for r in blocking))


def _applied(hub: Hub, contract: Contract, load_id: int) -> Load:
    with hub.warehouse.connect() as session:
        applied = history.apply(session, contract, ledger.get(session, load_id))
    if applied.state == "applied":
        _clear(hub, contract, applied)
    return applied


def _clear(hub: Hub, contract: Contract, load: Load) -> None:
    """An applied load's own tables have served; in a transaction of its own, so that apply holds no DDL locks."""
    with hub.warehouse.connect() as session:
        _drop(session, contract, load)


def _drop(session: Session, contract: Contract, load: Load) -> None:
    from psycopg import sql

    for schema in ("landing", "staging"):
        session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(load.relation(contract, schema)))


def _retrying(attempt: Callable[[], T]) -> T:
    """Try again, a few times and later each time, what a killed backend or a deadlock broke."""
    for number in range(1, _ATTEMPTS):
        try:
            return attempt()
        except psycopg.Error as error:
            if not _is_passing(error):
                raise _explained(error) from None
        time.sleep(0.2 * 2**number)
    try:
        return attempt()
    except psycopg.Error as error:
        raise _explained(error) from None


def _is_passing(error: psycopg.Error) -> bool:
    """Whether another try may mend it: a lost session, a deadlock, a serialization failure."""
    # A session cut off by force has no SQLSTATE; classes 08 and 57P are lost sessions, 40 is rollbacks.
    state = error.sqlstate
    return (state or "57P").startswith(("08", "40", "57P")) and isinstance(error, psycopg.OperationalError)


def _explained(error: psycopg.Error) -> WarehouseError:
    """One line without row values: PostgreSQL's primary message may quote the value it stumbled over."""
    what = type(error).__name__
    if isinstance(error, psycopg.errors.DiskFull):
        return WarehouseError("The warehouse's disk is full; free space there and run again.")
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return WarehouseError(f"The warehouse refused a statement ({what}, SQLSTATE {error.sqlstate}).")
    return WarehouseError(f"The warehouse broke off ({what}: {error.diag.message_primary or error}).")
