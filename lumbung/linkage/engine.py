"""Score the pairs of records that share a block: within one table (`dedupe`) or against another (`link`).

Nothing outlives a call: DuckDB works in memory, within a bound, and spills into a folder of its own that goes
with it. Two runs over the same records give the same pairs, weights and order.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from lumbung.linkage.blocking import BLOCKED, NEW, block
from lumbung.linkage.errors import LinkageModelError
from lumbung.linkage.model import Model
from lumbung.linkage.preparing import number_of, prepare
from lumbung.linkage.records import Records, Resources
from lumbung.linkage.results import Scored, Skipped
from lumbung.linkage.scoring import collect, score
from lumbung.linkage.workspace import one_row, step, workspace

__all__ = ["Records", "Resources", "Scored", "Skipped", "dedupe", "link"]


def dedupe(
    model: Model, records: Records, *, new: Sequence[Any] | None = None, resources: Resources | None = None
) -> Scored:
    """Pairs within one table. With `new` (keys), only pairs that one of these records is part of.

    Raises `RecordsRefused`, `LinkageModelError`, `LinkageFailed`.
    """
    with workspace(resources) as database:
        prepare(database, model, None, records)
        if new is not None:
            number_of(database, model, new, NEW)
        return _scored(database, model, linking=False, only_new=new is not None)


def link(model: Model, records: Records, reference: Records, *, resources: Resources | None = None) -> Scored:
    """Pairs of a record (left) with one of the reference table (right).

    Frequencies of values and sizes of blocks are those of the reference table, so a record's pairs do not
    depend on which other records are linked with it: an increment gives what the whole would.

    Raises `RecordsRefused`, `LinkageModelError`, `LinkageFailed`.
    """
    with workspace(resources) as database:
        prepare(database, model, records, reference)
        return _scored(database, model, linking=True, only_new=False)


def _scored(database: duckdb.DuckDBPyConnection, model: Model, *, linking: bool, only_new: bool) -> Scored:
    if lacking := model.untrained():
        raise LinkageModelError(
            f"{model.name}: {', '.join(lacking)} lack m or u; train the model, or state them"
        )
    skipped = block(database, model, linking=linking, only_new=only_new)
    with step(model, "counting"):
        (candidates,) = one_row(database, f"SELECT count(*) FROM {BLOCKED}")
    score(database, model)
    return Scored(collect(database, model, linking=linking), candidates, tuple(skipped))
