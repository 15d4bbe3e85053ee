"""What a linkage model is: columns, comparisons, blocks, prior and thresholds, after Fellegi and Sunter.

A level's weight is log2(m / u): m is how often records of the same entity reach it, u how often records of
different entities do. A pair's weight is the prior's and its levels' weights added up, in bits: 0 is even
odds, 10 is about 1000 : 1. SQL in a model is DuckDB's, written by whoever writes the model, never made of
data. Whatever a model gets wrong is refused when it is made, as `LinkageModelError`.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lumbung.linkage.errors import LinkageModelError

MISSING = "missing"


@dataclass(frozen=True)
class Level:
    """One degree of agreement.

    `label` says it in evidence (`same`, `typo`). `condition` is SQL over `<column>_l` and `<column>_r`; empty
    means everything else, and only the last level may be so. `frequency` names a column whose rare values
    count more than common ones: the value's share among the reference records stands for u, but at least
    `frequency_floor`, weighed by `frequency_weight` (0 to 1).
    """

    label: str
    condition: str = ""
    m: float | None = None
    u: float | None = None
    frequency: str = ""
    frequency_weight: float = 1.0
    frequency_floor: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("m", self.m), ("u", self.u)):
            _ensure(
                value is None or 0 < value <= 1, f"level {self.label}: {name} has to be above 0, at most 1"
            )
        _ensure(bool(self.label), "a level needs a label, which evidence calls it by")
        if self.frequency:
            _ensure_name(self.frequency, f"level {self.label}: frequency")

    @property
    def weight(self) -> float:
        """log2(m / u), before the frequency of the very value. Raises `LinkageModelError` if untrained."""
        if self.m is None or self.u is None:
            raise LinkageModelError(f"level {self.label}: m and u are needed; train the model or state them")
        return math.log2(self.m / self.u)

    def stated(self, m: float, u: float) -> "Level":
        """The level with its parameters, which training then leaves alone."""
        return replace(self, m=m, u=u)


@dataclass(frozen=True)
class Comparison:
    """One thing compared: its levels from the strictest to the last, empty one; the first that holds counts.

    `missing` is the condition under which nothing can be said: the pair then gets no weight from here.
    """

    name: str
    levels: tuple[Level, ...]
    missing: str

    def __post_init__(self) -> None:
        _ensure_name(self.name, "a comparison's name")
        _ensure(
            len(self.levels) > 1, f"{self.name}: at least two levels are needed, the last without condition"
        )
        empty = [not level.condition for level in self.levels]
        _ensure(
            empty.index(True) == len(empty) - 1 if any(empty) else False,
            f"{self.name}: the last level, and it alone, stands for everything else and has no condition",
        )
        _ensure_once((level.label for level in self.levels), f"{self.name}: levels")
        _ensure(bool(self.missing), f"{self.name}: say under which condition its values are missing")


@dataclass(frozen=True)
class Block:
    """Pairs worth comparing: those whose `keys` (SQL over one record's columns) are all equal and not NULL.

    `other` are the keys of the other side where they differ (swapped names); `each` names a column of lists,
    of which one element has to be equal too. Keys that more than `at_most` reference records share are left
    out, and counted: they would cost much and tell little.
    """

    name: str
    keys: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    each: str = ""
    at_most: int = 200

    def __post_init__(self) -> None:
        _ensure(bool(self.keys or self.each), f"block {self.name}: keys or each are needed")
        _ensure(
            not self.other or len(self.other) == len(self.keys),
            f"block {self.name}: the other side needs as many keys",
        )
        _ensure(self.at_most > 0, f"block {self.name}: at_most has to be 1 or more")


class Thresholds(NamedTuple):
    """Weights (bits) from which a pair is a `match`, and from which it is `possible`; below, nothing.

    `margin`: how much better a record's best pair has to be than its second best (see `assignment`).
    """

    match: float
    possible: float
    margin: float = 3.0


@dataclass(frozen=True)
class Model:
    """A linkage model. `key` is the column that names a record, unique within a table.

    `columns` are derived columns, name to SQL over the input's columns and the derived ones before it, made
    once for each record before anything is compared. Texts come trimmed, empty ones as NULL. `prior` is the
    probability that two records taken at random are one entity.
    """

    name: str
    key: str
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block, ...]
    thresholds: Thresholds
    prior: float = 0.0001
    columns: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ensure(bool(self.comparisons and self.blocks), f"{self.name}: comparisons and blocks are needed")
        _ensure_once((one.name for one in self.comparisons), f"{self.name}: comparisons")
        _ensure_once((one.name for one in self.blocks), f"{self.name}: blocks")
        _ensure(0 < self.prior < 1, f"{self.name}: the prior is a probability between 0 and 1")
        for column in self.columns:
            _ensure_name(column, f"{self.name}: a derived column's name")
        match, possible, margin = self.thresholds
        # Pairs below `possible` are not kept: a closer second best could not be seen.
        _ensure(
            0 <= margin <= match - possible,
            f"{self.name}: match ({match:g}) has to be above possible ({possible:g}) by the margin"
            f" ({margin:g}) at least",
        )

    @property
    def prior_weight(self) -> float:
        """The weight (bits) that each pair starts with."""
        return math.log2(self.prior / (1 - self.prior))

    def with_thresholds(self, match: float, possible: float, margin: float = 3.0) -> "Model":
        """The same model with other thresholds."""
        return replace(self, thresholds=Thresholds(match, possible, margin))

    def untrained(self) -> list[str]:
        """`comparison: level` of each level that lacks m or u."""
        return [
            f"{one.name}: {level.label}"
            for one in self.comparisons
            for level in one.levels
            if level.m is None or level.u is None
        ]


def _ensure(holds: bool, otherwise: str) -> None:
    if not holds:
        raise LinkageModelError(otherwise)


def _ensure_name(name: str, what: str) -> None:
    _ensure(bool(re.fullmatch("[a-z][a-z0-9_]*", name)), f"{what} {name!r} has to be snake_case")


def _ensure_once(names: Iterable[str], what: str) -> None:
    found = list(names)
    _ensure(len(set(found)) == len(found), f"{what} need different names: {', '.join(found)}")
