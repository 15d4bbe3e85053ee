"""The in-process database a run works in: bounded, without network, gone when the run ends."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
from splink.internals.exceptions import SplinkException
from sqlglot.errors import SqlglotError

from lumbung.linkage.errors import LinkageError, LinkageFailed, LinkageModelError
from lumbung.linkage.model import Model
from lumbung.linkage.records import Resources

#: Errors of these kinds speak of the model's SQL, before any record is read.
_OF_THE_MODEL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, SqlglotError)


@contextmanager
def workspace(resources: Resources | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory; what doesn't fit spills into a temporary folder that ends with it."""
    asked = resources or Resources()
    with tempfile.TemporaryDirectory(prefix="lumbung-linkage-") as folder, _quiet():
        database = duckdb.connect(
            ":memory:",
            config={
                "threads": asked.threads,
                "memory_limit": asked.memory,
                "temp_directory": folder,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            },
        )
        try:
            yield database
        except LinkageError as error:
            # What it was made from quotes values; logs that follow the chain would quote them too.
            error.__context__ = error.__cause__ = None
            raise
        finally:
            database.close()


@contextmanager
def _quiet() -> Iterator[None]:
    # Splink tells of its progress and of parameters it defaults; neither is news to whoever calls.
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def step(model: Model, doing: str) -> Iterator[None]:
    """Tell what fails in here without its message and cause: DuckDB's quote the values they choke on."""
    try:
        yield
    except (SplinkException, duckdb.Error, pa.ArrowException, SqlglotError) as error:
        raise _told(model, doing, error) from None


def _told(model: Model, doing: str, error: Exception) -> LinkageError:
    cause = error.__cause__ if isinstance(error, SplinkException) and error.__cause__ else error
    if isinstance(cause, _OF_THE_MODEL):
        first = str(cause).splitlines()[0]
        return LinkageModelError(
            f"{model.name}: {doing}: {first}; mend the model's SQL, or give the records the columns it reads"
        )
    advice = (
        "give it more memory" if isinstance(cause, duckdb.OutOfMemoryException) else "see the model's SQL"
    )
    return LinkageFailed(f"{model.name}: {doing} ended with {type(cause).__name__}; {advice}, and link again")


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def one_row(database: duckdb.DuckDBPyConnection, query: str, *given: object) -> tuple[Any, ...]:
    """The one row that a query gives, read to its end: DuckDB does nothing else before."""
    row: tuple[Any, ...] = database.execute(query, given).fetchall()[0]
    return row
