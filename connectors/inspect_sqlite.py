"""What a SQLite file says about its tables."""

import sqlite3
from contextlib import closing
from pathlib import Path

from connectors.base import Connection
from connectors.inspection import ForeignKey, SourceColumn, SourceTable
from connectors.sqlite import connect, translate


def tables(connection: Connection, root: Path, only: tuple[str, ...]) -> list[SourceTable]:
    """The tables and views that `only` names, or all."""
    try:
        with closing(connect(connection.database, root, f"connection {connection.id}")) as link:
            link.execute("BEGIN")
            query = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') "
            query += "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            known = {name.casefold(): name for name in only}
            found = [
                (name, kind) for name, kind in link.execute(query) if not only or name.casefold() in known
            ]
            counts = _counts(link)
            return [_table(link, name, kind, known, counts) for name, kind in found]
    except sqlite3.Error as error:
        raise translate(error, f"connection {connection.id}") from None


def _table(
    link: sqlite3.Connection, name: str, kind: str, known: dict[str, str], counts: dict[str, int]
) -> SourceTable:
    rows = link.execute('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', [name])
    described = rows.fetchall()
    keyed = [row for row in described if row[4]]
    # A single key column called INTEGER is the row's number, which is never NULL; other keys may be.
    rowid = len(keyed) == 1 and str(keyed[0][1]).upper() == "INTEGER"
    columns = tuple(
        SourceColumn(str(c), str(t or ""), not (n or (rowid and pk)), "", int(pk) or None, d)
        for c, t, n, d, pk in described
    )
    return SourceTable(
        name=known.get(name.casefold(), name),
        kind="view" if kind == "view" else "table",
        comment="",
        columns=columns,
        foreign_keys=_foreign_keys(link, name),
        unique=_unique(link, name),
        row_count=counts.get(name),
    )


def _foreign_keys(link: sqlite3.Connection, table: str) -> tuple[ForeignKey, ...]:
    query = 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq'
    keys: dict[int, tuple[list[str], str, list[str | None]]] = {}
    for number, target, column, target_column in link.execute(query, [table]):
        columns, _, targets = keys.setdefault(number, ([], target, []))
        columns.append(column)
        targets.append(target_column)
    found = []
    for columns, target, targets in keys.values():
        # Without column names the target is the other table's primary key.
        named = tuple(t for t in targets if t is not None) or _primary(link, target)
        found.append(ForeignKey(tuple(columns), target, named))
    return tuple(found)


def _primary(link: sqlite3.Connection, table: str) -> tuple[str, ...]:
    query = "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk"
    return tuple(str(row[0]) for row in link.execute(query, [table]))


def _unique(link: sqlite3.Connection, table: str) -> tuple[tuple[str, ...], ...]:
    query = "SELECT name FROM pragma_index_list(?) WHERE \"unique\" AND origin <> 'pk' AND NOT partial"
    found = []
    for (index,) in link.execute(query, [table]).fetchall():
        rows = link.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", [index])
        names = [row[0] for row in rows]
        # An expression has no name, and makes no column unique.
        if None not in names:
            found.append(tuple(map(str, names)))
    return tuple(sorted(found))


def _counts(link: sqlite3.Connection) -> dict[str, int]:
    """Rows by table as ANALYZE saw them; SQLite itself keeps no estimate."""
    if not link.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
        return {}
    rows = link.execute("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL")
    return {str(table): int(str(stat).split()[0]) for table, stat in rows}
