"""What no JSON schema can say about how a contract's texts become values: extracts, numbers, date cells."""

import re
from collections.abc import Iterator
from unicodedata import category

from schemas.contract import Contract, Numbers
from schemas.formats import alternatives, reads_otherwise
from schemas.patterns import bad_pattern, groups_of

Refusal = tuple[str, str]

_SPREADSHEETS = ("xlsx", "xls", "ods")
#: Kinds of source that are asked for rows since the watermark, and so have to hold it as a column.
_ASKED = ("postgres", "mysql", "sqlite", "sqlserver", "oracle", "api")
#: Endings of a round sum, as in `1.000,-`.
_ENDING = re.compile(r"[.,][-–=]+")  # noqa: RUF001
_DAY, _CLOCK = "yyyy-MM-dd", "HH:mm:ss"
_ISO = {"date": (_DAY,), "timestamp": (_DAY, f"{_DAY} {_CLOCK}"), "time": (_CLOCK,)}


def text_refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the contract's texts can't be read."""
    yield from _extracts(contract)
    for where, reason in _numbers(contract.read.numbers, contract.read.null_tokens):
        yield f"customProperties.read.numbers.{where}", reason
    if contract.server is not None and contract.server.kind in _SPREADSHEETS:
        yield from _cells(contract)


def _extracts(contract: Contract) -> Iterator[Refusal]:
    asked = contract.server is not None and contract.server.kind in _ASKED
    for name, pattern in contract.read.extract.items():
        where = f"customProperties.read.extract.{name}"
        if name not in contract.names:
            yield where, "names a column that isn't there"
        elif (reason := bad_pattern(pattern)) is not None:
            yield where, reason
        elif (count := groups_of(pattern)) != 1:
            yield (
                where,
                f"has {count} groups; expected one, around the part to take: write (?:...) for others",
            )
        elif asked and name in contract.sync.watermark:
            yield where, "is the watermark, which the source has to hold by itself"


def _numbers(numbers: Numbers, null_tokens: tuple[str, ...]) -> Iterator[Refusal]:
    for text in numbers.currency:
        if (reason := _bad_currency(text)) is not None:
            yield "currency", f"{text!r}: {reason}"
    for text in numbers.zero_tokens:
        if any(c.isdigit() for c in text):
            yield "zeroTokens", f"{text!r}: a text with digits would hide a number"
        elif text != text.strip(" "):
            yield "zeroTokens", f"{text!r}: blanks around numbers are taken off; leave them out"
        elif text in null_tokens:
            yield "zeroTokens", f"{text!r} is one of nullTokens too, which means no value"


def _bad_currency(text: str) -> str | None:
    """Why a text beside a number can't be a currency."""
    if text != text.strip(" "):
        return "blanks beside a number are taken off; leave them out"
    if any(c.isdigit() or c in "+()%" for c in text):
        return "a currency has no digits, signs, parentheses or %"
    if _ENDING.fullmatch(text):
        return None
    if "-" in text or not any(c.isalpha() or category(c) == "Sc" for c in text):
        return "expected a currency's name or sign, such as Rp, or an ending such as ,-"
    return None


def _cells(contract: Contract) -> Iterator[Refusal]:
    """A true date cell arrives in ISO form, which a declared format must not read as another day."""
    for column in contract.columns:
        form = column.options.get("format", "") if column.logical_type in _ISO else ""
        for declared in alternatives(form):
            for iso in _ISO.get(column.logical_type, ()):
                if reads_otherwise((declared, iso)):
                    where = f"schema.{contract.name}.properties.{column.name}.logicalTypeOptions.format"
                    yield where, f"{declared!r} would read true cells, which come as {iso}, as something else"
