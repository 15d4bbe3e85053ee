"""The ledger `ops.load`: what each load read, and where every row of it has gone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from lumbung.errors import LandingLost
from lumbung.warehouse import Session
from schemas.contract import Contract

State = Literal["landing", "landed", "validated", "applied", "superseded", "refused", "failed"]
Kind = Literal["sync", "replay", "reconcile"]
#: For `note`: when it is written, not when its transaction began.
NOW = sql.SQL("clock_timestamp()")
FINAL = ("applied", "superseded", "refused", "failed")


@dataclass(frozen=True)
class Load:
    """One row of `ops.load`. Counts are rows, seconds are wall time; None where not reached yet."""

    load_id: int
    dataset: str
    kind: str
    mode: str
    state: State
    base_load_id: int | None
    contract_fingerprint: str
    since: str | None = None
    until: str | None = None
    watermark: str | None = None
    read_count: int | None = None
    staged_count: int | None = None
    quarantined_count: int | None = None
    filtered_count: int | None = None
    superseded_count: int | None = None
    deleted_count: int | None = None
    unchanged_count: int | None = None
    added_count: int | None = None
    changed_count: int | None = None
    removed_count: int | None = None
    confirmed_count: int | None = None
    before_count: int | None = None
    after_count: int | None = None
    removals_held_count: int = 0
    is_flagged: bool = False
    drift: dict[str, list[str]] = field(default_factory=dict)
    reason: str | None = None
    accepted_by: str | None = None
    validated_at: datetime | None = None
    land_seconds: float | None = None
    validate_seconds: float | None = None
    gate_seconds: float | None = None
    apply_seconds: float | None = None

    @property
    def typed_count(self) -> int:
        """Rows of its staging table: the good ones and the refused, without those known from before."""
        return (self.staged_count or 0) + (self.quarantined_count or 0) - (self.unchanged_count or 0)

    @property
    def is_judged(self) -> bool:
        """Whether the gate has judged the load's present rows; of replays and keys it judges none."""
        return self.kind != "sync" or self.gate_seconds is not None

    @property
    def moves_watermark(self) -> bool:
        """Whether it read all that was new: a window, a replay or keys alone say nothing of the rest."""
        return self.kind == "sync" and self.until is None

    @property
    def seconds(self) -> float:
        """Wall time of all stages so far (s)."""
        stages = (self.land_seconds, self.validate_seconds, self.gate_seconds, self.apply_seconds)
        return sum(stage or 0.0 for stage in stages)

    def relation(self, contract: Contract, schema: Literal["landing", "staging"]) -> sql.Identifier:
        """The load's own table in `schema`, e.g. `landing.siak__residents__l42`."""
        return sql.Identifier(schema, f"{contract.table}__l{self.load_id}")

    @property
    def gone(self) -> sql.Identifier:
        """The keys of versions that no row equals; there when `unchanged_count` is not None."""
        return sql.Identifier("staging", f"gone__l{self.load_id}")

    @property
    def deleted(self) -> sql.Identifier:
        """Keys and watermarks of rows that the source marks as deleted; there when the contract says how."""
        return sql.Identifier("staging", f"deleted__l{self.load_id}")


_FIELDS = sql.SQL(", ").join(map(sql.Identifier, Load.__dataclass_fields__))


def register(session: Session, contract: Contract) -> None:
    """Make sure the dataset has its row in `ops.dataset`, the row that apply locks."""
    session.execute(
        "INSERT INTO ops.dataset (dataset, contract_fingerprint, contract_version, columns) "
        "VALUES (%s, %s, %s, '{}') ON CONFLICT DO NOTHING",
        [contract.id, contract.fingerprint, contract.version],
    )


def begin(
    session: Session,
    contract: Contract,
    *,
    since: str | None = None,
    until: str | None = None,
    kind: Kind = "sync",
) -> Load:
    """A new load of the dataset, based on its last applied one; state `landing`."""
    lineage = {
        "watermark": contract.sync.watermark,
        "connection": contract.read.connection or (contract.server.name if contract.server else None),
        "object": contract.physical_name,
        "columns": {c.name: c.source_name for c in contract.columns},
    }
    row = session.execute(
        "INSERT INTO ops.load (dataset, kind, mode, base_load_id, contract_version, "
        "contract_fingerprint, since, until, lineage) "
        "SELECT dataset, %s, %s, last_applied_load_id, %s, %s, %s, %s, %s FROM ops.dataset "
        "WHERE dataset = %s RETURNING load_id",
        [
            kind,
            contract.sync.mode if kind == "sync" else "incremental",
            contract.version,
            contract.fingerprint,
            since,
            until,
            Jsonb(lineage),
            contract.id,
        ],
    ).fetchone()
    assert row is not None, "register() comes first"
    return get(session, row[0])


def get(session: Session, load_id: int) -> Load:
    """The load with this id; `LookupError` when there is none."""
    return _load(session, load_id, sql.SQL(""))


def lock(session: Session, load_id: int) -> Load:
    """As `get`, and nobody else can do anything to the load until the transaction ends."""
    # Not FOR UPDATE, behind which the books of checks, which refer to loads, would wait.
    return _load(session, load_id, sql.SQL("FOR NO KEY UPDATE"))


def _load(session: Session, load_id: int, how: sql.SQL) -> Load:
    query = sql.SQL("SELECT {} FROM ops.load WHERE load_id = {} {}").format(_FIELDS, load_id, how)
    with session.cursor(row_factory=class_row(Load)) as cursor:
        load = cursor.execute(query).fetchone()
    if load is None:
        raise LookupError(f"there is no load {load_id}; `lumbung status` lists them")
    return load


def latest(session: Session, dataset: str) -> Load | None:
    """The dataset's newest load of any state, or None before the first."""
    row = session.execute("SELECT max(load_id) FROM ops.load WHERE dataset = %s", [dataset]).fetchone()
    return get(session, row[0]) if row and row[0] is not None else None


def note(session: Session, load_id: int, **fields: Any) -> None:
    """Write these fields of the load; `NOW` stands for the time of writing."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(
            sql.Identifier(name),
            value if isinstance(value, sql.Composable) else sql.Literal(value),
        )
        for name, value in fields.items()
    )
    session.execute(
        sql.SQL("UPDATE ops.load SET {} WHERE load_id = {}").format(assignments, sql.Literal(load_id))
    )


def end(session: Session, load_id: int, state: State, reason: str | None = None) -> None:
    """The load is over, in this state, for this reason."""
    note(session, load_id, state=state, reason=reason, finished_at=NOW)


def columns_noted(contract: Contract) -> list[str]:
    """The contract's columns as `ops.dataset` keeps them, to tell when they change."""
    return [f"{c.name} {c.pg_type}" for c in contract.columns]


def known_shape(session: Session, contract: Contract) -> dict[str, Any] | None:
    """What the source's catalogue said when the dataset last landed; None when that isn't known."""
    row = session.execute("SELECT source_shape FROM ops.dataset WHERE dataset = %s", [contract.id]).fetchone()
    return row[0] if row else None


def remember_shape(session: Session, contract: Contract, shape: dict[str, Any] | None) -> None:
    """Note what the source's catalogue says now, if it has one; the caller commits."""
    if shape is not None:
        session.execute(
            "UPDATE ops.dataset SET source_shape = %s WHERE dataset = %s", [Jsonb(shape), contract.id]
        )


def has_columns_of(session: Session, contract: Contract) -> bool:
    """Whether the data so far has the contract's columns and types; true before the first load."""
    row = session.execute(
        "SELECT last_applied_load_id IS NULL OR columns = %s FROM ops.dataset WHERE dataset = %s",
        [columns_noted(contract), contract.id],
    ).fetchone()
    return row is None or bool(row[0])


def count_before(session: Session, load: Load) -> int:
    """Open versions before this load."""
    return 0 if load.base_load_id is None else get(session, load.base_load_id).after_count or 0


def count_typed(session: Session, contract: Contract, load: Load) -> None:
    """Raise `LandingLost` unless everything that validation counted is still there."""
    count_or_lost(session, load, load.relation(contract, "staging"), load.typed_count)
    if load.unchanged_count is not None:
        count_or_lost(session, load, load.gone, count_before(session, load) - load.unchanged_count)
    if load.deleted_count is not None:
        count_or_lost(session, load, load.deleted, load.deleted_count)


def count_or_lost(session: Session, load: Load, relation: sql.Identifier, expected: int | None) -> int:
    """The rows of a load's table; raises `LandingLost` when they are not as many as were counted.

    Landing and staging are unlogged: PostgreSQL empties them after a crash.
    """
    name = relation.as_string(session)
    exists = session.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
    found = -1
    if exists and exists[0]:
        row = session.execute(sql.SQL("SELECT count(*) FROM {}").format(relation)).fetchone()
        found = row[0] if row else -1
    if found != expected:
        raise LandingLost(
            f"{load.dataset}: landing lost: load {load.load_id} counted {expected} rows, "
            f"{max(found, 0)} are left in {name}; it has to land again"
        )
    return found
