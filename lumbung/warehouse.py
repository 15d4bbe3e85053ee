"""The warehouse: one PostgreSQL, and the sessions the hub opens to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import psycopg
import sqlalchemy
from psycopg import pq
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from lumbung.errors import WarehouseError

#: Oldest PostgreSQL that has `pg_input_is_valid` and parallel full joins.
OLDEST = 16
#: How long a server that is starting, or recovering from a crash, is waited for (seconds).
RECOVERY = 60.0
Session = psycopg.Connection[tuple[Any, ...]]

# A role or database may have settings of its own; text that depends on them would differ between loads.
_PINNED = {
    "datestyle": "ISO,YMD",
    "timezone": "UTC",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
}
_OPTIONS = " ".join(f"-c {name}={value}" for name, value in _PINNED.items())


class Warehouse:
    """The PostgreSQL at `url` (`postgresql://user:password@host:port/database`)."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+psycopg://", "postgresql://", 1)

    def __repr__(self) -> str:
        return f"Warehouse({self.address!r})"

    @property
    def address(self) -> str:
        """The URL without its password, for people to read."""
        return make_url(self.url).render_as_string(hide_password=True)

    @contextmanager
    def connect(self) -> Iterator[Session]:
        """One session in one transaction: committed at the end, rolled back on any error, then closed.

        Raises `WarehouseError` when the warehouse can't be reached.
        """
        with self.open() as session:
            yield session

    def open(self) -> Session:
        """A session that the caller closes. Raises `WarehouseError` when it can't be had.

        A server that is only just starting, or recovering from a crash, is waited for.
        """
        try:
            return self._connect()
        except psycopg.errors.ConnectionTimeout as error:
            raise self._unreachable(error) from None
        except psycopg.OperationalError:
            self._await_recovery()
        try:
            return self._connect()
        except psycopg.OperationalError as error:
            raise self._unreachable(error) from None

    def _connect(self) -> Session:
        return psycopg.connect(self.url, options=_OPTIONS, application_name="lumbung", connect_timeout=10)

    def _await_recovery(self) -> None:
        # libpq gives no SQLSTATE of a refused session; its ping tells this one reason from all others.
        address = make_conninfo(self.url, connect_timeout=10).encode()
        deadline = time.monotonic() + RECOVERY
        while pq.PGconn.ping(address) == pq.Ping.REJECT and time.monotonic() < deadline:
            time.sleep(0.1)

    def _unreachable(self, error: psycopg.OperationalError) -> WarehouseError:
        reason = str(error).strip().splitlines()[-1]
        return WarehouseError(
            f"The warehouse at {self.address} can't be reached: {reason}. Check LUMBUNG_WAREHOUSE_URL."
        )

    @cached_property
    def engine(self) -> sqlalchemy.Engine:
        """An SQLAlchemy engine without a pool, for reports."""
        url = make_url(self.url).set(drivername="postgresql+psycopg")
        return sqlalchemy.create_engine(
            url, poolclass=sqlalchemy.NullPool, connect_args={"options": _OPTIONS}
        )

    def check_version(self) -> None:
        """Raises `WarehouseError` for a PostgreSQL older than `OLDEST`."""
        with self.connect() as session:
            version = session.info.server_version
        if version < OLDEST * 10_000:
            raise WarehouseError(
                f"The warehouse at {self.address} is PostgreSQL {version // 10_000}; "
                f"Lumbung needs {OLDEST} or newer."
            )


def prefer_parallel(session: Session) -> None:
    """Use every core, and memory enough to hash a million keys, for what is left of this transaction.

    The planner thinks workers dear because every row passes through the leader; in CREATE TABLE AS that
    is the smaller part (measured 4.6 s -> 2.7 s for 1M rows x 20 columns).
    """
    session.execute("SET LOCAL parallel_setup_cost = 0")
    session.execute("SET LOCAL parallel_tuple_cost = 0")
    session.execute("SET LOCAL min_parallel_table_scan_size = '4MB'")
    session.execute("SET LOCAL work_mem = '128MB'")
