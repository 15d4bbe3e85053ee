"""Apply: a validated load becomes history, in one transaction with its quarantine, watermark and ledger.

Good staging rows are full-joined with the open versions by key, and their values compared: added, changed,
removed, confirmed. Nothing else ever writes `history`.
"""

import time
from dataclasses import dataclass

from psycopg import sql

from lumbung import ledger, quarantine, reconcile, watermarks
from lumbung.errors import LoadRefused
from lumbung.history_table import Shape, ensure
from lumbung.ledger import Load
from lumbung.set_rules import columns_equal, columns_listed, columns_row
from lumbung.unchanged import rules_fingerprint
from lumbung.warehouse import Session, prefer_parallel
from schemas.contract import Contract


@dataclass(frozen=True)
class Counts:
    """Rows of one apply; `held` are absent rows that stay because a key is unreadable, `note` says why."""

    added: int
    changed: int
    removed: int
    confirmed: int
    before: int
    held: int = 0
    note: str | None = None


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
    counts = (
        _keep_keys(session, contract, load) if load.kind == "reconcile" else _take(session, contract, load)
    )
    _close_books(session, contract, load, counts, time.monotonic() - began)
    return ledger.get(session, load.load_id)


def _lock(session: Session, contract: Contract) -> int | None:
    """Wait for any other apply of this dataset; returns the last applied load."""
    row = session.execute(
        "SELECT last_applied_load_id FROM ops.dataset WHERE dataset = %s FOR UPDATE", [contract.id]
    ).fetchone()
    return row[0] if row else None


def _take(session: Session, contract: Contract, load: Load) -> Counts:
    """Bring the load's good rows into history, and its refused ones into quarantine."""
    _guard_refused(contract, load)
    shape = ensure(session, contract, load.load_id)
    counts = _merge(session, contract, load, shape)
    quarantine.settle(session, contract, load)
    return counts


def _keep_keys(session: Session, contract: Contract, load: Load) -> Counts:
    """Remove the versions whose key is not among the load's keys."""
    found = reconcile.compare(session, contract, load)
    removed = found.absent - found.held
    _guard_removed(contract, load, removed, found.before)
    if removed:
        _close(session, contract, load)
    reconcile.settle(session, contract, load, found)
    known = found.before - found.absent
    return Counts(0, 0, removed, known, found.before, found.held, found.note)


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
    return Counts(load.staged_count or 0, changed=0, removed=0, confirmed=0, before=0)


def _differences(session: Session, contract: Contract, load: Load, shape: Shape, before: int) -> Counts:
    """Compare the load with the open versions, and let the guards judge what would go."""
    _compare(session, contract, load, shape)
    held = _spare_refused(session, contract, load) if load.quarantined_count else 0
    rows = session.execute("SELECT action, count(*) FROM delta GROUP BY action").fetchall()
    tally: dict[str, int] = dict(rows)
    added, changed, removed = (tally.get(action, 0) for action in ("added", "changed", "removed"))
    _guard_removed(contract, load, removed, before)
    note = f"{held} removals held: a refused row's key can't be read" if held else None
    return Counts(added, changed, removed, (load.staged_count or 0) - added - changed, before, held, note)


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
    if load.deleted_count and load.mode != "snapshot":
        _add_deleted(session, contract, load)
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


def _add_deleted(session: Session, contract: Contract, load: Load) -> None:
    """Versions that the source marks as deleted are removed, unless a good row of their key has come too."""
    session.execute(
        sql.SQL(
            "INSERT INTO delta SELECT DISTINCT {key}, NULL::bigint, 'removed' FROM {deleted} AS s "
            "JOIN {history} AS t ON {same} WHERE t.recorded_to = 'infinity' "
            "AND NOT EXISTS (SELECT FROM {staging} AS t WHERE t.reasons = '{{}}' AND {same}) "
            "AND NOT EXISTS (SELECT FROM delta AS t WHERE {same})"
        ).format(
            key=_keys(contract, "s"), deleted=load.deleted, history=_table(contract),
            staging=load.relation(contract, "staging"), same=columns_equal(contract.key, contract.key),
        )
    )  # fmt: skip


def _spare_refused(session: Session, contract: Contract, load: Load) -> int:
    """A key among this load's refused rows is never removed; an unreadable one holds every removal."""
    staging = load.relation(contract, "staging")
    unreadable = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(k)) for k in contract.key)
    row = session.execute(
        sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE reasons <> '{{}}' AND ({}))").format(staging, unreadable)
    ).fetchone()
    held = _hold(session, contract, load) if row and row[0] else 0
    session.execute(
        sql.SQL(
            "DELETE FROM delta USING {} AS s WHERE action = 'removed' AND s.reasons <> '{{}}' AND ({}) = ({})"
        ).format(staging, _keys(contract, "delta"), _keys(contract, "s"))
    )
    return held


def _hold(session: Session, contract: Contract, load: Load) -> int:
    """Take back every removal but those that the source itself marks; returns how many."""
    marked: sql.Composable = sql.SQL("")
    if load.deleted_count:
        marked = sql.SQL(" AND ({}) NOT IN (SELECT {} FROM {})").format(
            _keys(contract), _keys(contract), load.deleted
        )
    return session.execute(sql.SQL("DELETE FROM delta WHERE action = 'removed'") + marked).rowcount


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
    ledger.note(
        session, load.load_id, state="applied", finished_at=ledger.NOW, reason=counts.note,
        added_count=counts.added, changed_count=counts.changed, removed_count=counts.removed,
        confirmed_count=counts.confirmed, before_count=counts.before, after_count=after,
        removals_held_count=counts.held, apply_seconds=seconds,
    )  # fmt: skip
    changes = counts.added + counts.changed + counts.removed
    _advance(session, contract, load, is_changed=changes > 0)


def _advance(session: Session, contract: Contract, load: Load, is_changed: bool) -> None:
    """The dataset's row: its last load, and what the contract was when all columns came."""
    session.execute(
        "UPDATE ops.dataset SET last_applied_load_id = %(load)s, updated_at = now(), last_changed_load_id = "
        "CASE WHEN %(changed)s THEN %(load)s ELSE last_changed_load_id END WHERE dataset = %(dataset)s",
        {"load": load.load_id, "changed": is_changed, "dataset": contract.id},
    )
    if load.kind == "reconcile" or "dropped" in load.drift:
        # The rows of a source that lacked a column are read again once it is back.
        return
    session.execute(
        "UPDATE ops.dataset SET contract_fingerprint = %s, rules_fingerprint = %s, contract_version = %s, "
        "columns = %s, watermark = %s WHERE dataset = %s",
        [
            contract.fingerprint, rules_fingerprint(contract), contract.version,
            ledger.columns_noted(contract), _watermark(session, contract, load), contract.id,
        ],
    )  # fmt: skip


def _watermark(session: Session, contract: Contract, load: Load) -> str | None:
    """How far the dataset has come with this load."""
    row = session.execute("SELECT watermark FROM ops.dataset WHERE dataset = %s", [contract.id]).fetchone()
    known = row[0] if row else None
    if not contract.sync.clock or not load.moves_watermark:
        return known
    # A load that read everything begins anew: what was there before may be of another column.
    return watermarks.later(session, contract, None if load.since is None else known, load.watermark)
