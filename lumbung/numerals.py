"""Numbers as people write them, in SQL: marks, currency, minus in parentheses, words for nothing.

A text in one of the forms that the contract declares becomes a plain number (`-1234567.89`); what is in none
of them stays no number. Currency texts hold no digits (the contract is refused otherwise), so a number is
what stands from the first digit to the last.
"""

import re

from psycopg import sql

from schemas.contract import Column, Numbers, Read
from schemas.types import precision_and_scale


def is_plain(read: Read) -> bool:
    """Whether numbers are written as PostgreSQL writes them, so that no text has to be changed."""
    return _has_plain_marks(read) and read.numbers == Numbers()


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
    """`(Rp 1.234,50)` as `-1234.50`, when the contract declares such forms; NULL when marks are misplaced."""
    trimmed = sql.SQL("btrim({})").format(text)
    if is_plain(read):
        return trimmed
    cases = [sql.SQL("WHEN {} ~ {} THEN '0'").format(trimmed, sql.Literal(zero)) for zero in _zeros(read)]
    cases += [
        sql.SQL("WHEN {} ~ {} THEN {}").format(trimmed, sql.Literal(shape), _magnitude(trimmed, read, sign))
        for shape, sign in _shapes(read)
    ]
    # With plain marks a number in no declared form is still one: 1e5 of a floating-point column.
    otherwise = trimmed if _has_plain_marks(read) else sql.SQL("NULL")
    return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(cases), otherwise)


def _has_plain_marks(read: Read) -> bool:
    return read.decimal_mark == "." and not read.group_mark


def _magnitude(text: sql.Composable, read: Read, sign: str) -> sql.Composable:
    """The number's digits and its decimal point, after the sign."""
    digits = sql.SQL("replace(replace(substring({} from '[0-9](?:.*[0-9])?'), {}, ''), {}, '.')").format(
        text, sql.Literal(read.group_mark), sql.Literal(read.decimal_mark)
    )
    return sql.SQL("{} || {}").format(sql.Literal(sign), digits) if sign else digits


def _shapes(read: Read) -> list[tuple[str, str]]:
    """Each way to write a number, as a regular expression, and the sign it gives."""
    group, decimal = re.escape(read.group_mark), re.escape(read.decimal_mark)
    whole = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    number = rf"{whole}(?:{decimal}[0-9]+)?"
    before, after = _currency(read.numbers)
    shapes = [
        (rf"^(?:\+?{before}|{before}\+?){number}{after}$", ""),
        (rf"^(?:-{before}|{before}-){number}{after}$", "-"),
    ]
    if "parentheses" in read.numbers.negatives:
        shapes.append((rf"^(?:\({before}{number}{after}\)|{before}\({number}\){after})$", "-"))
    if "trailing" in read.numbers.negatives:
        shapes.append((rf"^{before}{number}-{after}$", "-"))
    return shapes


def _zeros(read: Read) -> list[str]:
    """The regular expression of the texts that mean 0, if there are any."""
    if not read.numbers.zero_tokens:
        return []
    before, after = _currency(read.numbers)
    return [rf"^{before}(?:{_either(read.numbers.zero_tokens)}){after}$"]


def _currency(numbers: Numbers) -> tuple[str, str]:
    """What may stand before and after a number: a currency text with blanks between, and a % behind."""
    # A text of marks only, as in `1.000,-`, is an ending: before a number it would be half of another one.
    named = [text for text in numbers.currency if any(c not in ".,-–=" for c in text)]  # noqa: RUF001
    before = rf"(?:(?:{_either(named)}) *)?" if named else ""
    after = rf"(?: *(?:{_either(numbers.currency)}))?" if numbers.currency else ""
    return before, after + ("(?: *%)?" if numbers.percent else "")


def _either(texts: tuple[str, ...] | list[str]) -> str:
    return "|".join(re.escape(text) for text in texts)
