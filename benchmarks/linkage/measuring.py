"""What a measurement of linkage is, and its line in the table."""

import os
import resource
import sys
import time
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

Pairs = set[tuple[Hashable, Hashable]]

HEADING = (
    f"{'dataset':<34}{'records':>9}{'true':>8}{'candidates':>12}{'precision':>11}{'recall':>8}"
    f"{'F1':>8}{'pairs/s':>11}{'seconds':>9}{'peak MB':>9}"
)


@dataclass(frozen=True)
class Quality:
    """Precision, recall and F1 of the pairs found."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def quality(found: Pairs, true: Pairs) -> Quality:
    """Of the pairs found, how many are true; of the true ones, how many are found."""
    right = len(found & true)
    return Quality(right / len(found) if found else 1.0, right / len(true) if true else 1.0)


@dataclass
class Clock:
    """Seconds of a run."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Clock]:
    """The seconds that the block takes, known after it."""
    clock, start = Clock(), time.perf_counter()
    yield clock
    clock.seconds = time.perf_counter() - start


@dataclass(frozen=True)
class Line:
    """One line of the table; `bound` is the least F1, and what else was broken stands in `broken`."""

    dataset: str
    records: int
    true: int
    candidates: int
    quality: Quality
    seconds: float
    bound: float | None = None
    broken: list[str] = field(default_factory=list)

    @property
    def within(self) -> bool:
        """Whether every bound holds."""
        return not self.broken and (self.bound is None or self.quality.f1 >= self.bound)

    def show(self) -> None:
        """Print it."""
        rate = self.candidates / self.seconds if self.seconds else 0.0
        bound = "" if self.bound is None else f"   F1 >= {self.bound:.4f} {'ok' if self.within else 'MISSED'}"
        print(
            f"{self.dataset:<34}{self.records:>9,}{self.true:>8,}{self.candidates:>12,}"
            f"{self.quality.precision:>11.4f}{self.quality.recall:>8.4f}{self.quality.f1:>8.4f}"
            f"{rate:>11,.0f}{self.seconds:>9.2f}{peak():>9,.0f}{bound}",
            *self.broken,
            sep="\n  ",
            flush=True,
        )


def peak() -> float:
    """The most memory (MB) that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def within(groups: Iterable[Iterable[Hashable]]) -> Pairs:
    """Every pair of members of one group, the smaller first."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def corpus(name: str) -> Path:
    """A file of the corpus that `LUMBUNG_CORPUS` names; ends the command where there is none."""
    folder = os.environ.get("LUMBUNG_CORPUS", "")
    path = Path(folder) / "linkage" / name
    if not folder or not path.is_file():
        sys.exit(
            f"LUMBUNG_CORPUS has to name the folder of real files that holds linkage/{name};"
            f" it {f'names {folder}' if folder else 'is not set'}"
        )
    return path
