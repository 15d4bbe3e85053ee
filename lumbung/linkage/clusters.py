"""Groups of records that are one entity: connected components of matches."""

from collections.abc import Callable, Hashable, Iterable, Sequence


def connected(
    pairs: Iterable[tuple[Hashable, Hashable, float]],
    *,
    allowed: Callable[[Sequence[Hashable]], bool] | None = None,
) -> list[list[Hashable]]:
    """Components of two records or more, members and groups in order of their keys.

    `pairs` are (left, right, weight). Pairs join from the heaviest down; with `allowed`, a join that would
    make a group it refuses (two NIKs, two birth dates) is not made.
    """
    raise NotImplementedError
