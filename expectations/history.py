"""What a rule may know of the loads before."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VolumeHistory:
    """How many rows the dataset held after each of its last applied loads, latest first."""

    counts: tuple[int, ...]
