"""Catalogues that are asked by four queries each, put together in one way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.inspection import SourceColumn, SourceTable, grouped, linked

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Catalogue:
    """What the queries gave; tables are called `schema.table` throughout.

    `tables`: name, whether it is a view, comment, estimated rows. `columns`, in order: table, name, native
    type, nullable, comment, default. `keys`, in order: table, key, whether it is the primary one, column.
    `references`, in order: table, key, column, target table, target column.
    """

    tables: Rows
    columns: Rows
    keys: Rows
    references: Rows

    def assembled(self, own: str, only: Sequence[str], fold: Callable[[str], str] = str) -> list[SourceTable]:
        """The tables, those in the schema `own` by their names alone; only those in `only`, if any is."""
        asked = {fold(name if "." in name else f"{own}.{name}"): name for name in only}

        def called(table: str) -> str:
            schema, _, name = table.partition(".")
            plain = schema == own and "." not in name
            return asked.get(fold(table)) or (name if plain else table)

        primary = grouped((t, k, c) for t, k, first, c in self.keys if first)
        unique = grouped((t, k, c) for t, k, first, c in self.keys if not first)
        names = {row[0]: called(row[0]) for row in self.tables} | {
            row[3]: called(row[3]) for row in self.references
        }
        links = linked([(t, k, c, rt, rc) for t, k, c, rt, rc in self.references], names)
        columns: dict[str, list[SourceColumn]] = {}
        for table, *described in self.columns:
            key = primary.get(table, [()])[0]
            columns.setdefault(table, []).append(_column(described, key))
        return [
            SourceTable(
                name=names[table],
                kind="view" if is_view else "table",
                comment=str(comment or ""),
                columns=tuple(columns.get(table, ())),
                foreign_keys=tuple(links.get(table, ())),
                unique=tuple(unique.get(table, ())),
                row_count=None if count is None or is_view else int(count),
            )
            for table, is_view, comment, count in self.tables
            if not only or fold(table) in asked
        ]


def _column(described: Sequence[Any], key: tuple[str, ...]) -> SourceColumn:
    name, kind, nullable, comment, default = described
    return SourceColumn(
        str(name), str(kind), bool(nullable), str(comment or ""),
        key.index(name) + 1 if name in key else None,
        None if default is None else str(default).strip(),
    )  # fmt: skip
