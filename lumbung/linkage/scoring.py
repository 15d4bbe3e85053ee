"""Splink as the scoring model: a `Model` as its settings, frequencies of values, weights and evidence."""

from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from lumbung.linkage.blocking import BLOCKED
from lumbung.linkage.errors import LinkageModelError
from lumbung.linkage.model import MISSING, Comparison, Level, Model
from lumbung.linkage.preparing import KEYS, PREPARED, REFERENCE_KEYS
from lumbung.linkage.workspace import quoted, step

SCORED = "scored"


def settings(model: Model, link_type: str = "dedupe_only") -> dict[str, Any]:
    """The model as Splink's settings."""
    return {
        "link_type": link_type,
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": model.prior,
        "comparisons": [_comparison(one) for one in model.comparisons],
        "blocking_rules_to_generate_predictions": [],
        # Splink gives the level reached only together with the columns that were compared.
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    missing = {"sql_condition": one.missing, "label_for_charts": MISSING, "is_null_level": True}
    return {
        "output_column_name": one.name,
        "comparison_levels": [missing, *(_level(one, level) for level in one.levels)],
    }


def _level(one: Comparison, level: Level) -> dict[str, Any]:
    found: dict[str, Any] = {"sql_condition": level.condition or "ELSE", "label_for_charts": level.label}
    for name, value in (("m", level.m), ("u", level.u)):
        if value is not None:
            found |= {f"{name}_probability": value, f"fix_{name}_probability": True}
    if level.frequency:
        same = f"{level.frequency}_l = {level.frequency}_r"
        found |= {
            "tf_adjustment_column": level.frequency,
            "tf_adjustment_weight": level.frequency_weight,
            "tf_minimum_u_value": level.frequency_floor,
            # Splink measures against the u of the level that is exact on this column; where there is none,
            # against this level's own.
            "disable_tf_exact_match_detection": same not in {other.condition for other in one.levels},
        }
    return found


def built(model: Model, tables: Any, link_type: str = "dedupe_only") -> Linker:
    """The model in Splink's form, over these tables. Raises `LinkageModelError` for SQL that is none."""
    with step(model, "building the model"):
        try:
            return Linker(tables, settings(model, link_type), log_level=None)
        except ValueError as error:
            # Splink reads the model's SQL here, and no record yet.
            raise LinkageModelError(f"{model.name}: {' '.join(str(error).split())}") from error


def _frequencies(database: duckdb.DuckDBPyConnection, model: Model, api: DuckDBAPI, linker: Linker) -> None:
    """Give Splink each value's share among the reference records, so that nobody else's records matter."""
    columns = {level.frequency for one in model.comparisons for level in one.levels if level.frequency}
    for at, column in enumerate(sorted(columns)):
        name, table = quoted(column), f"frequency_{at}"
        with step(model, f"frequencies of {column}"):
            database.execute(
                f"CREATE TABLE {table} AS"
                f" SELECT {name}, count(*) / sum(count(*)) OVER () AS {quoted('tf_' + column)}"
                f" FROM {PREPARED} WHERE is_reference AND {name} IS NOT NULL GROUP BY {name}"
            )
            linker.table_management.register_term_frequency_lookup(api.register(table), column)


def score(database: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make `SCORED` from `PREPARED` and `BLOCKED`: pairs from the model's `possible` threshold up."""
    api = DuckDBAPI(database)
    linker = built(model, api.register(PREPARED))
    _frequencies(database, model, api, linker)
    with step(model, "scoring"):
        linker.table_management.register_blocked_pairs_for_predict(api.register(BLOCKED))
        predicted = linker.inference.predict(
            threshold_match_weight=model.thresholds.possible, warning_mode="never"
        )
        columns = ", ".join(["unique_id_l", "unique_id_r", "match_weight", "match_probability", "match_key"])
        database.execute(
            f"CREATE TABLE {SCORED} AS SELECT {columns}, {_evidence(model)} AS evidence"
            f" FROM {predicted.physical_name}"
        )
        predicted.drop_table_from_database_and_remove_from_cache()


def _evidence(model: Model) -> str:
    return "[" + ", ".join(_reached(one) for one in model.comparisons) + "]"


def _reached(one: Comparison) -> str:
    # Splink numbers levels from the last (0) up, and -1 is missing.
    labels = {-1: MISSING} | {at: level.label for at, level in enumerate(reversed(one.levels))}
    cases = " ".join(f"WHEN {number} THEN {text(label)}" for number, label in labels.items())
    weight = quoted(f"mw_{one.name}")
    if any(level.frequency for level in one.levels):
        weight += f" + {quoted(f'mw_tf_adj_{one.name}')}"
    level = f"CASE {quoted(f'gamma_{one.name}')} {cases} END"
    return f"{{'comparison': {text(one.name)}, 'level': {level}, 'weight': {weight}}}"


def text(value: str) -> str:
    """A text of the model's as SQL."""
    return "'" + value.replace("'", "''") + "'"


def collect(database: duckdb.DuckDBPyConnection, model: Model, *, linking: bool) -> pa.Table:
    """`SCORED` with the records' own keys, in the order that `Scored` promises."""
    blocks = " ".join(f"WHEN {at} THEN {text(block.name)}" for at, block in enumerate(model.blocks))
    outcome = f"CASE WHEN match_weight >= {model.thresholds.match} THEN 'match' ELSE 'possible' END"
    with step(model, "collecting the pairs"):
        return database.sql(
            f"SELECT l.key AS left, r.key AS right, match_weight AS weight, match_probability AS probability,"
            f" CASE match_key {blocks} END AS block,"
            f" {outcome} AS outcome, evidence FROM {SCORED}"
            f" JOIN {KEYS if linking else REFERENCE_KEYS} AS l ON l.unique_id = unique_id_l"
            f" JOIN {REFERENCE_KEYS} AS r ON r.unique_id = unique_id_r"
            " ORDER BY l.unique_id, match_weight DESC, r.unique_id"
        ).to_arrow_table()
