"""Land: the rows of one load, as the source sent them, every column text, by COPY."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.base import Connector, Extract, FileRead, Request
from connectors.errors import SourceMalformed
from lumbung import keys, ledger, watermarks
from lumbung.drift import UNWATCHED, Watch, opened
from lumbung.errors import LoadRefused, SyncRefused
from lumbung.ledger import Load
from lumbung.retrying import explained
from lumbung.warehouse import Session, Warehouse
from lumbung.watermarks import Window
from schemas.contract import Contract
from schemas.errors import LumbungError

#: Advisory lock class of a landing in progress; the second key is the load's id.
_LANDING_LOCK = 0x6C756D62
_NO_MEMORY = "not memory enough for what the source gives; give the process more, or ask for smaller files"


def land(
    warehouse: Warehouse,
    contract: Contract,
    connector: Connector,
    window: Window | None = None,
    watch: Watch = UNWATCHED,
) -> int:
    """Land a new load of the dataset, or of a window of it, and return its id.

    The load's row is committed first, so that a failure leaves a trace; the table, its rows and their
    count then commit together. Raises `SourceError` from the connector, `LoadRefused` on drift, and
    `SyncRefused` for a window after a change of columns.
    """
    return _land(warehouse, contract, connector, lambda session: _begin(session, contract, window), watch)


def land_keys(warehouse: Warehouse, contract: Contract, connector: Connector) -> int:
    """Land all keys of the source, and return the id of this reconcile load.

    Raises as `land` does, and `SyncRefused` before the first load.
    """
    return _land(warehouse, contract, connector, lambda session: _begin_keys(session, contract), UNWATCHED)


def _land(
    warehouse: Warehouse,
    contract: Contract,
    connector: Connector,
    begin: Callable[[Session], Load],
    watch: Watch,
) -> int:
    with warehouse.open() as session:
        ledger.register(session, contract)
        bury_the_dead(session, contract)
        load = begin(session)
        session.execute("SELECT pg_advisory_lock(%s, %s)", [_LANDING_LOCK, load.load_id % 2**31])
        session.commit()
        _fill(session, contract, connector, load, watch)
    return load.load_id


def _begin(session: Session, contract: Contract, window: Window | None) -> Load:
    if window is None:
        return ledger.begin(session, contract, since=watermarks.begin(session, contract))
    _refuse_other_columns(session, contract)
    return ledger.begin(session, contract, since=window.since, until=window.until)


def _begin_keys(session: Session, contract: Contract) -> Load:
    _refuse_other_columns(session, contract)
    load = ledger.begin(session, contract, kind="reconcile")
    if load.base_load_id is None:
        raise SyncRefused(f"{contract.id}: has no rows yet that could be gone; `lumbung sync {contract.id}`")
    return load


def _refuse_other_columns(session: Session, contract: Contract) -> None:
    if not ledger.has_columns_of(session, contract):
        raise SyncRefused(
            f"{contract.id}: {contract.file.name} has other columns or types than the data so far; "
            f"`lumbung sync {contract.id}` first, which reads every row in them"
        )


def land_again(warehouse: Warehouse, contract: Contract, connector: Connector, load_id: int) -> None:
    """Land a load anew whose rows a crash of the warehouse took; it is then `landed`, and not yet judged.

    A load that another process has brought to its end meanwhile is left alone. Raises as `land` does,
    but leaves the load as it is: the next try may land it.
    """
    with warehouse.connect() as session:
        load = ledger.lock(session, load_id)
        if load.state in ("landed", "validated"):
            ledger.note(session, load_id, validated_at=None, gate_seconds=None, is_flagged=False)
            _copy(session, contract, connector, load, UNWATCHED)


def _fill(session: Session, contract: Contract, connector: Connector, load: Load, watch: Watch) -> None:
    """Copy the source's rows into the load's landing table; commits, or notes why it could not."""
    try:
        _copy(session, contract, connector, load, watch)
        session.commit()
    except LumbungError as error:
        session.rollback()
        state: ledger.State = "refused" if isinstance(error, LoadRefused) else "failed"
        ledger.end(session, load.load_id, state, str(error))
        session.commit()
        raise
    except MemoryError:
        session.rollback()
        ledger.end(session, load.load_id, "failed", _NO_MEMORY)
        session.commit()
        raise SourceMalformed(f"{contract.id}: {_NO_MEMORY}") from None
    except psycopg.Error as error:
        # Without a session there is nobody to note it: the next load's landing finds this one dead.
        if not session.closed:
            session.rollback()
            ledger.end(session, load.load_id, "failed", str(explained(error)))
            session.commit()
        raise


def _copy(session: Session, contract: Contract, connector: Connector, load: Load, watch: Watch) -> None:
    began = time.monotonic()
    relation = load.relation(contract, "landing")
    request = _request(session, contract, load)
    watch = replace(watch, before=ledger.known_shape(session, contract))
    with opened(connector, request, watch) as (extract, lost):
        drift = _drift(contract, extract, load, watch) | ({"dropped": list(lost)} if lost else {})
        create(session, relation, request.contract.names)
        fields = (("row_number", "row_fault") if extract.numbered else ()) + extract.columns
        # FREEZE: the table is of this transaction, so its rows need no visibility marks later.
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FREEZE)").format(
            relation, sql.SQL(", ").join(map(sql.Identifier, fields))
        )
        with session.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for block in extract.blocks:
                    copy.write(block)
            count = cursor.rowcount
    ledger.note(
        session, load.load_id, state="landed", read_count=count, landed_at=ledger.NOW, drift=Jsonb(drift),
        lineage=_with_files(extract.files), land_seconds=time.monotonic() - began,
    )  # fmt: skip
    ledger.remember_shape(session, contract, watch.shape)


def _request(session: Session, contract: Contract, load: Load) -> Request:
    if load.kind == "reconcile":
        return Request(keys.keys_of(contract), keys_only=True)
    since = watermarks.decoded(load.since)
    return Request(
        contract,
        since=since[0] if since else None,
        until=load.until,
        since_all=since if len(since) > 1 else (),
        known=_known_files(session, contract) if contract.read.pick == "new" else frozenset(),
    )


def _known_files(session: Session, contract: Contract) -> frozenset[str]:
    """SHA-256 of the files that applied loads read, with all their columns; none after a change of columns:
    every file has them."""
    if not ledger.has_columns_of(session, contract):
        return frozenset()
    rows = session.execute(
        "SELECT DISTINCT file ->> 'sha256' FROM ops.load, jsonb_array_elements(lineage -> 'files') AS file "
        "WHERE dataset = %s AND state = 'applied' AND kind = 'sync' AND NOT drift ? 'dropped'",
        [contract.id],
    ).fetchall()
    return frozenset(row[0] for row in rows)


def _with_files(files: Sequence[FileRead]) -> sql.Composable:
    """The load's lineage with the files that its rows came from, if they came from files."""
    if not files:
        return sql.SQL("lineage")
    listed = [asdict(file) for file in files]
    return sql.SQL("lineage || {}").format(sql.Literal(Jsonb({"files": listed})))


def create(session: Session, relation: sql.Identifier, columns: Sequence[str]) -> None:
    """An empty landing table: `row_number`, `row_fault`, then the columns as text."""
    texts = [sql.SQL("{} text").format(sql.Identifier(name)) for name in columns]
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(relation))
    session.execute(
        sql.SQL(
            "CREATE UNLOGGED TABLE {} (row_number bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 10000), "
            "row_fault text, {}) WITH (autovacuum_enabled = off)"
        ).format(relation, sql.SQL(", ").join(texts))
    )


def _drift(contract: Contract, extract: Extract, load: Load, watch: Watch) -> dict[str, list[str]]:
    """Columns at the source by what became of them; refused when the contract says so."""
    if load.kind == "reconcile":
        return {}
    found = watch.changes(contract, extract.source_columns)
    if found and contract.sync.on_drift == "fail":
        raise LoadRefused(
            contract.id,
            load.load_id,
            f"the source is no longer what {contract.file.name} says: {'; '.join(map(str, found))}. "
            f"`lumbung contract accept {contract.id}` takes it over; onDrift: ignore lets it pass",
        )
    noted: dict[str, list[str]] = {}
    for change in sorted(found, key=lambda change: change.column):
        noted.setdefault(change.kind, []).append(change.column)
    return noted


def bury_the_dead(session: Session, contract: Contract) -> None:
    """Loads still `landing` whose session is gone were interrupted: nothing of them is left."""
    session.execute(
        "UPDATE ops.load SET state = 'failed', finished_at = now(), reason = 'interrupted while landing' "
        "WHERE load_id IN (SELECT load_id FROM ops.load WHERE dataset = %s AND state = 'landing' "
        "AND pg_try_advisory_xact_lock(%s, (load_id %% 2147483648)::int))",
        [contract.id, _LANDING_LOCK],
    )
