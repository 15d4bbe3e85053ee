"""What is the same, field by field, and what several sources that say different things come to.

Pure rules over what was said of one entity in one field: which value stands (by `survivorship`), and which of
the others disagree with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from lumbung.businesses import names as business_names
from lumbung.identity import addresses, likeness
from lumbung.identity.spelling import plain
from lumbung.resolution.survivorship import CHOSEN, Choice, Rule, Said, choose

#: From this score on (0..100) two names, or two addresses, mean the same: that of the check by element.
SAME = 80


@dataclass(frozen=True)
class Statement:
    """What one record says of an entity in one field. The repr shows nothing of the record.

    `source` is the dataset, or `register` for the datasets that are it; `record` is the record's key as a
    JSON list.
    """

    source: str
    dataset: str
    role: str
    record: str = field(repr=False)
    value: str = field(repr=False)
    since: datetime


@dataclass(frozen=True)
class Disagreement:
    """Two statements that don't mean the same; `score` is how alike they are where that is counted."""

    one: Statement
    other: Statement
    score: int | None


def judge(name: str, rule: Rule, statements: Sequence[Statement]) -> tuple[Choice | None, list[Disagreement]]:
    """What stands for the field of an entity, and every statement that says otherwise; one or more come in.

    Where nothing stands, the first in the rule's order is what the others are held against: both are shown,
    nobody is called right.
    """
    ordered = sorted(statements, key=lambda one: _order(rule, one))
    meanings = _meanings(name, ordered)
    said = [
        Said(one.source, one.value, meaning, one.since)
        for one, meaning in zip(ordered, meanings, strict=True)
    ]
    choice = choose(rule, said)
    against = standing(ordered, choice)
    found = [(one, compare(name, one.value, against.value)) for one in ordered if one is not against]
    return choice, [Disagreement(one, against, score) for one, (same, score) in found if not same]


def _order(rule: Rule, one: Statement) -> tuple[int, datetime, str, str, str]:
    rank = rule.rank(one.source)
    return (len(rule.sources) if rank is None else rank), one.since, one.source, one.role, one.record


def standing(ordered: Sequence[Statement], choice: Choice | None) -> Statement:
    """The statement that was chosen; the first where none was."""
    if choice is None or choice.outcome != CHOSEN:
        return ordered[0]
    return next(one for one in ordered if (one.source, one.value) == (choice.dataset, choice.value))


def _meanings(name: str, ordered: Sequence[Statement]) -> list[str]:
    """For each statement the first value that means the same."""
    firsts: list[str] = []
    meanings = []
    for one in ordered:
        first = next((value for value in firsts if compare(name, one.value, value)[0]), None)
        if first is None:
            firsts.append(one.value)
        meanings.append(one.value if first is None else first)
    return meanings


@lru_cache(maxsize=100_000)
def compare(name: str, one: str, other: str) -> tuple[bool, int | None]:
    """Whether two values of a field mean the same, and how alike they are (0..100) where that is counted."""
    if one == other:
        return True, None
    if name in _SCORES:
        score = _SCORES[name](one, other)
        return score >= SAME, score
    read = _READ.get(name, _plain)
    return read(one) == read(other), None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", plain(text))


def _sex(text: str) -> str:
    words = {"L": "1", "LAKILAKI": "1", "P": "2", "PEREMPUAN": "2"}
    return words.get(_plain(text), _plain(text))


def _place(text: str) -> str:
    """A birth place, as regency or city or plain: `Kota Pontianak`, `PONTIANAK`."""
    return re.sub("^(KOTA|KABUPATEN|KAB)(?=.)", "", _plain(text))


def _npwp(text: str) -> str:
    """The forms of 15 and 16 digits are one number."""
    digits = _plain(text)
    return f"0{digits}" if len(digits) == 15 else digits


_SCORES: Mapping[str, Callable[[str, str], int]] = {
    "name": likeness.similarity,
    "mother_name": likeness.similarity,
    "address": addresses.similarity,
    "business_name": business_names.similarity,
}
_READ: Mapping[str, Callable[[str], str]] = {"sex": _sex, "birth_place": _place, "npwp": _npwp}
