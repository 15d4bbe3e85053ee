"""What no JSON schema can say about a single column: options, limits and values that can't work."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.contract import Column
from schemas.formats import EXCEL, alternatives, is_known_format, parse_format, reads_otherwise
from schemas.patterns import bad_pattern

Refusal = tuple[str, str]
T = TypeVar("T")

CLASSES = ("public", "internal", "personal", "specific-personal")
_LIMITS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
_NUMERIC = ("format", "multipleOf", *_LIMITS)
#: The `logicalTypeOptions` that the hub acts on; the standard has more, which would be ignored in silence.
OPTIONS: dict[str, tuple[str, ...]] = {
    "string": ("pattern", "minLength", "maxLength"),
    "integer": _NUMERIC,
    "number": _NUMERIC,
    "boolean": (),
    "date": ("format", *_LIMITS),
    "timestamp": ("format", "timezone", "defaultTimezone", *_LIMITS),
    "time": ("format", *_LIMITS),
    "object": (),
    "array": (),
}
_FORMATTED = {
    "date": {"year", "month", "day"},
    "timestamp": {"year", "month", "day"},
    "time": {"hour", "minute"},
}
_FLOATS = ("real", "double precision")
_LONGEST = 10_485_760

_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
_OFFSET = r"(Z|[+-]\d\d:\d\d)"


def column_refusals(column: Column) -> Iterator[Refusal]:
    """Each (where below the column, reason) for which the column can't be used."""
    if column.classification not in CLASSES:
        yield "classification", f"{column.classification!r}: expected one of {', '.join(CLASSES)}"
    for where, reason in _options(column):
        yield f"logicalTypeOptions.{where}", reason
    for value in column.enum:
        if (why := _bad_enum(column, value)) is not None:
            yield "enum", f"{value!r}: {why}"


def _options(column: Column) -> Iterator[Refusal]:
    options, known = column.options, OPTIONS[column.logical_type]
    for name in sorted(set(options) - set(known)):
        listed = ", ".join(known) or "none"
        yield name, f"isn't checked by this hub in a {column.logical_type}; it knows {listed}"
    if "pattern" in options and (reason := bad_pattern(options["pattern"])):
        yield "pattern", reason
    if options.get("minLength", 0) > options.get("maxLength", _LONGEST):
        yield "minLength", f"{options['minLength']} is more than maxLength {options['maxLength']}"
    if "multipleOf" in options and (reason := _bad_multiple(column)):
        yield "multipleOf", reason
    if column.logical_type in _FORMATTED:
        yield from _format(column)
    yield from _limits(column)


def _bad_multiple(column: Column) -> str | None:
    if column.pg_type in _FLOATS:
        return "a floating-point number has no exact multiples; declare decimal(p,s)"
    value = column.options["multipleOf"]
    return None if 0 < value < float("inf") else f"{value!r}: expected a number above 0"


def _format(column: Column) -> Iterator[Refusal]:
    declared = column.options.get("format")
    forms = alternatives(declared) if declared is not None else ()
    for text in forms:
        if not is_known_format(text):
            yield "format", f"{text!r} is not a {column.logical_type} format the hub reads"
        elif lacking := _lacking(column.logical_type, text):
            yield "format", f"{text!r} has no {', '.join(lacking)}"
        elif "XXX" in text and column.pg_type != "timestamp with time zone":
            yield "format", f"{text!r} has an offset from UTC; set timezone: true to keep it"
    if (twice := reads_otherwise(forms)) is not None:
        yield "format", f"{twice[0]!r} and {twice[1]!r} read the same text as different values; keep one"
    zone = column.options.get("defaultTimezone")
    if zone is not None and not _is_zone(zone):
        yield "defaultTimezone", f"{zone!r} is no time zone; expected a name such as Asia/Pontianak"


def _lacking(logical_type: str, text: str) -> list[str]:
    """The fields of a date or time that the format doesn't give."""
    if text == EXCEL:
        return ["hour"] if logical_type == "time" else []
    given = {str(part.field).removesuffix("2").removesuffix("_name") for part in parse_format(text) or ()}
    return sorted(_FORMATTED[logical_type] - given)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _limits(column: Column) -> Iterator[Refusal]:
    read, expected = _reader(column)
    values = {}
    for name in _LIMITS:
        if name in column.options and name in OPTIONS[column.logical_type]:
            values[name] = read(column.options[name])
            if values[name] is None:
                yield name, f"{column.options[name]!r}: expected {expected}"
    lows = [(n, values[n]) for n in ("minimum", "exclusiveMinimum") if values.get(n) is not None]
    highs = [(n, values[n]) for n in ("maximum", "exclusiveMaximum") if values.get(n) is not None]
    for low, least in lows:
        for high, most in highs:
            if least > most or (least == most and (low, high) != ("minimum", "maximum")):
                said = f"{column.options[low]!r} leaves no value below {high} {column.options[high]!r}"
                yield low, said


def _reader(column: Column) -> tuple[Callable[[Any], Any], str]:
    """How a limit of this column is read (None when it can't be), and how it should be written."""
    if column.logical_type == "date":
        return _date, "a date such as '2024-08-07'"
    if column.logical_type == "time":
        return _time, "a time such as '07:30'"
    if column.logical_type == "timestamp":
        zoned = column.pg_type == "timestamp with time zone"
        example = "2024-08-07T07:30:00+07:00" if zoned else "2024-08-07 07:30:00"
        return (_zoned if zoned else _unzoned), f"a timestamp such as '{example}'"
    return _number, "a number"


def _number(value: Any) -> Decimal | None:
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _date(value: str) -> date | None:
    return _iso(date.fromisoformat, _DAY, value)


def _time(value: str) -> time | None:
    return _iso(time.fromisoformat, _CLOCK, value)


def _unzoned(value: str) -> datetime | None:
    return _iso(datetime.fromisoformat, rf"{_DAY}([ T]{_CLOCK})?", value)


def _zoned(value: str) -> datetime | None:
    found = _iso(datetime.fromisoformat, rf"{_DAY}([ T]{_CLOCK}{_OFFSET}?)?", value)
    # PostgreSQL sessions of the hub are in UTC.
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _iso(read: Callable[[str], T], shape: str, value: str) -> T | None:
    """The value as `read` has it, or None when it isn't written in full or doesn't exist."""
    try:
        return read(value) if re.fullmatch(shape, value, re.ASCII) else None
    except ValueError:
        return None


def _bad_enum(column: Column, value: str) -> str | None:
    """Why no value of the column could equal this one, which PostgreSQL compares as text."""
    if column.logical_type == "string":
        return None
    if column.logical_type == "integer":
        return None if re.fullmatch(r"0|-?[1-9][0-9]*", value) else "expected a whole number"
    if column.logical_type == "boolean":
        return None if value in ("true", "false") else "expected true or false"
    if column.logical_type == "date":
        return None if _date(value) else "expected a date such as '2024-08-07'"
    return f"a {column.logical_type} can't have an enum"
