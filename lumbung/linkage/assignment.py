"""From scored pairs to decisions: the best reference record for each record, or none when two are as good."""

import pyarrow as pa

from lumbung.linkage.model import Model
from lumbung.linkage.results import Scored
from lumbung.linkage.workspace import step, workspace

_BY_WEIGHT = "ORDER BY weight DESC"

#: The best pair of each left record, and how much better it is than the next.
_BEST = f"""
    SELECT *, row_number() OVER ranks AS rank, lead(weight) OVER ranks AS second FROM scored
    WINDOW ranks AS (PARTITION BY "left" {_BY_WEIGHT}, "right")
    QUALIFY rank = 1
"""
_ALONE = """
    SELECT * REPLACE (
        CASE WHEN outcome = 'match' AND coalesce(weight - second >= $margin, true)
        THEN 'match' ELSE 'possible' END AS outcome
    ) FROM best
"""
#: Among the matches of one right record, the heaviest stays if it beats the next by the margin.
_ONE_TO_ONE = f"""
    SELECT * EXCLUDE (place, next) REPLACE (
        CASE WHEN outcome = 'match' AND place = 1 AND coalesce(weight - next >= $margin, true)
        THEN 'match' ELSE 'possible' END AS outcome
    ) FROM (
        SELECT *, row_number() OVER takers AS place, lead(weight) OVER takers AS next FROM alone
        WINDOW takers AS (PARTITION BY "right", outcome {_BY_WEIGHT}, "left")
    )
"""


def best(model: Model, scored: Scored, *, one_to_one: bool = False) -> pa.Table:
    """One row for each left record that has a pair: left, right, outcome, weight, second, evidence, block.

    `outcome` is `match` when its best pair reaches `match` and beats the second best by the model's margin;
    otherwise `possible`. `second` is the second best pair's weight, NULL without one. With `one_to_one`, a
    right record that is the match of several left records stays the match of the best of them, if that beats
    the next by the margin; all others become `possible`. Records without any pair are not in the table:
    their outcome is `none`.
    """
    decided = "decided" if one_to_one else "alone"
    steps = f"WITH best AS ({_BEST}), alone AS ({_ALONE}), decided AS ({_ONE_TO_ONE})"
    with workspace(None) as database, step(model, "choosing the best pairs"):
        database.register("scored", scored.pairs)
        return database.sql(
            f'{steps} SELECT "left", "right", outcome, weight, second, evidence, block FROM {decided}'
            ' ORDER BY "left"',
            params={"margin": model.thresholds.margin},
        ).to_arrow_table()
