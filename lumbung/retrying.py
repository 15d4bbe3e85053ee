"""What to do when PostgreSQL breaks off: try again, or say in one line why that is no use."""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg

from lumbung.errors import GateInterrupted, WarehouseError

_ATTEMPTS = 4
P = ParamSpec("P")
T = TypeVar("T")


def retrying(attempt: Callable[[], T]) -> T:
    """Try again, a few times and later each time, what a lost session or a deadlock broke.

    Raises `WarehouseError`, one line, for what trying again does not mend. Errors in the hub's own SQL
    pass through: they are bugs.
    """
    for number in range(_ATTEMPTS):
        try:
            return attempt()
        except GateInterrupted:
            if number + 1 == _ATTEMPTS:
                raise
        except (psycopg.OperationalError, psycopg.DataError, psycopg.IntegrityError) as error:
            if number + 1 == _ATTEMPTS or not _is_passing(error):
                raise explained(error) from None
        time.sleep(0.4 * 2**number)
    raise AssertionError("the last attempt returns or raises")


def retried(stage: Callable[P, T]) -> Callable[P, T]:
    """Make every call of `stage` one that is tried again, as `retrying` does. It has to be repeatable."""

    @wraps(stage)
    def tried(*args: P.args, **kwargs: P.kwargs) -> T:
        return retrying(lambda: stage(*args, **kwargs))

    return tried


def _is_passing(error: psycopg.Error) -> bool:
    """Whether another try may mend it: a lost session, a deadlock, a serialization failure."""
    # A session cut off by force has no SQLSTATE; classes 08 and 57P are lost sessions, 40 is rollbacks.
    state = error.sqlstate
    return isinstance(error, psycopg.OperationalError) and (state or "57P").startswith(("08", "40", "57P"))


def explained(error: psycopg.Error) -> WarehouseError:
    """One line without row values, which PostgreSQL's own words for bad data would quote."""
    what = type(error).__name__
    if isinstance(error, psycopg.errors.DiskFull):
        return WarehouseError("The warehouse's disk is full; free space there and run again.")
    if isinstance(error, psycopg.OperationalError):
        return WarehouseError(f"The warehouse broke off ({what}: {error.diag.message_primary or error}).")
    return WarehouseError(f"The warehouse refused a statement ({what}, SQLSTATE {error.sqlstate}).")
