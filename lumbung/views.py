"""The swap: every view of a release is repointed in one short transaction, or none is.

A view ends in `WHERE ops.release_visible(<release>)`, which raises 40001 for a snapshot from before the
swap; otherwise such a reader would see the new, for it empty, relation and take it for the truth.

A view is changed under its exclusive lock, for which `lumbung.view_locks` waits a little. Then the swap
lets go, so that readers get on, pauses and tries again, until its patience is used up.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from lumbung.errors import ReleaseBusy, ReleaseRefused, ReleaseSuperseded, ReleaseUnready
from lumbung.relations import Column, columns_of, comments_of
from lumbung.releases import (
    Connects,
    ReleaseOutcome,
    ReleaseTable,
    current_release_id,
    end_release,
    find_release,
    lock_releases,
    outcome,
    tables_of,
)
from lumbung.view_facts import Grant, ViewFacts, blockers, find_view
from lumbung.view_locks import HELD, View, ViewHeldError, lock_views
from lumbung.warehouse import Session

#: How long a swap goes on trying by default (seconds).
PATIENCE = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0


@dataclass(frozen=True)
class ViewChange:
    """What the swap does to one view: `table` is None when the view goes.

    `columns` are the view's new columns in order. `is_breaking` when the old columns don't all stay
    as and where they are; `dependents` are then the objects that stand in the way.
    """

    name: str
    table: ReleaseTable | None
    columns: tuple[Column, ...]
    old: ViewFacts | None
    is_breaking: bool = False
    dependents: tuple[str, ...] = ()

    @property
    def identifier(self) -> sql.Identifier:
        """The view, for use in SQL."""
        return sql.Identifier(*self.name.split("."))


def swap(
    warehouse: Connects, release_id: int, *, breaking: bool = False, patience: float = PATIENCE
) -> ReleaseOutcome:
    """Make the release visible: all of its tables together.

    A release that is visible already is left alone. Raises `ReleaseUnready` when a table is not built or
    not checked; `ReleaseRefused`, and ends the release, when a table failed its checks, or when columns
    or tables that users see would change or go and `breaking` is false;
    `ReleaseSuperseded` when a newer release is visible; `ReleaseBusy` when readers hold on to a view
    for longer than `patience` (seconds): the release then stays, and the swap can be tried again.
    """
    deadline = time.monotonic() + patience
    contested: str | None = None
    for pause in _pauses():
        try:
            with warehouse.connect() as session:
                return _attempt(session, release_id, breaking, contested)
        except ViewHeldError as held:
            contested = held.view
        except ReleaseRefused as refused:
            end_release(warehouse, release_id, str(refused))
            raise
        if time.monotonic() + pause > deadline:
            break
        time.sleep(pause)
    with warehouse.connect() as session:
        raise ReleaseBusy(release_id, contested or "", blockers(session, contested or ""))


def _pauses() -> Iterator[float]:
    """Ever longer pauses, with some chance in them lest two programs keep step (seconds)."""
    pause = _FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.75, 1.25)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _attempt(session: Session, release_id: int, breaking: bool, contested: str | None) -> ReleaseOutcome:
    # What is named to people is then named with its schema.
    session.execute("SET LOCAL search_path = pg_catalog")
    lock_releases(session)
    release = find_release(session, release_id)
    if release.state == "released":
        return outcome(session, release_id)
    current = current_release_id(session)
    _refuse_unfit(release_id, release.state, current, tables_of(session, release_id))
    changes = _changes(session, release_id, current)
    if not breaking:
        _refuse_breaking(release_id, changes)
    lock_views(session, [View(c.name, c.old.owner) for c in changes if c.old], contested)
    for change in changes:
        _change_view(session, release_id, change)
    _close_books(session, release_id, current, changes)
    return outcome(session, release_id)


def _refuse_unfit(release_id: int, state: str, current: int | None, tables: list[ReleaseTable]) -> None:
    # Numbers are given under the lock on the books, so a lower one never has newer pins.
    if current is not None and current > release_id:
        raise ReleaseSuperseded(f"superseded: release {current} is newer than {release_id} and visible")
    if state != "building":
        raise ReleaseRefused(f"Release {release_id} is {state}; publish again.")
    failed = [t.name for t in tables if t.check_state == "failed"]
    if failed:
        raise ReleaseRefused(f"Release {release_id} can't be shown: {', '.join(failed)} failed the checks")
    unready = [t.name for t in tables if not t.is_ready]
    if unready:
        raise ReleaseUnready(f"Release {release_id}: build and check {', '.join(unready)} first")


def _changes(session: Session, release_id: int, current: int | None) -> list[ViewChange]:
    """What has to be done to which view, in name order; one that shows the right relation is left alone."""
    new = {t.name: t for t in tables_of(session, release_id)}
    old = {t.name: t for t in tables_of(session, current)} if current is not None else {}
    changes = [_change(session, table, old.get(name)) for name, table in new.items()]
    changes += [_dropped(session, name) for name in old if name not in new]
    return sorted((change for change in changes if change), key=lambda change: change.name)


def _change(session: Session, table: ReleaseTable, before: ReleaseTable | None) -> ViewChange | None:
    old = find_view(session, table.table_schema, table.table_name)
    columns = tuple(columns_of(session, "release", table.relation))
    if old is None:
        return ViewChange(table.name, table, columns, None)
    if not old.is_view:
        raise ReleaseRefused(f"{table.name} is not a view: something else took that name; drop or rename it")
    if before and before.relation == table.relation and old.relations == (table.relation,):
        return None
    if _stay(session, old, columns):
        added = tuple(column for column in columns if column not in old.columns)
        return ViewChange(table.name, table, old.columns + added, old)
    return ViewChange(table.name, table, columns, old, True, old.dependents)


def _stay(session: Session, old: ViewFacts, columns: tuple[Column, ...]) -> bool:
    """True when every old column is still there, of the same type, and before and after the same ones.

    Places are compared with those in the old relation: in the view itself columns that were added once
    stand last, wherever the contract has them.
    """
    was = columns_of(session, "release", old.relations[0]) if len(old.relations) == 1 else old.columns
    return set(old.columns) <= set(columns) and [c for c in was if c in columns] == [
        c for c in columns if c in was
    ]


def _dropped(session: Session, name: str) -> ViewChange | None:
    old = find_view(session, *name.split("."))
    if old is None or not old.is_view:
        return None
    return ViewChange(name, None, (), old, True, old.dependents)


def _refuse_breaking(release_id: int, changes: list[ViewChange]) -> None:
    """Published tables are a promise to their users; integrated ones only to what was built on them."""
    refused = [c for c in changes if c.is_breaking and (c.name.startswith("published.") or c.dependents)]
    if refused:
        raise ReleaseRefused(
            f"Release {release_id} would break its readers: {'; '.join(map(_breaks, refused))}. "
            f"Publish with --breaking if that is meant."
        )


def _breaks(change: ViewChange) -> str:
    if change.table is None or change.old is None:
        said = f"{change.name} goes"
    else:
        now = {c.name: c.pg_type for c in change.columns}
        lost = [f"{c.name} goes" for c in change.old.columns if c.name not in now]
        retyped = [
            f"{c.name} changes from {c.pg_type} to {now[c.name]}"
            for c in change.old.columns
            if now.get(c.name, c.pg_type) != c.pg_type
        ]
        said = f"{change.name}: {', '.join(lost + retyped) or 'its columns change places'}"
    return said + (f" ({', '.join(change.dependents)} depend on it)" if change.dependents else "")


def _change_view(session: Session, release_id: int, change: ViewChange) -> None:
    """One round trip: from its first statement on readers of the view wait."""
    statements: list[sql.Composable] = []
    if change.is_breaking:
        statements.append(sql.SQL("DROP VIEW {} CASCADE").format(change.identifier))
    if change.table:
        statements.append(_view(change, change.table, release_id))
        statements += _comments(session, change, change.table)
    if change.table and change.old and change.is_breaking:
        statements += _restored(change, change.old)
    try:
        session.execute(sql.SQL("; ").join(statements))
    except HELD:
        # The view is locked by now, but what goes with it may be in use.
        raise ViewHeldError(change.name) from None


def _view(change: ViewChange, table: ReleaseTable, release_id: int) -> sql.Composed:
    # Options not said again are lost. The barrier keeps users' functions from seeing rows that a view hides.
    barrier = "true" if table.table_schema == "published" else "false"
    return sql.SQL(
        "CREATE OR REPLACE VIEW {view} WITH (security_barrier = {barrier}) AS "
        "SELECT {columns} FROM {relation} WHERE ops.release_visible({release})"
    ).format(
        view=change.identifier,
        barrier=sql.SQL(barrier),
        columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in change.columns),
        relation=sql.Identifier("release", table.relation),
        release=sql.Literal(release_id),
    )


def _comments(session: Session, change: ViewChange, table: ReleaseTable) -> Iterator[sql.Composed]:
    """The view says of itself what its relation says."""
    for column, text in comments_of(session, "release", table.relation).items():
        kind = sql.SQL("VIEW {}").format(change.identifier)
        if column:
            kind = sql.SQL("COLUMN {}.{}").format(change.identifier, sql.Identifier(column))
        yield sql.SQL("COMMENT ON {} IS {}").format(kind, sql.Literal(text))


def _restored(change: ViewChange, old: ViewFacts) -> Iterator[sql.Composed]:
    """A view made anew belongs to whom it belonged, and may be read by whom it could be read."""
    yield sql.SQL("ALTER VIEW {} OWNER TO {}").format(change.identifier, sql.Identifier(old.owner))
    names = {column.name for column in change.columns}
    for grant in old.grants:
        if grant.column is None or grant.column in names:
            yield _grant(change, grant)


def _grant(change: ViewChange, grant: Grant) -> sql.Composed:
    column = sql.SQL(" ({})").format(sql.Identifier(grant.column)) if grant.column else sql.SQL("")
    return sql.SQL("GRANT {privilege}{column} ON {view} TO {role}{option}").format(
        privilege=sql.SQL(grant.privilege),
        column=column,
        view=change.identifier,
        role=sql.Identifier(grant.role) if grant.role else sql.SQL("PUBLIC"),
        option=sql.SQL(" WITH GRANT OPTION" if grant.is_grantable else ""),
    )


def _close_books(session: Session, release_id: int, current: int | None, changes: list[ViewChange]) -> None:
    """The release is visible with this transaction; untouched views stay those of the release they are of."""
    session.execute(
        "UPDATE ops.release_table AS t SET view_release_id = was.view_release_id "
        "FROM ops.release_table AS was WHERE t.release_id = %s AND was.release_id = %s "
        "AND (was.table_schema, was.table_name) = (t.table_schema, t.table_name) "
        "AND t.table_schema || '.' || t.table_name <> ALL(%s)",
        [release_id, current, [change.name for change in changes]],
    )
    broken = [f"{c.name} {'made anew' if c.table else 'dropped'}" for c in changes if c.is_breaking]
    broken += [f"{name} dropped with {c.name}" for c in changes if c.is_breaking for name in c.dependents]
    session.execute(
        "UPDATE ops.release SET state = 'released', released_at = clock_timestamp(), reason = %s "
        "WHERE release_id = %s",
        ["; ".join(broken) or None, release_id],
    )
