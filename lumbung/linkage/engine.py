"""Score the pairs of records that share a block: within one table (`dedupe`) or against another (`link`).

Nothing outlives a call: DuckDB works in memory, within a bound, and spills into a folder of its own that goes
with it. Two runs over the same records give the same pairs, weights and order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lumbung.linkage.model import Model

#: A pyarrow Table or RecordBatchReader, a pandas DataFrame, or a DuckDB relation.
Records = Any


@dataclass(frozen=True)
class Resources:
    """What a run may use: threads, and DuckDB's memory (its own notation) before it spills to disk."""

    threads: int = 2
    memory: str = "2GB"


@dataclass(frozen=True)
class Skipped:
    """A block's keys that too many records share: how many keys, and how many records have one."""

    block: str
    keys: int
    records: int


@dataclass(frozen=True)
class Scored:
    """Pairs that reach the model's `possible` threshold, best first for each left record.

    `pairs` has the columns left, right (the records' keys; in `dedupe` left comes before right), weight
    (bits), probability, block (the first that found the pair), outcome (`match` or `possible`) and evidence:
    a list of {comparison, level, weight}. Their weights and the model's prior weight add up to `weight`.
    `candidates` counts the pairs that were compared.
    """

    pairs: pa.Table
    candidates: int
    skipped: tuple[Skipped, ...] = ()


def dedupe(
    model: Model, records: Records, *, new: Sequence[Any] | None = None, resources: Resources | None = None
) -> Scored:
    """Pairs within one table. With `new` (keys), only pairs that one of these records is part of.

    Raises `RecordsRefused`, `LinkageModelError`, `LinkageFailed`.
    """
    raise NotImplementedError


def link(model: Model, records: Records, reference: Records, *, resources: Resources | None = None) -> Scored:
    """Pairs of a record (left) with one of the reference table (right).

    Frequencies of values and sizes of blocks are those of the reference table, so a record's pairs do not
    depend on which other records are linked with it: an increment gives what the whole would.

    Raises `RecordsRefused`, `LinkageModelError`, `LinkageFailed`.
    """
    raise NotImplementedError
