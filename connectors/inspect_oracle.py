"""What an Oracle database says about its tables."""

from contextlib import closing
from pathlib import Path
from typing import Any

from connectors import oracle
from connectors.base import Connection
from connectors.inspect_by_rows import Catalogue
from connectors.inspection import SourceTable

# Oracle's own schemas hold thousands of views.
_USERS = "(SELECT username FROM all_users WHERE oracle_maintained = 'N')"
TABLES = """
SELECT o.owner || '.' || o.object_name, CASE o.object_type WHEN 'TABLE' THEN 0 ELSE 1 END, c.comments,
    t.num_rows
FROM all_objects o LEFT JOIN all_tables t ON t.owner = o.owner AND t.table_name = o.object_name
LEFT JOIN all_tab_comments c ON c.owner = o.owner AND c.table_name = o.object_name
WHERE o.object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW') AND o.owner IN {users}
    AND NOT (o.object_type = 'TABLE' AND EXISTS (SELECT 1 FROM all_mviews m
        WHERE m.owner = o.owner AND m.mview_name = o.object_name))
ORDER BY 1
"""
COLUMNS = """
SELECT c.owner || '.' || c.table_name, c.column_name, c.data_type, c.char_length, c.data_length,
    c.data_precision, c.data_scale, c.nullable, m.comments, c.data_default
FROM all_tab_columns c LEFT JOIN all_col_comments m
    ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name
WHERE c.owner IN {users} ORDER BY 1, c.column_id
"""
KEYS = """
SELECT k.owner || '.' || k.table_name, k.constraint_name, CASE k.constraint_type WHEN 'P' THEN 1 ELSE 0 END,
    c.column_name
FROM all_constraints k JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name
WHERE k.constraint_type IN ('P', 'U') AND k.status = 'ENABLED' AND k.owner IN {users}
ORDER BY 1, 2, c.position
"""
REFERENCES = """
SELECT k.owner || '.' || k.table_name, k.constraint_name, c.column_name, r.owner || '.' || r.table_name,
    r.column_name
FROM all_constraints k JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name
JOIN all_cons_columns r ON r.owner = k.r_owner AND r.constraint_name = k.r_constraint_name
    AND r.position = c.position
WHERE k.constraint_type = 'R' AND k.owner IN {users} ORDER BY 1, 2, c.position
"""
OWN = "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM dual"


def tables(connection: Connection, root: Path, only: tuple[str, ...]) -> list[SourceTable]:
    """The tables and views that `only` names, or all outside Oracle's own schemas."""
    dialect = oracle.DIALECT
    try:
        with closing(dialect.connect(connection)) as link, closing(dialect.begin(link, connection)) as cursor:
            found, columns, keys, references, own = (
                cursor.execute(query.format(users=_USERS)).fetchall()
                for query in (TABLES, COLUMNS, KEYS, REFERENCES, OWN)
            )
    except dialect.errors as error:
        raise dialect.translate(error, connection, "") from None
    described = [described_column(row) for row in columns]
    return Catalogue(found, described, keys, references).assembled(str(own[0][0]), only, str.casefold)


def described_column(row: Any) -> tuple[Any, ...]:
    """A row of COLUMNS with its type in one text, as it would be declared."""
    table, name, kind, characters, length, precision, scale, nullable, comment, default = row
    kind = str(kind)
    if kind == "NUMBER" and (precision is not None or scale is not None):
        kind = f"NUMBER({'*' if precision is None else precision},{scale or 0})"
    elif kind in ("CHAR", "VARCHAR2", "NCHAR", "NVARCHAR2"):
        kind = f"{kind}({characters})"
    elif kind == "RAW":
        kind = f"RAW({length})"
    return table, name, kind, nullable == "Y", comment, default
