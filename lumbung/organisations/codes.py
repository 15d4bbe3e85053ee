"""Organisation codes: 22 characters, such as `1.01.0.00.0.00.01.0000` [Permendagri 90/2019].

Three fields of affairs of 1+2 characters (0.00 for none), the agency's number of 2, its unit's of 4: 0000
is the agency itself. They are written with dots, without, and without the unit. Who has which code is for a
table to say.
"""

import re
import unicodedata

WIDTHS = (1, 2, 1, 2, 1, 2, 2, 4)
_MARKED = re.compile(r"[0-9X]+(?:[ ./-][0-9X]+)*")
_AGENCY = "0000"
_NO_AFFAIR = ("0", "00")


def canonical(text: str) -> str | None:
    """The code with dots and unit; None when the text has no form of one."""
    cleaned = unicodedata.normalize("NFKC", text).strip().removeprefix("'").strip().upper()
    if not _MARKED.fullmatch(cleaned):
        return None
    parts = re.split(r"[ ./-]", cleaned)
    if len(parts) == 1:
        parts = _cut(cleaned)
    if len(parts) == len(WIDTHS) - 1:
        parts.append(_AGENCY)
    return ".".join(parts) if _is_good(parts) else None


def agency_of(code: str) -> str:
    """The code of the agency that a canonical code is of, or whose unit it is."""
    return f"{code[: -len(_AGENCY)]}{_AGENCY}"


def _cut(digits: str) -> list[str]:
    """Parts of these widths, with the unit or without; none when there are too many digits or too few."""
    if len(digits) not in (sum(WIDTHS), sum(WIDTHS[:-1])):
        return []
    ends = [sum(WIDTHS[: number + 1]) for number in range(len(WIDTHS))]
    parts = [digits[end - width : end] for width, end in zip(WIDTHS, ends, strict=True)]
    return [part for part in parts if part]


def _is_good(parts: list[str]) -> bool:
    """The right widths, a first field of affairs, and an agency with a number."""
    widths = tuple(len(part) for part in parts)
    return widths == WIDTHS and tuple(parts[:2]) != _NO_AFFAIR and parts[6].isdigit() and parts[6] != "00"
