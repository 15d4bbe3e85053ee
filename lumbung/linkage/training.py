"""Estimate a model's parameters from the records themselves, without labels, as Splink does.

u comes from pairs taken at random, m by expectation maximisation over pairs that agree on a block's columns;
the prior from rules that hold for the same entity almost alone.
"""

from dataclasses import dataclass, replace
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from lumbung.linkage.errors import LinkageModelError
from lumbung.linkage.model import Comparison, Level, Model
from lumbung.linkage.preparing import PREPARED, prepare
from lumbung.linkage.records import Records, Resources
from lumbung.linkage.scoring import built
from lumbung.linkage.workspace import quoted, step, workspace


@dataclass(frozen=True)
class Training:
    """How to train: `blocks` and `certain` are tuples of columns on which a pair agrees.

    Each block trains the comparisons that read none of its columns, so two blocks at least. `certain` rules
    find the share `recall` of the true pairs and hardly a false one; without any, the prior stays as it is.
    """

    blocks: tuple[tuple[str, ...], ...]
    certain: tuple[tuple[str, ...], ...] = ()
    recall: float = 0.7
    sample_pairs: int = 1_000_000
    seed: int = 1


def train(
    model: Model,
    records: Records,
    training: Training,
    *,
    reference: Records | None = None,
    resources: Resources | None = None,
) -> Model:
    """The model with m, u and prior estimated, rounded to six digits, so that keeping it changes nothing.

    Levels whose `m` or `u` is stated keep it. Raises as `engine.dedupe` does.
    """
    with workspace(resources) as database:
        if reference is None:
            prepare(database, model, None, records)
        else:
            prepare(database, model, records, reference)
        # Sums of floats come in another order, so with other last digits, from two threads.
        database.execute("SET threads = 1")
        linker = _linker(database, model, linking=reference is not None)
        with step(model, "estimating u from pairs at random"):
            linker.training.estimate_u_using_random_sampling(
                max_pairs=training.sample_pairs, seed=training.seed
            )
        _estimate_prior(model, linker, training)
        for columns in training.blocks:
            with step(model, f"training on pairs that agree on {', '.join(columns)}"):
                linker.training.estimate_parameters_using_expectation_maximisation(
                    _agree(columns), estimate_without_term_frequencies=True
                )
        return _trained(model, linker)


def _linker(database: duckdb.DuckDBPyConnection, model: Model, *, linking: bool) -> Linker:
    api = DuckDBAPI(database)
    if not linking:
        return built(model, api.register(PREPARED))
    with step(model, "taking the records"):
        for name, which in (("records", "NOT is_reference"), ("reference", "is_reference")):
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM {PREPARED} WHERE {which}")
        tables = [api.register(name, dataset_display_name=name) for name in ("records", "reference")]
    return built(model, tables, "link_only")


def _estimate_prior(model: Model, linker: Linker, training: Training) -> None:
    if not training.certain:
        return
    rules: list[Any] = [_agree(columns) for columns in training.certain]
    with step(model, "estimating the prior"):
        try:
            linker.training.estimate_probability_two_random_records_match(rules, recall=training.recall)
            prior = linker._settings_obj._probability_two_random_records_match
        except ValueError:
            prior = 1.0
    if not 0 < prior < 1:
        raise LinkageModelError(
            f"{model.name}: the certain rules hold for no pair, or for more than the recall of"
            f" {training.recall:g} allows; name others, or state the prior and name none"
        )


def _agree(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"l.{quoted(column)} = r.{quoted(column)}" for column in columns)


def _trained(model: Model, linker: Linker) -> Model:
    found = linker._settings_obj
    comparisons = tuple(
        replace(one, levels=tuple(map(_level, one.levels, _learned(one, found)))) for one in model.comparisons
    )
    return replace(
        model, comparisons=comparisons, prior=_rounded(found._probability_two_random_records_match)
    )


def _learned(one: Comparison, found: Any) -> list[Any]:
    learned = found._get_comparison_by_output_column_name(one.name)
    return [level for level in learned.comparison_levels if not level.is_null_level]


def _level(level: Level, learned: Any) -> Level:
    return replace(level, m=_rounded(learned.m_probability), u=_rounded(learned.u_probability))


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
