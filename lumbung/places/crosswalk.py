"""The table that says which code or name means which place, in which system and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lumbung.places.codes import KEMENDAGRI, level_of, readings
from lumbung.places.spelling import Spelling, spelled
from schemas.errors import LumbungError

NAME = "name"


class CrosswalkError(LumbungError):
    """A row of the crosswalk can't be used."""


@dataclass(frozen=True, slots=True)
class Row:
    """In `system`, `value` means the place `canonical` from `valid_from` until the day before `valid_to`.

    `canonical` is a dotted Kemendagri code. `value` is a code, or with the system `name` one spelling of a
    name.
    """

    canonical: str
    system: str
    value: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, on: date | None) -> bool:
        """Whether the row is valid on the day; on no day in particular each is."""
        return _holds(self.valid_from, self.valid_to, on)


@dataclass(frozen=True, slots=True)
class Lies:
    """The place `canonical` lies in `area` from `valid_from` until the day before `valid_to`."""

    canonical: str
    area: str
    valid_from: date | None = None
    valid_to: date | None = None


class Crosswalk:
    """Rows, found by code and by name. A place of which no row gives a Kemendagri code has its canonical one.

    A place lies in what `lies` says of it; one of which it says nothing, where its Kemendagri codes are.
    Raises CrosswalkError, naming the row, when a code isn't one of its system, a name is empty or a period
    ends before it begins.
    """

    def __init__(self, rows: Iterable[Row], lies: Iterable[Lies] = ()) -> None:
        self.rows = tuple(rows)
        self.lies = tuple(lies)
        self._areas: dict[str, list[Lies]] = defaultdict(list)
        for lie in self.lies:
            self._areas[lie.canonical].append(lie)
        self._codes: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._names: dict[str, list[tuple[Row, Spelling]]] = defaultdict(list)
        self._parents: set[tuple[str, str]] = set()
        self._own: dict[str, list[tuple[Row, str]]] = defaultdict(list)
        places = []
        for number, row in enumerate(self.rows, start=1):
            self._check(number, row)
            self._take(number, row)
            places.append(row.canonical)
        for place in dict.fromkeys(places):
            if (KEMENDAGRI, place) not in self._codes and place not in self._own:
                self._take(0, Row(place, KEMENDAGRI, place))
        self._letters = {letter for key in self._names for letter in key}
        self._longest = max(map(len, self._names), default=0)

    def with_rows(self, rows: Iterable[Row]) -> "Crosswalk":
        """This crosswalk with more rows."""
        return Crosswalk((*self.rows, *rows), self.lies)

    @property
    def turns(self) -> list[date]:
        """The days on which anything changes: from one to the next, a mention always means the same."""
        rows = {day for row in self.rows for day in (row.valid_from, row.valid_to)}
        lies = {day for lie in self.lies for day in (lie.valid_from, lie.valid_to)}
        return sorted(day for day in rows | lies if day is not None)

    def codes(self, system: str, value: str) -> list[Row]:
        """The rows of a code in the normal form of its system, of whatever time."""
        return self._codes.get((system, value), [])

    def names(self, key: str) -> list[Row]:
        """The rows of a name by its key, of whatever time."""
        return [row for row, _ in self._names.get(key, [])]

    def knows_beside(self, system: str, parent: str) -> bool:
        """Whether the system has any code here that lies in the parent."""
        return (system, parent) in self._parents

    def near(self, key: str) -> list[Row]:
        """The rows of names that are one letter off: one more, one less, another one. None is precise."""
        if len(key) > self._longest + 1:
            return []
        found = {other for other in _a_letter_off(key, self._letters) if other in self._names}
        return [row for other in sorted(found) for row, name in self._names[other] if not name.precise]

    def beginning(self, key: str) -> list[Row]:
        """The rows of names that begin with the key and go on."""
        longer = sorted(other for other in self._names if other.startswith(key) and other != key)
        return [row for other in longer for row, _ in self._names[other]]

    def lies_in(self, place: str, area: str, on: date | None) -> bool:
        """Whether the place lay in the area on the day."""
        if place in self._areas:
            areas = [lie.area for lie in self._areas[place] if _holds(lie.valid_from, lie.valid_to, on)]
            return area in areas or any(self.lies_in(each, area, on) for each in areas)
        codes = [value for row, value in self._own.get(place, []) if row.holds(on)] or [place]
        return any(code.startswith(f"{area}.") for code in codes)

    def _check(self, number: int, row: Row) -> None:
        canonical = readings(row.canonical, KEMENDAGRI)
        if not canonical or canonical[0].value != row.canonical:
            raise CrosswalkError(
                f"Crosswalk, row {number}: {row.canonical!r} is no Kemendagri code, as 61.71.01.1002 is"
            )
        if row.valid_from and row.valid_to and row.valid_from >= row.valid_to:
            raise CrosswalkError(
                f"Crosswalk, row {number}: valid_to {row.valid_to} isn't after valid_from {row.valid_from}"
            )

    def _take(self, number: int, row: Row) -> None:
        if row.system == NAME:
            name = spelled(row.value)
            if not name.key:
                raise CrosswalkError(f"Crosswalk, row {number}: {row.value!r} names no place")
            self._names[name.key].append((row, name))
            return
        codes = readings(row.value, row.system) if row.system else ()
        if not codes:
            raise CrosswalkError(f"Crosswalk, row {number}: {row.value!r} is no code of {row.system!r}")
        code = codes[0]
        self._codes[code.system, code.value].append(row)
        self._parents.add((code.system, code.parent))
        if code.system == KEMENDAGRI:
            self._own[row.canonical].append((row, code.value))


Told = Mapping[str, str | date | None]


def of_reference(regions: Iterable[Told], codes: Iterable[Told], aliases: Iterable[Told]) -> Crosswalk:
    """The crosswalk of reference.region, reference.region_code and reference.region_alias, rows by column.

    Names hold at all times: people go on writing former ones. The country is no place.
    """
    rows = []
    lies = []
    for region in regions:
        place = str(region["region_code"])
        if region["region_name"]:
            rows.append(Row(place, NAME, str(region["region_name"])))
        lies.append(Lies(place, str(region["parent_code"]), *_period(region)))
    for code in codes:
        place, system, value = (str(code[name]) for name in ("region_code", "code_system", "code_value"))
        rows.append(Row(place, system, value, *_period(code)))
    rows += [Row(str(alias["region_code"]), NAME, str(alias["alias_name"])) for alias in aliases]
    return Crosswalk(dict.fromkeys(rows), lies)


def places(rows: Iterable[Row], level: int = 0) -> list[str]:
    """The places that rows mean, each once, in order of their codes; of one level, when it is given."""
    return sorted({row.canonical for row in rows if level in (0, level_of(row.canonical))})


def _period(told: Told) -> tuple[date | None, date | None]:
    return _day(told["valid_from"]), _day(told["valid_to"])


def _day(told: str | date | None) -> date | None:
    if isinstance(told, str):
        return date.fromisoformat(told) if told else None
    return told


def _holds(valid_from: date | None, valid_to: date | None, on: date | None) -> bool:
    if on is None:
        return True
    return (valid_from or date.min) <= on and (valid_to is None or on < valid_to)


def _a_letter_off(key: str, letters: set[str]) -> set[str]:
    cuts = [(key[:at], key[at:]) for at in range(len(key) + 1)]
    less = {head + tail[1:] for head, tail in cuts if tail}
    other = {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    more = {head + letter + tail for head, tail in cuts for letter in letters}
    return (less | other | more) - {key}
