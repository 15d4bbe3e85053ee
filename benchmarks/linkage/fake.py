"""Splink's fake_1000: our model against Splink's own untuned examples, on the same records and truth.

Ours: `fake.yaml`, parameters estimated without labels on the records, the threshold that FEBRL 1 and 2
chose, pairs of clusters. Splink's: the quickstart of its README, and the same with `NameComparison` and
narrower blocks; trained as there, clusters at probability 0.95 as there. Our bound is harder: the best F1
that either reaches at any threshold, picked with the labels, as pairs or as clusters.
"""

import csv
import logging
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.linkage import febrl
from benchmarks.linkage.measuring import Line, Pairs, Quality, corpus, quality, timed, within
from lumbung.linkage import clusters, documents
from lumbung.linkage.clusters import Pair
from lumbung.linkage.engine import dedupe
from lumbung.linkage.training import Training, train

MODEL = Path(__file__).with_name("fake.yaml")
TRAINING = Training(
    blocks=(("first_name", "surname"), ("dob",), ("email",)),
    certain=(("first_name", "surname", "dob"), ("email",)),
    recall=0.7,
    sample_pairs=1_000_000,
)
#: Where Splink's README cuts: probability 0.95.
_CUT = 0.95


def records() -> list[dict[str, Any]]:
    """The records, without their cluster, which is the truth."""
    with corpus("splink_fake_1000.csv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = [
            {name: value or None for name, value in row.items() if name != "cluster"}
            for row in csv.DictReader(file)
        ]
    for row in rows:
        row["unique_id"] = int(row["unique_id"])
    return rows


def truth() -> Pairs:
    """The pairs that the labels call true. They are all pairs of the records' clusters, too."""
    with corpus("splink_fake_1000_labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {
            (int(row["unique_id_l"]), int(row["unique_id_r"]))
            for row in csv.DictReader(file)
            if float(row["clerical_match_score"]) == 1
        }
    persons = defaultdict(list)
    with corpus("splink_fake_1000.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            persons[row["cluster"]].append(int(row["unique_id"]))
    assert labels == within(persons.values())
    return within(persons.values())


def measure() -> list[Line]:
    """Splink's examples, then our model with their best as its bound."""
    true, given = truth(), records()
    lines, best = [], 0.0
    for name, settings in (("quickstart", quickstart()), ("names example", names_example())):
        with timed() as clock:
            pairs = example(settings, given)
            found = _clustered(pairs, _CUT)
        lines.append(
            Line(
                f"fake 1000, Splink's {name}",
                len(given),
                len(true),
                len(pairs),
                quality(found, true),
                clock.seconds,
            )
        )
        at, one = _best(pairs, true)
        print(f"Splink's {name}: F1 {one.f1:.4f} at its best threshold for these labels, {at}")
        best = max(best, one.f1)
    return [*lines, _ours(given, true, best)]


def _ours(given: list[dict[str, Any]], true: Pairs, bound: float) -> Line:
    match, _ = febrl.threshold()
    table = pa.Table.from_pylist(given)
    with timed() as clock:
        model = train(documents.read(MODEL), table, TRAINING).with_thresholds(match, match, margin=0)
        scored = dedupe(model, table)
        found = within(clusters.connected(clusters.matches(scored)))
    print(f"Ours: match from {match:g} bits, chosen on FEBRL 1 and 2; seconds with training, as Splink's")
    return Line(
        "fake 1000, ours",
        len(given),
        len(true),
        scored.candidates,
        quality(found, true),
        clock.seconds,
        bound,
    )


def quickstart() -> SettingsCreator:
    """The model of the quickstart in Splink 5.0's README."""
    names = [
        cl.JaroWinklerAtThresholds("first_name", [0.9, 0.7]),
        cl.JaroAtThresholds("surname", [0.9, 0.7]),
    ]
    return _settings(names, [block_on("first_name"), block_on("surname")])


def names_example() -> SettingsCreator:
    """The same with Splink's comparison for names, and narrower blocks."""
    names = [cl.NameComparison("first_name"), cl.NameComparison("surname")]
    return _settings(names, [block_on("first_name", "dob"), block_on("surname")])


def _settings(names: list[Any], blocks: list[Any]) -> SettingsCreator:
    dates = cl.DateOfBirthComparison(
        "dob", input_is_string=False, datetime_metrics=["year", "month"], datetime_thresholds=[1, 1]
    )
    city = cl.ExactMatch("city").configure(term_frequency_adjustments=True)
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*names, dates, city, cl.EmailComparison("email")],
        blocking_rules_to_generate_predictions=blocks,
    )


def example(settings: SettingsCreator, given: list[dict[str, Any]]) -> list[Pair]:
    """The pairs, with their probabilities, of an example trained as Splink's README does."""
    dated = [row | {"dob": date.fromisoformat(row["dob"])} for row in given]
    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        api = DuckDBAPI(database)
        linker = Linker(api.register(pa.Table.from_pylist(dated)), settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(
            [block_on("first_name", "surname")], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for block in (block_on("first_name", "surname"), block_on("dob")):
            linker.training.estimate_parameters_using_expectation_maximisation(block)
        found = linker.inference.predict(threshold_match_weight=-10).as_record_list()
    return [
        (*sorted((row["unique_id_l"], row["unique_id_r"])), row["match_probability"])  # type: ignore[misc]
        for row in found
    ]


def _clustered(pairs: list[Pair], least: float) -> Pairs:
    return within(clusters.connected(pair for pair in pairs if pair[2] >= least))


def _best(pairs: list[Pair], true: Pairs) -> tuple[str, Quality]:
    """The best that a threshold chosen with the labels gives, as pairs or as clusters."""
    tried = {}
    for least in (0.0, 0.01, 0.05, *(tenth / 10 for tenth in range(1, 10)), 0.95, 0.99, 0.999):
        alone: Pairs = {pair[:2] for pair in pairs if pair[2] >= least}
        tried[f"pairs from {least:g}"] = quality(alone, true)
        tried[f"clusters from {least:g}"] = quality(_clustered(pairs, least), true)
    return max(tried.items(), key=lambda one: one[1].f1)
