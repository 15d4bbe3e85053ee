"""Regular expressions that PostgreSQL can use.

Rows are judged by PostgreSQL, whose advanced regular expressions differ in places from those of ECMA-262,
which the standard speaks of. What PostgreSQL refuses, or reads as something else, is refused here.
"""

import re
import warnings

#: PostgreSQL counts no further in `{n}`.
_MOST_REPEATS = 255
#: What Python takes and PostgreSQL refuses, or reads as something else.
_FOREIGN = {
    "has no named groups": r"\(\?P|\(\?<[^=!]",
    "has no flags but (?i) at the start": r"\(\?-?[aiLmsux]+[-:)]",
    "has no atomic or conditional groups": r"\(\?[>(]",
    "has no possessive quantifiers": r"[*+?}]\+",
    "takes \\b for a backspace; the edge of a word is \\y": r"\\b",
    "takes \\B for a backslash; where no word ends is \\Y": r"\\B",
    "has no \\p, \\P, \\k, \\N, \\z": r"\\[pPkNz]",
    "takes {,n} for text; write {0,n}": r"\{,",
    "wants { before a digit closed, or escaped": r"\{\d+(?!\d|,?\d*\})",
}
_REPEATS = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: An escaped backslash, bracket or quantifier, and a class: none of them begins what is looked for.
_ESCAPED = re.compile(r"\\[\\({\[*+?}]")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]")


def bad_pattern(pattern: str) -> str | None:
    """Why PostgreSQL can't use this regular expression, or None when it can."""
    said = f"bad regular expression {pattern!r}: "
    try:
        with warnings.catch_warnings():
            # `[[:digit:]]` is a class in PostgreSQL; Python warns that it might become one.
            warnings.simplefilter("ignore")
            re.compile(_ESCAPE.sub(_without_edge, pattern))
    except (re.error, OverflowError, RecursionError) as error:
        return f"{said}{error}"
    bare = _CLASS.sub("_", _ESCAPED.sub("_", pattern.removeprefix("(?i)")))
    for what, foreign in _FOREIGN.items():
        if re.search(foreign, bare):
            return f"{said}PostgreSQL {what}"
    if any(int(n) > _MOST_REPEATS for pair in _REPEATS.findall(bare) for n in pair if n):
        return f"{said}PostgreSQL repeats at most {_MOST_REPEATS} times"
    return None


def groups_of(pattern: str) -> int:
    """How many capturing groups a pattern has that `bad_pattern` finds nothing wrong with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(_ESCAPE.sub(_without_edge, pattern)).groups


def _without_edge(escape: re.Match[str]) -> str:
    r"""The escape as Python knows it: PostgreSQL's edges of words (`\y \Y \m \M`) are `\b` there."""
    return r"\b" if escape[1] in "yYmM" else escape[0]
