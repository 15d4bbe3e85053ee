"""Soft deletion: rows that the source marks as deleted instead of deleting them.

A marked row ends the version of its key and counts as filtered; unmarked again it is a row like any
other. Its other values don't matter any more, so only what it is known by (key, mark, watermark) is judged.
Where a key has marked and unmarked rows in one load, the unmarked one is the living one.
"""

from collections.abc import Iterable

from psycopg import sql

from lumbung.casts import FALSE, TRUE
from lumbung.ledger import Load
from lumbung.rules import Violation, names
from lumbung.set_rules import columns_listed
from lumbung.warehouse import Session
from schemas.contract import Column, Contract, Deleted

#: The column of staging that says whether the row is marked; no contract's column can have this name.
MARK = sql.Identifier("?deleted")


def marked(contract: Contract) -> sql.Composed:
    """SQL over a typed row that is true for one that is marked, and otherwise false, never NULL."""
    deleted = contract.sync.deleted
    assert deleted is not None, "asked only where a contract says how rows are marked"
    column = contract.column(deleted.column)
    named = names(column, contract.names.index(column.name))
    if not deleted.values and column.logical_type != "boolean":
        # Blanks are no mark, and neither is a date that is none.
        return sql.SQL("coalesce(btrim({}::text) <> '', false)").format(named.value)
    return sql.SQL("coalesce(btrim({}) = ANY ({values}) OR {}::text = ANY ({values}), false)").format(
        named.text, named.value, values=sql.Literal(_spelt(column, deleted))
    )


def _spelt(column: Column, deleted: Deleted) -> list[str]:
    """The marks as written, and truth values as PostgreSQL writes them too."""
    if column.logical_type != "boolean":
        return list(deleted.values)
    values = deleted.values or TRUE
    truths = {
        name for name, texts in (("true", TRUE), ("false", FALSE)) if {*map(str.lower, values)} & {*texts}
    }
    return sorted({*values} | truths)


def still_judged(contract: Contract, found: Iterable[Violation]) -> list[Violation]:
    """The rules that a marked row has to keep as well: without them nobody knows what was deleted."""
    mark = contract.sync.deleted.column if contract.sync.deleted else ""
    kept = {"", *contract.key, *contract.sync.watermark, mark}
    return [violation for violation in found if violation.code.partition(":")[0] in kept]


def set_aside(session: Session, contract: Contract, load: Load) -> int:
    """Move the marked rows out of staging into the load's table `deleted`; returns how many.

    It has the key, the watermark's columns and `reasons` (none).
    """
    staging = load.relation(contract, "staging")
    columns = tuple(dict.fromkeys((*contract.key, *contract.sync.watermark, "reasons")))
    gone = sql.SQL("{} AND reasons = '{{}}'").format(MARK)
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(load.deleted))
    moved = session.execute(
        sql.SQL(
            "CREATE UNLOGGED TABLE {} WITH (autovacuum_enabled = off) AS SELECT {} FROM {} WHERE {}"
        ).format(load.deleted, columns_listed(columns), staging, gone)
    )
    if moved.rowcount:
        session.execute(sql.SQL("DELETE FROM {} WHERE {}").format(staging, gone))
        session.execute(sql.SQL("ANALYZE {}").format(load.deleted))
    return moved.rowcount
