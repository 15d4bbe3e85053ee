"""A release: plan it, build its tables, roll back to an older one, drop what no release needs.

Planning pins one applied load per dataset and gives every table its fingerprint; a table whose
fingerprint an earlier release has shown is used again. `lumbung.views` makes a built and checked
release visible, all tables at once.
"""

import time
from collections.abc import Mapping
from datetime import date

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from lumbung.changes import last_changed
from lumbung.errors import ModelError, ReleaseRefused, ReleaseTooEarly
from lumbung.models import Model, Models
from lumbung.relations import Column, columns_of_query, existing, same_types
from lumbung.releases import (
    Connects,
    ReleaseOutcome,
    ReleaseTable,
    current_release_id,
    find_release,
    lock_releases,
    outcome,
    tables_of,
)
from lumbung.rendering import Pins, fingerprints, relation_name, render
from lumbung.resolution import books
from lumbung.views import PATIENCE, swap
from lumbung.warehouse import Session, prefer_parallel

# A relation that any release found faulty is not used again, even if another release let it pass.
_ADD_TABLE = """
INSERT INTO ops.release_table (release_id, view_release_id, table_schema, table_name, fingerprint, relation,
    is_reused, row_count, check_state)
SELECT %(release)s, %(release)s, %(schema)s, %(table)s, %(fingerprint)s, %(relation)s,
    used.row_count IS NOT NULL, used.row_count, coalesce(used.check_state, 'unchecked')
FROM (SELECT) AS this LEFT JOIN (
    SELECT t.row_count, t.check_state FROM ops.release_table t JOIN ops.release r USING (release_id)
    WHERE t.relation = %(relation)s AND r.state = 'released' AND t.check_state IN ('passed', 'flagged')
        AND to_regclass(format('release.%%I', t.relation)) IS NOT NULL
        AND NOT EXISTS (SELECT FROM ops.release_table f
                        WHERE f.relation = t.relation AND f.check_state = 'failed')
    ORDER BY t.release_id DESC LIMIT 1
) AS used ON true
"""
# Two publishes that run side by side may make the same table; the second takes the first one's, and has it
# checked. What was ever shown is not made anew: views may stand on it.
_ADOPTABLE = """
SELECT t.row_count FROM ops.release_table t JOIN ops.release r USING (release_id)
WHERE t.relation = %(relation)s AND t.row_count IS NOT NULL
    AND to_regclass(format('release.%%I', t.relation)) IS NOT NULL
    AND (r.state = 'released' OR r.state = 'building' AND NOT EXISTS (
        SELECT FROM ops.release_table f WHERE f.relation = t.relation AND f.check_state = 'failed'))
LIMIT 1
"""


def plan(warehouse: Connects, models: Models, as_of_date: date, run_id: int | None = None) -> int:
    """Open a release of all `models`: pins, fingerprints, what is used again. Returns its number.

    It reads what the run of entity resolution left and the loads that this one read; without a run, the
    last applied loads, and no model may read what runs leave. Raises `ReleaseTooEarly` when a model
    reads a dataset that no load has been applied to.
    """
    with warehouse.connect() as session:
        lock_releases(session)
        loads = books.applied_loads(session) if run_id is None else books.pins_of(session, run_id)
        _refuse_unsynced(models, loads)
        pins = _pins(session, loads, as_of_date, run_id)
        release_id = _open_release(session, pins)
        for name, fingerprint in fingerprints(models, pins).items():
            model = models[name]
            session.execute(
                _ADD_TABLE,
                {
                    "release": release_id,
                    "schema": model.schema,
                    "table": model.table,
                    "fingerprint": fingerprint,
                    "relation": relation_name(model, fingerprint),
                },
            )
        return release_id


def build(warehouse: Connects, models: Models, release_id: int, table: str) -> None:
    """Make the relation of `table` (`published.progress`), unless it is there already.

    All it writes commits together, so a killed build leaves nothing and is simply run again. Raises
    `ModelError` when the SQL fails or gives other columns than the contract, `ReleaseRefused` when the
    release isn't being built, the model has changed since it was planned, or what it reads isn't built.
    """
    model = models[table]
    with warehouse.connect() as session:
        tables = {t.name: t for t in tables_of(session, release_id)}
        if table not in tables:
            raise ReleaseRefused(f"Release {release_id} has no table {table}; plan a new one.")
        session.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [tables[table].relation])
        this = next(t for t in tables_of(session, release_id) if t.name == table)
        if this.row_count is not None:
            return
        pins = _planned_pins(session, models, release_id, this)
        adopted = session.execute(_ADOPTABLE, {"relation": this.relation}).fetchone()
        started = time.monotonic()
        rows = adopted[0] if adopted else _create(session, model, models, pins, tables)
        # Nothing stands to be checked on an integrated entity; the tables made from it have their suites.
        state = "unchecked" if model.contract else "passed"
        session.execute(
            "UPDATE ops.release_table SET row_count = %s, build_seconds = %s, check_state = %s "
            "WHERE release_id = %s AND table_schema = %s AND table_name = %s",
            [rows, time.monotonic() - started, state, release_id, model.schema, model.table],
        )


def rollback(
    warehouse: Connects, to_release: int, *, breaking: bool = False, patience: float = PATIENCE
) -> ReleaseOutcome:
    """Show the tables of an older release again, as a new release that says what it goes back to.

    Rolling back twice changes nothing. Raises `ReleaseRefused` when that release was never visible or
    some of its tables are gone, and whatever `swap` raises.
    """
    with warehouse.connect() as session:
        lock_releases(session)
        current = current_release_id(session)
        if current is not None and to_release in (current, find_release(session, current).rollback_of):
            return outcome(session, current)
        _refuse_unavailable(session, to_release)
        release_id = _copy_release(session, to_release)
    return swap(warehouse, release_id, breaking=breaking, patience=patience)


def _refuse_unsynced(models: Models, loads: Mapping[str, int]) -> None:
    missing = [(model.name, d) for model in models for d in model.datasets if d not in loads]
    if missing:
        datasets = sorted({dataset for _, dataset in missing})
        readers = ", ".join(sorted({name for name, _ in missing}))
        raise ReleaseTooEarly(
            f"{readers}: no load of {', '.join(datasets)} has been applied yet; "
            f"run {' and '.join(f'`lumbung sync {d}`' for d in datasets)} first"
        )


def _pins(session: Session, loads: Mapping[str, int], as_of_date: date, run_id: int | None) -> Pins:
    identity = books.last_changed_runs(session, run_id) if run_id is not None else {}
    return Pins(loads, last_changed(session, loads), as_of_date, run_id, identity)


def _open_release(session: Session, pins: Pins) -> int:
    row = session.execute(
        "INSERT INTO ops.release (as_of_date, pins, identity_run_id) "
        "VALUES (%s, %s, %s) RETURNING release_id",
        [pins.as_of_date, Jsonb(dict(pins.loads)), pins.run_id],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _planned_pins(session: Session, models: Models, release_id: int, this: ReleaseTable) -> Pins:
    release = find_release(session, release_id)
    if release.state != "building":
        raise ReleaseRefused(f"Release {release_id} is {release.state}, not being built; plan a new one.")
    pins = _pins(session, release.pins, release.as_of_date, release.identity_run_id)
    if fingerprints(models, pins)[this.name] != this.fingerprint:
        raise ReleaseRefused(
            f"{this.name} has changed since release {release_id} was planned; plan a new one."
        )
    return pins


def _create(
    session: Session, model: Model, models: Models, pins: Pins, tables: Mapping[str, ReleaseTable]
) -> int:
    """The relation, filled, described and analysed; returns its rows."""
    unbuilt = [name for name in model.models if tables[name].row_count is None]
    if unbuilt:
        raise ReleaseRefused(f"{model.name} reads {', '.join(unbuilt)}; build that first.")
    relations = {name: table.relation for name, table in tables.items()}
    target = sql.Identifier("release", tables[model.name].relation)
    select = render(model, models.catalogue, pins, relations)
    # Models may use PostgreSQL's own functions and nothing that lies on some search path.
    session.execute("SET LOCAL search_path = pg_catalog")
    prefer_parallel(session)
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(target))
    try:
        _refuse_other_columns(session, model, columns_of_query(session, select))
        session.execute(sql.SQL("CREATE TABLE {} AS {}").format(target, sql.SQL(select)))
    except (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError) as error:
        raise ModelError(f"{model.file}: {_said(error)}") from None
    _describe(session, model, target)
    session.execute(sql.SQL("ANALYZE {}").format(target))
    row = session.execute(sql.SQL("SELECT count(*) FROM {}").format(target)).fetchone()
    return int(row[0]) if row else 0


def _said(error: psycopg.Error) -> str:
    """What PostgreSQL said; of faulty values only their kind, for the value may be personal."""
    if isinstance(error, psycopg.DataError):
        return (
            f"PostgreSQL refuses a value that it computes ({type(error).__name__}, SQLSTATE {error.sqlstate})"
        )
    return error.diag.message_primary or type(error).__name__


def _refuse_other_columns(session: Session, model: Model, found: list[Column]) -> None:
    if model.contract is None:
        return
    expected = [Column(c.name, c.pg_type) for c in model.contract.columns]
    names = [c.name for c in found]
    for position, column in enumerate(expected):
        if position >= len(found) or found[position].name != column.name:
            where = names[position] if position < len(found) else "nothing"
            raise ModelError(
                f"{model.file}: column {position + 1}: the contract expects {column.name!r}, found {where!r}"
            )
        if not same_types(session, column.pg_type, found[position].pg_type):
            raise ModelError(
                f"{model.file}: column {column.name!r}: the contract expects {column.pg_type}, found "
                f"{found[position].pg_type}; cast it in the SELECT"
            )
    if len(found) > len(expected):
        raise ModelError(f"{model.file}: column {names[len(expected)]!r} is not in the contract")


def _describe(session: Session, model: Model, target: sql.Identifier) -> None:
    contract = model.contract
    if contract is None:
        return
    about = ": ".join(filter(None, [contract.title, contract.description]))
    session.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(target, sql.Literal(about)))
    for column in contract.columns:
        text = ": ".join(filter(None, [column.business_name, column.description]))
        if text:
            session.execute(
                sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                    target, sql.Identifier(column.name), sql.Literal(text)
                )
            )


def _refuse_unavailable(session: Session, release_id: int) -> None:
    release = find_release(session, release_id)
    if release.state != "released":
        raise ReleaseRefused(
            f"Release {release_id} is {release.state}; only a released one can be shown again."
        )
    tables = tables_of(session, release_id)
    there = existing(session, "release", [t.relation for t in tables])
    gone = [t.name for t in tables if t.relation not in there]
    if gone:
        raise ReleaseRefused(
            f"Release {release_id} can't be shown again: {', '.join(gone)} was dropped since."
        )


def _copy_release(session: Session, release_id: int) -> int:
    row = session.execute(
        "INSERT INTO ops.release (as_of_date, pins, identity_run_id, rollback_of) "
        "SELECT as_of_date, pins, identity_run_id, release_id FROM ops.release WHERE release_id = %s "
        "RETURNING release_id",
        [release_id],
    ).fetchone()
    assert row is not None
    session.execute(
        "INSERT INTO ops.release_table (release_id, view_release_id, table_schema, table_name, "
        "fingerprint, relation, row_count, is_reused, check_state) "
        "SELECT %(new)s, %(new)s, table_schema, table_name, "
        "fingerprint, relation, row_count, true, check_state "
        "FROM ops.release_table WHERE release_id = %(old)s",
        {"new": row[0], "old": release_id},
    )
    return int(row[0])
