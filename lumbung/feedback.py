"""What a load means to the owner of the data: which rows are wrong, and how that moved since the load before.

A defect is one reason of one refused row. It stands at a load when its entry was opened by then and had
neither ended nor been waived; so the books tell what the list said at any load, however long ago. A load
that was refused has no entries: its defects are read from its own tables, as long as there are any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.files import STRIDE
from lumbung import ledger, quarantine
from lumbung.errors import ExportError
from lumbung.ledger import Load
from schemas.contract import Contract

Row = dict[str, Any]

#: Rows fetched at a time.
_STREAM = 500
#: One row of a source that became several has numbers this far apart.
_LABELS = 10**14

# The load itself, applied or refused, and the one that was applied before it.
_LOADS = sa.text(
    "SELECT load_id, kind, state, reason, finished_at, read_count, staged_count, quarantined_count, "
    "filtered_count, superseded_count FROM ops.load WHERE dataset = :dataset AND (state = 'applied' "
    "AND (CAST(:load AS bigint) IS NULL OR load_id <= :load) OR state = 'refused' AND load_id = :load) "
    "ORDER BY load_id DESC LIMIT 2"
)
_IS_NEWEST = sa.text(
    "SELECT NOT EXISTS (SELECT FROM ops.load WHERE dataset = :dataset AND state = 'applied' "
    "AND load_id > :load)"
)
# Whether an entry stood at a load, which had ended `at`; `<load>` and `<before>` in the queries stand for it.
_LIVED = "e.load_id <= :load AND coalesce(e.closed_by_load_id > :load, true)"
_NOT_WAIVED = "coalesce(e.waived_at > CAST(:load_at AS timestamptz), true)"
_STOOD = f"({_LIVED} AND {_NOT_WAIVED})"


def _query(text: str) -> sa.TextClause:
    waived = f"{_LIVED} AND NOT {_NOT_WAIVED}"
    text = text.replace("<load>", _STOOD).replace("<before>", _STOOD.replace(":load", ":before"))
    return sa.text(text.replace("<waived>", waived))


_MOVES = _query(
    "SELECT code, sum(now) AS row_count, sum(greatest(now - before, 0)) AS new_count, "
    "sum(greatest(before - now, 0)) AS mended_count FROM (SELECT code, "
    "coalesce(sum(cardinality(row_numbers)) FILTER (WHERE is_now), 0) AS now, "
    "coalesce(sum(cardinality(row_numbers)) FILTER (WHERE is_before), 0) AS before "
    "FROM (SELECT e.*, <load> AS is_now, <before> AS is_before "
    "FROM quarantine.entry AS e WHERE e.dataset = :dataset) AS e, unnest(e.reasons) AS code "
    "WHERE is_now OR is_before GROUP BY row_key, code) AS moved "
    "GROUP BY code ORDER BY row_count DESC, mended_count DESC, code"
)
_TOTALS = _query(
    "SELECT coalesce(sum(cardinality(row_numbers)) FILTER (WHERE <load>), 0) AS now, "
    "coalesce(sum(cardinality(row_numbers)) FILTER (WHERE <before>), 0) AS before, "
    "coalesce(sum(cardinality(row_numbers)) FILTER (WHERE <waived>), 0) AS waived, "
    "coalesce(bool_or(e.seen_load_id = :load AND e.load_id < :load), false) AS is_renumbered "
    "FROM quarantine.entry AS e WHERE e.dataset = :dataset"
)
_LINES = (
    "SELECT code, e.row_key, e.has_key, e.opened_at, r.verbatim, seen.kind, "
    "r.number % :labels / :stride AS file_place, r.number % :stride AS row_number, "
    "seen.lineage -> 'files' -> CAST(r.number % :labels / :stride AS int) ->> 'name' AS file "
    "FROM <entries> AS e JOIN ops.load AS seen ON seen.load_id = e.seen_load_id "
    "CROSS JOIN LATERAL unnest(e.reasons) AS code CROSS JOIN LATERAL ROWS FROM "
    "(unnest(e.row_numbers), jsonb_array_elements(e.rows)) AS r (number, verbatim) "
    "WHERE e.dataset = :dataset AND <load> "
    "ORDER BY array_position(CAST(:codes AS text[]), code), r.number, e.row_key"
)
# What would be the entries of a refused load. Rows that their owner accepts to stay out are not told.
_REFUSED_ENTRIES = (
    "(SELECT f.*, l.dataset, l.load_id AS seen_load_id, l.finished_at AS opened_at, EXISTS (SELECT "
    "FROM quarantine.entry AS w WHERE w.dataset = l.dataset AND w.state = 'waived' "
    "AND w.row_key = f.row_key AND (w.rows, w.reasons) = (f.rows, f.reasons)) AS is_waived "
    "FROM ({}) AS f, ops.load AS l WHERE l.load_id = :load)"
)
# Rows by code, and those of all codes by the code ''.
_REFUSED_COUNTS = (
    "SELECT code, coalesce(sum(cardinality(row_numbers)) FILTER (WHERE NOT is_waived), 0), "
    "coalesce(sum(cardinality(row_numbers)) FILTER (WHERE is_waived), 0) "
    "FROM <entries> AS e, unnest(array_prepend('', e.reasons)) AS code GROUP BY code ORDER BY 2 DESC, code"
)
_HAS_TABLES = sa.text(
    "SELECT count(*) FROM pg_attribute WHERE attname = ANY(:names) AND NOT attisdropped "
    "AND attrelid = to_regclass(:staging) AND to_regclass(:landing) IS NOT NULL"
)


@dataclass(frozen=True)
class Trend:
    """The rows that one rule refuses, by its code: how many, and of them how many are `new`.

    `mended_count` are those of the load before that are on the list no more: put right, gone or waived.
    """

    code: str
    row_count: int
    new_count: int
    mended_count: int

    @property
    def still_count(self) -> int:
        """Rows that were wrong before already."""
        return self.row_count - self.new_count

    @property
    def change(self) -> int:
        """How many rows more (or, below 0, less) than at the load before."""
        return self.new_count - self.mended_count


@dataclass(frozen=True)
class Feedback:
    """A dataset's defects at one load, `before` being the load that was applied before it, if any.

    The loads are rows of `ops.load` (load_id, state, reason, finished_at, counts). Of a refused load
    every defect counts as new: there is nothing to compare. Counts are rows: those that are wrong,
    those that were at `before`, those waived by their owner. `trends` begin with what most rows have.
    `is_renumbered` says that rows which were wrong before stand elsewhere in the files now.
    """

    contract: Contract
    load: Row
    before: Row | None
    row_count: int
    before_count: int
    waived_count: int
    trends: tuple[Trend, ...]
    is_renumbered: bool
    moments: Row

    @property
    def load_id(self) -> int:
        """The load's number."""
        return int(self.load["load_id"])

    @property
    def is_refused(self) -> bool:
        """Whether the load as a whole was refused, so that what was there before stays."""
        return bool(self.load.get("state") == "refused")

    @property
    def has_changed(self) -> bool:
        """Whether the list says anything else than at the load before."""
        return any(trend.new_count or trend.mended_count for trend in self.trends)

    @property
    def line_count(self) -> int:
        """How many lines the list has: a row stands in it once for each reason."""
        return sum(trend.row_count for trend in self.trends)


@dataclass(frozen=True)
class Line:
    """One defect: the reason's code, and the row as it came with where it stands.

    `file` is empty where the source has none; `row_number` is None where it means nothing.
    """

    code: str
    row_key: str
    has_key: bool
    opened_at: datetime
    row: dict[str, str]
    file: str
    file_place: int
    row_number: int | None


def feedback(engine: sa.Engine, contract: Contract, load_id: int | None = None) -> Feedback:
    """The defects of the dataset at this load, applied or refused, or at the newest that was applied.

    Raises `ExportError` when there is no such load, or when nothing is left of a refused one.
    """
    with engine.connect() as connection:
        chosen = {"dataset": contract.id, "load": load_id}
        loads = [dict(row) for row in connection.execute(_LOADS, chosen).mappings()]
        if not loads or load_id not in (None, loads[0]["load_id"]):
            raise ExportError(_no_load(contract, load_id))
        load, before = loads[0], loads[1] if len(loads) > 1 else None
        if load["state"] == "refused":
            return _of_refused(connection, contract, load, before)
        moments = {"dataset": contract.id, "load": load["load_id"]}
        newest = connection.execute(_IS_NEWEST, moments).scalar_one()
        # Of the newest load the list is today's: what was waived since is not on it.
        moments["load_at"] = "infinity" if newest else load["finished_at"]
        moments |= {"before": before["load_id"] if before else 0}
        moments |= {"before_at": before["finished_at"] if before else "infinity"}
        trends = tuple(_trend(row) for row in connection.execute(_MOVES, moments).mappings())
        *counts, renumbered = connection.execute(_TOTALS, moments).one()
    now, then, waived = map(int, counts)
    return Feedback(contract, load, before, now, then, waived, trends, renumbered, moments)


def _no_load(contract: Contract, load_id: int | None) -> str:
    if load_id is None:
        return f"{contract.id}: no load was applied yet; `lumbung sync {contract.id}` makes one"
    return (
        f"{contract.id}: load {load_id} is no applied or refused load of it; "
        f"`lumbung status {contract.id}` lists them"
    )


def _of_refused(connection: sa.Connection, contract: Contract, load: Row, before: Row | None) -> Feedback:
    load_id, kept = load["load_id"], _refused_load(connection, load["load_id"])
    if kept.validated_at is None or kept.kind != "sync":
        raise ExportError(
            f"{contract.id}: load {load_id} was refused before its rows were judged: {load['reason']}"
        )
    names: dict[str, object] = {"names": list(contract.key)}
    for schema in ("landing", "staging"):
        names[schema] = kept.relation(contract, schema).as_string(None)
    if connection.execute(_HAS_TABLES, names).scalar_one() < len(contract.key):
        raise ExportError(_nothing_left(contract, load_id))
    counted = sa.text(_REFUSED_COUNTS.replace("<entries>", _entries(contract, kept)))
    counts = [tuple(row) for row in connection.execute(counted, {"load": load_id})]
    (_, now, waived), *trends = counts or [("", 0, 0)]
    if now + waived != load["quarantined_count"]:
        raise ExportError(_nothing_left(contract, load_id))
    found = tuple(Trend(code, int(count), int(count), 0) for code, count, _ in trends if count)
    moments = {"dataset": contract.id, "load": load_id}
    return Feedback(contract, load, before, int(now), 0, int(waived), found, False, moments)


def _refused_load(connection: sa.Connection, load_id: int) -> Load:
    session: Any = connection.connection.driver_connection
    return ledger.get(session, load_id)


def _entries(contract: Contract, load: Load) -> str:
    return _REFUSED_ENTRIES.format(quarantine.entries_of(contract, load).as_string(None))


def _nothing_left(contract: Contract, load_id: int) -> str:
    return (
        f"{contract.id}: the rows of load {load_id}, which was refused, are no longer there as they were "
        "judged (they are kept for 7 days, under the same contract); sync again for a list of today"
    )


def _trend(row: sa.RowMapping) -> Trend:
    return Trend(row["code"], int(row["row_count"]), int(row["new_count"]), int(row["mended_count"]))


def lines(engine: sa.Engine, found: Feedback) -> Iterator[Line]:
    """Its defects, the rule that most rows break first, then by row; a few hundred at a time.

    Row numbers are those of the newest load that read the row from files.
    """
    values = {**found.moments, "codes": [trend.code for trend in found.trends]}
    values |= {"labels": _LABELS, "stride": STRIDE}
    with engine.connect().execution_options(yield_per=_STREAM) as connection:
        query = _query(_LINES.replace("<entries>", "quarantine.entry"))
        if found.is_refused:
            entries = _entries(found.contract, _refused_load(connection, found.load_id))
            text = _LINES.replace("<entries>", entries).replace("<load>", "NOT e.is_waived")
            query = sa.text(text)
        for row in connection.execute(query, values).mappings():
            yield Line(
                code=row["code"],
                row_key=row["row_key"],
                has_key=row["has_key"],
                opened_at=row["opened_at"],
                row=row["verbatim"],
                file=row["file"] or "",
                file_place=row["file_place"],
                # A replay numbers the rows it takes up anew: that is no place at the source.
                row_number=None if row["kind"] == "replay" else row["row_number"],
            )
