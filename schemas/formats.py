"""Date and time formats, in the letters of Java's DateTimeFormatter as ODCS prescribes.

`yyyy MM dd` are fixed-width digits, `M d H` may be one or two digits, `yy` is 2000-2068 or
1969-1999 (the POSIX rule), `MMM` and `MMMM` are month names in Indonesian or English, `XXX` is a
zone offset. `excel` is a spreadsheet's day number (1900 system). ` | ` stands between alternatives.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

EXCEL = "excel"
DEFAULTS = {"date": "yyyy-MM-dd"}

_TOKEN = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|dd|d|HH|H|mm|ss|S{1,6}|XXX|'[^']*'|[-/. :,T]")
#: What each token matches, as a PostgreSQL regular expression.
_MATCHES = {
    "yyyy": r"[0-9]{4}",
    "yy": r"[0-9]{2}",
    "MM": r"[0-9]{2}",
    "M": r"[0-9]{1,2}",
    "dd": r"[0-9]{2}",
    "d": r"[0-9]{1,2}",
    # PostgreSQL would take 24:00 and :60 and move on to the next day or minute.
    "HH": r"(?:[01][0-9]|2[0-3])",
    "H": r"(?:[01]?[0-9]|2[0-3])",
    "mm": r"[0-5][0-9]",
    "ss": r"[0-5][0-9]",
    "MMM": r"[A-Za-z]{3,4}",
    "MMMM": r"[A-Za-z]{3,9}",
    "XXX": r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)",
}
_NAMES = ("MMM", "MMMM", "XXX")
#: Field of a date or time that each token gives.
FIELDS = {
    "yyyy": "year",
    "yy": "year2",
    "MM": "month",
    "M": "month",
    "MMM": "month_name",
    "MMMM": "month_name",
    "dd": "day",
    "d": "day",
    "HH": "hour",
    "H": "hour",
    "mm": "minute",
    "ss": "second",
    "XXX": "offset",
}
#: Month names and their usual short forms, lower case, by month. Source: KBBI; Excel's Indonesian locale.
MONTHS = (
    ("jan", "januari", "january"),
    ("feb", "peb", "februari", "pebruari", "february"),
    ("mar", "maret", "march"),
    ("apr", "april"),
    ("mei", "may"),
    ("jun", "juni", "june"),
    ("jul", "juli", "july"),
    ("agu", "agt", "ags", "agst", "aug", "agustus", "august"),
    ("sep", "sept", "september"),
    ("okt", "oct", "oktober", "october"),
    ("nov", "nop", "november", "nopember"),
    ("des", "dec", "desember", "december"),
)


@dataclass(frozen=True)
class Part:
    """One token of a format: what it `matches` (a regular expression), and either the `field` it gives
    or the `literal` it is. `width` is its length in characters, None when that varies."""

    matches: str
    field: str | None = None
    literal: str = ""
    width: int | None = None


def parse_format(text: str) -> tuple[Part, ...] | None:
    """The format's parts in order, or None when it can't be read: an unknown letter, a field twice, or
    nothing to tell where a field of varying length ends."""
    parts: list[Part] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        parts.append(_part(token[0]))
        position = token.end()
    return tuple(parts) if _is_readable(parts) else None


def _part(token: str) -> Part:
    if token in _MATCHES:
        return Part(
            _MATCHES[token],
            FIELDS[token],
            width=len(token) if len(token) in (2, 4) and token not in _NAMES else None,
        )
    if token.startswith("S"):
        return Part(rf"[0-9]{{{len(token)}}}", "fraction", width=len(token))
    literal = token.strip("'") if token.startswith("'") else token
    return Part(re.escape(literal) if literal != "/" else "/", literal=literal, width=len(literal))


def _is_readable(parts: list[Part]) -> bool:
    fields = [part.field for part in parts if part.field]
    if not fields or len(set(fields)) < len(fields) or "offset" in fields[:-1]:
        return False
    varies = False
    for part in parts:
        if part.field and varies and part.field != "offset":
            return False
        varies = bool(part.field) and part.width is None
    return True


def alternatives(text: str) -> tuple[str, ...]:
    """The formats that `dd/MM/yyyy | d-MMM-yy | excel` names, in order; a bar in quotes is a literal."""
    return tuple("".join(piece).strip() for piece in _between_bars(text))


def _between_bars(text: str) -> Iterator[list[str]]:
    piece: list[str] = []
    for token in re.findall(r"'[^']*'|.", text, re.DOTALL):
        if token == "|":
            yield piece
            piece = []
        else:
            piece.append(token)
    yield piece


def is_known_format(text: str) -> bool:
    """Whether the hub can read dates or times written like this, without alternatives."""
    return text == EXCEL or parse_format(text) is not None


def reads_otherwise(texts: tuple[str, ...]) -> tuple[str, str] | None:
    """Two of these formats that take one text for different values, as `d/M/yyyy` and `M/d/yyyy` do."""
    known = [text for text in texts if is_known_format(text)]
    for one, other in permutations(known, 2):
        if one != EXCEL and any(
            _fields_of(sample, other) not in (None, _fields_of(sample, one)) for sample in _samples(one)
        ):
            return one, other
    return None


#: What each field holds in a sample: all different, and each of them good for a day, a month and a year.
_SAMPLE = {"year2": "05", "month": "11", "day": "12", "hour": "08", "minute": "09", "second": "10"}


def _samples(text: str) -> Iterator[str]:
    """The same moment written in the format, with fields of varying width as long and as short as can be."""
    parts = parse_format(text) or ()
    for short in (False, True):
        for year, sample in (("2012", _SAMPLE), ("1101", {**_SAMPLE, "month": "03", "day": "04"})):
            yield "".join(_written(part, {**sample, "year": year}, short) for part in parts)


def _written(part: Part, sample: dict[str, str], short: bool) -> str:
    if part.field is None:
        return part.literal
    if part.field == "fraction":
        return "7" * (part.width or 1)
    value = {"month_name": MONTHS[int(sample["month"]) - 1][0], "offset": "+07:00"} | sample
    return value[part.field].lstrip("0") if short and part.width is None else value[part.field]


def _fields_of(text: str, form: str) -> dict[str, str] | None:
    """The fields of a text read in the format, without leading zeros; None when it isn't written so."""
    if form == EXCEL:
        return {"serial": text} if re.fullmatch(r"[0-9]{1,6}", text) else None
    parts = parse_format(form) or ()
    found = re.fullmatch(
        "".join(f"(?P<{p.field}>{p.matches})" if p.field else p.matches for p in parts), text
    )
    if found is None:
        return None
    return {name: value.lstrip("0").lower() for name, value in found.groupdict().items()}
