"""From landed text to typed values, in SQL, without ever raising and without ever guessing.

Each column compiles to: text with null tokens taken out -> canonical text, only where a guard regex
matches the declared format -> `CASE WHEN pg_input_is_valid(canonical, type) THEN canonical::type END`.
The guards matter: alone, PostgreSQL accepts `yesterday`, `infinity`, `J2460000`, `1_000`, `0x1F` and
`NaN`, rounds `1.555` into numeric(5,2), and reads `07/08/2023` by the session's DateStyle.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql

from schemas.contract import Column, Read
from schemas.formats import EXCEL, MONTHS, Part, parse_format
from schemas.types import precision_and_scale

_TRUE = ("true", "t", "1", "y", "yes", "ya")
_FALSE = ("false", "f", "0", "n", "no", "tidak")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6}0*)?)?"
_OFFSET = r" ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


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
        return _valid(text, "jsonb")
    if column.logical_type in ("integer", "number"):
        return _number(_plain_number(text, read), column)
    return _temporal(column, text)


def _number(text: sql.Composable, column: Column) -> sql.Composable:
    guarded = _guarded(text, number_guard(column), column.pg_type)
    if column.pg_type not in ("smallint", "integer", "bigint"):
        return guarded
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(
        _is_canonical(text, column.pg_type), _cast(text, column.pg_type), guarded
    )


def _is_canonical(text: sql.Composable, pg_type: str) -> sql.Composable:
    """Whether the type prints the value as exactly this text: as strict as a regex, several times quicker.

    Not for types that have words for values (`infinity`, `NaN`), which print as themselves too.
    """
    return sql.SQL("CASE WHEN pg_input_is_valid({0}, {1}) THEN {2}::text = {0} END").format(
        text, sql.Literal(pg_type), _cast(text, pg_type)
    )


def _cast(text: sql.Composable, pg_type: str) -> sql.Composable:
    return sql.SQL("({})::{}").format(text, sql.SQL(pg_type))


def _guarded(text: sql.Composable, guard: str, pg_type: str) -> sql.Composable:
    value = _valid(text, pg_type)
    return sql.SQL("CASE WHEN {} ~ {} THEN {} END").format(text, sql.Literal(guard), value)


def _valid(text: sql.Composable, pg_type: str) -> sql.Composable:
    return sql.SQL("CASE WHEN pg_input_is_valid({}, {}) THEN {} END").format(
        text, sql.Literal(pg_type), _cast(text, pg_type)
    )


def _boolean(text: sql.Composable) -> sql.Composable:
    return sql.SQL("CASE WHEN lower({0}) = ANY ({1}) THEN true WHEN lower({0}) = ANY ({2}) THEN false END").format(
        text, sql.Literal(list(_TRUE)), sql.Literal(list(_FALSE))
    )  # fmt: skip


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
    """The number's text with the contract's marks made plain, to tell "too many decimals" from "no number"."""
    return _plain_number(sql.SQL("btrim({})").format(text), read)


def _temporal(column: Column, text: sql.Composable) -> sql.Composable:
    declared = column.options.get("format")
    if declared == EXCEL:
        return _excel(text, column.pg_type)
    if declared is not None:
        parts = parse_format(declared)
        assert parts is not None, "refused when the contract was loaded"
        return _declared(column, text, parts)
    if column.logical_type == "date":
        return _shaped(text, "____-__-__", "date", sql.SQL("NULL"))
    if column.logical_type == "time":
        return _guarded(text, f"^{_CLOCK}$", column.pg_type)
    return _iso_timestamp(column, text)


def _shaped(text: sql.Composable, shape: str, pg_type: str, otherwise: sql.Composable) -> sql.Composable:
    """The value where the text has the shape (a LIKE pattern that no word fits) and is canonical."""
    return sql.SQL("CASE WHEN CASE WHEN {} LIKE {} THEN {} END THEN {} ELSE {} END").format(
        text, sql.Literal(shape), _is_canonical(text, pg_type), _cast(text, pg_type), otherwise
    )


def _iso_timestamp(column: Column, text: sql.Composable) -> sql.Composable:
    moment = f"{_DAY}(?:[ T]{_CLOCK})?"
    if column.pg_type == "timestamp without time zone":
        # PostgreSQL ignores an offset here in silence: a contract that expects one must say so.
        otherwise = _guarded(text, f"^{moment}$", column.pg_type)
        return _shaped(text, "____-__-__ __:__:__", column.pg_type, otherwise)
    zone = sql.Literal(" " + column.options.get("defaultTimezone", "UTC"))
    zoned = sql.SQL("CASE WHEN {0} ~ {1} THEN {0} WHEN {0} ~ {2} THEN {0} || {3} END").format(
        text, sql.Literal(f"^{moment}{_OFFSET}$"), sql.Literal(f"^{moment}$"), zone
    )
    return _valid(zoned, column.pg_type)


def _excel(text: sql.Composable, pg_type: str) -> sql.Composable:
    # A date has no time of day to lose; a timestamp's fraction is its time.
    fraction = r"(?:\.0+)?" if pg_type == "date" else r"(?:\.[0-9]{1,12})?"
    # Below 61 the 1900 system counts a 29 February that never was: ambiguous, so refused.
    return sql.SQL(
        "CASE WHEN {0} ~ {1} THEN CASE WHEN {0}::numeric >= 61 THEN "
        "(timestamp '1899-12-30' + {0}::double precision * interval '1 day')::{2} END END"
    ).format(text, sql.Literal(rf"^[0-9]{{1,6}}{fraction}$"), sql.SQL(pg_type))


def _declared(column: Column, text: sql.Composable, parts: tuple[Part, ...]) -> sql.Composable:
    """Canonical ISO text from the declared format's groups, or NULL when the text isn't written so."""
    pattern = "^" + "".join(f"({p.matches})" if p.field else p.matches for p in parts) + "$"
    groups = sql.SQL("regexp_match({}, {})").format(text, sql.Literal(pattern))
    fields = [part.field for part in parts if part.field]

    def field(name: str) -> sql.Composable:
        return sql.SQL("({})[{}]").format(groups, sql.Literal(fields.index(name) + 1))

    pieces: list[sql.Composable] = []
    if column.logical_type != "time":
        pieces += [_year(fields, field), sql.SQL("'-'"), _month(fields, field), sql.SQL("'-'"), field("day")]
    if "hour" in fields:
        pieces.append(sql.SQL("' '"))
        pieces += _clock(fields, field)
    if column.pg_type == "timestamp with time zone":
        default = sql.Literal(" " + column.options.get("defaultTimezone", "UTC"))
        pieces.append(field("offset") if "offset" in fields else default)
    canonical = sql.SQL(" || ").join(pieces)
    return _valid(
        sql.SQL("CASE WHEN {} ~ {} THEN {} END").format(text, sql.Literal(pattern), canonical), column.pg_type
    )


def _year(fields: list[str], field: Callable[[str], sql.Composable]) -> sql.Composable:
    if "year" in fields:
        return field("year")
    # POSIX: 69-99 are of the twentieth century.
    return sql.SQL("(CASE WHEN {0} < '69' THEN '20' ELSE '19' END || {0})").format(field("year2"))


def _month(fields: list[str], field: Callable[[str], sql.Composable]) -> sql.Composable:
    if "month" in fields:
        return field("month")
    name = sql.SQL("lower({})").format(field("month_name"))
    cases = [
        sql.SQL("WHEN {} = ANY ({}) THEN {}").format(name, sql.Literal(list(names)), sql.Literal(f"{n:02}"))
        for n, names in enumerate(MONTHS, 1)
    ]
    return sql.SQL("CASE {} END").format(sql.SQL(" ").join(cases))


def _clock(fields: list[str], field: Callable[[str], sql.Composable]) -> list[sql.Composable]:
    pieces = [field("hour"), sql.SQL("':'"), field("minute") if "minute" in fields else sql.SQL("'00'")]
    if "second" in fields:
        pieces += [sql.SQL("':'"), field("second")]
    if "fraction" in fields:
        pieces += [sql.SQL("'.'"), field("fraction")]
    return pieces
