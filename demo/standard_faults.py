"""Faults that follow from a contract: a value for each row rule that breaks that rule alone."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from demo.faults import Fault, Pool, Wrong
from schemas.contract import Column, Contract

#: Texts of which one breaks nearly every pattern.
_ODD = ("?", "TIDAK SESUAI", "0", "#REF!")
#: Logical types that a text has to be read as.
_TYPES_READ = ("integer", "number", "date", "timestamp")
#: A number that no row has.
_NO_ROW = 99_999_999


def standard_faults(
    contract: Contract,
    *,
    pool: Pool | None = None,
    wrong: Mapping[str, tuple[Wrong, ...]] | None = None,
    life: int | None = 1,
    daily: int = 0,
) -> tuple[Fault, ...]:
    """A fault of one victim for each row rule, and one duplicated key.

    `wrong` gives values in the place of derived ones by reason code (`sex_code:enum`), an empty tuple to
    leave the rule out. `pool`, `life` and `daily` are those of `Fault`, the same for all.
    Raises ValueError for a rule of which no value can be derived: give it in `wrong`.
    """
    given = dict(wrong or {})
    found: dict[str, tuple[str, tuple[Wrong, ...]]] = {}
    for code, column, value in _rules(contract):
        values = given.pop(code) if code in given else _only(contract, code, value)
        if values:
            found[code] = (column.source_name, values)
    if given:
        raise ValueError(f"{contract.id} states no rule {', '.join(sorted(given))}")
    return tuple(
        Fault(contract.id, code, column, values, daily=daily, life=life, pool=pool)
        for code, (column, values) in found.items()
    )


def _only(contract: Contract, code: str, value: tuple[Wrong, ...] | None) -> tuple[Wrong, ...]:
    if value is None:
        raise ValueError(f"{contract.id}: no value is known to break {code} alone; give one in `wrong`")
    return value


def _rules(contract: Contract) -> Iterator[tuple[str, Column, tuple[Wrong, ...] | None]]:
    """Reason code, column and the values that break the rule; None where they can't be derived."""
    named = {name for reference in contract.references for name in reference.columns}
    for column in contract.columns:
        for rule, values in _of_column(column):
            # What can't be read names no row either: the reference is broken instead.
            if rule == "type" and column.name in named:
                continue
            yield f"{column.name}:{rule}", column, values
    for reference in contract.references:
        column = contract.column(reference.columns[0])
        yield f"{column.name}:reference", column, _nothing_named(column)
    told = next((c for c in contract.columns if _parts_copies(contract, c)), None)
    if told is not None and contract.sync.duplicates == "refuse":
        yield ":duplicate_key", told, None if told.options else ("Tercatat dua kali",)


def _of_column(column: Column) -> Iterator[tuple[str, tuple[Wrong, ...] | None]]:
    options, is_key = column.options, column.key_position is not None
    if column.required and not is_key:
        yield "required", (None,)
    if column.logical_type in _TYPES_READ and not is_key:
        yield "type", ("#N/A",)
    if "pattern" in options:
        yield "pattern", _odd(column)
    for rule, step in (("minimum", -1), ("maximum", 1)):
        if rule in options:
            yield rule, _beyond(column, options[rule], step)
    if {"minLength", "maxLength"} & options.keys():
        yield "length", _too_long(column)
    if column.enum:
        yield "enum", ("99" if column.logical_type == "integer" else "LAINNYA?",)
    if column.unique:
        yield "unique", ("",)
    scale = re.fullmatch(r"numeric\(\d+, ?(\d+)\)", column.pg_type)
    if scale and not is_key:
        yield "scale", (f"{max(options.get('minimum', 0), 0)}.{'1' * (int(scale[1]) + 1)}",)


def _odd(column: Column) -> tuple[Wrong, ...] | None:
    longest = column.options.get("maxLength", 100)
    odd = (text for text in _ODD if len(text) <= longest and not re.search(column.options["pattern"], text))
    text = next(odd, None)
    return None if text is None else (text,)


def _beyond(column: Column, bound: object, step: int) -> tuple[Wrong, ...] | None:
    if column.logical_type == "date":
        day = date.fromisoformat(str(bound)) + timedelta(days=step)
        written = str(column.options.get("format", "yyyy-MM-dd"))
        for letters, form in (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d")):
            written = written.replace(letters, form)
        return (day.strftime(written),)
    if isinstance(bound, int | float):
        return (bound + step,)
    return None


def _too_long(column: Column) -> tuple[Wrong, ...] | None:
    longest = column.options.get("maxLength")
    return None if longest is None or "pattern" in column.options else ("X" * (longest + 1),)


def _nothing_named(column: Column) -> tuple[Wrong, ...] | None:
    if column.logical_type == "integer":
        return (_NO_ROW,)
    return None if column.options.get("pattern") else ("TIDAK-ADA",)


def _parts_copies(contract: Contract, column: Column) -> bool:
    """Where a key's second row differs: in what is unique, or that is broken too; else in a free text."""
    if any(other.unique for other in contract.columns):
        return column.unique
    named = {name for reference in contract.references for name in reference.columns}
    ruled = column.options or column.enum or column.key_position is not None
    return column.logical_type == "string" and not ruled and column.name not in named
