"""What a database says about its tables: read from its catalogue alone, never from its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal, cast

from connectors.base import Connection
from connectors.errors import SourceRefused
from connectors.registry import DATABASES
from schemas.contract import Contract

TableKind = Literal["table", "view"]


@dataclass(frozen=True)
class SourceColumn:
    """One column. `native_type` is written as the source writes it; `key_position` counts from 1."""

    name: str
    native_type: str
    nullable: bool
    comment: str = ""
    key_position: int | None = None
    default: str | None = None


@dataclass(frozen=True)
class ForeignKey:
    """`columns` name a row of `table` (as `SourceTable.name` calls it) by its columns `target`."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class SourceTable:
    """One table or view. `name` is what a contract's physicalName would be.

    `unique` are the columns of each unique key but the primary one; `row_count` is the source's own
    estimate, None when it has none.
    """

    name: str
    kind: TableKind
    comment: str
    columns: tuple[SourceColumn, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    row_count: int | None = None


def inspect(connection: Connection, root: Path, kind: str, only: Sequence[str] = ()) -> list[SourceTable]:
    """The tables and views of a database, by name; with `only`, those that are called so.

    Among databases the connection's kind decides, else `kind`. Names in `only` that the source hasn't are
    left out. One short read-only session; raises `SourceError`.
    """
    if connection.kind in DATABASES:
        kind = connection.kind
    if kind not in DATABASES:
        raise SourceRefused(
            f"connection {connection.id}: {kind!r} has no catalogue; known: {', '.join(DATABASES)}"
        )
    tables = import_module(f"connectors.inspect_{kind}").tables(connection, root, tuple(only))
    return sorted(cast(list[SourceTable], tables), key=lambda table: table.name)


def table_name(contract: Contract) -> str:
    """The contract's table as `inspect` knows it: with the schema that the contract's server names."""
    schema = contract.server.settings.get("schema") if contract.server else None
    plain = "." not in contract.physical_name
    return f"{schema}.{contract.physical_name}" if schema and plain else contract.physical_name


def grouped(rows: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[str, ...]]]:
    """Rows of (table, key's name, column), in order, as the keys' columns by table."""
    keys: dict[tuple[str, str], list[str]] = {}
    for table, key, column in rows:
        keys.setdefault((table, key), []).append(column)
    found: dict[str, list[tuple[str, ...]]] = {}
    for (table, _), columns in keys.items():
        found.setdefault(table, []).append(tuple(columns))
    return found


def linked(
    rows: Iterable[tuple[str, str, str, str, str]], names: Mapping[str, str] | None = None
) -> dict[str, list[ForeignKey]]:
    """Rows of (table, key's name, column, target table, target column), in order, as keys by table.

    `names` are what the source calls target tables, and what contracts would.
    """
    keys: dict[tuple[str, str], tuple[list[str], str, list[str]]] = {}
    for table, key, column, target, target_column in rows:
        target = (names or {}).get(target, target)
        columns, _, targets = keys.setdefault((table, key), ([], target, []))
        columns.append(column)
        targets.append(target_column)
    found: dict[str, list[ForeignKey]] = {}
    for (table, _), (columns, target, targets) in keys.items():
        found.setdefault(table, []).append(ForeignKey(tuple(columns), target, tuple(targets)))
    return found
