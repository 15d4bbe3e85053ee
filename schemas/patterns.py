"""Regular expressions that PostgreSQL can use.

Contracts write them as ECMA-262 (the standard says so); rows are judged by PostgreSQL, whose advanced
regular expressions differ. What PostgreSQL refuses, or reads as something else, is refused here.
"""

import re
import warnings

#: PostgreSQL counts no further in `{n}`.
_MOST_REPEATS = 255
_FOREIGN = {
    "look-behind": r"\(\?<[=!]",
    "named groups": r"\(\?P?<|\(\?P",
    "inline flags": r"\(\?-?[aiLmsux]+[-:)]",
    "atomic or conditional groups": r"\(\?[>(]",
    "possessive quantifiers": r"[*+?}]\+",
    # In PostgreSQL \b is a backspace and \B a backslash.
    "word boundaries by \\b; write \\y": r"\\b",
    "the escape \\B; write \\Y": r"\\B",
    "the escapes \\p, \\P, \\k, \\N, \\z": r"\\[pPkNz]",
    "repetition without a lower bound": r"\{,",
}
_REPEATS = re.compile(r"\{(\d+)(?:,(\d*))?\}")


def bad_pattern(pattern: str) -> str | None:
    """Why PostgreSQL can't use this regular expression, or None when it can."""
    said = f"bad regular expression {pattern!r}: "
    try:
        with warnings.catch_warnings():
            # `[[:digit:]]` is a class in PostgreSQL; Python warns that it might become one.
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{said}{error}"
    # An escaped backslash, a class and an escaped bracket can't begin what is looked for.
    bare = re.sub(r"\\[\\({\[*+?}]", "_", pattern)
    bare = re.sub(r"\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]", "_", bare)
    for what, foreign in _FOREIGN.items():
        if re.search(foreign, bare):
            return f"{said}PostgreSQL has no {what}"
    if any(int(n) > _MOST_REPEATS for pair in _REPEATS.findall(bare) for n in pair if n):
        return f"{said}PostgreSQL repeats at most {_MOST_REPEATS} times"
    return None
