"""A synthetic Pontianak: its register of residents, and records of agencies without NIK, with the truth.

**Residents** are `population.py`'s. **Records** are of five kinds of form, each with its own fields:

| form | share | besides the name it asks for |
|---|---|---|
| permit | 28 % | sex, birth place and date, address, RT/RW, kelurahan |
| health | 26 % | sex, birth date, address, kelurahan; half: mother's name |
| school | 18 % | sex, birth place and date, mother's name, address, RT/RW, kelurahan; half: card number |
| aid | 23 % | sex, birth place and date, address, RT/RW, kelurahan, card number, mother's name |
| levy | 5 % | address, RT/RW, kelurahan: neither sex nor birth date |

**Whom they are about**, exact shares of all records:

- 75 % a resident. For a fifteenth of these (5 % of all) another resident has the same name and birth year.
- 20 % somebody who is not in the register. Three in ten of these live in the house and on the card of
  registered residents (an unregistered child, twin or parent), the others in households of their own.
- 5 % namesakes: somebody not in the register whose name, sex and birth year are those of a resident.

So 25 % have no true match.

**Faults**: 25 % of the records have none, 35 % one, 25 % two, 11 % three, 4 % four: 40 % have two or more.
Which ones is drawn by `faults.WEIGHTS`; a fault that can't befall a record (no Muhammad in the name) is drawn
anew. Nothing is left out because it is hard: some records nobody can decide (a common name and a year).
"""

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.linkage import faults
from benchmarks.linkage.population import addresses, population
from demo.model import kelurahans

RESIDENTS, RECORDS = 200_000, 50_000
ABSENT, NAMESAKES, WITH_NAMESAKE = 0.20, 0.05, 0.05
FAULT_COUNTS = (0.25, 0.35, 0.25, 0.11, 0.04)
_ALL = ("sex", "birth_place", "birth_date", "address", "rt", "rw", "kelurahan", "kk_number", "mother_name")
_FORMS = {
    "permit": (0.28, {"sex", "birth_place", "birth_date", "address", "rt", "rw", "kelurahan"}),
    "health": (0.26, {"sex", "birth_date", "address", "kelurahan", "mother_name"}),
    "school": (0.18, set(_ALL)),
    "aid": (0.23, set(_ALL)),
    "levy": (0.05, {"address", "rt", "rw", "kelurahan"}),
}
#: Of these forms half leave the field out.
_HALF = {"health": "mother_name", "school": "kk_number"}
COLUMNS = ("name", *_ALL)


@dataclass(frozen=True)
class SyntheticCity:
    """`residents` and `records` have an `id` and COLUMNS; dates are text, ISO or as the fault left them."""

    residents: pd.DataFrame
    records: pd.DataFrame
    #: By record: id, `resident_id` (-1: nobody), `kind` (resident, absent, namesake), `faults` (their names).
    truth: pd.DataFrame


def city(seed: int, residents: int = RESIDENTS, records: int = RECORDS) -> SyntheticCity:
    """The same city for the same seed and sizes."""
    rng = np.random.default_rng(seed)
    absent, namesakes = round(records * ABSENT), round(records * NAMESAKES)
    people = population(rng, residents + absent + namesakes)
    away = _unregistered(rng, people, absent + namesakes)
    registered = people.index.difference(away)
    away = rng.permutation(away)
    alike, strangers = away[:namesakes], away[namesakes:]
    _make_namesakes(rng, people, alike, registered)
    present = _drawn_residents(
        rng, people.loc[registered], records - absent - namesakes, round(records * WITH_NAMESAKE)
    )
    about = rng.permutation(np.concatenate([present, strangers, alike]))
    written, befallen = _written(rng, Random(seed), people.loc[about])
    resident_id = pd.Series(np.arange(residents), index=registered)
    kind = np.where(
        np.isin(about, alike), "namesake", np.where(np.isin(about, strangers), "absent", "resident")
    )
    truth = pd.DataFrame(
        {"id": written["id"], "resident_id": resident_id.reindex(about).fillna(-1).astype(int).to_numpy(),
         "kind": kind, "faults": befallen}
    )  # fmt: skip
    register = people.loc[registered].assign(
        id=np.arange(residents), birth_date=lambda x: x["born"].dt.strftime("%Y-%m-%d")
    )
    made = SyntheticCity(register[["id", *COLUMNS]].reset_index(drop=True), written, truth)
    _check(made)
    return made


def _check(made: SyntheticCity) -> None:
    """The shares that the description above promises."""
    count = len(made.truth)
    kinds = made.truth["kind"].value_counts()
    assert abs(kinds["namesake"] - count * NAMESAKES) <= 1, kinds
    assert abs(kinds["absent"] - count * ABSENT) <= 1, kinds
    assert (made.truth["resident_id"].eq(-1) == made.truth["kind"].ne("resident")).all()
    several = made.truth["faults"].map(len).ge(2).mean()
    assert abs(several - sum(FAULT_COUNTS[2:])) < 0.01, several


def _unregistered(rng: Generator, people: pd.DataFrame, count: int) -> NDArray[Any]:
    """Three in ten out of households whose others are registered; the rest households as a whole."""
    single = round(count * 0.3)
    households = rng.permutation(int(people["household"].max()) + 1)
    order = pd.Series(np.argsort(households), name="order")
    rank = people["household"].map(order)
    whole = people.index[np.argsort(rank.to_numpy(), kind="stable")][: count - single]
    rest = people.index[~people["household"].isin(set(people.loc[whole, "household"]))]
    return np.concatenate([whole.to_numpy(), rng.choice(rest.to_numpy(), single, replace=False)])


def _make_namesakes(rng: Generator, people: pd.DataFrame, alike: NDArray[Any], registered: pd.Index) -> None:
    """Name, sex and birth year of a resident; the rest stays the person's own."""
    models = people.loc[rng.choice(registered.to_numpy(), len(alike))]
    people.loc[alike, "name"] = models["name"].to_numpy()
    people.loc[alike, "sex"] = models["sex"].to_numpy()
    year = models["born"].to_numpy().astype("datetime64[Y]").astype("datetime64[D]")
    day = year + rng.integers(0, 365, len(alike)).astype("timedelta64[D]")
    people.loc[alike, "born"] = np.minimum(day, np.datetime64("2026-09-14"))


def _drawn_residents(rng: Generator, register: pd.DataFrame, count: int, with_namesake: int) -> NDArray[Any]:
    """So many residents, some more than once; among them so many of whom there is a namesake of that year."""
    shared = register.groupby([register["name"], register["born"].dt.year])["name"].transform("size") > 1
    chosen = rng.choice(register.index[shared].to_numpy(), with_namesake)
    return np.concatenate([chosen, rng.choice(register.index.to_numpy(), count - with_namesake)])


def _written(
    rng: Generator, random: Random, people: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """What the agencies write of these people, and which faults befell each record."""
    count = len(people)
    forms = random.choices(list(_FORMS), [share for share, _ in _FORMS.values()], k=count)
    wanted = _fault_counts(random, count)
    moved = _elsewhere(rng, people["village"].to_numpy()).to_dict("records")
    born = [moment.date() for moment in people["born"].dt.to_pydatetime()]
    rows, befallen = [], []
    for person, form, number, day, other in zip(
        people.to_dict("records"), forms, wanted, born, moved, strict=True
    ):
        record = _filled(random, person, form)
        has_date = "birth_date" in _FORMS[form][1]
        record |= {
            "born": day if has_date else None,
            "born_on": day,
            "of_sex": person["sex"],
            "moved_to": other,
        }
        record["birth_date"] = day.isoformat() if has_date else None
        befallen.append(_befall(random, record, person, number))
        rows.append([record[column] for column in COLUMNS])
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    frame.insert(0, "id", np.arange(count))
    return frame, befallen


def _fault_counts(random: Random, count: int) -> list[int]:
    counts = [number for number, share in enumerate(FAULT_COUNTS) for _ in range(round(count * share))]
    counts = (counts + [1] * count)[:count]
    random.shuffle(counts)
    return counts


def _filled(random: Random, person: dict[str, Any], form: str) -> dict[str, Any]:
    fields = _FORMS[form][1]
    record = {column: (person.get(column) or None) if column in fields else None for column in _ALL}
    if form in _HALF and random.random() < 0.5:
        record[_HALF[form]] = None
    return {"name": person["name"], **record}


def _befall(random: Random, record: dict[str, Any], person: dict[str, Any], number: int) -> tuple[str, ...]:
    done: list[str] = []
    able = dict(faults.WEIGHTS)
    while len(done) < number and able:
        [fault] = random.choices(list(able), list(able.values()))
        del able[fault]
        if fault(random, record, person):
            done.append(fault.__name__)
    return tuple(done)


def _elsewhere(rng: Generator, village: NDArray[np.int64]) -> pd.DataFrame:
    """Another address for each, four in ten in the same kelurahan, and another card."""
    count = len(village)
    other = np.where(rng.random(count) < 0.4, village, rng.integers(0, len(kelurahans()), count))
    frame = addresses(rng, other)
    frame["kk_number"] = [f"617101{day:02}0512{serial:04}" for day, serial in rng.integers(1, 29, (count, 2))]
    return frame
