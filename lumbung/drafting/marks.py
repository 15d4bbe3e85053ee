"""Numbers as texts: which marks they are written with, and whether a column is made of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: The hub takes blanks off a number, no other white space (a hard blank makes it a text).
BLANK = " "
#: Whole numbers longer than this (digits) are numbers only by accident: identifiers, which stay text.
LONGEST_INTEGER = 15
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+")


@dataclass(frozen=True)
class Marks:
    """The mark before the decimals, and the one between thousands (empty for none)."""

    decimal: str = "."
    group: str = ""


@dataclass(frozen=True)
class Numeric:
    """A column of numbers: `kind` is integer, number or float; `scale` the most decimals seen."""

    kind: str
    scale: int = 0
    is_grouped: bool = False


PLAIN = Marks()
_TRIED = (Marks(",", ""), Marks(",", "."), Marks(".", ","), Marks(".", " "), Marks(",", " "))


def numeric(values: Iterable[str], marks: Marks = PLAIN) -> Numeric | None:
    """What kind of numbers all the values are; None when one of them is none, or must stay text."""
    scale, grouped, floats, longest = 0, False, False, 0
    shape = _shape(marks)
    for value in values:
        text = value.strip(BLANK)
        if marks == PLAIN and _EXPONENT.fullmatch(text):
            floats = True
        elif not shape.fullmatch(text):
            return None
        else:
            whole, _, decimals = text.partition(marks.decimal)
            grouped = grouped or bool(marks.group and marks.group in whole)
            scale, longest = max(scale, len(decimals)), max(longest, sum(c.isdigit() for c in whole))
    if floats:
        # What has lost its digits to an exponent before it came is no number to count with.
        return None if scale == 0 else Numeric("float", scale)
    if scale:
        return Numeric("number", scale, grouped)
    return Numeric("integer", 0, grouped) if longest <= LONGEST_INTEGER else None


def marks_of(columns: Sequence[Sequence[str]]) -> tuple[Marks, bool]:
    """The marks that most columns of numbers are written with; True when they leave a doubt.

    `columns` are the distinct values of each. `1.234` alone may be a thousand or one and a bit: the doubt.
    """
    plain = sum(numeric(column) is not None for column in columns if column)
    best, most = PLAIN, plain
    for marks in _TRIED:
        found = [numeric(column, marks) for column in columns if column]
        count = sum(item is not None for item in found)
        if count > most:
            best, most = marks, count
    return best, best == PLAIN and any(_is_doubtful(column) for column in columns if column)


def _shape(marks: Marks) -> re.Pattern[str]:
    decimal, group = re.escape(marks.decimal), re.escape(marks.group)
    grouped = rf"[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+|" if group else ""
    return re.compile(rf"[+-]?({grouped}0|[1-9][0-9]*)({decimal}[0-9]+)?")


def _is_doubtful(column: Sequence[str]) -> bool:
    dotted = [value for value in column if "." in value]
    return bool(dotted) and all(
        re.fullmatch(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}", v.strip(BLANK)) for v in dotted
    )
