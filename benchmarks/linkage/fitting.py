"""`python -m benchmarks.linkage.fitting`: fit the weights of `lumbung/linkage/persons.yaml` anew.

Logistic regression over all pairs that share a block, of synthetic cities whose seeds no benchmark measures.
Unlike m and u counted level by level, it knows that house, card and mother agree together and counts them
once. Each pair is fitted a second time with fields left out at random, so that the weights also hold for
forms that ask less. A city with people's decisions, or records with a NIK, can be fitted the same way.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from benchmarks.linkage.synthetic import SyntheticCity, city
from lumbung.linkage import persons_model
from lumbung.linkage.blocking import BLOCKED, block
from lumbung.linkage.model import Comparison, Level, Model, Thresholds
from lumbung.linkage.persons_fields import PartsOf, Vocabulary, prepared
from lumbung.linkage.persons_model import COMPARISONS, KEY, Weight, Weights
from lumbung.linkage.preparing import KEYS, PREPARED, REFERENCE_KEYS, prepare
from lumbung.linkage.records import Resources
from lumbung.linkage.workspace import workspace

TRAINING_SEEDS = (101,)
THRESHOLDS = Thresholds(match=1.5, possible=-4.0, margin=3.0)
#: How often a field is left out when a pair is fitted the second time.
LEFT_OUT = {"home": 0.35, "mother": 0.4, "birth_place": 0.4, "sex": 0.3, "birth_date": 0.25}
#: A weight may grow by at most this for each bit of rarity.
MOST_PER_BIT = 0.95
#: Levels that hold less than the one before them in any city, and by how many bits at least: what is learned
#: of them is the difference. Pairs that share a block don't show it, for blocks find all that have one name.
BELOW = {
    ("name", "written together"): ("name", "same", 0.5),
    ("name", "spelling or initial"): ("name", "same", 2.0),
    ("name", "nearly the same letters"): ("name", "same", 2.0),
    ("birth_date", "day and month swapped"): ("birth_date", "same", 2.0),
}
_RIDGE = 0.1
_MODEL = Model("fitting", KEY, COMPARISONS, persons_model.BLOCKS, THRESHOLDS)
PACKAGED = Path(persons_model.__file__).with_name("persons.yaml")


def pairs(made: SyntheticCity) -> pd.DataFrame:
    """Each pair that shares a block: of each comparison the number of the level (0: missing), of each column
    with a frequency the rarity in bits, and whether it is the same person."""
    residents, records = (
        pa.Table.from_pandas(frame, preserve_index=False) for frame in (made.residents, made.records)
    )
    parts_of = PartsOf()
    vocabulary = Vocabulary.of(residents["name"].to_pylist(), parts_of)
    sides = [prepared(table, KEY, vocabulary, parts_of) for table in (records, residents)]
    with workspace(Resources()) as database:
        prepare(database, _MODEL, *sides)
        block(database, _MODEL, linking=True, only_new=False)
        database.register("truth", made.truth[["id", "resident_id"]])
        return database.sql(_query(sides[0].schema.names)).df()


def _query(names: list[str]) -> str:
    names = [name for name in names if name != KEY]
    columns = ", ".join(f'l."{name}" AS {name}_l, r."{name}" AS {name}_r' for name in names)
    levels = ", ".join(f"{_number(one)} AS {one.name}" for one in COMPARISONS)
    frequent = sorted(_frequent())
    rarity = ", ".join(f"-log2(greatest(r_{name}.share, l_{name}.share)) AS bits_{name}" for name in frequent)
    joins = " ".join(
        f"LEFT JOIN ({_shares(name)}) AS {side}_{name} ON {side}_{name}.value = {name}_{side}"
        for name in frequent
        for side in "lr"
    )
    return f"""
        WITH pairs AS (
            SELECT {columns}, truth.resident_id = residents.key AS same_person FROM {BLOCKED}
            JOIN {PREPARED} AS l ON l.unique_id = join_key_l JOIN {PREPARED} AS r ON r.unique_id = join_key_r
            JOIN {KEYS} AS records ON records.unique_id = join_key_l
            JOIN {REFERENCE_KEYS} AS residents ON residents.unique_id = join_key_r
            JOIN truth ON truth.id = records.key
        )
        SELECT {levels}, {rarity}, same_person FROM pairs {joins}
    """


def _frequent() -> set[str]:
    return {level.frequency for one in COMPARISONS for level in one.levels if level.frequency}


def _shares(name: str) -> str:
    return (
        f'SELECT "{name}" AS value, count(*) / sum(count(*)) OVER () AS share'
        f' FROM {PREPARED} WHERE is_reference AND "{name}" IS NOT NULL GROUP BY 1'
    )


def _number(one: Comparison) -> str:
    cases = [f"WHEN {level.condition} THEN {at}" for at, level in enumerate(one.levels, 1) if level.condition]
    return f"(CASE WHEN {one.missing} THEN 0 {' '.join(cases)} ELSE {len(one.levels)} END)::UTINYINT"


def _with_less(found: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    fewer = found.copy()
    for name, share in LEFT_OUT.items():
        fewer.loc[rng.random(len(found)) < share, name] = 0
    return pd.concat([found, fewer], ignore_index=True)


Column = tuple[str, str]
#: In place of a level: the rarity of the value that both share, in tens of bits, so that weights are alike.
RARITY = "rarity"


def _columns(found: pd.DataFrame) -> Iterator[tuple[Column, NDArray[Any], NDArray[Any]]]:
    """Comparison and level, rows, values. A level that is below another is in the other's column too."""
    for one in COMPARISONS:
        reached = found[one.name].to_numpy()
        for at, level in enumerate(one.levels, 1):
            rows = np.flatnonzero(reached == at)
            yield (one.name, level.label), rows, np.ones(len(rows))
            if upper := BELOW.get((one.name, level.label)):
                yield upper[:2], rows, np.ones(len(rows))
            if level.frequency:
                yield (one.name, RARITY), rows, found[f"bits_{level.frequency}"].to_numpy()[rows] / 10


def fit(found: pd.DataFrame) -> Weights:
    """The weights under which these pairs' answers are likeliest, large weights being unlikely a little."""
    given = list(_columns(found))
    names = list(dict.fromkeys(name for name, _, _ in given))
    places = np.concatenate([np.full(len(rows), names.index(name)) for name, rows, _ in given])
    rows, values = (np.concatenate([each[at] for each in given]) for at in (1, 2))
    matrix = sparse.csr_matrix((values, (rows, places)), (len(found), len(names)))
    bias, *learned = _fitted(matrix, found["same_person"].to_numpy(float), names) / np.log(2)
    bits = dict(zip(names, learned, strict=True))
    levels = {
        one.name: {level.label: _weight(one, level, bits) for level in one.levels} for one in COMPARISONS
    }
    return Weights(2, bias, THRESHOLDS, levels)


def _weight(comparison: Comparison, level: Level, bits: dict[Column, float]) -> Weight:
    name = (comparison.name, level.label)
    upper = BELOW.get(name)
    total = bits[name] + (bits[upper[:2]] if upper else 0)
    return Weight(total, bits[comparison.name, RARITY] / 10 if level.frequency else 0.0)


def _fitted(matrix: sparse.csr_matrix, same: NDArray[np.float64], names: list[Column]) -> NDArray[np.float64]:
    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = matrix @ weights[1:] + weights[0]
        off = 1 / (1 + np.exp(-z)) - same
        total = np.logaddexp(0, z).sum() - same @ z + _RIDGE / 2 * weights[1:] @ weights[1:]
        return total, np.append(off.sum(), matrix.T @ off + _RIDGE * weights[1:])

    bounds = [(None, None), *(_bound(name) for name in names)]
    start = np.zeros(len(bounds))
    options = {"maxiter": 1000, "maxfun": 2000}
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def _bound(name: Column) -> tuple[float | None, float | None]:
    if name[1] == RARITY:
        return 0.0, 10 * MOST_PER_BIT * float(np.log(2))
    return None, -BELOW[name][2] * float(np.log(2)) if name in BELOW else None


def main() -> None:
    """Fit on the training cities and write `persons.yaml`."""
    started = time.monotonic()
    found = pd.concat([pairs(city(seed)) for seed in TRAINING_SEEDS], ignore_index=True)
    weights = fit(_with_less(found, np.random.default_rng(TRAINING_SEEDS[0])))
    text = yaml.safe_dump(persons_model.document_weights(weights), sort_keys=False, width=110)
    head = "# What each degree of agreement tells, in bits. Made by `python -m benchmarks.linkage.fitting`.\n"
    PACKAGED.write_text(head + text, encoding="utf-8")
    print(f"{len(found)} pairs of {len(TRAINING_SEEDS)} cities, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
