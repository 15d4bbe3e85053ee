"""The books of releases: `ops.release` and `ops.release_table`, read and written.

One advisory lock orders everything that decides by these books (planning, swapping, retention), so a
release with a higher number never has older pins than one with a lower number.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from psycopg.rows import class_row

from lumbung.errors import ReleaseRefused
from lumbung.warehouse import Session

CheckState = Literal["unchecked", "passed", "flagged", "failed"]
_LOCK = 7_305_809_217


class Connects(Protocol):
    """What a release needs of the warehouse: sessions that commit at the end of their context."""

    def connect(self) -> AbstractContextManager[Session]:
        """One session in one transaction."""


@dataclass(frozen=True)
class ReleaseTable:
    """One table of one release: the relation in schema `release` that holds its rows.

    `view_release_id` is the release whose swap put the present view over this relation; `row_count`
    is None until the table is built.
    """

    release_id: int
    table_schema: str
    table_name: str
    fingerprint: str
    relation: str
    view_release_id: int
    row_count: int | None
    is_reused: bool
    check_state: CheckState
    build_seconds: float | None

    @property
    def name(self) -> str:
        """`published.progress`."""
        return f"{self.table_schema}.{self.table_name}"

    @property
    def is_ready(self) -> bool:
        """True when the table is built and no check stands against it."""
        return self.row_count is not None and self.check_state in ("passed", "flagged")


@dataclass(frozen=True)
class Release:
    """One row of `ops.release`. `pins` gives the load of each dataset that the release reads.

    `identity_run_id` is the run of entity resolution that it reads; None before the first.
    """

    release_id: int
    state: str
    as_of_date: date
    pins: dict[str, int]
    started_at: datetime
    released_at: datetime | None
    rollback_of: int | None
    reason: str | None
    identity_run_id: int | None


@dataclass(frozen=True)
class ReleaseOutcome:
    """A release and its tables, in name order. `is_current` is true for the one that users see."""

    release: Release
    tables: tuple[ReleaseTable, ...]
    is_current: bool

    @property
    def release_id(self) -> int:
        """The release's number."""
        return self.release.release_id

    @property
    def state(self) -> str:
        """`building`, `released`, `refused` or `failed`."""
        return self.release.state


def lock_releases(session: Session) -> None:
    """Wait for the lock on the books of releases; it is held until the transaction ends."""
    session.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def find_release(session: Session, release_id: int) -> Release:
    """The release; raises `ReleaseRefused` when there is none of that number."""
    with session.cursor(row_factory=class_row(Release)) as cursor:
        found = cursor.execute("SELECT * FROM ops.release WHERE release_id = %s", [release_id]).fetchone()
    if found is None:
        raise ReleaseRefused(f"There is no release {release_id}; `lumbung release list` shows them.")
    return found


def current_release_id(session: Session) -> int | None:
    """The release that users see; None before the first."""
    row = session.execute("SELECT max(release_id) FROM ops.release WHERE state = 'released'").fetchone()
    return row[0] if row else None


def tables_of(session: Session, release_id: int) -> list[ReleaseTable]:
    """The release's tables, by name."""
    with session.cursor(row_factory=class_row(ReleaseTable)) as cursor:
        return cursor.execute(
            "SELECT * FROM ops.release_table WHERE release_id = %s ORDER BY table_schema, table_name",
            [release_id],
        ).fetchall()


def outcome(session: Session, release_id: int) -> ReleaseOutcome:
    """The release as the books have it now."""
    return ReleaseOutcome(
        release=find_release(session, release_id),
        tables=tuple(tables_of(session, release_id)),
        is_current=release_id == current_release_id(session),
    )


def list_releases(warehouse: Connects, limit: int = 50) -> list[ReleaseOutcome]:
    """The latest `limit` releases, newest first, those that failed or were refused too."""
    with warehouse.connect() as session:
        found = session.execute(
            "SELECT release_id FROM ops.release ORDER BY release_id DESC LIMIT %s", [limit]
        ).fetchall()
        return [outcome(session, release_id) for (release_id,) in found]


def unchecked_tables(warehouse: Connects, release_id: int) -> list[ReleaseTable]:
    """The release's tables that are built and wait for the gate; reused ones have passed it before."""
    with warehouse.connect() as session:
        tables = tables_of(session, release_id)
    return [t for t in tables if t.check_state == "unchecked" and t.row_count is not None]


def mark_checked(warehouse: Connects, release_id: int, table: str, state: CheckState) -> None:
    """Write down what the gate said of `table` (`published.progress`)."""
    with warehouse.connect() as session:
        written = session.execute(
            "UPDATE ops.release_table SET check_state = %s "
            "WHERE release_id = %s AND table_schema || '.' || table_name = %s",
            [state, release_id, table],
        )
        if not written.rowcount:
            raise ReleaseRefused(f"Release {release_id} has no table {table}.")


def end_release(
    warehouse: Connects, release_id: int, reason: str, state: Literal["refused", "failed"] = "refused"
) -> None:
    """Give up a release that isn't visible yet; one that is stays as it is."""
    with warehouse.connect() as session:
        session.execute(
            "UPDATE ops.release SET state = %s, reason = %s WHERE release_id = %s AND state = 'building'",
            [state, reason, release_id],
        )
