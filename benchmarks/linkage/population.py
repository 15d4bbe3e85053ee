"""A synthetic city's people: households of several origins, their names, birth dates and addresses.

What is modelled because linkage depends on it: names whose parts are few and unevenly frequent, single-word
names, Muhammad before others, siblings and twins who share parts, address, card and mother; dates of birth
heaped on 1 January and 31 December for those registered late; several households in one house.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.linkage import city_names as names
from demo.model import kelurahans

Texts = NDArray[Any]
Numbers = NDArray[np.int64]

TODAY = np.datetime64("2026-09-15")
#: Malay, Chinese, Javanese, Madurese, Bugis, Dayak, Batak; the city's census of 2000, rounded.
ORIGINS = (0.31, 0.28, 0.13, 0.11, 0.10, 0.05, 0.02)
MALAY, CHINESE, JAVANESE, MADURESE, BUGIS, DAYAK, BATAK = range(7)
HEAD, WIFE, FIRST_CHILD, LAST_CHILD, PARENT = 0, 1, 2, 6, 7
#: Share of parts that come from no list.
RARE = 0.12
_BEGIN = names.listed(
    "AR SU MAR HER NUR ZUL SAM RUS DAR JUL YUS KAM BAH HAS MUS WAR TAR SUP ROH SYA NA FA RI DE HA LE MI NO "
    "PA SA TE WI YA BU DO EL FI GU IN JE KU LU MO OK PU RO SE TI UL VI"
)
_MIDDLE = names.listed(
    "BI DI FI GA HA JA KI LI MA NA PI RA SI TA WA YA ZA LO MU NO RI SU TO NDA MBA RDI LSA NTI RMA"
)
_ENDS = (
    names.listed("WAN MAN DIN RUL RIN NTO DI YADI SAH FAN ZAL KI SON GUS DAR LIS FI RON TO NO YONO"),
    names.listed("WATI NI TI YANI LINA YAH ITA RIAH SIH TUN SARI LIA NDA RA SA VIA NUR FAH MAH"),
)
_LISTS: dict[int, tuple[tuple[list[str], list[str]], tuple[list[str], list[str]]]] = {
    MALAY: ((names.MUSLIM_MALE, names.MUSLIM_MALE), (names.MUSLIM_FEMALE, names.MUSLIM_FEMALE)),
    CHINESE: ((names.CHINESE_MALE, names.CHINESE_LAST), (names.CHINESE_FEMALE, names.CHINESE_LAST)),
    JAVANESE: ((names.JAVANESE_MALE, names.JAVANESE_MALE), (names.JAVANESE_FEMALE, names.JAVANESE_FEMALE)),
    MADURESE: ((names.MADURESE_MALE, names.MUSLIM_MALE), (names.MADURESE_FEMALE, names.MUSLIM_FEMALE)),
    BUGIS: ((names.BUGIS_MALE, names.MUSLIM_MALE), (names.BUGIS_FEMALE, names.MUSLIM_FEMALE)),
    DAYAK: ((names.DAYAK_MALE, names.DAYAK_LAST), (names.DAYAK_FEMALE, names.DAYAK_LAST)),
    BATAK: ((names.MUSLIM_MALE, names.BATAK_LAST), (names.MUSLIM_FEMALE, names.BATAK_LAST)),
}
_NOBLE = (names.listed("SYARIF GUSTI RADEN URAY"), names.listed("SYARIFAH UTIN RADEN URAY"))


@dataclass
class _People:
    """One entry a person; `household` numbers the households from 0, people of one beside each other."""

    household: Numbers
    role: Numbers
    female: Numbers
    origin: Numbers
    born: NDArray[np.datetime64]
    twin: NDArray[np.bool_]

    @property
    def young(self) -> NDArray[np.bool_]:
        return self.born >= np.datetime64("1985-01-01")


def population(rng: Generator, people: int) -> pd.DataFrame:
    """So many people, household after household: a row each, all columns text but `household` and `born`."""
    count = people // 3 + 60
    them = _households(rng, count, people)
    parts = _name_parts(rng, them)
    name = _joined(parts)
    homes = _homes(rng, count)
    frame = pd.DataFrame(
        {
            "household": them.household,
            "role": them.role,
            "name": name,
            "first": parts[1],
            "sex": np.where(them.female == 1, "P", "L"),
            "born": them.born,
            "birth_place": _birth_places(rng, them),
            "mother_name": _mothers(rng, them, name),
            "father_name": _of_role(them, name, HEAD),
        }
    )
    return frame.join(homes, on="household")


def _households(rng: Generator, count: int, people: int) -> _People:
    """Eight places each: head, wife, five children, a grandparent; those that are filled, in order."""
    head_age = np.clip(rng.normal(47, 13, count), 23, 88)
    age = np.zeros((count, 8))
    filled = np.zeros((count, 8), bool)
    female = rng.integers(0, 2, (count, 8))
    female[:, HEAD], female[:, WIFE], female[:, PARENT] = rng.random(count) < 0.12, 1, rng.random(count) < 0.7
    age[:, HEAD], filled[:, HEAD] = head_age, True
    age[:, WIFE] = np.clip(head_age - rng.normal(3.5, 4, count), 18, None)
    filled[:, WIFE] = (female[:, HEAD] == 0) & (rng.random(count) < 0.86)
    age[:, PARENT] = np.clip(head_age + rng.uniform(19, 33, count), None, 99)
    filled[:, PARENT] = (rng.random(count) < 0.10) & (head_age < 62)
    children = rng.choice(6, count, p=(0.14, 0.2, 0.31, 0.22, 0.09, 0.04))
    next_age = age[:, WIFE] - np.clip(rng.normal(25, 4.5, count), 17, 40)
    twin = np.zeros((count, 8), bool)
    for number in range(5):
        place = FIRST_CHILD + number
        if number:
            twin[:, place] = rng.random(count) < 0.012
            next_age = next_age - np.where(twin[:, place], 0, rng.uniform(1.1, 6, count))
        age[:, place] = next_age
        at_home = rng.random(count) < np.clip(1.4 - next_age / 30, 0.03, 1)
        filled[:, place] = (number < children) & (next_age > 0) & at_home
    born = TODAY - (age * 365.25).astype("timedelta64[D]")
    same = twin & filled
    origin = np.repeat(rng.choice(7, count, p=ORIGINS)[:, None], 8, axis=1)
    origin[:, WIFE] = np.where(rng.random(count) < 0.12, rng.choice(7, count, p=ORIGINS), origin[:, WIFE])
    rows = np.repeat(np.arange(count)[:, None], 8, axis=1)
    places = np.repeat(np.arange(8)[None, :], count, axis=0)
    chosen = [array[filled][:people] for array in (rows, places, female, origin, born, same)]
    if len(chosen[0]) < people:
        raise ValueError(f"{count} households have fewer than {people} people")
    them = _People(*chosen)
    them.twin[0] = False
    them.born = _heaped(rng, them.born)
    twins = np.flatnonzero(them.twin & np.append(False, them.role[:-1] >= FIRST_CHILD))
    them.born[twins] = them.born[twins - 1]
    return them


def _heaped(rng: Generator, born: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Who was registered without a certificate got 1 January, 31 December or 1 July."""
    share = np.where(born < np.datetime64("1975-01-01"), 0.11, 0.006)
    year = born.astype("datetime64[Y]")
    new_year = year.astype("datetime64[D]")
    kind = rng.choice(3, len(born), p=(0.6, 0.25, 0.15))
    year_end = (year + 1).astype("datetime64[D]") - 1
    july = (year.astype("datetime64[M]") + 6).astype("datetime64[D]")
    heap = np.choose(kind, (new_year, year_end, july))
    return np.where((rng.random(len(born)) < share) & (heap <= TODAY), heap, born)


def drawn(rng: Generator, words: Sequence[str], count: int) -> Texts:
    """So many of the words, the first ones most often."""
    weights = 1 / (np.arange(len(words)) + 2.0)
    return np.array(words, object)[rng.choice(len(words), count, p=weights / weights.sum())]


def _rare(rng: Generator, female: int, count: int) -> Texts:
    begin, middle = (
        np.array(words, object)[rng.integers(0, len(words), count)] for words in (_BEGIN, _MIDDLE)
    )
    end = np.array(_ENDS[female], object)[rng.integers(0, len(_ENDS[female]), count)]
    return begin + np.where(rng.random(count) < 0.5, middle, "") + end


def _name_parts(rng: Generator, them: _People) -> list[Texts]:
    """Four columns: what stands before the first name, first, second, third; empty where there is none."""
    count = len(them.household)
    parts = [np.full(count, "", object) for _ in range(4)]
    for origin in range(7):
        for female in (0, 1):
            mask = (them.origin == origin) & (them.female == female)
            size = int(mask.sum())
            first, other = _LISTS[origin][female]
            for at, words in ((1, first), (2, other), (3, other)):
                drawn_parts = drawn(rng, words, size)
                rare = rng.random(size) < RARE
                drawn_parts[rare] = _rare(rng, female, int(rare.sum()))
                parts[at][mask] = drawn_parts
    _shorten(rng, them, parts)
    _prefix(rng, them, parts)
    _chinese(rng, them, parts)
    _inherited(rng, them, parts)
    twins = np.flatnonzero(them.twin & (rng.random(count) < 0.6))
    for at in (0, 1):
        parts[at][twins] = parts[at][twins - 1]
    lone = twins[(parts[2][twins] == "")]
    parts[2][lone] = drawn(rng, names.MUSLIM_FEMALE, len(lone))
    return parts


def _shorten(rng: Generator, them: _People, parts: list[Texts]) -> None:
    """How many parts a name has, by age and origin."""
    count = len(them.household)
    chance = rng.random(count)
    rural = np.isin(them.origin, (JAVANESE, MADURESE))
    single = np.where(them.young, 0.04, np.where(rural, 0.42, 0.2))
    three = np.where(them.young, 0.42, 0.12)
    parts[2][chance < single] = ""
    parts[3][chance < 1 - three] = ""
    doubled = parts[2] == parts[1]
    parts[2][doubled] = ""


def _prefix(rng: Generator, them: _People, parts: list[Texts]) -> None:
    count = len(them.household)
    muslim = np.isin(them.origin, (MALAY, JAVANESE, MADURESE, BUGIS))
    share = np.where(them.young, 0.4, 0.15) * (them.female == 0) * muslim
    share[(them.origin == JAVANESE)] *= 0.5
    chosen = rng.random(count) < share
    parts[0][chosen] = drawn(rng, names.MUHAMMAD, int(chosen.sum()))
    for female in (0, 1):
        noble = (them.origin == MALAY) & (them.female == female) & (rng.random(count) < 0.04)
        parts[0][noble] = drawn(rng, _NOBLE[female], int(noble.sum()))


def _chinese(rng: Generator, them: _People, parts: list[Texts]) -> None:
    """Surname and two syllables, or an Indonesian name, perhaps with the surname behind it."""
    households = int(them.household[-1]) + 1
    surname = drawn(rng, names.SURNAMES, households)[them.household]
    count = len(them.household)
    outsider = np.isin(them.role, (WIFE, PARENT))
    surname[outsider] = drawn(rng, names.SURNAMES, int(outsider.sum()))
    style = rng.random(count)
    own = (them.origin == CHINESE) & (style < np.where(them.young, 0.22, 0.6))
    parts[0][own], parts[3][own] = "", ""
    parts[1][own] = surname[own]
    second, third = (drawn(rng, names.GIVEN, count) for _ in range(2))
    parts[2][own] = second[own]
    three = own & (rng.random(count) < 0.9)
    parts[3][three] = third[three]
    mixed = (them.origin == CHINESE) & ~own & (rng.random(count) < 0.2)
    parts[3][mixed] = surname[mixed]


def _inherited(rng: Generator, them: _People, parts: list[Texts]) -> None:
    """Children with the father's name behind theirs, and siblings with one last part."""
    count = len(them.household)
    child = (them.role >= FIRST_CHILD) & (them.role <= LAST_CHILD)
    father = _of_role(them, parts[1], HEAD)
    father_last = _of_role(them, np.where(parts[3] != "", parts[3], parts[2]), HEAD)
    native = ~np.isin(them.origin, (CHINESE,)) & child
    named = native & (rng.random(count) < 0.12)
    parts[2][named] = father[named]
    family = np.isin(them.origin, (BATAK, DAYAK, CHINESE)) & child & (father_last != "")
    kept = family & (rng.random(count) < 0.5) & (them.origin != CHINESE)
    parts[2][kept], parts[3][kept] = father_last[kept], ""
    households = int(them.household[-1]) + 1
    themed = (rng.random(households) < 0.2)[them.household] & native & ~named & (rng.random(count) < 0.7)
    theme = drawn(rng, names.MUSLIM_MALE, households)[them.household]
    at = np.where(parts[2] == "", 2, 3)
    for place in (2, 3):
        chosen = themed & (at == place)
        parts[place][chosen] = theme[chosen]


def _joined(parts: list[Texts]) -> Texts:
    name = parts[0]
    for part in parts[1:]:
        blank = np.where((name != "") & (part != ""), " ", "")
        name = name + blank + part
    return name


def _of_role(them: _People, values: Texts, role: int) -> Texts:
    """For children the value of their household's head or wife; empty for others, and where there is none."""
    households = int(them.household[-1]) + 1
    by_household = np.full(households, "", object)
    holder = them.role == role
    if role == HEAD:
        holder &= them.female == 0
    by_household[them.household[holder]] = values[holder]
    child = (them.role >= FIRST_CHILD) & (them.role <= LAST_CHILD)
    return np.where(child, by_household[them.household], "")


def _mothers(rng: Generator, them: _People, name: Texts) -> Texts:
    """The wife's name for children; others have a mother of their origin, some old people none known."""
    mother = _of_role(them, name, WIFE)
    unknown = (mother == "") & ~((them.born < np.datetime64("1966-01-01")) & (rng.random(len(name)) < 0.15))
    for origin in range(7):
        mask = unknown & (them.origin == origin)
        women = name[(them.origin == origin) & (them.female == 1) & ~them.young]
        if mask.any() and len(women):
            mother[mask] = women[rng.integers(0, len(women), int(mask.sum()))]
    return mother


def _birth_places(rng: Generator, them: _People) -> Texts:
    count = len(them.household)
    elsewhere = drawn(rng, names.PLACES, count)
    local = rng.random(count) < np.where(them.young, 0.7, 0.45)
    return np.where(local, names.PLACES[0], elsewhere)


def _homes(rng: Generator, count: int) -> pd.DataFrame:
    """A row for each household: card number, address, RT, RW, kelurahan."""
    villages = kelurahans()
    weights = rng.uniform(0.4, 1.6, len(villages))
    at = rng.choice(len(villages), count, p=weights / weights.sum())
    frame = addresses(rng, at)
    shared = np.flatnonzero(rng.random(count) < 0.10)
    shared = shared[shared > 0]
    frame.iloc[shared] = frame.iloc[shared - 1].to_numpy()
    registered = np.datetime64("2008-01-07") + rng.integers(0, 6800, count).astype("timedelta64[D]")
    day = pd.Series(registered).dt.strftime("%d%m%y")
    district = frame["village"].map(lambda number: f"6171{villages[number].district:02}")
    serial = pd.Series(np.arange(count) % 9999 + 1).map("{:04}".format)
    frame["kk_number"] = (district + day + serial).to_numpy()
    return frame


def addresses(rng: Generator, village: Numbers) -> pd.DataFrame:
    """An address in each kelurahan (numbers into `kelurahans()`), as the register writes it."""
    count = len(village)
    villages = kelurahans()
    # Each kelurahan has its own streets, some of them also its neighbours'.
    street = (village * 7 + np.minimum(rng.geometric(0.09, count), 22)) % len(names.STREETS)
    lane = (village * 11 + street * 5 + rng.integers(0, 9, count)) % len(names.LANES)
    lane_number = rng.integers(0, 4, count)
    estate = (village * 3 + rng.integers(0, 4, count)) % len(names.ESTATES)
    kind = rng.random(count)
    in_lane, in_estate = kind < 0.5, kind > 0.88
    text = "JL. " + np.array(names.STREETS, object)[street]
    lane_text = " GG. " + np.array(names.LANES, object)[lane]
    lane_text = lane_text + np.where(
        lane_number > 0, np.array(["", " 1", " 2", " 3"], object)[lane_number], ""
    )
    block = np.array([f" BLOK {letter}" for letter in "ABCDEFGH"], object)[rng.integers(0, 8, count)]
    estate_text = " KOMP. " + np.array(names.ESTATES, object)[estate] + block
    text = text + np.where(in_lane, lane_text, np.where(in_estate, estate_text, ""))
    house = np.array([f" NO. {number}" for number in range(1, 181)], object)[rng.integers(0, 180, count)]
    text = text + np.where(rng.random(count) < 0.94, house, "")
    ward = (street * 3 + village) % 28 + 1
    neighbourhood = np.where(in_lane, lane, rng.integers(0, 3, count)) % 6 + 1
    return pd.DataFrame(
        {
            "village": village,
            "address": text,
            "rt": [f"{number:03}" for number in neighbourhood],
            "rw": [f"{number:03}" for number in ward],
            "kelurahan": np.array([one.name.upper() for one in villages], object)[village],
        }
    )
