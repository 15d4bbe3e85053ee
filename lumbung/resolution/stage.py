"""The stage between history and models: pins loads, and settles who and what their records mean.

A run is one transaction under one lock: its versions are all there, or none. It reads the last applied
load of every dataset; the release that follows pins the run and the same loads.
"""

import hashlib
import json
from collections.abc import Callable, Mapping

from psycopg.types.json import Jsonb

from lumbung.changes import last_changed
from lumbung.hub import Hub
from lumbung.resolution import books, versions
from lumbung.resolution.businesses import settle_businesses
from lumbung.resolution.findings import settle_disagreements
from lumbung.resolution.links import link_records
from lumbung.resolution.links_settings import link_rules
from lumbung.resolution.nik_states import settle_nik_states
from lumbung.resolution.organisations import settle_organisations
from lumbung.resolution.person_changes import note_changes
from lumbung.resolution.places import settle_places
from lumbung.resolution.register import register
from lumbung.resolution.run import Before, Run
from lumbung.resolution.survivorship import plain_rules
from lumbung.resolution.tables import IdentityTable, tables_of
from lumbung.warehouse import Session, prefer_parallel

_LOCK = 7_305_809_218
#: Raise it when a step comes to other results from the same records.
RULES_VERSION = 1

Step = Callable[[Run], None]

#: In this order: each may read what those before it settled.
STEPS: tuple[Step, ...] = (
    register, settle_nik_states, settle_places, settle_organisations,
    link_records, settle_businesses, settle_disagreements, note_changes,
)  # fmt: skip


def identify(hub: Hub, steps: tuple[Step, ...] = STEPS) -> int:
    """Settle who and what the records of the last applied loads mean; returns the run's number.

    When neither rows nor rules nor decisions changed since the run before, no step is taken.
    """
    with hub.warehouse.connect() as session:
        session.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        prefer_parallel(session)
        run = _open(session, hub)
        for table in run.tables.values():
            versions.ensure(session, table, run.run_id)
        # Of the beginning: what is decided while the steps run is for the next run.
        decided = _decided(session)
        if run.changed or decided != (run.before and run.before.last_decision_id):
            for step in steps:
                step(run)
        _close(session, run, decided)
        return run.run_id


def _open(session: Session, hub: Hub) -> Run:
    pins = books.applied_loads(session)
    tables = tables_of(hub.catalogue)
    rules = _rules(hub, tables)
    before = _before(session, rules)
    row = session.execute(
        "INSERT INTO identity.run (pins, rules) VALUES (%s, %s) RETURNING run_id", [Jsonb(pins), rules]
    ).fetchone()
    assert row is not None
    changed = _changed(session, pins, before)
    return Run(session, hub.settings, hub.catalogue, row[0], pins, changed, before, tables)


def _rules(hub: Hub, tables: Mapping[str, IdentityTable]) -> str:
    """Differs whenever the same records may come to mean something else."""
    contracts = {name: contract.fingerprint for name, contract in hub.catalogue.sources.items()}
    shapes = {name: table.columns for name, table in tables.items()}
    project = hub.settings.project
    said = [RULES_VERSION, contracts, shapes, link_rules(project), plain_rules(project)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _before(session: Session, rules: str) -> Before | None:
    row = session.execute(
        "SELECT run_id, pins, rules = %s, last_decision_id FROM identity.run ORDER BY run_id DESC LIMIT 1",
        [rules],
    ).fetchone()
    return Before(*row) if row else None


def _changed(session: Session, pins: Mapping[str, int], before: Before | None) -> frozenset[str]:
    if before is None or not before.same_rules:
        return frozenset(pins)
    changed = last_changed(session, pins)
    return frozenset(d for d in pins if changed.get(d, 0) > before.pins.get(d, 0))


def _decided(session: Session) -> int | None:
    row = session.execute("SELECT max(decision_id) FROM identity.decision").fetchone()
    return row[0] if row else None


def _close(session: Session, run: Run, decided: int | None) -> None:
    counts = {name: [settled.added, settled.closed] for name, settled in run.counts.items()}
    session.execute(
        "UPDATE identity.run SET counts = %s, looked_at = %s, last_decision_id = %s, "
        "finished_at = clock_timestamp() WHERE run_id = %s",
        [Jsonb(counts), Jsonb(run.looked_at), decided, run.run_id],
    )
