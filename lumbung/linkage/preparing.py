"""Records made ready: numbered in the order of their keys, texts trimmed, derived columns made once."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from lumbung.linkage.errors import RecordsRefused
from lumbung.linkage.model import Model
from lumbung.linkage.records import Records, as_arrow
from lumbung.linkage.workspace import one_row, quoted, step

#: The records of both sides: unique_id, is_reference, and the columns that both sides have.
PREPARED = "prepared"
#: Numbers and keys of each side's records; in a dedupe there is the reference side alone.
KEYS, REFERENCE_KEYS = "keys", "reference_keys"
#: Columns that a record has here beside its own; its own of these names are left out.
_OURS = ("unique_id", "is_reference")


def prepare(
    database: duckdb.DuckDBPyConnection, model: Model, records: Records | None, reference: Records
) -> None:
    """Make `PREPARED`, `REFERENCE_KEYS` and, when there are `records` to link, `KEYS`.

    Raises `RecordsRefused` for keys that are missing, empty or not unique.
    """
    with step(model, "taking the records"):
        sides = {REFERENCE_KEYS: as_arrow(reference)}
        if records is not None:
            sides[KEYS] = as_arrow(records)
    names = [name for name in sides[REFERENCE_KEYS].schema.names if name not in (model.key, *_OURS)]
    names = [name for name in names if all(name in table.schema.names for table in sides.values())]
    selects, after = [], 0
    for keys, table in sides.items():
        _number(database, model, keys, table, after)
        after += table.num_rows
        selects.append(_select(model, keys, table.schema, names))
    derived = "".join(f", ({expression}) AS {quoted(name)}" for name, expression in model.columns.items())
    with step(model, "reading the records"):
        given = " UNION ALL ".join(selects)
        database.execute(f"CREATE TABLE {PREPARED} AS SELECT *{derived} FROM ({given})")
    for keys in sides:
        database.unregister(f"given_{keys}")


def number_of(database: duckdb.DuckDBPyConnection, model: Model, keys: Sequence[Any], table: str) -> None:
    """Make a table of the numbers of the reference records with these keys. Raises `RecordsRefused`."""
    with step(model, "reading the new keys"):
        database.register("asked", pa.table({"key": pa.array(list(keys))}))
        database.execute(
            f"CREATE TABLE {table} AS SELECT DISTINCT unique_id FROM {REFERENCE_KEYS} JOIN asked USING (key)"
        )
        found = one_row(database, f"SELECT count(*) FROM {table}")[0]
    database.unregister("asked")
    if lacking := len(set(keys)) - found:
        raise RecordsRefused(
            f"{model.name}: {lacking} of the new keys are not among the records; give them all"
        )


def _number(
    database: duckdb.DuckDBPyConnection, model: Model, keys: str, table: pa.Table, after: int
) -> None:
    if model.key not in table.schema.names:
        raise RecordsRefused(f"{model.name}: the records have no column {model.key}, their key in the model")
    database.register(f"given_{keys}", table)
    key = quoted(model.key)
    with step(model, "reading the keys"):
        database.execute(
            f"CREATE TABLE {keys} AS SELECT {key} AS key,"
            f" CAST({after} + row_number() OVER (ORDER BY {key}) AS INTEGER) AS unique_id FROM given_{keys}"
        )
        wrong = one_row(database, f"SELECT count(*) - count(DISTINCT key) FROM {keys}")[0]
    if wrong:
        raise RecordsRefused(
            f"{model.name}: {wrong} records have an empty {model.key} or one that another has; it has to name"
            " one record"
        )


def _select(model: Model, keys: str, schema: pa.Schema, names: Sequence[str]) -> str:
    columns = "".join(f", {_trimmed(schema.field(name))}" for name in names)
    return (
        f"SELECT keys.unique_id, {str(keys == REFERENCE_KEYS).lower()} AS is_reference{columns}"
        f" FROM given_{keys} AS given JOIN {keys} AS keys ON given.{quoted(model.key)} = keys.key"
    )


def _trimmed(column: pa.Field) -> str:
    name = quoted(column.name)
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if any(is_text(column.type) for is_text in texts):
        return f"nullif(trim(given.{name}), '') AS {name}"
    return f"given.{name}"
