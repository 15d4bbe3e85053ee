"""What a contract's regular expression looks like to people: how many digits, or a text that it matches."""

import re

_DIGITS = re.compile(r"(?:\[0-9\]|\\d)\{([0-9]+)\}")
_OPTIONAL = re.compile(r"(?<!\\)\((?!\?[=!<])(?:\\.|[^()\\])*\)[?*]")
_LOOK = re.compile(r"\(\?[=!<][^()]*\)")
#: One piece of the simple expressions that contracts use, and how often it repeats.
_PIECE = re.compile(
    r"(?P<look>\(\?[=!<][^()]*\))"
    r"|(?P<group>\((?:\?:)?(?P<choices>[^()]*)\))(?P<optional>[?*])?"
    r"|(?P<one>\[(?P<negated>\^)?(?P<class>(?:\\.|[^\]\\])+)\]|\\[dw]|\\[^A-Za-z0-9]|[^\\()\[\]{}?*+|^$])"
    r"(?P<times>\{(?P<count>[0-9]+)(?:,[0-9]*)?\}|[?*+])?"
)


def digits_of(pattern: str) -> int | None:
    """16 for `^[0-9]{16}$`, or with a look-ahead in it; None for anything that is not just so many digits."""
    counts = _DIGITS.findall(pattern)
    rest = _DIGITS.sub("", _LOOK.sub("", pattern))
    return sum(map(int, counts)) if counts and rest == "^$" else None


def has_more(pattern: str) -> bool:
    """Whether the digits have to meet a further condition, by look-ahead."""
    return _LOOK.search(pattern) is not None


def example_of(pattern: str) -> str:
    """A text that matches, e.g. `11111/SP2D/UP/1111`; empty when none is found by simple means."""
    expression, shorter = pattern.removeprefix("^").removesuffix("$"), 1
    while shorter:
        # From the innermost on: what may be left out is left out.
        expression, shorter = _OPTIONAL.subn("", expression)
    made = _made(expression)
    try:
        return made if made and re.fullmatch(pattern, made) else ""
    except re.error:
        return ""


def _made(expression: str) -> str:
    """A text for the expression; empty when it has pieces beyond those that are known here."""
    text, position = "", 0
    while position < len(expression):
        piece = _PIECE.match(expression, position)
        if piece is None:
            return ""
        text += _one(piece)
        position = piece.end()
    return text


def _one(piece: re.Match[str]) -> str:
    if piece["look"]:
        return ""
    if piece["group"]:
        return "" if piece["optional"] else _made(piece["choices"].split("|")[0])
    times = piece["times"] or ""
    count = int(piece["count"]) if piece["count"] else 0 if times in ("?", "*") else 1
    return _sign(piece) * count


def _sign(piece: re.Match[str]) -> str:
    """A character that the piece matches."""
    one = piece["one"]
    if piece["negated"]:
        return next(sign for sign in "A1~" if sign not in piece["class"])
    if one.startswith("["):
        kinds = piece["class"]
        return "1" if "0-9" in kinds or "1-9" in kinds else kinds[:1].replace("\\", kinds[1:2])
    if one.startswith("\\"):
        return {"d": "1", "w": "A"}.get(one[1], one[1])
    return "A" if one == "." else one
