"""Apply: a validated load becomes history, in one transaction with its quarantine, watermark and ledger.

Good staging rows are full-joined with the open versions by key, and their values compared: added, changed,
removed, confirmed. Nothing else ever writes `history`.
"""

import time
from dataclasses import dataclass

from psycopg import sql

from lumbung import ledger, quarantine
from lumbung.errors import LoadRefused
from lumbung.history_table import Shape, ensure
from lumbung.ledger import Load
from lumbung.set_rules import columns_listed, columns_row
from lumbung.warehouse import Session, prefer_parallel
from schemas.contract import Contract


@dataclass(frozen=True)
class Counts:
    """Rows of one apply; `held` are absent rows that stay because a refused row's key is unreadable."""

    added: int
    changed: int
    removed: int
    confirmed: int
    before: int
    held: int


def apply(session: Session, contract: Contract, load: Load) -> Load:
    """Apply the load, or end it as superseded or refused; the caller commits.

    Running it again changes nothing. Raises `LoadRefused` when a guard refuses (the caller rolls back
    and notes it) and `LandingLost` when the staging table no longer holds what was counted.
    """
    began = time.monotonic()
    prefer_parallel(session)
    last = _lock(session, contract)
    load = ledger.lock(session, load.load_id)
    if load.state in ledger.FINAL and not (load.state == "refused" and load.accepted_by):
        return load
    if last != load.base_load_id:
        ledger.end(session, load.load_id, "superseded", f"load {last} was applied after this one began")
        return ledger.get(session, load.load_id)
    ledger.count_typed(session, contract, load)
    _guard_refused(contract, load)
    shape = ensure(session, contract, load.load_id)
    counts = _merge(session, contract, load, shape)
    quarantine.settle(session, contract, load)
    _close_books(session, contract, load, counts, time.monotonic() - began)
    return ledger.get(session, load.load_id)


def _lock(session: Session, contract: Contract) -> int | None:
    """Wait for any other apply of this dataset; returns the last applied load."""
    row = session.execute(
        "SELECT last_applied_load_id FROM ops.dataset WHERE dataset = %s FOR UPDATE", [contract.id]
    ).fetchone()
    return row[0] if row else None


def _guard_refused(contract: Contract, load: Load) -> None:
    read, refused = load.read_count or 0, load.quarantined_count or 0
    limit = contract.sync.max_refused_pct
    if load.kind == "replay" or load.accepted_by or not read or 100 * refused <= limit * read:
        return
    raise LoadRefused(
        contract.id,
        load.load_id,
        f"{refused} of {read} rows ({100 * refused / read:.1f} %) break the contract, more than "
        f"maxRefusedPct {limit:g}; mend the source, or take it with `lumbung sync {contract.id} "
        f"--accept {load.load_id}`",
    )


def _merge(session: Session, contract: Contract, load: Load, shape: Shape) -> Counts:
    before = ledger.count_before(session, load)
    counts = _differences(session, contract, load, shape, before) if before else _all_new(load)
    if before:
        _refresh(session, contract, load, everything=shape.is_changed)
    if counts.changed or counts.removed:
        _close(session, contract, load)
    if counts.added or counts.changed:
        _insert(session, contract, load, everything=not before)
    if shape.is_new:
        shape.index(session)
    return counts


def _all_new(load: Load) -> Counts:
    return Counts(load.staged_count or 0, changed=0, removed=0, confirmed=0, before=0, held=0)


def _differences(session: Session, contract: Contract, load: Load, shape: Shape, before: int) -> Counts:
    """Compare the load with the open versions, and let the guards judge what would go."""
    _compare(session, contract, load, shape)
    held = _spare_refused(session, contract, load) if load.quarantined_count else 0
    rows = session.execute("SELECT action, count(*) FROM delta GROUP BY action").fetchall()
    tally: dict[str, int] = dict(rows)
    added, changed, removed = (tally.get(action, 0) for action in ("added", "changed", "removed"))
    _guard_removed(contract, load, removed, before)
    return Counts(added, changed, removed, (load.staged_count or 0) - added - changed, before, held)


def _count_open(session: Session, contract: Contract) -> int:
    row = session.execute(
        sql.SQL("SELECT count(*) FROM {} WHERE recorded_to = 'infinity'").format(_table(contract))
    ).fetchone()
    return row[0] if row else 0


def _table(contract: Contract) -> sql.Identifier:
    return sql.Identifier("history", contract.table)


def _keys(contract: Contract, alias: str | None = None) -> sql.Composed:
    names = [sql.Identifier(alias, k) if alias else sql.Identifier(k) for k in contract.key]
    return sql.SQL(", ").join(names)


def _compare(session: Session, contract: Contract, load: Load, shape: Shape) -> None:
    """The temporary table `delta`: one row per key that is added, changed or removed.

    Values are compared over the columns that the contract and the history before it both know.
    """
    everything = load.mode == "snapshot" and load.unchanged_count is None
    session.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE delta ON COMMIT DROP AS SELECT {keys}, s.row_number, "
            "CASE WHEN h.from_load_id IS NULL THEN 'added' "
            "WHEN s.row_number IS NULL THEN 'removed' ELSE 'changed' END AS action "
            "FROM (SELECT {values}, row_number FROM {staging} WHERE reasons = '{{}}') AS s "
            "{join} JOIN (SELECT {values}, from_load_id FROM {history} WHERE recorded_to = 'infinity') AS h "
            "USING ({keys}) WHERE h.from_load_id IS NULL OR s.row_number IS NULL OR {s} IS DISTINCT FROM {h}"
        ).format(
            keys=_keys(contract), values=columns_listed(shape.common), history=_table(contract),
            # Absence says something in a snapshot only.
            join=sql.SQL("FULL" if everything else "LEFT"),
            staging=load.relation(contract, "staging"),
            s=columns_row(shape.common, "s"), h=columns_row(shape.common, "h"),
        )
    )  # fmt: skip
    if load.unchanged_count is not None:
        _add_gone(session, contract, load)
    session.execute("ANALYZE delta")


def _add_gone(session: Session, contract: Contract, load: Load) -> None:
    """Versions that no row equals are removed, unless a good row of their key has come."""
    session.execute(
        sql.SQL(
            "INSERT INTO delta SELECT {}, NULL, 'removed' FROM {} AS t WHERE NOT EXISTS "
            "(SELECT FROM {} AS s WHERE s.reasons = '{{}}' AND ({}) = ({}))"
        ).format(
            _keys(contract, "t"), load.gone, load.relation(contract, "staging"),
            _keys(contract, "s"), _keys(contract, "t"),
        )
    )  # fmt: skip


def _spare_refused(session: Session, contract: Contract, load: Load) -> int:
    """A key among this load's refused rows is never removed; an unreadable one holds every removal."""
    staging = load.relation(contract, "staging")
    unreadable = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(k)) for k in contract.key)
    row = session.execute(
        sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE reasons <> '{{}}' AND ({}))").format(staging, unreadable)
    ).fetchone()
    if row and row[0]:
        return session.execute("DELETE FROM delta WHERE action = 'removed'").rowcount
    session.execute(
        sql.SQL(
            "DELETE FROM delta USING {} AS s WHERE action = 'removed' AND s.reasons <> '{{}}' AND ({}) = ({})"
        ).format(staging, _keys(contract, "delta"), _keys(contract, "s"))
    )
    return 0


def _guard_removed(contract: Contract, load: Load, removed: int, before: int) -> None:
    limit = contract.sync.max_delete_pct
    if load.accepted_by or not before or 100 * removed <= limit * before:
        return
    raise LoadRefused(
        contract.id,
        load.load_id,
        f"the source no longer has {removed} of {before} rows ({100 * removed / before:.1f} %), more than "
        f"maxDeletePct {limit:g}; if they are really gone: "
        f"`lumbung sync {contract.id} --accept {load.load_id}`",
    )


def _refresh(session: Session, contract: Contract, load: Load, *, everything: bool) -> None:
    """Confirmed rows that came in other words, or all of them: how they came, and new columns, in place.

    Nothing that history knew of them changed.
    """
    names = [sql.SQL("{0} = s.{0}").format(sql.Identifier(n)) for n in (*contract.names, "source_hash")]
    session.execute(
        sql.SQL(
            "UPDATE {history} AS h SET {values} FROM {staging} AS s WHERE h.recorded_to = 'infinity' "
            "AND s.reasons = '{{}}' AND ({h}) = ({s}) AND (h.source_hash <> s.source_hash OR {everything}) "
            "AND NOT EXISTS (SELECT FROM delta WHERE ({d}) = ({s}))"
        ).format(
            history=_table(contract), staging=load.relation(contract, "staging"),
            values=sql.SQL(", ").join(names), everything=sql.Literal(everything),
            h=_keys(contract, "h"), s=_keys(contract, "s"), d=_keys(contract, "delta"),
        )
    )  # fmt: skip


def _close(session: Session, contract: Contract, load: Load) -> None:
    session.execute(
        sql.SQL(
            "UPDATE {} AS h SET recorded_to = now(), to_load_id = {} FROM delta AS d "
            "WHERE h.recorded_to = 'infinity' AND d.action <> 'added' AND ({}) = ({})"
        ).format(_table(contract), sql.Literal(load.load_id), _keys(contract, "h"), _keys(contract, "d"))
    )


def _insert(session: Session, contract: Contract, load: Load, everything: bool) -> None:
    """New versions. When every row is new, staging is read straight through, without a join."""
    names = sql.SQL(", ").join(map(sql.Identifier, (*contract.names, "source_hash")))
    joined = sql.SQL("") if everything else sql.SQL("JOIN delta AS d USING (row_number)")
    session.execute(
        sql.SQL(
            "INSERT INTO {} ({names}, recorded_from, recorded_to, from_load_id) "
            "SELECT {values}, now(), 'infinity', {} FROM {} AS s {} WHERE s.reasons = '{{}}'"
        ).format(
            _table(contract), sql.Literal(load.load_id), load.relation(contract, "staging"), joined,
            names=names,
            values=sql.SQL(", ").join(sql.Identifier("s", n) for n in (*contract.names, "source_hash")),
        )
    )  # fmt: skip


def _close_books(session: Session, contract: Contract, load: Load, counts: Counts, seconds: float) -> None:
    """Ledger, watermark and last load; the ledger's constraints refuse counts that don't add up."""
    after = _count_open(session, contract)
    reason = f"{counts.held} removals held: a refused row's key can't be read" if counts.held else None
    ledger.note(
        session, load.load_id, state="applied", finished_at=ledger.NOW, reason=reason,
        added_count=counts.added, changed_count=counts.changed, removed_count=counts.removed,
        confirmed_count=counts.confirmed, before_count=counts.before, after_count=after,
        removals_held_count=counts.held, apply_seconds=seconds,
    )  # fmt: skip
    changes = counts.added + counts.changed + counts.removed
    _advance(session, contract, load, is_changed=changes > 0)


def _advance(session: Session, contract: Contract, load: Load, is_changed: bool) -> None:
    watermark: sql.Composable = sql.SQL("watermark")
    if contract.sync.clock and load.kind == "sync":
        pg_type = sql.SQL(contract.column(contract.sync.clock).pg_type)
        # A load that read everything begins anew: what was there before may be of another column.
        known = sql.SQL("NULL" if load.since is None else "watermark")
        watermark = sql.SQL("greatest({}::{pg_type}, {}::{pg_type})::text").format(
            known, sql.Literal(load.watermark), pg_type=pg_type
        )
    session.execute(
        sql.SQL(
            "UPDATE ops.dataset SET last_applied_load_id = {load}, updated_at = now(), "
            "watermark = {watermark}, "
            "last_changed_load_id = CASE WHEN {changed} THEN {load} ELSE last_changed_load_id END, "
            "contract_fingerprint = {fingerprint}, contract_version = {version}, columns = {columns} "
            "WHERE dataset = {dataset}"
        ).format(
            load=sql.Literal(load.load_id), watermark=watermark, changed=sql.Literal(is_changed),
            fingerprint=sql.Literal(contract.fingerprint), version=sql.Literal(contract.version),
            columns=sql.Literal(ledger.columns_noted(contract)),
            dataset=sql.Literal(contract.id),
        )
    )  # fmt: skip
