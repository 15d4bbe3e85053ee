"""Quarantine: refused rows verbatim with their reasons, one living entry per dataset and key.

A living entry is open, or waived: its owner accepts that the row stays out. Both end alike, when
something else is known of the key; only open ones are told to the owner and replayed.
"""

from psycopg import sql

from lumbung import ledger
from lumbung.errors import ReplayTooEarly
from lumbung.landing import create
from lumbung.ledger import Load
from lumbung.set_rules import columns_equal
from lumbung.warehouse import Session
from schemas.contract import Column, Contract

#: A landed row (alias `l`) as it came.
_VERBATIM = sql.SQL("jsonb_strip_nulls(to_jsonb(l) - 'row_number')")
_LIVING = sql.SQL("e.state IN ('open', 'waived')")
_NOT_REFUSED = sql.SQL("NOT EXISTS (SELECT FROM refused AS r WHERE r.row_key = e.row_key)")


def settle(session: Session, contract: Contract, load: Load) -> None:
    """Open an entry for each refused key of the load, and close those it makes good; part of apply.

    An entry whose rows and reasons are the same as before stays as it is.
    """
    if not load.quarantined_count and not _has(session, contract, "open", "waived"):
        return
    _gather(session, contract, load)
    _close_replaced(session, contract, load)
    _see_again(session, contract, load)
    _close_good(session, contract, load)
    if load.deleted_count:
        _close_deleted(session, contract, load)
    if load.kind == "replay":
        _close_unreadable(session, contract, load)
    if load.unchanged_count is not None:
        _close_unchanged(session, contract, load)
    if load.mode == "snapshot":
        _close_gone(session, contract, load)
    _open(session, contract, load)


def key_text(contract: Contract, alias: str = "s") -> sql.Composed:
    """The key's values as one text, e.g. `6171010101900001` or `2026|1.01.02`; NULL when any is missing.

    A bar within a part is written `%7C` (and a percent sign `%25`), so that no two keys look the same.
    """
    parts = [_key_part(contract.column(name), alias) for name in contract.key]
    if len(parts) == 1:
        return parts[0]
    escaped = [sql.SQL("replace(replace({}, '%', '%25'), '|', '%7C')").format(part) for part in parts]
    return sql.SQL(" || '|' || ").join(escaped)


def _key_part(column: Column, alias: str) -> sql.Composed:
    # 1.0 and 1.00 are one key.
    written = "trim_scale({})::text" if column.pg_type == "numeric" else "{}::text"
    return sql.SQL(written).format(sql.Identifier(alias, column.name))


def entries_of(contract: Contract, load: Load) -> sql.Composed:
    """A query of the load's refused rows by key, as they came: what entries of the quarantine are made of.

    Its columns: row_key, has_key, row_numbers, rows, reasons. It reads the load's own tables.
    """
    return sql.SQL(
        "SELECT coalesce(row_key, {raw}) AS row_key, "
        "row_key IS NOT NULL AS has_key, "
        "array_agg(row_number ORDER BY row_number) AS row_numbers, "
        "jsonb_agg(verbatim ORDER BY row_number) AS rows, "
        "(SELECT array_agg(DISTINCT code ORDER BY code) FROM unnest(string_to_array("
        "string_agg(array_to_string(reasons, ' '), ' '), ' ')) AS code) AS reasons "
        "FROM (SELECT {key} AS row_key, s.row_number, s.reasons, "
        "{verbatim} AS verbatim "
        "FROM {staging} AS s JOIN {landing} AS l USING (row_number) WHERE s.reasons <> '{{}}') AS r "
        "GROUP BY 1, 2"
    ).format(
        raw=_raw_key(sql.SQL("verbatim")),
        key=key_text(contract),
        verbatim=_VERBATIM,
        staging=load.relation(contract, "staging"),
        landing=load.relation(contract, "landing"),
    )


def _gather(session: Session, contract: Contract, load: Load) -> None:
    """The temporary table `refused`: this load's refused rows by key, as they came."""
    made = sql.SQL("CREATE TEMPORARY TABLE refused ON COMMIT DROP AS {}")
    session.execute(made.format(entries_of(contract, load)))


def _raw_key(verbatim: sql.SQL) -> sql.Composed:
    """What an entry is called whose key can't be read."""
    return sql.SQL("'raw:' || md5({}::text)").format(verbatim)


def _end(load: Load, state: str) -> sql.Composed:
    return sql.SQL("state = {}, closed_at = now(), closed_by_load_id = {}").format(
        sql.Literal(state), sql.Literal(load.load_id)
    )


def _close(
    session: Session, contract: Contract, load: Load, state: str, where: sql.Composed, among: sql.Composable
) -> None:
    """End the living entries (alias `e`) of which `where` is true; `among` is a FROM clause or empty."""
    session.execute(
        sql.SQL("UPDATE quarantine.entry AS e SET {} {} WHERE e.dataset = {} AND {} AND {}").format(
            _end(load, state), among, sql.Literal(contract.id), _LIVING, where
        )
    )


def _close_replaced(session: Session, contract: Contract, load: Load) -> None:
    other = sql.SQL("e.row_key = r.row_key AND (e.rows, e.reasons) IS DISTINCT FROM (r.rows, r.reasons)")
    _close(session, contract, load, "replaced", sql.Composed([other]), sql.SQL("FROM refused AS r"))


def _see_again(session: Session, contract: Contract, load: Load) -> None:
    """Note where in its files the load found rows that were refused before: owners look there for them."""
    if load.kind != "sync":
        return
    session.execute(
        sql.SQL(
            "UPDATE quarantine.entry AS e SET row_numbers = r.row_numbers, seen_load_id = now.load_id "
            "FROM refused AS r, ops.load AS now, ops.load AS seen WHERE e.dataset = {} AND {} "
            "AND e.row_key = r.row_key AND now.load_id = {} AND now.lineage ? 'files' "
            "AND seen.load_id = e.seen_load_id AND (e.row_numbers, {}) IS DISTINCT FROM (r.row_numbers, {})"
        ).format(sql.Literal(contract.id), _LIVING, sql.Literal(load.load_id), _files("seen"), _files("now"))
    )


def _files(alias: str) -> sql.Composed:
    """The names of the files that the load read, as JSON."""
    return sql.SQL("jsonb_path_query_array({}, '$.files[*].name')").format(sql.Identifier(alias, "lineage"))


def _close_good(session: Session, contract: Contract, load: Load) -> None:
    """A good row of the same key has come: from the source, or by replay of the entry itself."""
    state = "replayed" if load.kind == "replay" else "corrected"
    where = sql.SQL("e.has_key AND s.reasons = '{{}}' AND e.row_key = {}").format(key_text(contract))
    staging = sql.SQL("FROM {} AS s").format(load.relation(contract, "staging"))
    _close(session, contract, load, state, where, staging)


def _close_deleted(session: Session, contract: Contract, load: Load) -> None:
    """The source marks the row as deleted, and none of its key has been refused."""
    where = sql.SQL("e.has_key AND e.row_key = {} AND {}").format(key_text(contract), _NOT_REFUSED)
    _close(session, contract, load, "gone", where, sql.SQL("FROM {} AS s").format(load.deleted))


def _close_unreadable(session: Session, contract: Contract, load: Load) -> None:
    """What a replay read anew and did not refuse again: its row has a key now, by which it is known."""
    where = sql.SQL("e.state = 'open' AND NOT e.has_key AND {} AND {}").format(
        _is_complete(contract), _NOT_REFUSED
    )
    _close(session, contract, load, "replayed", where, sql.SQL(""))


def _close_unchanged(session: Session, contract: Contract, load: Load) -> None:
    """The source is back at the version before: no novel row tells, but the version is not gone."""
    where = sql.SQL(
        "e.has_key AND s.recorded_to = 'infinity' AND e.row_key = {} AND {} "
        "AND NOT EXISTS (SELECT FROM {} AS t WHERE {})"
    ).format(key_text(contract), _NOT_REFUSED, load.gone, columns_equal(contract.key, contract.key))
    history = sql.SQL("FROM {} AS s").format(sql.Identifier("history", contract.table))
    _close(session, contract, load, "corrected", where, history)


def _close_gone(session: Session, contract: Contract, load: Load) -> None:
    """A snapshot without the row: the source has taken it out."""
    _close(session, contract, load, "gone", sql.Composed([_NOT_REFUSED]), sql.SQL(""))


def _open(session: Session, contract: Contract, load: Load) -> None:
    session.execute(
        sql.SQL(
            "INSERT INTO quarantine.entry "
            "(dataset, row_key, has_key, load_id, seen_load_id, row_numbers, rows, reasons) "
            "SELECT {}, row_key, has_key, {load}, {load}, row_numbers, rows, reasons FROM refused "
            "ON CONFLICT (dataset, row_key) WHERE state IN ('open', 'waived') DO NOTHING"
        ).format(sql.Literal(contract.id), load=sql.Literal(load.load_id))
    )


def land_entries(session: Session, contract: Contract) -> Load | None:
    """A load of the dataset's open entries, landed and ready to validate under today's contract.

    Entries whose key has a newer version are closed as superseded first: replay never overwrites one. Rows
    that came without a column of the contract wait for a sync that brings it.
    Returns None when nothing is left to replay. Raises `ReplayTooEarly` after a change of columns, whose
    values only a sync can bring. The caller commits.
    """
    if not _has(session, contract, "open"):
        return None
    _refuse_other_columns(session, contract)
    load = ledger.begin(session, contract, since=None, kind="replay")
    _close_overtaken(session, contract, load)
    landing = load.relation(contract, "landing")
    create(session, landing, contract.names)
    fields = sql.SQL(", ").join(map(sql.Identifier, (*contract.names, "row_fault")))
    values = sql.SQL(", ").join(
        sql.SQL("row ->> {}").format(sql.Literal(n)) for n in (*contract.names, "row_fault")
    )
    landed = session.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM quarantine.entry AS e, jsonb_array_elements(e.rows) AS row "
            "WHERE e.dataset = {} AND e.state = 'open' AND {} ORDER BY e.entry_id"
        ).format(landing, fields, values, sql.Literal(contract.id), _is_complete(contract))
    )
    if not landed.rowcount:
        ledger.end(session, load.load_id, "superseded", "nothing is left to replay")
        return None
    ledger.note(session, load.load_id, state="landed", landed_at=ledger.NOW, read_count=landed.rowcount)
    return ledger.get(session, load.load_id)


def _refuse_other_columns(session: Session, contract: Contract) -> None:
    row = session.execute("SELECT columns FROM ops.dataset WHERE dataset = %s", [contract.id]).fetchone()
    if row and row[0] != ledger.columns_noted(contract):
        raise ReplayTooEarly(
            f"{contract.id}: {contract.file.name} has other columns or types than the data so far; "
            f"`lumbung sync {contract.id}` first, it takes up again what the source still has"
        )


def _is_complete(contract: Contract) -> sql.Composed:
    """Whether the entry's rows came with all of the contract's columns, so that it can be judged."""
    dropped = [f"{name}:dropped" for name in contract.names]
    return sql.SQL("NOT e.reasons && {}::text[]").format(sql.Literal(dropped))


def _has(session: Session, contract: Contract, *states: str) -> bool:
    row = session.execute(
        "SELECT EXISTS (SELECT FROM quarantine.entry WHERE dataset = %s AND state = ANY(%s))",
        [contract.id, list(states)],
    ).fetchone()
    return bool(row and row[0])


def drop_overtaken(session: Session, contract: Contract, load: Load) -> int:
    """Take out of a replay's staging the rows whose key can be read only now, and has a newer version.

    Their entries end as superseded. Returns how many rows left.
    """
    row = session.execute(
        sql.SQL(
            "WITH overtaken AS (DELETE FROM {staging} AS s USING {landing} AS l, quarantine.entry AS e, "
            "{history} AS t WHERE l.row_number = s.row_number AND e.dataset = {dataset} "
            "AND e.state = 'open' AND NOT e.has_key AND e.row_key = {raw} AND t.recorded_to = 'infinity' "
            "AND t.from_load_id > e.load_id AND {same} RETURNING e.entry_id), "
            "ended AS (UPDATE quarantine.entry AS e SET {end} WHERE e.dataset = {dataset} "
            "AND e.entry_id IN (SELECT entry_id FROM overtaken)) SELECT count(*) FROM overtaken"
        ).format(
            staging=load.relation(contract, "staging"), landing=load.relation(contract, "landing"),
            history=sql.Identifier("history", contract.table), dataset=sql.Literal(contract.id),
            raw=_raw_key(_VERBATIM), same=columns_equal(contract.key, contract.key),
            end=_end(load, "superseded"),
        )
    ).fetchone()  # fmt: skip
    return row[0] if row else 0


def _close_overtaken(session: Session, contract: Contract, load: Load) -> None:
    where = sql.SQL(
        "e.state = 'open' AND e.has_key AND s.recorded_to = 'infinity' AND s.from_load_id > e.load_id "
        "AND e.row_key = {}"
    ).format(key_text(contract))
    history = sql.SQL("FROM {} AS s").format(sql.Identifier("history", contract.table))
    _close(session, contract, load, "superseded", where, history)
