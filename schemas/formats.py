"""Date and time formats, in the letters of Java's DateTimeFormatter as ODCS prescribes.

`yyyy MM dd` are fixed-width digits, `M d H` may be one or two digits, `yy` is 2000-2068 or
1969-1999 (the POSIX rule), `MMM` and `MMMM` are month names in Indonesian or English, `XXX` is a
zone offset. `excel` is a spreadsheet's day number (1900 system).
"""

import re
from dataclasses import dataclass

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
    """One token of a format: what it `matches` (a regular expression) and the `field` it gives."""

    matches: str
    field: str | None = None


def parse_format(text: str) -> tuple[Part, ...] | None:
    """The format's parts in order, or None when a letter in it means nothing to the hub."""
    parts, position = [], 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        parts.append(_part(token[0]))
        position = token.end()
    fields = [part.field for part in parts if part.field]
    return tuple(parts) if fields and len(set(fields)) == len(fields) else None


def _part(token: str) -> Part:
    if token in _MATCHES:
        return Part(_MATCHES[token], FIELDS[token])
    if token.startswith("S"):
        return Part(rf"[0-9]{{{len(token)}}}", "fraction")
    literal = token.strip("'") if token.startswith("'") else token
    return Part(re.escape(literal) if literal != "/" else "/")


def is_known_format(text: str) -> bool:
    """Whether the hub can read dates or times written like this."""
    return text == EXCEL or parse_format(text) is not None
