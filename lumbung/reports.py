"""What the books say: loads, freshness, checks, quarantine, published tables. Reads, and never writes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from lumbung.ledger import Load
from schemas.catalogue import Catalogue
from schemas.contract import Contract

Row = dict[str, Any]

_COUNTS = tuple(name for name in Load.__dataclass_fields__ if name.endswith("_count"))
_SECONDS = tuple(name for name in Load.__dataclass_fields__ if name.endswith("_seconds"))
_LOAD_FIELDS = (
    "load_id", "dataset", "kind", "mode", "state", "started_at", "finished_at", *_COUNTS, *_SECONDS,
    "is_flagged", "reason", "accepted_by", "accepted_reason",
)  # fmt: skip
_LOAD = sa.table("load", *map(sa.column, _LOAD_FIELDS), schema="ops")
_CHECK = sa.table(
    "check_result",
    *map(sa.column, ("subject", "load_id", "release_id", "rule", "severity", "outcome", "message")),
    schema="ops",
)
_ENTRY_FIELDS = (
    "entry_id", "dataset", "row_key", "has_key", "load_id", "row_numbers", "rows", "reasons", "state",
    "opened_at", "closed_at", "closed_by_load_id", "waived_by", "waived_reason", "waived_at",
)  # fmt: skip
_ENTRY = sa.table("entry", *map(sa.column, _ENTRY_FIELDS), schema="quarantine")
#: Rows fetched at a time where a result may be long.
_STREAM = 500


@dataclass(frozen=True)
class DatasetStatus:
    """How a dataset stands. Times are aware; ages in hours; counts in rows, None before the first load.

    `last_load` is the newest load of any state, `applied_at` when the last sync was applied.
    """

    dataset: str
    title: str
    owner: str
    promised_hours: float | None
    applied_at: datetime | None
    age_hours: float | None
    row_count: int | None
    open_entries: int
    last_load: Row | None

    @property
    def is_late(self) -> bool:
        """True when the last applied sync is older than the contract promises, or there is none."""
        if self.promised_hours is None:
            return False
        return self.age_hours is None or self.age_hours > self.promised_hours


@dataclass(frozen=True)
class Checks:
    """What the gate found about one subject: rules passed, flagged (warnings) and failed (critical)."""

    subject: str
    passed: int
    flagged: int
    failed: int
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One entry of the quarantine: the refused rows of one key, verbatim (column name to text)."""

    entry_id: int
    dataset: str
    row_key: str
    has_key: bool
    load_id: int
    row_numbers: tuple[int, ...]
    rows: tuple[dict[str, str], ...]
    reasons: tuple[str, ...]
    state: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by_load_id: int | None
    waived_by: str | None = None
    waived_reason: str | None = None
    waived_at: datetime | None = None


def dataset_statuses(engine: sa.Engine, catalogue: Catalogue) -> list[DatasetStatus]:
    """Every source dataset of the catalogue, in its order."""
    with engine.connect() as connection:
        newest = {row["dataset"]: row for row in _newest(connection)}
        applied = {row["dataset"]: row for row in _newest(connection, applied=True)}
        synced = {row["dataset"]: row for row in _newest(connection, applied=True, kind="sync")}
        open_entries = _open_counts(connection)
        now = connection.execute(sa.select(sa.func.now())).scalar_one()
    return [
        _status(contract, now, open_entries, newest, applied, synced)
        for contract in catalogue.sources.values()
    ]


def _status(
    contract: Contract,
    now: datetime,
    open_entries: dict[str, int],
    newest: dict[str, Row],
    applied: dict[str, Row],
    synced: dict[str, Row],
) -> DatasetStatus:
    at = synced.get(contract.id, {}).get("finished_at")
    return DatasetStatus(
        dataset=contract.id,
        title=contract.title,
        owner=contract.owner,
        promised_hours=contract.latency_hours,
        applied_at=at,
        age_hours=(now - at).total_seconds() / 3600 if at else None,
        row_count=applied.get(contract.id, {}).get("after_count"),
        open_entries=open_entries.get(contract.id, 0),
        last_load=newest.get(contract.id),
    )


def _newest(connection: sa.Connection, *, applied: bool = False, kind: str | None = None) -> list[Row]:
    """The newest load of each dataset, of any state or among those applied."""
    query = sa.select(_LOAD).order_by(_LOAD.c.dataset, _LOAD.c.load_id.desc())
    query = query.ext(distinct_on(_LOAD.c.dataset))
    if applied:
        query = query.where(_LOAD.c.state == "applied")
    if kind:
        query = query.where(_LOAD.c.kind == kind)
    return [_load_row(row) for row in connection.execute(query).mappings()]


def _load_row(row: sa.RowMapping) -> Row:
    load = dict(row)
    load["seconds"] = sum(load[name] or 0.0 for name in _SECONDS)
    return load


def loads_of(engine: sa.Engine, dataset: str, limit: int = 10) -> list[Row]:
    """The dataset's last loads, newest first."""
    query = sa.select(_LOAD).where(_LOAD.c.dataset == dataset).order_by(_LOAD.c.load_id.desc()).limit(limit)
    with engine.connect() as connection:
        return [_load_row(row) for row in connection.execute(query).mappings()]


def find_load(engine: sa.Engine, load_id: int) -> Row | None:
    """One load, or None."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(_LOAD).where(_LOAD.c.load_id == load_id)).mappings().first()
    return _load_row(row) if row else None


def checks_of(
    engine: sa.Engine, load_ids: Collection[int] = (), release_id: int | None = None
) -> list[Checks]:
    """What the gate found about these loads and this release, by subject."""
    wanted: sa.ColumnElement[bool] = _CHECK.c.load_id.in_(list(load_ids))
    if release_id is not None:
        wanted = wanted | (_CHECK.c.release_id == release_id)
    passed = _CHECK.c.outcome == "passed"
    missed = ~passed
    query = (
        sa.select(
            _CHECK.c.subject,
            sa.func.count().filter(passed).label("passed"),
            sa.func.count().filter(missed & (_CHECK.c.severity == "warning")).label("flagged"),
            sa.func.count().filter(missed & (_CHECK.c.severity == "critical")).label("failed"),
            sa.func.array_agg(_CHECK.c.message).filter(missed).label("messages"),
        )
        .where(wanted)
        .group_by(_CHECK.c.subject)
        .order_by(_CHECK.c.subject)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return [Checks(r.subject, r.passed, r.flagged, r.failed, tuple(r.messages or ())) for r in rows]


def open_counts(engine: sa.Engine) -> dict[str, int]:
    """Open quarantine entries by dataset; datasets without any are left out."""
    with engine.connect() as connection:
        return _open_counts(connection)


def _open_counts(connection: sa.Connection) -> dict[str, int]:
    query = (
        sa.select(_ENTRY.c.dataset, sa.func.count())
        .where(_ENTRY.c.state == "open")
        .group_by(_ENTRY.c.dataset)
        .order_by(_ENTRY.c.dataset)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def open_reasons(engine: sa.Engine, dataset: str) -> dict[str, int]:
    """Open entries of the dataset by reason code, the most frequent first; an entry may have several."""
    code = sa.func.unnest(_ENTRY.c.reasons).label("code")
    listed = sa.select(code).where(_ENTRY.c.dataset == dataset, _ENTRY.c.state == "open").subquery()
    count = sa.func.count().label("n")
    query = sa.select(listed.c.code, count).group_by(listed.c.code).order_by(count.desc(), listed.c.code)
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def count_entries(engine: sa.Engine, dataset: str | None, *, state: str | None) -> int:
    """How many entries `entries` would give without a limit."""
    query = sa.select(sa.func.count()).select_from(_ENTRY).where(*_which(dataset, state))
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def entries(
    engine: sa.Engine, dataset: str | None, *, state: str | None, limit: int | None = None
) -> Iterator[Entry]:
    """Entries of the quarantine in `state` (None: in any), by dataset, in the order they were opened."""
    query = (
        sa.select(_ENTRY)
        .where(*_which(dataset, state))
        .order_by(_ENTRY.c.dataset, _ENTRY.c.entry_id)
        .limit(limit)
    )
    with engine.connect().execution_options(yield_per=_STREAM) as connection:
        for row in connection.execute(query).mappings():
            yield _entry(row)


def find_entry(engine: sa.Engine, entry_id: int) -> Entry | None:
    """One entry, or None."""
    query = sa.select(_ENTRY).where(_ENTRY.c.entry_id == entry_id)
    with engine.connect() as connection:
        row = connection.execute(query).mappings().first()
    return _entry(row) if row else None


def _which(dataset: str | None, state: str | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if dataset is not None:
        conditions.append(_ENTRY.c.dataset == dataset)
    if state is not None:
        conditions.append(_ENTRY.c.state == state)
    return conditions


def _entry(row: sa.RowMapping) -> Entry:
    said: dict[str, Any] = {**row, **{name: tuple(row[name]) for name in ("row_numbers", "rows", "reasons")}}
    return Entry(**said)


def sample(engine: sa.Engine, contract: Contract, names: Sequence[str], limit: int) -> list[Row]:
    """The first rows of a published table by its key, some of its columns.

    Refuses a table with personal columns: nothing of it may be shown as a sample.
    """
    if contract.is_personal:
        raise ValueError(f"{contract.id} holds personal data; no sample of it is ever shown")
    table = sa.table(contract.name, *map(sa.column, contract.names), schema="published")
    query = sa.select(*(table.c[name] for name in names))
    query = query.order_by(*(table.c[name] for name in contract.key)).limit(limit)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
