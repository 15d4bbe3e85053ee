"""From ODCS logical types to PostgreSQL types."""

import re
from typing import Any

#: The ODCS logical types that the hub can store.
LOGICAL_TYPES = ("string", "integer", "number", "boolean", "date", "timestamp", "time", "object", "array")
#: Digits that PostgreSQL's numeric can declare.
MOST_DIGITS = 1000
_DECIMAL = re.compile(r"(?:numeric|decimal)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", re.IGNORECASE)
_INTEGERS = {
    "i8": "smallint",
    "u8": "smallint",
    "i16": "smallint",
    "u16": "integer",
    "i32": "integer",
    "u32": "bigint",
    "i64": "bigint",
    # PostgreSQL has no wider integers: exact numerics hold them without rounding.
    "u64": "numeric(20,0)",
    "i128": "numeric(39,0)",
    "u128": "numeric(39,0)",
}
#: Smallest and largest value of each ODCS integer format that its PostgreSQL type alone does not bound.
INTEGER_BOUNDS = {
    "i8": (-(2**7), 2**7 - 1),
    "u8": (0, 2**8 - 1),
    "u16": (0, 2**16 - 1),
    "u32": (0, 2**32 - 1),
    "u64": (0, 2**64 - 1),
    "i128": (-(2**127), 2**127 - 1),
    "u128": (0, 2**128 - 1),
}
_FLOATS = {"f32": "real", "f64": "double precision"}
_SIMPLE = {
    "string": "text",
    "date": "date",
    "time": "time without time zone",
    "boolean": "boolean",
    "object": "jsonb",
    "array": "jsonb",
}


def precision_and_scale(physical_type: str) -> tuple[int, int] | None:
    """`(18, 2)` of `decimal(18,2)`; None when the text declares no precision."""
    found = _DECIMAL.fullmatch(physical_type.strip())
    return (int(found[1]), int(found[2] or 0)) if found else None


def postgres_type(logical_type: str, physical_type: str, options: dict[str, Any]) -> str | None:
    """The column's PostgreSQL type, or None when the hub has none for this logical type.

    Integers are `bigint` and numbers exact `numeric` unless `format` or a `decimal(p,s)` physical
    type says otherwise. Timestamps carry a zone when `timezone` is true or `defaultTimezone` is given.
    """
    if logical_type == "integer":
        return _INTEGERS.get(options.get("format", "i64"))
    if logical_type == "number":
        if "format" in options:
            return _FLOATS.get(options["format"])
        decimal = precision_and_scale(physical_type)
        return f"numeric({decimal[0]},{decimal[1]})" if decimal else "numeric"
    if logical_type == "timestamp":
        zoned = options.get("timezone") or "defaultTimezone" in options
        return "timestamp with time zone" if zoned else "timestamp without time zone"
    return _SIMPLE.get(logical_type)


def comparable(one: str, other: str) -> bool:
    """Whether PostgreSQL compares two types by value, without a cast."""
    return one == other or (_family(one) == _family(other) != "")


def _family(pg_type: str) -> str:
    if pg_type in ("smallint", "integer", "bigint", "real", "double precision") or "numeric" in pg_type:
        return "number"
    return ""
