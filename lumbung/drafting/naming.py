"""Names for the warehouse from those at the source: snake_case, unique, none that the hub uses itself."""

import re
import unicodedata
from collections.abc import Sequence

from schemas.contract import MAX_IDENTIFIER, RESERVED

#: A dataset's table, `source__dataset`, has at most this many bytes: the hub adds load numbers to it.
LONGEST_TABLE = 48
#: Signs that are words, said as such rather than dropped.
_SIGNS = {"%": " pct ", "&": " and ", "+": " plus ", "#": " number ", "²": "2", "³": "3"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(text: str) -> str:
    """`TargetRKPD 2024` as `target_rkpd_2024`; empty when no letter or digit is left."""
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", plain).lower()).strip("_")


def column_names(titles: Sequence[str]) -> list[str]:
    """One name for each title, in order: all different, none too long or reserved."""
    names: list[str] = []
    for place, title in enumerate(titles, 1):
        name = _begun(snake(title) or f"column_{place}", "c")
        name = f"{name}_value" if name in RESERVED else name
        names.append(_free(_cut(name, MAX_IDENTIFIER), names, MAX_IDENTIFIER))
    return names


def source_name(text: str) -> str:
    """The name of a source: what is left of it leaves room for a dataset's."""
    return _cut(_begun(snake(text) or "source", "s"), LONGEST_TABLE // 2)


def dataset_names(source: str, titles: Sequence[str]) -> list[str]:
    """The names of a source's datasets, all different, short enough to stand behind the source's."""
    longest = LONGEST_TABLE - len(source) - 2
    names: list[str] = []
    for title in titles:
        names.append(_free(_cut(_begun(snake(title) or "rows", "d"), longest), names, longest))
    return names


def _begun(name: str, letter: str) -> str:
    """Names begin with a letter."""
    return name if name[0].isalpha() else f"{letter}_{name}"


def _cut(name: str, longest: int) -> str:
    return name[:longest].rstrip("_")


def _free(name: str, taken: Sequence[str], longest: int) -> str:
    """The name, or the first of `name_2`, `name_3`, ... that is not taken."""
    found, number = name, 2
    while found in taken:
        found = f"{_cut(name, longest - len(str(number)) - 1)}_{number}"
        number += 1
    return found
