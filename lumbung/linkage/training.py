"""Estimate a model's parameters from the records themselves, without labels, as Splink does.

u comes from pairs taken at random, m by expectation maximisation over pairs that agree on a block's columns;
the prior from rules that hold for the same entity almost alone.
"""

from dataclasses import dataclass

from lumbung.linkage.engine import Records, Resources
from lumbung.linkage.model import Model


@dataclass(frozen=True)
class Training:
    """How to train: `blocks` and `certain` are tuples of columns on which a pair agrees.

    Each block trains the comparisons that read none of its columns, so two blocks at least. `certain` rules
    find the share `recall` of the true pairs and hardly a false one; without any, the prior stays as it is.
    """

    blocks: tuple[tuple[str, ...], ...]
    certain: tuple[tuple[str, ...], ...] = ()
    recall: float = 0.7
    sample_pairs: int = 5_000_000
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
    raise NotImplementedError
