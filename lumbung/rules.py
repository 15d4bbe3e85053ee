"""Row rules: from a contract's columns to SQL that names what is wrong with a row.

A reason code is `column:rule`, or `:rule` for the row as a whole. Codes travel; the words for people
are made from them (`lumbung.reasons`) for refused rows only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from lumbung.numerals import number_guard, plain_number
from schemas.contract import Column, Contract
from schemas.types import INTEGER_BOUNDS, precision_and_scale

#: A watermark further ahead than this is a wrong clock, and would hide every row until then.
FUTURE_TOLERANCE = "1 day"

_DIGITS = re.compile(r"\^\[0-9\]\{([0-9]+)\}\$")
_BOUNDS = {
    "minimum": ("minimum", "<"),
    "exclusiveMinimum": ("minimum", "<="),
    "maximum": ("maximum", ">"),
    "exclusiveMaximum": ("maximum", ">="),
}


@dataclass(frozen=True)
class Violation:
    """A reason code, and the SQL that is true for a row that earns it (NULL counts as false)."""

    code: str
    when: sql.Composable


@dataclass(frozen=True)
class Names:
    """How a column is called in the SQL around the rules: its text, its typed value, and for a column that
    is a part of its source's text whether that text has no such part."""

    text: sql.Identifier
    value: sql.Identifier
    unmatched: sql.Identifier


def names(column: Column, position: int) -> Names:
    """The column's names: strings are their own text, others keep it beside the value."""
    value = sql.Identifier(column.name)
    text = value if column.logical_type == "string" else sql.Identifier(f"?{position}")
    return Names(text, value, sql.Identifier(f"?{position}!"))


def violations(contract: Contract) -> Iterator[Violation]:
    """Every rule that can be judged from one row alone, in contract order."""
    yield Violation(":malformed", sql.SQL("row_fault IS NOT NULL"))
    for position, column in enumerate(contract.columns):
        for rule, when in _of_column(column, names(column, position), contract):
            yield Violation(f"{column.name}:{rule}", when)


def _of_column(column: Column, named: Names, contract: Contract) -> Iterator[tuple[str, sql.Composable]]:
    is_part = column.name in contract.read.extract
    if is_part:
        yield "extract", named.unmatched
    if column.required:
        # A row that could not be split into fields has no columns to miss.
        absent = sql.SQL("row_fault IS NULL AND {} IS NULL").format(named.text)
        yield "required", sql.SQL("{} AND NOT {}").format(absent, named.unmatched) if is_part else absent
    if column.logical_type != "string":
        yield from _mistyped(column, named, contract)
    if column.enum:
        yield "enum", sql.SQL("{}::text <> ALL ({})").format(named.value, sql.Literal(list(column.enum)))
    yield from _by_options(column, named.value)
    if column.name == contract.sync.clock and column.logical_type != "integer":
        yield "future", sql.SQL("{} > now() + interval {}").format(named.value, sql.Literal(FUTURE_TOLERANCE))


def _mistyped(column: Column, named: Names, contract: Contract) -> Iterator[tuple[str, sql.Composable]]:
    wrong = sql.SQL("{} IS NOT NULL AND {} IS NULL").format(named.text, named.value)
    if precision_and_scale(column.pg_type) is None or column.logical_type == "integer":
        yield "type", wrong
        return
    plain = plain_number(named.text, contract.read)
    too_fine = sql.SQL("{0} IS NULL AND coalesce({1} ~ {2} AND {1} !~ {3}, false)").format(
        named.value, plain, sql.Literal(r"^[+-]?[0-9]+\.[0-9]+$"), sql.Literal(number_guard(column))
    )
    yield "scale", too_fine
    yield "type", sql.SQL("{} AND NOT ({})").format(wrong, too_fine)


def _by_options(column: Column, value: sql.Identifier) -> Iterator[tuple[str, sql.Composable]]:
    options = column.options
    if "pattern" in options:
        yield "pattern", _breaks(options["pattern"], value)
    if "minLength" in options or "maxLength" in options:
        yield "length", _out_of_length(value, options.get("minLength"), options.get("maxLength"))
    if "multipleOf" in options:
        yield "multiple", sql.SQL("{} % {} <> 0").format(value, _literal(column, options["multipleOf"]))
    yield from _bounded(column, value)


def _out_of_length(value: sql.Identifier, least: int | None, most: int | None) -> sql.Composable:
    """The text has too few or too many characters. Bytes, which are never fewer, are known at once."""
    wrong = []
    if least is not None:
        wrong.append(sql.SQL("length({}) < {}").format(value, sql.Literal(least)))
    if most is not None:
        wrong.append(
            sql.SQL("octet_length({0}) > {1} AND length({0}) > {1}").format(value, sql.Literal(most))
        )
    return sql.SQL(" OR ").join(wrong)


def _breaks(pattern: str, value: sql.Identifier) -> sql.Composable:
    """The pattern is broken. Codes are mostly "so many digits", which needs no regular expression."""
    digits = _DIGITS.fullmatch(pattern)
    if digits is None:
        return sql.SQL("{} !~ {}").format(value, sql.Literal(pattern))
    return sql.SQL("octet_length({0}) <> {1} OR ltrim({0}, '0123456789') <> ''").format(
        value, sql.Literal(int(digits[1]))
    )


def _bounded(column: Column, value: sql.Identifier) -> Iterator[tuple[str, sql.Composable]]:
    bounds = {name: column.options[name] for name in _BOUNDS if name in column.options}
    if column.logical_type == "integer":
        low, high = INTEGER_BOUNDS.get(column.options.get("format", ""), (None, None))
        bounds = {k: v for k, v in (("minimum", low), ("maximum", high)) if v is not None} | bounds
    # PostgreSQL would compare the double that is nearest to a 4-byte float, and 0.1 is more than 0.1 then.
    is_float = column.pg_type in ("real", "double precision")
    compared = sql.SQL("{}::text::numeric").format(value) if is_float else value
    for name, bound in bounds.items():
        rule, operator = _BOUNDS[name]
        yield rule, sql.SQL("{} {} {}").format(compared, sql.SQL(operator), _literal(column, bound))


def _literal(column: Column, bound: Any) -> sql.Composable:
    if column.pg_type in ("smallint", "integer", "bigint") and isinstance(bound, int) and abs(bound) < 2**63:
        return sql.Literal(bound)
    if column.logical_type in ("integer", "number"):
        # A literal of the column's own kind, wide enough for any bound, keeps the comparison exact.
        return sql.SQL("{}::numeric").format(sql.Literal(str(bound)))
    return sql.SQL("{}::{}").format(sql.Literal(str(bound)), sql.SQL(column.pg_type))
