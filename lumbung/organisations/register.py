"""The table of agencies: codes and names in the course of time, and other names in use."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lumbung.organisations.codes import canonical
from lumbung.organisations.names import key_of
from schemas.errors import LumbungError


class RegisterError(LumbungError):
    """A row of the table of agencies can't be used."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `valid_from` until the day before `valid_to`; None is without end."""

    valid_from: date | None = None
    valid_to: date | None = None

    def meets(self, first: date | None, last: date | None) -> bool:
        """Whether any day from `first` to `last` lies in it; without these, it does."""
        if self.valid_from and last and self.valid_from > last:
            return False
        return not (self.valid_to and first and self.valid_to <= first)


@dataclass(frozen=True, slots=True)
class Said:
    """In its period the agency had a code and a name, or was called so; either may be empty."""

    organisation: str
    code: str
    name: str
    period: Period = Period()


class Register:
    """Agencies by code and by key of the name. `cities` are names that may follow that of any agency.

    Raises RegisterError, naming the row, when a code has no form of one, a row says nothing, or a period ends
    before it begins.
    """

    def __init__(self, rows: Iterable[Said], cities: Iterable[str] = ()) -> None:
        self.rows = tuple(rows)
        self._codes: dict[str, list[Said]] = defaultdict(list)
        self._names: dict[str, list[Said]] = defaultdict(list)
        suffixes = ["", *(key_of(city) for city in cities)]
        for number, row in enumerate(self.rows, start=1):
            _check(number, row)
            if row.code:
                self._codes[canonical(row.code) or ""].append(row)
            if row.name:
                for suffix in suffixes:
                    self._names[key_of(row.name) + suffix].append(row)

    @property
    def turns(self) -> list[date]:
        """The days on which anything changes."""
        days = {day for row in self.rows for day in (row.period.valid_from, row.period.valid_to)}
        return sorted(day for day in days if day is not None)

    def by_code(self, code: str) -> list[Said]:
        """The rows with a canonical code, of whatever time."""
        return self._codes.get(code, [])

    def by_name(self, key: str) -> list[Said]:
        """The rows with a name's key, of whatever time."""
        return self._names.get(key, [])


Told = Mapping[str, str | date | None]


def of_reference(organisations: Iterable[Told], aliases: Iterable[Told], cities: Iterable[str]) -> Register:
    """The register of reference.organisation and reference.organisation_alias: rows by column name.

    Another name without a period of its own is one as long as the agency is.
    Raises RegisterError also for another name of an agency that isn't there.
    """
    rows = [
        Said(
            str(told["organisation_id"]),
            str(told["organisation_code"] or ""),
            str(told["organisation_name"] or ""),
            _period(told),
        )
        for told in organisations
    ]
    lives = _lives(rows)
    return Register([*rows, *(_alias(told, lives) for told in aliases)], cities)


def _alias(told: Told, lives: Mapping[str, Period]) -> Said:
    organisation, own = str(told["organisation_id"]), _period(told)
    if organisation not in lives:
        raise RegisterError(
            f"Table of agencies: a name is that of {organisation!r}, and there is no such agency; add it"
        )
    life = lives[organisation]
    period = Period(own.valid_from or life.valid_from, own.valid_to or life.valid_to)
    return Said(organisation, "", str(told["alias_name"]), period)


def _lives(rows: Iterable[Said]) -> dict[str, Period]:
    """From the first day of each agency's first period to the last of its last."""
    lives: dict[str, Period] = {}
    for row in rows:
        before = lives.get(row.organisation, row.period)
        starts, ends = (before.valid_from, row.period.valid_from), (before.valid_to, row.period.valid_to)
        lives[row.organisation] = Period(
            None if None in starts else min(day for day in starts if day),
            None if None in ends else max(day for day in ends if day),
        )
    return lives


def _check(number: int, row: Said) -> None:
    where = f"Table of agencies, row {number} ({row.organisation})"
    if row.code and canonical(row.code) is None:
        raise RegisterError(f"{where}: {row.code!r} is no code, as 1.01.0.00.0.00.01.0000 is")
    if row.name and not key_of(row.name):
        raise RegisterError(f"{where}: {row.name!r} is no name")
    if not row.code and not row.name:
        raise RegisterError(f"{where}: expected a code or a name")
    period = row.period
    if period.valid_from and period.valid_to and period.valid_from >= period.valid_to:
        raise RegisterError(f"{where}: valid_to {period.valid_to} isn't after valid_from {period.valid_from}")


def _period(told: Told) -> Period:
    return Period(_day(told["valid_from"]), _day(told["valid_to"]))


def _day(told: str | date | None) -> date | None:
    if isinstance(told, str):
        return date.fromisoformat(told) if told else None
    return told
