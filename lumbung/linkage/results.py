"""What a run gives back."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Skipped:
    """A block's keys that too many records share: how many keys, and how many records have one."""

    block: str
    keys: int
    records: int


@dataclass(frozen=True)
class Scored:
    """Pairs that reach the model's `possible` threshold, by left record, best first.

    `pairs` has the columns left, right (the records' keys; in `dedupe` left comes before right), weight
    (bits), probability, block (the first that found the pair), outcome (`match` or `possible`) and evidence:
    a list of {comparison, level, weight}. Their weights and the model's prior weight add up to `weight`.
    `candidates` counts the pairs that were compared.
    """

    pairs: pa.Table
    candidates: int
    skipped: tuple[Skipped, ...] = ()
