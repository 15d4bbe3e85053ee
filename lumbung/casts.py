"""From landed text to typed values, in SQL, without ever raising and without ever guessing wrong.

Each column compiles to: text with null tokens taken out; a quick cast where `pg_input_is_valid` says that
the text is valid; and proof that the text is written as the contract declares: PostgreSQL prints the value
as the same text, or a guard regex matches. Validity alone lets wrong data in: PostgreSQL accepts
`yesterday`, `infinity`, `J2460000`, `1_000`, `0x1F` and `NaN`, rounds `1.555` into numeric(5,2), and reads
`07/08/2023` by the session's DateStyle.
"""

import re
from dataclasses import dataclass

from psycopg import sql

from lumbung.dates import temporal
from lumbung.sqltext import Reading, guarded, prints_as, proven, valid
from schemas.contract import Column, Read
from schemas.types import precision_and_scale

_TRUE = ("true", "t", "1", "y", "yes", "ya")
_FALSE = ("false", "f", "0", "n", "no", "tidak")


@dataclass(frozen=True)
class Typed:
    """How one column is typed: `text` over the landed row (null tokens out), then `guess` and `value`.

    Strings are their own text and have neither.
    """

    text: sql.Composable
    reading: Reading | None


def typed(column: Column, read: Read, text: sql.Identifier, guess: sql.Identifier) -> Typed:
    """The column's SQL. `text` and `guess` are how its text and its guess are called in later steps."""
    raw = sql.Identifier(column.name)
    landed: sql.Composable = raw
    if read.null_tokens:
        tokens = sql.Literal(list(read.null_tokens))
        landed = sql.SQL("CASE WHEN {} <> ALL ({}) THEN {} END").format(raw, tokens, raw)
    if column.logical_type == "string":
        return Typed(landed, None)
    return Typed(landed, _reading(column, read, text, guess))


def _reading(column: Column, read: Read, text: sql.Identifier, guess: sql.Identifier) -> Reading:
    # Padding (CHAR columns, spreadsheet habits) carries no meaning in anything but strings.
    trimmed = sql.SQL("btrim({})").format(text)
    if column.logical_type == "boolean":
        return _boolean(text, trimmed, guess)
    if column.logical_type in ("object", "array"):
        return Reading(None, valid(trimmed, "jsonb"))
    if column.logical_type in ("integer", "number"):
        return _number(column, read, text, guess)
    return temporal(column, text, guess)


def _number(column: Column, read: Read, text: sql.Identifier, guess: sql.Identifier) -> Reading:
    slow = guarded(plain_number(text, read), number_guard(column), column.pg_type)
    if not _is_plain(read):
        return Reading(None, slow)
    proof = prints_as(guess, text)
    if column.logical_type == "number":
        # Infinity and NaN print as themselves too; NaN sorts above infinity.
        proof = sql.SQL("{0} AND {1} < 'Infinity' AND {1} > '-Infinity'").format(proof, guess)
    return Reading(valid(text, column.pg_type), proven(guess, proof, slow))


def _boolean(text: sql.Identifier, trimmed: sql.Composable, guess: sql.Identifier) -> Reading:
    slow = sql.SQL("CASE WHEN lower({0}) = ANY ({1}) THEN true WHEN lower({0}) = ANY ({2}) THEN false END")
    slow_sql = slow.format(trimmed, sql.Literal(list(_TRUE)), sql.Literal(list(_FALSE)))
    quick = sql.SQL("CASE {} WHEN 't' THEN true WHEN 'f' THEN false END").format(text)
    return Reading(quick, sql.SQL("coalesce({}, {})").format(guess, slow_sql))


def _is_plain(read: Read) -> bool:
    return read.decimal_mark == "." and not read.group_mark


def _plain_number(text: sql.Composable, read: Read) -> sql.Composable:
    """`1.234.567,89` as `1234567.89`, when the contract declares the marks; NULL when they are misplaced."""
    if _is_plain(read):
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
