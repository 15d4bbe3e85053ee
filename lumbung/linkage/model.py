"""What a linkage model is: columns, comparisons, blocks, prior and thresholds, after Fellegi and Sunter (1969).

A level's weight is log2(m / u): m is how often records of the same entity reach it, u how often records of
different entities do. A pair's weight is the prior's and its levels' weights added up, in bits: 0 is even
odds, 10 is about 1000 : 1. SQL in a model is DuckDB's, written by whoever writes the model, never made of
data.
"""

import math
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

    @property
    def weight(self) -> float:
        """log2(m / u), before the frequency of the very value. Raises `LinkageModelError` if untrained."""
        if not self.m or not self.u:
            raise LinkageModelError(f"level {self.label}: m and u are needed; train the model or state them")
        return math.log2(self.m / self.u)


@dataclass(frozen=True)
class Comparison:
    """One thing compared: its levels from the strictest to the last, empty one; the first that holds counts.

    `missing` is the condition under which nothing can be said: the pair then gets no weight from here.
    """

    name: str
    levels: tuple[Level, ...]
    missing: str


@dataclass(frozen=True)
class Block:
    """Pairs worth comparing: those whose `keys` (SQL over one record's columns) are all equal and not NULL.

    `other` are the keys of the other side where they differ (swapped names); `each` names a column of lists,
    of which one element has to be equal too. Keys that more than `at_most` reference records share are left
    out, and counted: they would cost much and tell little.
    """

    name: str
    keys: tuple[str, ...]
    other: tuple[str, ...] = ()
    each: str = ""
    at_most: int = 200


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

    @property
    def prior_weight(self) -> float:
        """The weight (bits) that each pair starts with."""
        return math.log2(self.prior / (1 - self.prior))

    def with_thresholds(self, match: float, possible: float, margin: float = 3.0) -> "Model":
        """The same model with other thresholds."""
        return replace(self, thresholds=Thresholds(match, possible, margin))

    def comparison(self, name: str) -> Comparison:
        """The comparison of that name. Raises `LinkageModelError` when there is none."""
        for one in self.comparisons:
            if one.name == name:
                return one
        raise LinkageModelError(f"{self.name}: no comparison is called {name}")
