"""Levels and conditions that most models need, in place of writing their SQL again."""

from lumbung.linkage.model import Comparison, Level


def same(column: str, *, frequency: bool = False, label: str = "same") -> Level:
    """Both sides equal; with `frequency`, rare values count more."""
    return Level(label, f"{column}_l = {column}_r", frequency=column if frequency else "")


def typo(column: str, edits: int = 1, *, label: str = "typo") -> Level:
    """At most so many letters wrong, left out, added or swapped with the next (Damerau, Levenshtein)."""
    return Level(label, f"damerau_levenshtein({column}_l, {column}_r) <= {edits}")


def similar(column: str, least: float, *, label: str = "similar") -> Level:
    """A Jaro-Winkler similarity of `least` (0 to 1) or more."""
    return Level(label, f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}")


def swapped(one: str, other: str, *, label: str = "swapped") -> Level:
    """Each side's value stands in the other's other column."""
    return Level(label, f"{one}_l = {other}_r AND {other}_l = {one}_r")


def otherwise(label: str = "different") -> Level:
    """Everything else: the last level of each comparison."""
    return Level(label)


def missing(*columns: str) -> str:
    """The condition that one of the columns is missing on either side."""
    return " OR ".join(f"{column}_{side} IS NULL" for column in columns for side in "lr")


def compare(column: str, *levels: Level, name: str = "") -> Comparison:
    """A comparison of one column, ending in `different`, missing where either side is NULL."""
    return Comparison(name or column, (*levels, otherwise()), missing(column))
