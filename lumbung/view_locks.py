"""Getting the exclusive locks on many views at once without standing in their readers' way.

Readers lock the views of a statement in the order in which it names them. Two kinds of patience are
needed. First the locks are only tried, again and again, for an instant in which nobody reads: then
readers don't notice. If there is no such instant, the swap queues: new readers wait behind it while
those before it end. A reader that already holds one view and queues for another may then wait for the
swap and the swap for it; so while it holds a lock, the swap waits less than what makes PostgreSQL look
for deadlocks, and is always the one that yields.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import errors, sql

from lumbung.warehouse import Session

#: Longest that the swap queues for locks, and so that other readers queue behind it (seconds).
LOCK_WAIT = 2.0
#: How long it looks for an instant without readers before that (seconds).
TRY_FOR = 1.0
_TRY_WAIT = 0.001
#: What PostgreSQL raises when a lock can't be had in time.
HELD = (errors.LockNotAvailable, errors.DeadlockDetected)


@dataclass(frozen=True)
class View:
    """A view to lock, and the role that owns it."""

    name: str
    owner: str


class ViewHeldError(Exception):
    """Readers hold the view called `view` (`published.progress`)."""

    def __init__(self, view: str) -> None:
        super().__init__(view)
        self.view = view


def lock_views(session: Session, views: Sequence[View], contested: str | None) -> None:
    """Lock all `views` until the transaction ends, or none of them.

    `contested` is the view that an attempt before this one failed at. Raises `ViewHeldError`, after
    `TRY_FOR` and `LOCK_WAIT` at most.
    """
    until = time.monotonic() + TRY_FOR
    while True:
        try:
            return _lock_all(session, views, lambda held: _TRY_WAIT)
        except ViewHeldError as held:
            contested = contested or held.view
        if time.monotonic() > until:
            break
        time.sleep(random.uniform(0.002, 0.01))
    # While queueing for the first nothing is held, so it is best the one that is hardest to get.
    ordered = sorted(views, key=lambda view: view.name != contested)
    _lock_all(session, ordered, _Queueing(session).longest_wait)


class _Queueing:
    """How long each lock may be waited for, so that all together stay below `LOCK_WAIT`."""

    def __init__(self, session: Session) -> None:
        row = session.execute(
            "SELECT setting::float / 1000 FROM pg_settings WHERE name = 'deadlock_timeout'"
        ).fetchone()
        self._while_holding = 0.8 * row[0] if row else 0.0
        self._deadline = time.monotonic() + LOCK_WAIT

    def longest_wait(self, held: int) -> float:
        """Seconds to wait for the next lock when `held` are in hand."""
        if held == 1:
            self._deadline = min(self._deadline, time.monotonic() + self._while_holding)
        return self._deadline - time.monotonic()


def _lock_all(session: Session, views: Sequence[View], longest_wait: Callable[[int], float]) -> None:
    with session.transaction():
        for held, view in enumerate(views):
            _wait_at_most(session, longest_wait(held))
            try:
                session.execute(_lock(view))
            except HELD:
                raise ViewHeldError(view.name) from None


def _wait_at_most(session: psycopg.Connection[tuple[object, ...]], seconds: float) -> None:
    # 0 would mean to wait for ever.
    milliseconds = max(1, int(1000 * seconds))
    session.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])


def _lock(view: View) -> sql.Composed:
    # LOCK TABLE would lock what the view reads, too. Giving a view to its owner locks it, changes nothing.
    return sql.SQL("ALTER VIEW {} OWNER TO {}").format(
        sql.Identifier(*view.name.split(".")), sql.Identifier(view.owner)
    )
