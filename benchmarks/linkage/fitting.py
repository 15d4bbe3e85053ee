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
from lumbung.linkage.model import Comparison, Model, Thresholds
from lumbung.linkage.persons_fields import PartsOf, Vocabulary, prepared
from lumbung.linkage.persons_model import COMPARISONS, KEY, Weight, Weights
from lumbung.linkage.preparing import KEYS, PREPARED, REFERENCE_KEYS, prepare
from lumbung.linkage.records import Resources
from lumbung.linkage.workspace import workspace

TRAINING_SEEDS = (101, 102)
THRESHOLDS = Thresholds(match=1.5, possible=-4.0, margin=3.0)
#: How often a field is left out when a pair is fitted the second time.
LEFT_OUT = {"home": 0.35, "mother": 0.4, "birth_place": 0.4, "sex": 0.3, "birth_date": 0.25}
#: A weight may grow by at most this for each bit of rarity.
MOST_PER_BIT = 0.95
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


def _columns(found: pd.DataFrame) -> Iterator[tuple[str, str, bool, NDArray[Any], NDArray[Any]]]:
    """Comparison, level, whether it is the rarity, rows, values."""
    for one in COMPARISONS:
        reached = found[one.name].to_numpy()
        for at, level in enumerate(one.levels, 1):
            rows = np.flatnonzero(reached == at)
            yield one.name, level.label, False, rows, np.ones(len(rows))
            if level.frequency:
                yield one.name, level.label, True, rows, found[f"bits_{level.frequency}"].to_numpy()[rows]


def fit(found: pd.DataFrame) -> Weights:
    """The weights under which these pairs' answers are likeliest, large weights being unlikely a little."""
    given = list(_columns(found))
    # Rarity in tens of bits, so that all weights are of one size.
    values = np.concatenate([values / (10 if rare else 1) for _, _, rare, _, values in given])
    places = np.concatenate([np.full(len(rows), at) for at, (*_, rows, _) in enumerate(given)])
    matrix = sparse.csr_matrix(
        (values, (np.concatenate([rows for *_, rows, _ in given]), places)), (len(found), len(given))
    )
    bias, *learned = _fitted(matrix, found["same_person"].to_numpy(float)) / np.log(2)
    levels: dict[str, dict[str, Weight]] = {}
    for (comparison, label, rare, _, _), weight in zip(given, learned, strict=True):
        of = levels.setdefault(comparison, {})
        of[label] = Weight(of[label].bits, weight / 10) if rare else Weight(weight)
    for comparison, label, rare, _, values in given:
        if rare:
            levels[comparison][label] = _bounded(levels[comparison][label], float(values.mean()))
    return Weights(1, bias, THRESHOLDS, levels)


def _bounded(weight: Weight, usual: float) -> Weight:
    per_bit = min(MOST_PER_BIT, max(0.0, weight.per_bit))
    return Weight(weight.bits + (weight.per_bit - per_bit) * usual, per_bit)


def _fitted(matrix: sparse.csr_matrix, same: NDArray[np.float64]) -> NDArray[np.float64]:
    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = matrix @ weights[1:] + weights[0]
        off = 1 / (1 + np.exp(-z)) - same
        total = np.logaddexp(0, z).sum() - same @ z + _RIDGE / 2 * weights[1:] @ weights[1:]
        return total, np.append(off.sum(), matrix.T @ off + _RIDGE * weights[1:])

    start = np.zeros(matrix.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "maxfun": 2000}).x


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
