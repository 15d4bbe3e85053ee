"""Planting faults: which rows are wrong on which day, and the reason the hub must give for each.

A fault sits on a row (the victim) for some days and is then corrected. Planting never touches the
city's true state, save the moment of change that a source shows when somebody edits a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from demo.model import City, Key, Row, Value
from demo.shapes import Shape

#: Marks a row whose line in a file is broken; its value says how.
BROKEN = "#broken"

Wrong = Value | Callable[[Row, int], Value]
Pool = Callable[[City], list[Key]]


@dataclass(frozen=True)
class Fault:
    """A kind of fault: `kind` is the hub's reason code, `values` what goes into `column`, one a victim.

    `daily` victims are added on each later day. A fault lasts `life` days, for ever when None. `pool`
    picks who may become a victim; `first_day` is the first day it is planted.
    """

    dataset: str
    kind: str
    column: str
    values: tuple[Wrong, ...]
    daily: int = 0
    life: int | None = 1
    first_day: int = 0
    pool: Pool | None = None

    @property
    def is_duplicate(self) -> bool:
        """True when the victim's row stands twice, differing in `column`."""
        return self.kind.endswith(":duplicate_key")

    @property
    def is_twin(self) -> bool:
        """True when two victims share what must be unique."""
        return self.kind.endswith(":unique")


@dataclass
class Planted:
    """One fault on its victim; `last_day` is the last day it stands, None for ever."""

    fault: Fault
    key: Key
    number: int
    last_day: int | None
    twin: Key | None = None


@dataclass
class Planter:
    """Keeps the standing faults from day to day."""

    faults: tuple[Fault, ...]
    shapes: dict[str, Shape]
    standing: list[Planted] = field(default_factory=list)

    def next_day(self, city: City) -> None:
        """Correct what is due, forget what has left, and plant the day's new faults."""
        due = [p for p in self.standing if p.last_day is not None and p.last_day < city.day]
        self.standing = [p for p in self.standing if p not in due and self._is_there(city, p)]
        for planted in due:
            self._touch(city, planted)
        for fault in self.faults:
            self._plant(city, fault)

    def _is_there(self, city: City, planted: Planted) -> bool:
        table = city.tables[planted.fault.dataset]
        return planted.key in table and (planted.twin is None or planted.twin in table)

    def _plant(self, city: City, fault: Fault) -> None:
        first = city.day == fault.first_day
        count = len(fault.values) if first else fault.daily if city.day > fault.first_day else 0
        if not count:
            return
        rng = city.rng(f"fault:{fault.dataset}:{fault.kind}:{fault.column}:{fault.values[0]!s:.9}")
        keys = self._victims(city, fault, rng, 2 * count if fault.is_twin else count)
        twins = keys[count:] if fault.is_twin else [None] * count
        last = None if fault.life is None else city.day + fault.life - 1
        for number, (key, twin) in enumerate(zip(keys[:count], twins, strict=True)):
            planted = Planted(fault, key, number, last, twin)
            self.standing.append(planted)
            if city.day > 0:
                self._touch(city, planted)

    def _victims(self, city: City, fault: Fault, rng: Random, count: int) -> list[Key]:
        busy = {(p.fault.dataset, key) for p in self.standing for key in (p.key, p.twin)}
        pool = fault.pool(city) if fault.pool else list(city.tables[fault.dataset])
        free = sorted(key for key in pool if (fault.dataset, key) not in busy)
        return rng.sample(free, count)

    def _touch(self, city: City, planted: Planted) -> None:
        """Somebody edited the row: where the source shows when, it shows today."""
        column = self.shapes[planted.fault.dataset].touched
        table = city.tables[planted.fault.dataset]
        if column and planted.key in table:
            table[planted.key] = table[planted.key] | {column: city.at(10)}

    def rows(self, city: City, dataset: str) -> Iterator[tuple[Row, str | None]]:
        """The dataset as the source shows it today: each row, and why it must be refused (None: good)."""
        wrong = {p.key: p for p in self.standing if p.fault.dataset == dataset}
        twins = {p.twin: p for p in self.standing if p.fault.dataset == dataset and p.twin}
        for key, row in city.tables[dataset].items():
            planted = wrong.get(key)
            if planted is not None:
                yield from _broken(planted, row)
            elif key in twins:
                twin = city.tables[dataset][twins[key].key]
                yield row | {twins[key].fault.column: twin[twins[key].fault.column]}, twins[key].fault.kind
            else:
                yield row, None


def _broken(planted: Planted, row: Row) -> Iterator[tuple[Row, str]]:
    fault = planted.fault
    if fault.is_twin:
        yield row, fault.kind
        return
    wrong = fault.values[planted.number % len(fault.values)]
    value = wrong(row, planted.number) if callable(wrong) else wrong
    if fault.is_duplicate:
        yield row, fault.kind
    yield row | {fault.column: value}, fault.kind
