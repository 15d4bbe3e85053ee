"""Rows that came just as they came before need no second look: most of a daily snapshot.

History keeps a hash of each version's landed text and contract (`source_hash`). A landed row with the same
hash as an open version was typed and judged before, by the same words of the same contract; it is
confirmed. Only the novel rows go through the rules. Where that reasoning could fail (another contract,
repeated keys, values that must be unique, parents that went), every row is typed, which is what defines
the result.
"""

import hashlib
import json

from psycopg import sql

from lumbung import ledger
from lumbung.ledger import Load
from lumbung.set_rules import columns_equal, columns_listed, relation_exists
from lumbung.warehouse import Session
from schemas.contract import Contract, Reference

#: Raise it when the same text under the same contract is to be typed or judged otherwise than before.
RULES_VERSION = 1


#: What a contract may say otherwise without any row being typed or judged otherwise.
_BESIDE = ("classification", "business_name", "description", "tags")
_GUARDS = ("lookback", "reconcile", "max_delete_pct", "max_refused_pct", "distribution_key")


def rules_fingerprint(contract: Contract) -> str:
    """A digest of everything the contract says that decides what becomes of a row."""
    said = {
        "version": RULES_VERSION,
        "columns": [_without(column, _BESIDE) for column in contract.columns],
        "references": contract.references,
        "kind": contract.server.kind if contract.server else "",
        "read": contract.read,
        "sync": _without(contract.sync, _GUARDS),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()


def _without(part: object, names: tuple[str, ...]) -> dict[str, object]:
    return {name: value for name, value in vars(part).items() if name not in names}


def _plain(value: object) -> object:
    return vars(value) if hasattr(value, "__dict__") else str(value)


def source_hash(contract: Contract, alias: str = "l") -> sql.Composed:
    """A digest (bigint) of a landed row's texts; NULL for a row that could not be read.

    The contract's rules seed it: a version that stayed because the row that came instead was refused, or
    that a replay made, was not judged by the contract of the loads around it. PostgreSQL keeps these hash
    functions stable, since hash partitions on disk depend on them. The key's text is in the hash like every
    other, so hashes alone are compared. A row is wrongly taken for a version only when their hashes meet by
    chance and that version's own row is gone or changed as well, or else the counts would not agree: with
    a million versions and ten thousand changes, once in 10**11 loads.
    """
    seed = int(rules_fingerprint(contract)[:15], 16)
    return sql.SQL("CASE WHEN {}.row_fault IS NULL THEN hash_record_extended(ROW({}), {}) END").format(
        sql.Identifier(alias), columns_listed(contract.names, alias), sql.Literal(seed)
    )


def compare(session: Session, contract: Contract, load: Load) -> int | None:
    """How many rows are as before; None when every row has to be typed.

    Makes the temporary table `novel` (row numbers) and the load's table of keys that are gone: open
    versions that no row equals, changed ones among them.
    """
    # Also of an earlier try, which the gate would take for this one's.
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(load.gone))
    if not _is_comparable(session, contract, load):
        return None
    before = ledger.count_before(session, load)
    session.execute(_comparison(contract, load))
    gone = _split_off_gone(session, contract, load)
    row = session.execute("SELECT count(*) FROM novel").fetchone()
    unchanged = (load.read_count or 0) - (row[0] if row else 0)
    # Rows and versions that equal each other are equally many, unless a row came twice.
    if not unchanged or unchanged != before - gone:
        give_up(session, load)
        return None
    return unchanged


def _is_comparable(session: Session, contract: Contract, load: Load) -> bool:
    """A snapshot after a load under the same rules, when what is open breaks no rule over rows."""
    if load.mode != "snapshot" or load.base_load_id is None or contract.sync.duplicates != "refuse":
        return False
    if "dropped" in load.drift:
        return False
    row = session.execute(
        "SELECT rules_fingerprint = %s AND last_applied_load_id = %s FROM ops.dataset WHERE dataset = %s",
        [rules_fingerprint(contract), load.base_load_id, contract.id],
    ).fetchone()
    return (
        bool(row and row[0])
        and not any(_has_repeated(session, contract, column) for column in _unique(contract))
        and not any(
            _has_orphans(session, contract, reference)
            for reference in contract.references
            if reference.dataset.split(".")[0] == contract.source
        )
    )


def _unique(contract: Contract) -> tuple[str, ...]:
    """The columns whose values must be unique, apart from the key."""
    return tuple(c.name for c in contract.columns if c.unique and contract.key != (c.name,))


def _has_repeated(session: Session, contract: Contract, column: str) -> bool:
    """Whether open versions share a value: one stayed for a refused row, and another took its value since."""
    row = session.execute(
        sql.SQL(
            "SELECT EXISTS (SELECT {0} FROM {1} WHERE recorded_to = 'infinity' AND {0} IS NOT NULL "
            "GROUP BY {0} HAVING count(*) > 1)"
        ).format(sql.Identifier(column), sql.Identifier("history", contract.table))
    ).fetchone()
    return bool(row and row[0])


def _has_orphans(session: Session, contract: Contract, reference: Reference) -> bool:
    """Whether an open version names a parent that isn't there: its row would have to be refused."""
    table = reference.dataset.replace(".", "__")
    if not relation_exists(session, f"history.{table}"):
        return False
    parent = sql.Identifier("history", table)
    given = sql.SQL(" AND ").join(
        sql.SQL("{} IS NOT NULL").format(sql.Identifier("s", c)) for c in reference.columns
    )
    row = session.execute(
        sql.SQL(
            "SELECT EXISTS (SELECT FROM {} AS s WHERE s.recorded_to = 'infinity' AND {} AND NOT EXISTS "
            "(SELECT FROM {} AS t WHERE t.recorded_to = 'infinity' AND {}))"
        ).format(
            sql.Identifier("history", contract.table), given, parent,
            columns_equal(reference.columns, reference.target),
        )
    ).fetchone()  # fmt: skip
    return bool(row and row[0])


def _comparison(contract: Contract, load: Load) -> sql.Composed:
    """The statement that makes `novel`: numbers of rows, and keys of versions, that have no equal."""
    return sql.SQL(
        "CREATE TEMPORARY TABLE novel ON COMMIT DROP AS SELECT l.row_number, {keys} FROM "
        "(SELECT l.row_number, {hash} AS source_hash FROM {landing} AS l) AS l "
        "FULL JOIN (SELECT h.source_hash, {keys} FROM {history} AS h "
        "WHERE h.recorded_to = 'infinity') AS h USING (source_hash) "
        "WHERE l.row_number IS NULL OR h.source_hash IS NULL"
    ).format(
        keys=columns_listed(contract.key, "h"),
        hash=source_hash(contract),
        landing=load.relation(contract, "landing"),
        history=sql.Identifier("history", contract.table),
    )


def _split_off_gone(session: Session, contract: Contract, load: Load) -> int:
    """Move the keys of versions without an equal from `novel` to the load's own table; returns how many."""
    made = session.execute(
        sql.SQL("CREATE UNLOGGED TABLE {} AS SELECT {} FROM novel WHERE row_number IS NULL").format(
            load.gone, columns_listed(contract.key)
        )
    )
    session.execute("DELETE FROM novel WHERE row_number IS NULL")
    session.execute("ANALYZE novel")
    session.execute(sql.SQL("ANALYZE {}").format(load.gone))
    return made.rowcount


def is_sound(session: Session, contract: Contract, load: Load) -> bool:
    """Whether no novel row shares its key, or a value that must be unique, with an unchanged one.

    Otherwise both would have to be refused, and all rows have to be typed. So they have to be when a row
    that is marked as deleted may be the parent of unchanged ones.
    """
    session.execute(sql.SQL("ANALYZE {}").format(load.relation(contract, "staging")))
    unique = [(name,) for name in _unique(contract)]
    return not _ends_parents(session, contract, load) and not any(
        _clashes(session, contract, load, columns) for columns in (contract.key, *unique)
    )


def _ends_parents(session: Session, contract: Contract, load: Load) -> bool:
    """Whether a dataset that refers to itself loses a version by a mark."""
    if contract.sync.deleted is None or all(r.dataset != contract.id for r in contract.references):
        return False
    row = session.execute(
        sql.SQL(
            "SELECT count(*) > 0 FROM {} AS s JOIN {} AS t ON {} WHERE t.recorded_to = 'infinity'"
        ).format(
            load.deleted,
            sql.Identifier("history", contract.table),
            columns_equal(contract.key, contract.key),
        )
    ).fetchone()
    return bool(row and row[0])


def _clashes(session: Session, contract: Contract, load: Load, columns: tuple[str, ...]) -> bool:
    # Counted rather than asked with EXISTS: expecting to meet one soon, the planner would loop over history.
    row = session.execute(
        sql.SQL(
            "SELECT count(*) > 0 FROM {staging} AS s JOIN {history} AS t ON {same} "
            "WHERE t.recorded_to = 'infinity' AND NOT EXISTS (SELECT FROM {gone} AS s WHERE {key})"
        ).format(
            staging=load.relation(contract, "staging"),
            history=sql.Identifier("history", contract.table),
            same=columns_equal(columns, columns),
            gone=load.gone,
            key=columns_equal(contract.key, contract.key),
        )
    ).fetchone()
    return bool(row and row[0])


def give_up(session: Session, load: Load) -> None:
    """Forget the comparison: every row is to be typed after all."""
    session.execute(sql.SQL("DROP TABLE {}, novel").format(load.gone))
