"""What keeps the warehouse tidy and its data fresh: tables of finished loads, alarms for late datasets."""

from psycopg import sql

from lumbung import landing, ledger
from lumbung.errors import StaleData
from lumbung.ledger import Load
from lumbung.warehouse import Session, Warehouse
from schemas.catalogue import Catalogue
from schemas.contract import Contract

#: Loads that were refused keep their tables this long, for somebody to accept them.
_KEPT = "7 days"
# Of the loads that were ever made only those matter that still have tables, and those that nobody ended.
_FORGOTTEN = """
SELECT load_id FROM ops.load AS l WHERE dataset = %s AND (
    (state IN ('superseded', 'failed') OR state = 'refused' AND finished_at < now() - %s::interval)
    AND load_id IN (
        SELECT substring(relname FROM '__l([0-9]+)$')::bigint FROM pg_class WHERE relkind = 'r'
        AND relnamespace IN (to_regnamespace('landing'), to_regnamespace('staging')))
    -- Landed or validated, and overtaken by a load that was applied since.
    OR state IN ('landed', 'validated') AND EXISTS (
        SELECT FROM ops.load n WHERE n.dataset = l.dataset AND n.state = 'applied' AND n.load_id > l.load_id))
"""


def drop_tables(session: Session, contract: Contract, load: Load) -> list[str]:
    """Drop the load's own tables; returns the names of those that were there."""
    dropped = []
    for relation in (
        load.relation(contract, "landing"),
        load.relation(contract, "staging"),
        load.gone,
        load.deleted,
    ):
        name = relation.as_string(session)
        row = session.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
        if row and row[0]:
            session.execute(sql.SQL("DROP TABLE {}").format(relation))
            dropped.append(name.replace('"', ""))
    return dropped


def drop_forgotten(warehouse: Warehouse, catalogue: Catalogue) -> list[str]:
    """End the loads that nobody will take up again, and drop their tables; returns the tables' names."""
    dropped: list[str] = []
    with warehouse.connect() as session:
        for contract in catalogue.sources.values():
            landing.bury_the_dead(session, contract)
            rows = session.execute(_FORGOTTEN, [contract.id, _KEPT]).fetchall()
            for (load_id,) in rows:
                load = ledger.lock(session, load_id)
                if load.state in ("landed", "validated"):
                    ledger.end(session, load_id, "superseded", "a later load was applied")
                dropped += drop_tables(session, contract, load)
    return dropped


def refuse_stale(warehouse: Warehouse, catalogue: Catalogue) -> None:
    """Raise `StaleData` naming each dataset that was last synced longer ago than it promises.

    A replay brings nothing from the source, so it makes nothing fresher.
    """
    with warehouse.connect() as session:
        ages = session.execute(
            "SELECT dataset, extract(epoch FROM now() - max(finished_at)) / 3600 FROM ops.load "
            "WHERE state = 'applied' AND kind = 'sync' GROUP BY dataset"
        ).fetchall()
    hours = {dataset: float(age) for dataset, age in ages}
    late = [
        f"{c.id} is {hours[c.id]:.0f} h old, promised within {c.latency_hours:g} h"
        for c in catalogue.sources.values()
        if c.latency_hours is not None and hours.get(c.id, 0.0) > c.latency_hours
    ]
    if late:
        raise StaleData("Late: " + "; ".join(late) + ". `lumbung status` shows the last loads.")
