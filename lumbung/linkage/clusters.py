"""Groups of records that are one entity: connected components of matches."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lumbung.linkage.results import Scored

#: (left, right, weight). Keys sort among each other.
Pair = tuple[Any, Any, float]


def matches(scored: Scored) -> list[Pair]:
    """The pairs of a `dedupe` whose outcome is `match`."""
    columns = [scored.pairs.column(name).to_pylist() for name in ("left", "right", "weight", "outcome")]
    return [
        (left, right, weight)
        for left, right, weight, outcome in zip(*columns, strict=True)
        if outcome == "match"
    ]


def connected(
    pairs: Iterable[Pair], *, allowed: Callable[[Sequence[Any]], bool] | None = None
) -> list[list[Any]]:
    """Components of two records or more, members and groups in order of their keys.

    Pairs join from the heaviest down; with `allowed`, a join that would make a group it refuses (two NIKs,
    two birth dates) is not made.
    """
    groups: dict[Any, list[Any]] = {}
    for left, right, _ in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        one, other = groups.setdefault(left, [left]), groups.setdefault(right, [right])
        if one is other or (allowed and not allowed([*one, *other])):
            continue
        small, large = sorted((one, other), key=len)
        large.extend(small)
        for member in small:
            groups[member] = large
    found = {id(group): sorted(group) for group in groups.values() if len(group) > 1}
    return sorted(found.values())
