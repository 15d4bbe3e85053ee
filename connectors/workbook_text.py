"""Cells of spreadsheets as exact texts."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import cast

#: Excel keeps 15 digits: a longer number is no longer the one that was typed.
EXACT = 10**15

Cell = str | float | bool | date | time | timedelta
Texts = list[str]


def texts_of(rows: list[list[Cell]], typed: set[int]) -> list[Texts]:
    """The rows with every cell as text, in the same lists.

    `typed` are the places at which other cells than texts were met; those met now are added to them, so
    that the texts, which most cells are, need no call and no look of their own.
    """
    for place in typed:
        for cells in rows:
            cell = cells[place]
            if cell.__class__ is not str:
                cells[place] = text(cell)
    if set(map(type, chain.from_iterable(rows))) - {str}:
        typed.update(place for cells in rows for place, cell in enumerate(cells) if type(cell) is not str)
        return texts_of(rows, typed)
    return cast(list[Texts], rows)


def text(cell: Cell) -> str:
    """The cell's value as exact text; empty for an empty one.

    Excel knows one kind of number: a whole one is written without a fraction, one that is longer than
    Excel can keep in scientific form, so that a NIK typed as a number is never taken for a sound one.
    """
    if type(cell) is float:
        return _number(cell)
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        return _number(float(cell))
    if isinstance(cell, timedelta):
        return _duration(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()


def _number(value: float) -> str:
    if not -EXACT < value < EXACT:
        return f"{Decimal(repr(value)).normalize():E}"
    if value.is_integer():
        return str(int(value))
    shortest = repr(value)
    return f"{Decimal(shortest):f}" if "e" in shortest else shortest


def _duration(value: timedelta) -> str:
    seconds, fraction = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return ("-" if value < timedelta(0) else "") + clock + (f".{fraction:06}" if fraction else "")
