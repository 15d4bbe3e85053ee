"""Pieces of SQL for rules: names, literals and the queries that find what a rule forbids.

A rule's query speaks of the rows it judges as `{batch} b`. GX fills `{batch}` in by `str.format` and
hands the text to SQLAlchemy, so braces and colons that are data have to be escaped: `quoted`,
`literal` and `escaped` do that.
"""

import re
from collections.abc import Iterable
from typing import Final

#: How many row numbers a failed rule gives as examples.
EXAMPLES: Final = 5
#: What SQLAlchemy would read as a bound parameter.
_BIND = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")


def quoted(name: str) -> str:
    """A column's or table's name as an SQL identifier."""
    return escaped('"' + name.replace('"', '""') + '"')


def literal(value: object) -> str:
    """A text or number as an SQL literal; anything else is written as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return escaped("'" + str(value).replace("'", "''") + "'")


def literals(values: Iterable[object]) -> str:
    """Values as the inside of an SQL list: `'1', '2'`."""
    return ", ".join(literal(value) for value in values)


def escaped(text: str) -> str:
    """SQL that reads the same after GX's `str.format` and SQLAlchemy's search for parameters."""
    return _BIND.sub(r"\\:", text.replace("{", "{{").replace("}", "}}"))


def offending(condition: str, has_row_numbers: bool) -> str:
    """A query that gives one row when rows meet `condition`: how many, and the first row numbers.

    Only counts and row numbers come back, never a value, so it may be used on personal data. Rows of
    the batch that are not from this load have no row number.
    """
    numbers = (
        f", (array_agg(b.row_number ORDER BY b.row_number))[1:{EXAMPLES}] AS row_numbers"
        if has_row_numbers
        else ""
    )
    return f"SELECT count(*) AS violations{numbers} FROM {{batch}} b WHERE {condition} HAVING count(*) > 0"


def repeated(columns: Iterable[str]) -> str:
    """A query that gives one row when values of `columns` (all not null) stand in several rows."""
    names = [f"b.{quoted(column)}" for column in columns]
    given = " AND ".join(f"{name} IS NOT NULL" for name in names)
    return (
        "SELECT count(*) AS repeated_values, sum(d.times)::bigint AS violations FROM "
        f"(SELECT count(*) AS times FROM {{batch}} b WHERE {given} GROUP BY {', '.join(names)} "
        "HAVING count(*) > 1) d HAVING count(*) > 0"
    )


def outside(value: str, within: str, least_rows: int = 0) -> str:
    """A query that gives one row when `value`, an aggregate over `b`, is not `within` a condition.

    `within` speaks of the aggregate as `v.value`, e.g. `v.value BETWEEN 45 AND 55`. No value at all
    (null) is not within anything. A batch of fewer than `least_rows` rows is not judged.
    """
    return (
        f"SELECT v.value FROM (SELECT {value} AS value, count(*) AS size FROM {{batch}} b) v "
        f"WHERE ({within}) IS NOT TRUE AND v.size >= {int(least_rows)}"
    )
