"""FEBRL: synthetic persons with duplicates. Model, parameters and threshold come from datasets 1 and 2 alone.

The model lies in `febrl.yaml`. Its parameters are estimated without labels on datasets 1 and 2 together; the
threshold is the middle of those (in half bits) that give the best F1 there. Dataset 3 is then linked once.
Pairs are those of the clusters that matches make.
"""

import csv
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median

import pyarrow as pa

from benchmarks.linkage.measuring import Line, Pairs, Quality, corpus, quality, timed, within
from lumbung.linkage import clusters, documents
from lumbung.linkage.engine import Scored, dedupe
from lumbung.linkage.model import Model
from lumbung.linkage.training import Training, train

BOUND = 0.99
MODEL = Path(__file__).with_name("febrl.yaml")
TRAINING = Training(
    blocks=(
        ("soc_sec_id",),
        ("date_of_birth",),
        ("surname", "postcode"),
        ("given_name", "suburb"),
    ),
    sample_pairs=1_000_000,
)
#: Weights (bits) that are tried as threshold.
_TRIED = [half / 2 for half in range(-20, 41)]


def records(number: int) -> pa.Table:
    """Dataset 1, 2 or 3, its keys made unique among them; blanks after commas are the file's."""
    with corpus(f"febrl_dataset{number}.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            {name.strip(): value.strip() or None for name, value in row.items()}
            for row in csv.DictReader(file)
        ]
    for row in rows:
        row["rec_id"] = f"{number}/{row['rec_id']}"
    return pa.Table.from_pylist(rows)


def truth(table: pa.Table) -> Pairs:
    """The pairs of records of one person: `rec-7-org` and each `rec-7-dup-0`."""
    persons = defaultdict(list)
    for key in table.column("rec_id").to_pylist():
        persons["-".join(key.split("-")[:2])].append(key)
    return within(persons.values())


@cache
def trained() -> Model:
    """The model, its parameters estimated on datasets 1 and 2."""
    return train(documents.read(MODEL), pa.concat_tables([records(1), records(2)]), TRAINING)


def found(scored: Scored, least: float) -> Pairs:
    """The pairs of clusters of matches that weigh at least so much."""
    return within(clusters.connected(pair for pair in clusters.matches(scored) if pair[2] >= least))


@cache
def threshold() -> tuple[float, Quality]:
    """The middle of the thresholds that are best on datasets 1 and 2, and how good it is there."""
    model = trained()
    tables = [records(1), records(2)]
    every = replace(
        model, thresholds=model.thresholds._replace(match=_TRIED[0], possible=_TRIED[0], margin=0)
    )
    scored = [dedupe(every, table) for table in tables]
    true = truth(tables[0]) | truth(tables[1])
    tried = {}
    for least in _TRIED:
        tried[least] = quality(set().union(*(found(one, least) for one in scored)), true)
    best = max(one.f1 for one in tried.values())
    chosen = median(least for least, one in tried.items() if one.f1 == best)
    return chosen, quality(set().union(*(found(one, chosen) for one in scored)), true)


def measure() -> list[Line]:
    """Train and choose on 1 and 2, link 3."""
    with timed() as training:
        match, there = threshold()
    print(
        f"FEBRL 1 and 2: trained in {training.seconds:.1f} s; match from {match:g} bits,"
        f" F1 {there.f1:.4f} there"
    )
    model = trained().with_thresholds(match, match, margin=0)
    lines = []
    for number, bound in ((1, None), (2, None), (3, BOUND)):
        table = records(number)
        with timed() as clock:
            scored = dedupe(model, table)
            pairs = found(scored, match)
        true = truth(table)
        lines.append(
            Line(
                f"FEBRL {number}",
                table.num_rows,
                len(true),
                scored.candidates,
                quality(pairs, true),
                clock.seconds,
                bound,
            )
        )
    return lines
