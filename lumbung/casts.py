"""From landed text to typed values, in SQL, without ever raising and without ever guessing.

Each column compiles to: text with null tokens taken out -> canonical text, only where a guard regex
matches the declared format -> `CASE WHEN pg_input_isvalid(canonical, type) THEN canonical::type END`.
The guards matter: alone, PostgreSQL accepts `yesterday`, `infinity`, `J2460000`, `1_000`, `0x1F` and
`NaN`, rounds `1.555` into numeric(5,2), and reads `07/08/2023` by the session's DateStyle.
"""

import re
from dataclasses import dataclass

from psycopg import sql

from lumbung.dates import temporal
from lumbung.sqltext import cast, guarded, is_canonical, valid
from schemas.contract import Column, Read
from schemas.types import precision_and_scale

_TRUE = ("true", "t", "1", "y", "yes", "ya")
_FALSE = ("false", "f", "0", "n", "no", "tidak")


@dataclass(frozen=True)
class Typed:
    """How one column is typed: `text` (null tokens out) and `value`, both SQL over the landed row."""

    text: sql.Composable
    value: sql.Composable


def typed(column: Column, read: Read) -> Typed:
    """The column's SQL over a landing row whose column is called as in the contract."""
    raw = sql.Identifier(column.name)
    text: sql.Composable = raw
    if read.null_tokens:
        tokens = sql.Literal(list(read.null_tokens))
        text = sql.SQL("CASE WHEN {} <> ALL ({}) THEN {} END").format(raw, tokens, raw)
    if column.logical_type == "string":
        return Typed(text, sql.Identifier(column.name))
    return Typed(text, _value(column, read))


def _value(column: Column, read: Read) -> sql.Composable:
    """The typed value, given that `column.name` is the text with null tokens taken out."""
    # Padding (CHAR columns, spreadsheet habits) carries no meaning in anything but strings.
    text = sql.SQL("btrim({})").format(sql.Identifier(column.name))
    if column.logical_type == "boolean":
        return _boolean(text)
    if column.logical_type in ("object", "array"):
        return valid(text, "jsonb")
    if column.logical_type in ("integer", "number"):
        return _number(_plain_number(text, read), column)
    return temporal(column, text)


def _number(text: sql.Composable, column: Column) -> sql.Composable:
    plain = guarded(text, number_guard(column), column.pg_type)
    if column.pg_type not in ("smallint", "integer", "bigint"):
        return plain
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(
        is_canonical(text, column.pg_type), cast(text, column.pg_type), plain
    )


def _boolean(text: sql.Composable) -> sql.Composable:
    return sql.SQL(
        "CASE WHEN lower({0}) = ANY ({1}) THEN true WHEN lower({0}) = ANY ({2}) THEN false END"
    ).format(text, sql.Literal(list(_TRUE)), sql.Literal(list(_FALSE)))


def _plain_number(text: sql.Composable, read: Read) -> sql.Composable:
    """`1.234.567,89` as `1234567.89`, when the contract declares the marks; NULL when they are misplaced."""
    if read.decimal_mark == "." and not read.group_mark:
        return text
    group, decimal = re.escape(read.group_mark), re.escape(read.decimal_mark)
    digits = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if group else r"[0-9]+"
    shape = rf"^[+-]?{digits}(?:{decimal}[0-9]+)?$"
    plain = sql.SQL("replace(replace({}, {}, ''), {}, '.')").format(
        text, sql.Literal(read.group_mark), sql.Literal(read.decimal_mark)
    )
    return sql.SQL("CASE WHEN {} ~ {} THEN {} END").format(text, sql.Literal(shape), plain)


def number_guard(column: Column) -> str:
    """The regular expression that a plain number of this column must match, its scale included."""
    if column.logical_type == "integer":
        return r"^[+-]?[0-9]+$"
    if column.pg_type in ("real", "double precision"):
        return r"^[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$"
    decimal = precision_and_scale(column.pg_type)
    if decimal is None:
        return r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
    # More zeros than the scale are exact; more digits would be rounded.
    return rf"^[+-]?[0-9]+(?:\.[0-9]{{0,{decimal[1]}}}0*)?$"


def plain_number(text: sql.Composable, read: Read) -> sql.Composable:
    """The number's text, its marks made plain: tells "too many decimals" from "no number"."""
    return _plain_number(sql.SQL("btrim({})").format(text), read)
