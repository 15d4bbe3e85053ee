"""From reason codes to words: what is wrong with a refused row and how its owner mends it.

Codes (`column:rule`, `:rule` for the whole row) are what the warehouse keeps; people read these words,
in Indonesian or English. The words come from the contract alone, so they never hold a value of the row.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lumbung.patterns import digits_of, example_of, has_more
from lumbung.reason_words import NOUNS, SENTENCES, Language
from schemas.contract import Column, Contract
from schemas.formats import DEFAULTS, EXCEL, alternatives
from schemas.types import INTEGER_BOUNDS, precision_and_scale

__all__ = ["Explanation", "Language", "column_name", "explain"]

#: Allowed values are listed up to here; longer lists stand in the contract.
_MOST_VALUES = 12
#: Excel keeps 15 digits of a number and rounds the others to 0.
_EXCEL_DIGITS = 15
_TEMPORAL = ("date", "timestamp", "time")
#: Of days and hours one says early and late, not small and large.
_IN_TIME = {
    "minimum": "earliest",
    "maximum": "latest",
    ">=": "from",
    ">": "after",
    "<=": "until",
    "<": "before",
}
_EXAMPLE = datetime(2024, 12, 31, 13, 45, 0)


@dataclass(frozen=True)
class Explanation:
    """One reason in words: the `column` as its owner calls it, the `problem`, and the `remedy`.

    `column` names several columns for a rule about a key, and is empty for a row that can't be read.
    """

    column: str
    problem: str
    remedy: str


_Expected = Callable[[Column, Contract, Language], str]


def explain(code: str, contract: Contract, language: Language = "id") -> Explanation:
    """The words for `code`, a reason of a refused row of the contract's dataset.

    A code that an older contract gave, whose column or rule is no more, is explained in general words.
    """
    name, _, rule = code.partition(":")
    column = next((c for c in contract.columns if c.name == name), None)
    columns = [column] if column else [] if name else [contract.column(key) for key in contract.key]
    words = SENTENCES[language]
    is_time = column is not None and column.logical_type in _TEMPORAL
    problem, remedy = words.get(_IN_TIME.get(rule, rule) if is_time else rule, words["?"])
    spoken = " + ".join(c.business_name or c.source_name for c in columns) or name
    fields = {"column": spoken, "expected": _expected(rule, column, contract, language)}
    called = "" if rule == "malformed" else " + ".join(map(column_name, columns)) or name
    return Explanation(called, _sentence(problem, fields), _sentence(remedy, fields))


def column_name(column: Column) -> str:
    """The column as its owner knows it: its business name, and its name at the source when that differs."""
    if not column.business_name or column.business_name.casefold() == column.source_name.casefold():
        return column.source_name
    return f"{column.business_name} ({column.source_name})"


def _sentence(text: str, fields: dict[str, str]) -> str:
    filled = text.format(**fields)
    return f"{filled[:1].upper()}{filled[1:]}."


def _expected(rule: str, column: Column | None, contract: Contract, language: Language) -> str:
    known = _EXPECTED.get(rule)
    if column is None:
        return rule
    return known(column, contract, language) if known else rule


def _form(column: Column, contract: Contract, language: Language) -> str:
    """`as a date in the form dd-MM-yyyy, e.g. 31-12-2024` and the like, after a space; else empty."""
    said = _shape(column, contract, language)
    return f" {NOUNS[language]['as']} {said}" if said else ""


def _shape(column: Column, contract: Contract, language: Language) -> str:
    nouns = NOUNS[language]
    if column.logical_type in _TEMPORAL:
        return _temporal(column, language)
    if column.logical_type == "number":
        return f"{nouns['number']}, {nouns['e.g.']} {_number_example(column, contract)}"
    pattern = column.options.get("pattern")
    if column.logical_type == "string" and isinstance(pattern, str):
        return _by_pattern(pattern, language)
    return nouns.get(column.logical_type, "") if column.logical_type != "string" else ""


def _temporal(column: Column, language: Language) -> str:
    nouns = NOUNS[language]
    form = column.options.get("format") or DEFAULTS.get(column.logical_type, "")
    written = [text for text in alternatives(form) if text and text != EXCEL]
    if not written:
        return nouns["excel" if form else column.logical_type]
    forms = f" {nouns['or']} ".join(written)
    shown = _date_example(written[0])
    return f"{nouns[column.logical_type]} {nouns['format'].format(forms)}, {nouns['e.g.']} {shown}"


_DATE_PARTS = {
    "yyyy": "%Y", "yy": "%y", "MMMM": "Desember", "MMM": "Des", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d",
    "HH": "%H", "H": "%H", "mm": "%M", "ss": "%S", "XXX": "+07:00",
}  # fmt: skip
_DATE_TOKEN = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|dd|d|HH|H|mm|ss|S+|XXX|'([^']*)'|.")


def _date_example(form: str) -> str:
    def shown(token: re.Match[str]) -> str:
        text = token[0]
        if text.startswith("S"):
            return "0" * len(text)
        return token[1] if text.startswith("'") else _EXAMPLE.strftime(_DATE_PARTS.get(text, text))

    return _DATE_TOKEN.sub(shown, form)


def _number_example(column: Column, contract: Contract) -> str:
    decimal = precision_and_scale(column.pg_type)
    scale = decimal[1] if decimal else 2
    whole = "1234" if decimal is None or decimal[0] - scale > 3 else "12"
    if contract.read.group_mark and len(whole) == 4:
        whole = f"1{contract.read.group_mark}234"
    return f"{whole}{contract.read.decimal_mark}{'5' * scale}" if scale else whole


def _by_pattern(pattern: str, language: Language) -> str:
    nouns = NOUNS[language]
    digits = digits_of(pattern)
    if digits is not None:
        said = nouns["digits"].format(digits)
        said += f" {nouns['pattern'].format(pattern)}" if has_more(pattern) else ""
        return f"{said}; {nouns['cell']}" if digits > _EXCEL_DIGITS else said
    example = example_of(pattern)
    said = f"{nouns['string']} {nouns['pattern'].format(pattern)}"
    return f"{said}, {nouns['e.g.']} {example}" if example else said


def _whole(column: Column, contract: Contract, language: Language) -> str:
    """The form of the text that the column is a part of."""
    pattern = contract.read.extract.get(column.name)
    return f" {NOUNS[language]['as']} {_by_pattern(pattern, language)}" if pattern else ""


def _least(column: Column, contract: Contract, language: Language) -> str:
    return _bound(column, language, ("minimum", ">="), ("exclusiveMinimum", ">"))


def _most(column: Column, contract: Contract, language: Language) -> str:
    return _bound(column, language, ("maximum", "<="), ("exclusiveMaximum", "<"))


def _bound(column: Column, language: Language, *options: tuple[str, str]) -> str:
    low, high = INTEGER_BOUNDS.get(column.options.get("format", ""), (None, None))
    implied: dict[str, Any] = {"minimum": low, "maximum": high}
    is_time = column.logical_type in _TEMPORAL
    found = [
        NOUNS[language][_IN_TIME[sign] if is_time else sign].format(_plain(value))
        for name, sign in options
        if (value := column.options.get(name, implied.get(name))) is not None
    ]
    return ", ".join(found)


def _plain(value: object) -> str:
    return format(Decimal(str(value)), "f") if isinstance(value, int | float) else str(value)


def _length(column: Column, contract: Contract, language: Language) -> str:
    nouns = NOUNS[language]
    least, most = column.options.get("minLength"), column.options.get("maxLength")
    if least is not None and most is not None:
        return nouns["exactly"].format(most) if least == most else nouns["between"].format(least, most)
    return nouns["at least"].format(least) if least is not None else nouns["at most"].format(most)


def _values(column: Column, contract: Contract, language: Language) -> str:
    more = len(column.enum) - _MOST_VALUES
    shown = ", ".join(column.enum[:_MOST_VALUES])
    return f"{shown} {NOUNS[language]['others'].format(more)}" if more > 0 else shown


def _scale(column: Column, contract: Contract, language: Language) -> str:
    decimal = precision_and_scale(column.pg_type)
    return str(decimal[1]) if decimal else "0"


def _multiple(column: Column, contract: Contract, language: Language) -> str:
    return _plain(column.options.get("multipleOf", "?"))


def _parent(column: Column, contract: Contract, language: Language) -> str:
    return next((r.dataset for r in contract.references if r.columns[0] == column.name), "?")


_EXPECTED: dict[str, _Expected] = {
    "required": _form,
    "type": _form,
    "pattern": _form,
    "extract": _whole,
    "minimum": _least,
    "maximum": _most,
    "length": _length,
    "enum": _values,
    "scale": _scale,
    "multiple": _multiple,
    "reference": _parent,
}
