"""Which agency a record means, or why that can't be told. What is not certain is a finding, never a guess.

A code may pass from one agency to its successor: without a day or a name beside it, it means both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lumbung.organisations.codes import agency_of, canonical
from lumbung.organisations.names import key_of
from lumbung.organisations.register import Register, Said

CODE, NAME = "code", "name"


class Kind(StrEnum):
    """Why an agency is not resolved."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    CONTRADICTORY = "contradictory"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Mention:
    """What a record says of an agency, and the days for which it says so; without them, all times count."""

    code: str = ""
    name: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The agency's id, and by which evidence."""

    organisation: str
    how: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why there is no one agency, and the ids of those that may be meant."""

    kind: Kind
    candidates: tuple[str, ...]
    message: str


def resolve(register: Register, mention: Mention) -> Resolved | Finding:
    """The agency that the record means, or the finding. No message holds what the record says."""
    given = []
    if mention.code.strip():
        given.append((CODE, _by_code(register, mention)))
    if key_of(mention.name):
        given.append((NAME, _by_name(register, mention)))
    if not given:
        return Finding(Kind.UNKNOWN, (), "neither a code nor a name is given")
    for _, found in given:
        if isinstance(found, Finding):
            return found
    sets = [set(found) for _, found in given if not isinstance(found, Finding)]
    left = set.intersection(*sets)
    if len(left) == 1:
        return Resolved(left.pop(), tuple(evidence for evidence, _ in given))
    if left:
        return _finding(Kind.AMBIGUOUS, left, "several agencies had that code or name; give the day or both")
    return _finding(Kind.CONTRADICTORY, set.union(*sets), "code and name mean different agencies")


def _by_code(register: Register, mention: Mention) -> list[str] | Finding:
    code = canonical(mention.code)
    if code is None:
        return Finding(Kind.MALFORMED, (), "the code has no form of an organisation code")
    rows = register.by_code(code)
    found = _valid(rows, mention)
    # Nobody lists the unit, or not for that day: it is not the agency, but may hint at it.
    hints = rows or register.by_code(agency_of(code))
    return found or _finding(Kind.UNKNOWN, _ids(hints), "no agency has that code" + _then(rows))


def _by_name(register: Register, mention: Mention) -> list[str] | Finding:
    rows = register.by_name(key_of(mention.name))
    return _valid(rows, mention) or _finding(Kind.UNKNOWN, _ids(rows), "no agency is called so" + _then(rows))


def _valid(rows: Iterable[Said], mention: Mention) -> list[str]:
    return sorted(_ids(row for row in rows if row.period.meets(mention.first, mention.last)))


def _ids(rows: Iterable[Said]) -> set[str]:
    return {row.organisation for row in rows}


def _finding(kind: Kind, candidates: Iterable[str], message: str) -> Finding:
    return Finding(kind, tuple(sorted(candidates)), message)


def _then(rows: list[Said]) -> str:
    return " at that time" if rows else ""
