"""Watermarks: how far a dataset has come, where the next load begins, and windows that somebody names.

A watermark of one column is its value as text; of several, the values of the row that is greatest in row
order (the second column decides where the first is equal), as a JSON array of texts.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import sql

from lumbung import ledger
from lumbung.errors import SyncRefused
from lumbung.warehouse import Session
from schemas.contract import Column, Contract


@dataclass(frozen=True)
class Window:
    """A part of a dataset by its watermark's first column: from `since` on, before `until`, as texts."""

    since: str
    until: str


def decoded(text: str | None) -> tuple[str, ...]:
    """The values of a watermark as it is kept; none when there is no watermark."""
    if text is None:
        return ()
    return tuple(json.loads(text)) if text.startswith("[") else (text,)


def begin(session: Session, contract: Contract) -> str | None:
    """Where an incremental read begins, as it is kept: the watermark less the lookback.

    None (everything) for snapshots, before the first load, after a change of columns (values of a new
    column are known only once every row was read again), and when the watermark was of other columns.
    """
    row = session.execute(
        "SELECT watermark, columns, (SELECT lineage -> 'watermark' FROM ops.load AS l WHERE l.dataset = "
        "d.dataset AND state = 'applied' AND kind = 'sync' AND until IS NULL AND NOT drift ? 'dropped' "
        "ORDER BY load_id DESC LIMIT 1) "
        "FROM ops.dataset AS d WHERE dataset = %s",
        [contract.id],
    ).fetchone()
    if contract.sync.mode == "snapshot" or row is None or row[0] is None:
        return None
    if row[1] != ledger.columns_noted(contract) or row[2] != list(contract.sync.watermark):
        return None
    if contract.sync.lookback is None:
        return str(row[0])
    return _minus(session, contract, decoded(row[0])[0])


def _minus(session: Session, contract: Contract, watermark: str) -> str:
    column = contract.column(contract.sync.clock or "")
    whole = column.logical_type == "integer"
    expression = sql.SQL("SELECT ({}::{} - {}::{})::{}::text").format(
        sql.Literal(watermark),
        sql.SQL(column.pg_type),
        sql.Literal(contract.sync.lookback or ""),
        sql.SQL("numeric" if whole else "interval"),
        sql.SQL("numeric" if whole else column.pg_type),
    )
    row = session.execute(expression).fetchone()
    assert row is not None
    return str(row[0])


def later(session: Session, contract: Contract, one: str | None, other: str | None) -> str | None:
    """The later of two watermarks; a watermark never goes back."""
    if one is None or other is None:
        return one or other
    row = session.execute(
        sql.SQL("SELECT {} < {}").format(_as_row(contract, one), _as_row(contract, other))
    ).fetchone()
    return other if row and row[0] else one


def _as_row(contract: Contract, watermark: str) -> sql.Composed:
    values = zip(contract.sync.watermark, decoded(watermark), strict=True)
    return sql.SQL("ROW({})").format(
        sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(contract.column(name).pg_type))
            for name, value in values
        )
    )


def greatest(session: Session, contract: Contract, rows: sql.Composable) -> str | None:
    """The watermark of `rows` (a relation with the watermark's columns and `reasons`), as it is kept.

    Rows without a value in any of the columns, or with a clock that is ahead, have no say.
    """
    columns = contract.sync.watermark
    if not columns:
        return None
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns)
    row = session.execute(
        sql.SQL("SELECT {texts} FROM {rows} AS w WHERE {given} AND {future} <> ALL (reasons) {last}").format(
            texts=texts,
            rows=rows,
            given=sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(c)) for c in columns),
            future=sql.Literal(f"{columns[0]}:future"),
            # Of the relation: by its bare name PostgreSQL would take the text that is selected.
            last=sql.SQL("ORDER BY {} LIMIT 1").format(
                sql.SQL(", ").join(sql.SQL("{} DESC").format(sql.Identifier("w", c)) for c in columns)
            ),
        )
    ).fetchone()
    if row is None:
        return None
    return json.dumps(row) if len(columns) > 1 else str(row[0])


def window(contract: Contract, since: str, until: str, city: ZoneInfo) -> Window:
    """The window that somebody named, in the words of the dataset's watermark.

    Dates and times without an offset are by the column's own clock, else by the city's. Raises
    `SyncRefused` when the dataset has no windows or the bounds are none.
    """
    column = _clock(contract)
    bounds: list[Any] = [_bound(contract, column, text, city) for text in (since, until)]
    low, high = bounds
    if low >= high:
        raise SyncRefused(
            f"{contract.id}: the window from {since} to {until} is empty; --to is the first value after it"
        )
    return Window(_text(low), _text(high))


def interval(contract: Contract, start: datetime, end: datetime, city: ZoneInfo) -> Window | None:
    """The window of an interval of time; None when the dataset's watermark is not a time, or has none.

    Of a column of dates, every day that the interval touches.
    """
    column = contract.column(contract.sync.clock) if contract.sync.clock else None
    if contract.sync.mode == "snapshot" or column is None or column.logical_type == "integer":
        return None
    if column.logical_type == "date":
        first, last = start.astimezone(city), end.astimezone(city)
        after = last.date() + timedelta(days=last.time() > time.min)
        return Window(_text(first.date()), _text(after))
    if _is_aware(column):
        return Window(_text(start), _text(end))
    return Window(*(_text(bound.astimezone(city).replace(tzinfo=None)) for bound in (start, end)))


def _clock(contract: Contract) -> Column:
    if contract.sync.mode == "snapshot":
        raise SyncRefused(
            f"{contract.id}: --from and --to need mode incremental or append; in mode snapshot every load is "
            "the whole, and what a window leaves out would count as gone"
        )
    if contract.sync.clock is None:
        raise SyncRefused(f"{contract.id}: --from and --to need a sync.watermark, and the contract has none")
    return contract.column(contract.sync.clock)


def _bound(contract: Contract, column: Column, text: str, city: ZoneInfo) -> int | date:
    expected = {"integer": "a whole number", "date": "a date such as 2024-01-31"}.get(
        column.logical_type, "a date or time such as 2024-01-31 or 2024-01-31T13:00"
    )
    try:
        if column.logical_type == "integer":
            return int(text)
        if column.logical_type == "date":
            return date.fromisoformat(text)
        return _moment(column, datetime.fromisoformat(text), city)
    except (ValueError, OverflowError):
        raise SyncRefused(
            f"{contract.id}: {text!r} is no bound of a window; its watermark {column.name} takes {expected}"
        ) from None


def _moment(column: Column, moment: datetime, city: ZoneInfo) -> datetime:
    if not _is_aware(column):
        return moment.astimezone(city).replace(tzinfo=None) if moment.tzinfo else moment
    zone: tzinfo = ZoneInfo(column.options.get("defaultTimezone") or city.key)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _is_aware(column: Column) -> bool:
    return column.pg_type == "timestamp with time zone"


def _text(bound: int | date) -> str:
    """As PostgreSQL writes it in a session whose time zone is UTC."""
    if not isinstance(bound, datetime):
        return str(bound)
    if bound.tzinfo is None:
        return bound.isoformat(" ")
    return bound.astimezone(UTC).isoformat(" ").replace("+00:00", "+00")
