"""Reconcile: all keys of the source, and nothing else, to find rows that went from it unnoticed.

A version whose key the source no longer has is removed, under the same guard as in a snapshot. A key that
the hub doesn't know is left to the next ordinary load, which brings its row.
"""

from dataclasses import dataclass

from psycopg import sql

from lumbung import ledger, quarantine
from lumbung.errors import LoadRefused
from lumbung.ledger import Load
from lumbung.set_rules import columns_equal, columns_listed
from lumbung.warehouse import Session
from schemas.contract import Contract


@dataclass(frozen=True)
class Found:
    """What the keys told, in rows: open versions `before`, of these the `absent`; keys that are `new`, and
    `unreadable` ones, for whose sake nothing is removed."""

    before: int
    absent: int
    new: int
    unreadable: int

    @property
    def held(self) -> int:
        """Absent versions that stay because one of the unreadable keys may be theirs."""
        return self.absent if self.unreadable else 0

    @property
    def note(self) -> str | None:
        """In words, what the counts of the ledger don't say."""
        said = []
        if self.unreadable:
            said.append(f"{self.held} removals held: {self.unreadable} keys can't be read")
        if self.new:
            said.append(f"{self.new} new keys are left to the next load")
        return "; ".join(said) or None


def is_due(session: Session, contract: Contract) -> bool:
    """Whether the last applied reconcile, or else the first load, is longer ago than `sync.reconcile`."""
    row = session.execute(
        "SELECT coalesce(max(finished_at) FILTER (WHERE kind = 'reconcile'), min(finished_at)) "
        "+ %s::interval <= now() FROM ops.load WHERE dataset = %s AND state = 'applied'",
        [contract.sync.reconcile, contract.id],
    ).fetchone()
    return bool(row and row[0])


def compare(session: Session, contract: Contract, load: Load) -> Found:
    """Hold the load's keys against the open versions; part of apply.

    Makes the temporary table `delta` of what is to be removed: nothing when some key can't be read.
    """
    if not ledger.has_columns_of(session, contract):
        raise LoadRefused(contract.id, load.load_id, "the contract's columns changed since; sync first")
    staging = load.relation(contract, "staging")
    session.execute(sql.SQL("ANALYZE {}").format(staging))
    absent = session.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE delta ON COMMIT DROP AS SELECT {}, NULL::bigint AS row_number, "
            "'removed' AS action FROM {} AS t WHERE t.recorded_to = 'infinity' "
            "AND NOT EXISTS (SELECT FROM {} AS s WHERE {})"
        ).format(
            columns_listed(contract.key, "t"), sql.Identifier("history", contract.table), staging,
            columns_equal(contract.key, contract.key),
        )
    ).rowcount  # fmt: skip
    missing = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(k)) for k in contract.key)
    row = session.execute(sql.SQL("SELECT count(*) FROM {} WHERE {}").format(staging, missing)).fetchone()
    unreadable = row[0] if row else 0
    before = ledger.count_before(session, load)
    if unreadable:
        session.execute("TRUNCATE delta")
    return Found(before, absent, load.typed_count - unreadable - (before - absent), unreadable)


def settle(session: Session, contract: Contract, load: Load, found: Found) -> None:
    """Close the entries whose key the source no longer has, and restate what became of the keys."""
    if not found.unreadable:
        session.execute(
            sql.SQL(
                "UPDATE quarantine.entry AS e SET state = 'gone', closed_at = now(), closed_by_load_id = {} "
                "WHERE e.dataset = {} AND e.state IN ('open', 'waived') AND e.has_key "
                "AND NOT EXISTS (SELECT FROM {} AS s WHERE {} = e.row_key)"
            ).format(
                sql.Literal(load.load_id), sql.Literal(contract.id), load.relation(contract, "staging"),
                quarantine.key_text(contract),
            )
        )  # fmt: skip
    known = found.before - found.absent
    ledger.note(
        session, load.load_id, staged_count=known, quarantined_count=0,
        filtered_count=(load.read_count or 0) - known - (load.superseded_count or 0),
    )  # fmt: skip
