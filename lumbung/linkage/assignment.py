"""From scored pairs to decisions: the best reference record for each record, or none when two are as good."""

import pyarrow as pa

from lumbung.linkage.engine import Scored
from lumbung.linkage.model import Model


def best(model: Model, scored: Scored, *, one_to_one: bool = False) -> pa.Table:
    """One row for each left record that has a pair: left, right, outcome, weight, second, evidence, block.

    `outcome` is `match` when its best pair reaches `match` and beats the second best by the model's margin;
    otherwise `possible`. `second` is the second best pair's weight, NULL without one. With `one_to_one`, a
    right record that is the match of several left records stays the match of the best of them, if that beats
    the next by the margin; all others become `possible`. Records without any pair are not in the table:
    their outcome is `none`.
    """
    raise NotImplementedError
