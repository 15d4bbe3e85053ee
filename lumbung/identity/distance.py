"""How far two texts are apart, and which of their parts belong together."""

from collections.abc import Callable, Sequence
from functools import cache

#: Longer texts are no names of anything; they are compared as a whole, so that no input costs much.
LONGEST = 64
#: More parts than this are compared as if the rest were one.
MOST_PARTS = 8


def edits(a: str, b: str) -> int:
    """Letters added, lost, changed, or neighbours swapped, from `a` to `b` (optimal string alignment)."""
    if a == b:
        return 0
    if max(len(a), len(b)) > LONGEST:
        return max(len(a), len(b))
    older: list[int] = []
    old = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        new = [i]
        for j, right in enumerate(b, start=1):
            step = min(old[j] + 1, new[j - 1] + 1, old[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                step = min(step, older[j - 2] + 1)
            new.append(step)
        older, old = old, new
    return old[-1]


def pairs(
    short: Sequence[str], long: Sequence[str], score: Callable[[str, str], int]
) -> tuple[tuple[int, int], ...]:
    """Each part of `short` with another part of `long` so that the scores, by length of part, sum highest.

    Takes at most MOST_PARTS of each (see `bounded`), `short` having no more than `long`; gives their indexes.
    """

    gains = [[score(a, b) * max(len(a), len(b)) for b in long] for a in short]

    @cache
    def best(i: int, used: int) -> tuple[int, tuple[tuple[int, int], ...]]:
        if i == len(short):
            return 0, ()
        found: tuple[int, tuple[tuple[int, int], ...]] = (-1, ())
        for j, gain in enumerate(gains[i]):
            if used & 1 << j:
                continue
            rest, chosen = best(i + 1, used | 1 << j)
            total = rest + gain
            # The first found is kept: parts in their own order come before the same parts swapped.
            if total > found[0]:
                found = (total, ((i, j), *chosen))
        return found

    return best(0, 0)[1]


def bounded(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts, those from the eighth on as one."""
    if len(parts) <= MOST_PARTS:
        return tuple(parts)
    return (*parts[: MOST_PARTS - 1], "".join(parts[MOST_PARTS - 1 :]))
