"""Tables and views of a database, as its catalogue describes them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from connectors.base import Connection
from connectors.errors import SourceRefused
from connectors.inspection import ForeignKey, SourceTable, inspect
from lumbung.drafting.found import Found, SourceField

#: What the standard asks of a server of each kind; the connection decides, so these are for people.
_PORTS = {"postgres": 5432, "mysql": 3306, "sqlserver": 1433, "oracle": 1521}


def tables(connection: Connection, root: Path, source: str, only: Sequence[str]) -> Iterator[Found]:
    """The tables called so, or all of them; raises `SourceRefused` for one that isn't there."""
    described = inspect(connection, root, connection.kind, tuple(only))
    missing = sorted(set(only) - {table.name for table in described})
    if missing:
        raise SourceRefused(
            f"connection {connection.id}: there is no table {', '.join(missing)} that this login may see"
        )
    for table in described:
        yield _found(table, connection, source)


def _found(table: SourceTable, connection: Connection, source: str) -> Found:
    # A SQLite column takes any value, whatever it was declared as.
    is_trusted = connection.kind != "sqlite"
    key = _key(table)
    fields = tuple(
        SourceField(
            column.name, column.name, column.native_type, not column.nullable and is_trusted, is_trusted,
            key.index(column.name) + 1 if column.name in key else None, column.comment,
        )
        for column in table.columns
    )  # fmt: skip
    said = "" if table.row_count is None else f", about {table.row_count:,} rows"
    untold = () if is_trusted else tuple(map(_told, table.foreign_keys))
    return Found(
        title=table.name,
        physical_name=table.name,
        server=_server(connection, source),
        read={} if connection.id == source else {"connection": connection.id},
        fields=fields,
        comment=table.comment,
        foreign_keys=table.foreign_keys if is_trusted else (),
        unique=table.unique if is_trusted else (),
        notes=(f"{table.kind} {table.name}{said}", *untold),
    )


def _told(link: ForeignKey) -> str:
    """A foreign key that the source may not enforce: as a relationship it would refuse orphans."""
    ends = f"{link.table} ({', '.join(link.target)})"
    return f"({', '.join(link.columns)}) refers to {ends}; SQLite seldom enforces that"


def _key(table: SourceTable) -> tuple[str, ...]:
    """The primary key, or else the first unique key whose columns always have a value."""
    keyed = [c for c in table.columns if c.key_position is not None]
    if keyed:
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))
    required = {c.name for c in table.columns if not c.nullable}
    return next((key for key in table.unique if set(key) <= required), ())


def _server(connection: Connection, source: str) -> dict[str, Any]:
    if connection.kind == "sqlite":
        return {"server": source, "type": "custom", "format": "sqlite"}
    server: dict[str, Any] = {
        "server": source,
        "type": connection.kind,
        "host": connection.host or "localhost",
        "port": connection.port or _PORTS.get(connection.kind, 1),
    }
    name = connection.database or source
    if connection.kind == "oracle":
        return {**server, "serviceName": name}
    schemas = {"postgres": "public", "sqlserver": "dbo"}
    if connection.kind in schemas:
        return {
            **server,
            "database": name,
            "schema": connection.extra.get("schema", schemas[connection.kind]),
        }
    return {**server, "database": name}
