"""What the city is made of: tables of rows as the source systems hold them, and its calendar."""

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random

Value = str | int | float | None
Row = dict[str, Value]
Key = tuple[Value, ...]
Table = dict[Key, Row]

#: The project whose contracts and code lists the city follows.
PROJECT = Path(__file__).resolve().parent.parent
#: Day 0. Fixed, so that a city built today equals one built next year.
FIRST_DAY = date(2026, 9, 15)
YEAR = FIRST_DAY.year
#: Budget years that the systems hold, the running one last.
YEARS = tuple(range(2023, YEAR + 1))
#: Months of the running budget year that are closed and reported on day 0.
CLOSED_MONTHS = 8


@dataclass
class City:
    """The true state of every system on one day, without faults. Keys are in source columns."""

    seed: int
    day: int = 0
    tables: dict[str, Table] = field(default_factory=dict)
    #: Rows that agencies deliver late: (dataset, key, row), next one last.
    late: list[tuple[str, Key, Row]] = field(default_factory=list)
    #: What doesn't fit between systems, on purpose: (kind, what it is about), for the hub to find.
    known: list[tuple[str, str]] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The date that the systems show on this day."""
        return FIRST_DAY + timedelta(days=self.day)

    def at(self, hour: int, minute: int = 0) -> str:
        """A local moment of today as databases write it."""
        return stamp(datetime.combine(self.today, time(hour, minute)))

    def rng(self, scope: str) -> Random:
        """Random numbers that depend on the seed, the day and the scope alone."""
        return Random(f"{self.seed}:{self.day}:{scope}")


@dataclass(frozen=True)
class Kelurahan:
    """One of the 29: Kemendagri code, name, and the two numbers SIAK uses."""

    code: str
    name: str

    @property
    def district(self) -> int:
        """NO_KEC of SIAK."""
        return int(self.code[6:8])

    @property
    def village(self) -> int:
        """NO_KEL of SIAK."""
        return int(self.code[9:])


@cache
def kelurahans() -> tuple[Kelurahan, ...]:
    """The kelurahan of the hub's own code list."""
    rows = _reference("region.csv")
    return tuple(
        Kelurahan(r["region_code"], r["region_name"])
        for r in rows
        if r["region_level_code"] == "kelurahan" and not r["valid_to"]
    )


@cache
def kecamatans() -> dict[str, str]:
    """Name of each kecamatan, by code."""
    rows = _reference("region.csv")
    return {r["region_code"]: r["region_name"] for r in rows if r["region_level_code"] == "kecamatan"}


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """Spellings of each kelurahan, by code."""
    found: dict[str, list[str]] = {}
    for row in _reference("region_alias.csv"):
        found.setdefault(row["region_code"], []).append(row["alias_name"])
    return {code: tuple(names) for code, names in found.items()}


@cache
def bps_codes() -> dict[str, str]:
    """BPS's ten digits of each kelurahan, by Kemendagri's code."""
    rows = [row for row in _reference("region_code.csv") if row["code_system"] == "bps"]
    return {row["region_code"]: row["code_value"] for row in rows if len(row["code_value"]) == 10}


def _reference(name: str) -> list[dict[str, str]]:
    with (PROJECT / "warehouse" / "reference" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def closed_months(year: int) -> range:
    """The months of a budget year that are closed and reported."""
    return range(1, (CLOSED_MONTHS if year == YEAR else 12) + 1)


def stamp(moment: datetime) -> str:
    """`2026-09-15 08:30:00`."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def days_between(rng: Random, first: date, last: date) -> date:
    """A random day from `first` to `last`, both included."""
    return first + timedelta(days=rng.randrange((last - first).days + 1))
