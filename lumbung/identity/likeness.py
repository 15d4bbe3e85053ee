"""How alike two names are, from 0 to 100, and why.

A name is as good as its worst part: one part that differs is not outweighed by the others. A long part may
have a typo, a short one (up to four letters: ANI, ADI; BUDI, RUDI) may not. The reasons are words without
the names.
"""

import re
from typing import NamedTuple

from lumbung.identity.distance import LONGEST, bounded, edits, pairs
from lumbung.identity.names import Name, name_of
from lumbung.identity.spelling import heard

SAME, NO_NAME = "same normal form", "no name to compare"
INITIAL, ABBREVIATION, SPELLING, TYPO = "initial", "abbreviation", "spelling", "typo"
DIFFERENT, MISSING, ORDER = "a part differs", "a part is missing", "parts in another order"
TOGETHER, FATHER, INITIALS_ONLY = "written together", "father's name on one side", "initials only"

#: Names that are not the same in normal form are never quite certain.
_BEST = 99
_ORDER_COSTS = 3
_FATHER_COSTS = 6
_TOGETHER_SCORE = 96
_INITIALS_AT_MOST = 70
#: What a part costs that the other side lacks: an initial or Muhammad; a part when two or more others agree;
#: a part when only one does.
_LIGHT, _MISSING, _HALF = 6, 12, 25


class Likeness(NamedTuple):
    """0 (nothing alike) to 100 (the same normal form), and why, in words and in alphabetical order."""

    score: int
    evidence: tuple[str, ...]


def similarity(a: str, b: str) -> int:
    """How alike two names are: 0..100, the same either way round, 100 exactly for equal normal forms."""
    return likeness(name_of(a), name_of(b)).score


def likeness(a: Name, b: Name) -> Likeness:
    """As `similarity`, of normal forms, with the evidence. Names without letters are like nothing."""
    if not a.parts or not b.parts:
        return Likeness(0, (NO_NAME,))
    if a.parts == b.parts:
        return Likeness(100, (SAME,))
    # One order of the two, so that the answer can't depend on who was named first.
    a, b = sorted((a, b), key=lambda name: (len(name.parts), name.parts, name.father))
    found = [_of_parts(a.parts, b.parts), _written_together(a, b)]
    if bool(a.father) != bool(b.father):
        bare = _of_parts(*sorted((a.without_father, b.without_father), key=lambda parts: (len(parts), parts)))
        found.append(_with(bare, -_FATHER_COSTS, FATHER))
    return max(found, key=lambda one: one.score)


def part_score(a: str, b: str) -> tuple[int, str]:
    """How alike two parts are (0..100), and the evidence; empty when they are equal."""
    if a == b:
        return 100, ""
    short, long = sorted((a, b), key=lambda part: (len(part), part))
    if len(short) == 1:
        alike = long.startswith(short) and len(long) > 1
        return ((96 if long == "MUHAMAD" else 90), INITIAL) if alike else (0, DIFFERENT)
    if re.fullmatch("[B-DF-HJ-NP-TV-Z]{2,3}", short) and long.startswith(short):
        return 88, ABBREVIATION
    return _letters_score(short, long)


def _letters_score(short: str, long: str) -> tuple[int, str]:
    apart = edits(short, long)
    if len(short) > 3 and apart <= 2 and heard(short) == heard(long):
        return 92, SPELLING
    if len(short) > 4 and apart == 1:
        if short[0] == long[0]:
            return 90, TYPO
        # People seldom mistype how a name begins: HALIM and SALIM are two.
        return (84, TYPO) if len(short) > 5 else (70, DIFFERENT)
    if len(short) > 7 and apart == 2:
        return 82, TYPO
    if len(short) == 4 and apart == 1:
        return 65, DIFFERENT
    return 60 * (len(long) - apart) // len(long), DIFFERENT


def _of_parts(short: tuple[str, ...], long: tuple[str, ...]) -> Likeness:
    """Two names part by part, `short` having no more parts than `long`."""
    if short == long:
        return Likeness(_BEST, ())
    short, long = bounded(short), bounded(long)
    chosen = pairs(short, long, lambda a, b: part_score(a, b)[0])
    scores = [part_score(short[i], long[j]) for i, j in chosen]
    weights = [max(len(short[i]), len(long[j])) for i, j in chosen]
    mean = sum(score * weight for (score, _), weight in zip(scores, weights, strict=True)) / sum(weights)
    total = (mean + 2 * min(score for score, _ in scores)) / 3
    evidence = {why for _, why in scores if why}
    if all(why == INITIAL or len(short[i]) == 1 for (_, why), (i, _) in zip(scores, chosen, strict=True)):
        total, evidence = min(total, _INITIALS_AT_MOST), evidence | {INITIALS_ONLY}
    if [j for _, j in chosen] != sorted(j for _, j in chosen):
        total, evidence = total - _ORDER_COSTS, evidence | {ORDER}
    missing = [part for j, part in enumerate(long) if j not in {at for _, at in chosen}]
    if missing:
        total, evidence = total - _cost_of(missing, len(short)), evidence | {MISSING}
    return Likeness(max(0, min(_BEST, round(total))), tuple(sorted(evidence)))


def _cost_of(missing: list[str], matched: int) -> int:
    full = _MISSING if matched > 1 else _HALF
    return sum(_LIGHT if len(part) == 1 or part == "MUHAMAD" else full for part in missing)


def _written_together(a: Name, b: Name) -> Likeness:
    """NUR AINI and NURAINI, ABDUL RAHMAN and ABDURRAHMAN: the letters alone."""
    one, other = "".join(a.parts), "".join(b.parts)
    if one == other:
        return Likeness(_TOGETHER_SCORE, (TOGETHER,))
    if len(a.parts) == len(b.parts) or not 8 <= min(len(one), len(other)) <= LONGEST:
        return Likeness(0, ())
    return Likeness(90, (TOGETHER, TYPO)) if edits(one, other) == 1 else Likeness(0, ())


def _with(found: Likeness, more: int, why: str) -> Likeness:
    return Likeness(max(0, found.score + more), tuple(sorted({*found.evidence, why})))
