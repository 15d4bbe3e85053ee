"""What a SQL Server database says about its tables."""

from contextlib import closing
from pathlib import Path
from typing import Any

from connectors import sqlserver
from connectors.base import Connection
from connectors.inspect_by_rows import Catalogue
from connectors.inspection import SourceTable

_TABLE = "SCHEMA_NAME(o.schema_id) + N'.' + o.name"
TABLES = """
SELECT {table}, CASE o.type WHEN 'V' THEN 1 ELSE 0 END, CONVERT(nvarchar(4000), p.value),
    (SELECT SUM(s.rows) FROM sys.partitions AS s WHERE s.object_id = o.object_id AND s.index_id IN (0, 1))
FROM sys.objects AS o LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = 0 AND p.name = 'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY 1
"""
COLUMNS = """
SELECT {table}, c.name, TYPE_NAME(c.system_type_id), TYPE_NAME(c.user_type_id), c.max_length, c.precision,
    c.scale, c.is_nullable, CONVERT(nvarchar(4000), p.value), d.definition
FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id
LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = c.column_id AND p.name = 'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY 1, c.column_id
"""
KEYS = """
SELECT {table}, i.name, i.is_primary_key, c.name
FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id
JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
JOIN sys.columns AS c ON c.object_id = i.object_id AND c.column_id = k.column_id
WHERE o.type = 'U' AND o.is_ms_shipped = 0 AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0
ORDER BY 1, 2, k.key_ordinal
"""
REFERENCES = """
SELECT {table}, f.name, c.name, SCHEMA_NAME(r.schema_id) + N'.' + r.name, t.name
FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id
JOIN sys.objects AS r ON r.object_id = f.referenced_object_id
JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id
JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
JOIN sys.columns AS t ON t.object_id = k.referenced_object_id AND t.column_id = k.referenced_column_id
ORDER BY 1, 2, k.constraint_column_id
"""
OWN = "SELECT SCHEMA_NAME()"


def tables(connection: Connection, root: Path, only: tuple[str, ...]) -> list[SourceTable]:
    """The tables and views that `only` names, or all."""
    dialect = sqlserver.DIALECT
    try:
        with closing(dialect.connect(connection)) as link, closing(link.cursor()) as cursor:
            found, columns, keys, references, own = (
                cursor.execute(query.format(table=_TABLE)).fetchall()
                for query in (TABLES, COLUMNS, KEYS, REFERENCES, OWN)
            )
    except dialect.errors as error:
        raise dialect.translate(error, connection, "") from None
    described = [described_column(row) for row in columns]
    return Catalogue(found, described, keys, references).assembled(str(own[0][0]), only, str.casefold)


def described_column(row: Any) -> tuple[Any, ...]:
    """A row of COLUMNS with its type in one text, as it would be declared."""
    table, name, system, user, length, precision, scale, nullable, comment, default = row
    # A type of the database's own says nothing outside of it: its base type does.
    kind = str(system or user)
    if kind in ("decimal", "numeric"):
        kind = f"{kind}({precision},{scale})"
    elif kind in ("datetime2", "datetimeoffset", "time"):
        kind = f"{kind}({scale})"
    elif kind in ("char", "varchar", "binary", "varbinary", "nchar", "nvarchar"):
        size = length // 2 if kind.startswith("n") else length
        kind = f"{kind}({'max' if length < 0 else size})"
    return table, name, kind, nullable, comment, default
