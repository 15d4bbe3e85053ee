"""What to do when PostgreSQL breaks off: try again, or say in one line why that is no use."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from lumbung.errors import WarehouseError

_ATTEMPTS = 4
T = TypeVar("T")


def retrying(attempt: Callable[[], T]) -> T:
    """Try again, a few times and later each time, what a killed backend or a deadlock broke."""
    for number in range(1, _ATTEMPTS):
        try:
            return attempt()
        except psycopg.Error as error:
            if not _is_passing(error):
                raise _explained(error) from None
        time.sleep(0.2 * 2**number)
    try:
        return attempt()
    except psycopg.Error as error:
        raise _explained(error) from None


def _is_passing(error: psycopg.Error) -> bool:
    """Whether another try may mend it: a lost session, a deadlock, a serialization failure."""
    # A session cut off by force has no SQLSTATE; classes 08 and 57P are lost sessions, 40 is rollbacks.
    state = error.sqlstate
    return (state or "57P").startswith(("08", "40", "57P")) and isinstance(error, psycopg.OperationalError)


def _explained(error: psycopg.Error) -> WarehouseError:
    """One line without row values: PostgreSQL's primary message may quote the value it stumbled over."""
    what = type(error).__name__
    if isinstance(error, psycopg.errors.DiskFull):
        return WarehouseError("The warehouse's disk is full; free space there and run again.")
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return WarehouseError(f"The warehouse refused a statement ({what}, SQLSTATE {error.sqlstate}).")
    return WarehouseError(f"The warehouse broke off ({what}: {error.diag.message_primary or error}).")
