"""Which place a record means, or why that can't be told. What is not certain is a finding, never a guess.

Code, name and kecamatan are each evidence; a place is resolved when what is given leaves one and nothing
speaks against that. No message holds what the record says: it may be personal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lumbung.places.codes import NIK, NOP, Code, level_of, readings
from lumbung.places.crosswalk import Crosswalk, Row, places
from lumbung.places.spelling import Spelling, spelled

SPELLING = "spelling"
OLD_SPELLING = "old spelling"
ONE_LETTER = "one letter off"

# Shorter names are too often a letter from each other: Saigon, Tengah, Mariana.
LONG_ENOUGH = 8
KECAMATAN = 3


class Kind(StrEnum):
    """Why a place is not resolved."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    CONTRADICTORY = "contradictory"
    MALFORMED = "malformed"
    OTHER_LEVEL = "other level"


@dataclass(frozen=True, slots=True)
class Mention:
    """What a record says of a place. `system` names the code's system, `on` the day for which it says it.

    Without a system a code is read in every system with a form of its own; without a day, rows of all times
    count. `level` is that of the place asked for, 1 to 4; 0 for any.
    """

    code: str = ""
    name: str = ""
    kecamatan: str = ""
    system: str = ""
    on: date | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """The place's canonical code, and how each piece of evidence led there: by system or spelling."""

    code: str
    how: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why there is no one place, and the canonical codes of the places that may be meant."""

    kind: Kind
    candidates: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The places that fit, each with how; `doubt` is why that does not settle it, `hints` further places.

    `faint` evidence confirms a code but does not stand by itself.
    """

    places: dict[str, tuple[str, ...]]
    doubt: Finding | None = None
    hints: tuple[str, ...] = ()
    faint: bool = False


def resolve(crosswalk: Crosswalk, mention: Mention) -> Resolved | Finding:
    """The place that the record means, or the finding.

    A NIK tells where a person was first registered, not where one lives: beside a name it is left out.
    """
    name = spelled(mention.name)
    codes = readings(mention.code, mention.system)
    if name.key and any(code.via == NIK for code in codes):
        codes, code_given = (), False
    else:
        code_given = bool(mention.code.strip())
    given = []
    if code_given:
        given.append(_by_code(crosswalk, codes, mention.on))
    if name.key:
        given.append(_by_name(crosswalk, name, name.level, mention.on))
    if not given:
        return Finding(Kind.UNKNOWN, (), "neither a code nor a name is given")
    evidence = given[0]
    if len(given) == 2:
        evidence = _both(crosswalk, given[0], given[1], mention.on)
    for area in (name.within, mention.kecamatan):
        evidence = _within(crosswalk, evidence, area, mention.on)
    return _outcome(evidence, mention.level)


def registered_in(crosswalk: Crosswalk, nik: str) -> Resolved | Finding:
    """The kecamatan in which the person was first registered [PP 40/2019 art. 30], by the NIK's beginning.

    Of a city whose kecamatan the crosswalk doesn't list it is the city.
    """
    return resolve(crosswalk, Mention(code=nik, system=NIK))


def taxed_in(crosswalk: Crosswalk, nop: str) -> Resolved | Finding:
    """The kelurahan in which a tax object lies, by the NOP's beginning."""
    return resolve(crosswalk, Mention(code=nop, system=NOP))


def _outcome(evidence: _Evidence, level: int) -> Resolved | Finding:
    if evidence.doubt:
        return evidence.doubt
    [(place, how)] = evidence.places.items()
    if level and level_of(place) != level:
        return Finding(Kind.OTHER_LEVEL, (place,), "the place is of another level than the one asked for")
    return Resolved(place, how)


def _by_code(crosswalk: Crosswalk, codes: tuple[Code, ...], on: date | None) -> _Evidence:
    """The readings that the crosswalk knows; one that it might, for it knows the parent, leaves a doubt."""
    if not codes:
        return _nothing(Kind.MALFORMED, "the code has the form of no known system, or not that of its own")
    found: dict[str, tuple[str, ...]] = {}
    hints: list[str] = []
    rivals = []
    for code in codes:
        code = _listed(crosswalk, code)
        rows = crosswalk.codes(code.system, code.value)
        valid = places(row for row in rows if row.holds(on))
        found.update({place: (*found.get(place, ()), code.via) for place in valid})
        if not valid:
            hints += places(rows)
            rivals += [code.system] if rows or crosswalk.knows_beside(code.system, code.parent) else []
    if not found:
        return _nothing(Kind.UNKNOWN, "the code is not in the crosswalk" + _then(hints, on), hints)
    if len(found) > 1:
        return _several(found, "the code is one of several places; name its system")
    if rivals:
        return _several(found, f"the code may also be one of {', '.join(rivals)}; name its system")
    return _Evidence(found)


def _listed(crosswalk: Crosswalk, code: Code) -> Code:
    """The code; of a NIK from a city of which no kecamatan is known here, the city's code."""
    if code.via != NIK or crosswalk.knows_beside(code.system, code.parent):
        return code
    return Code(code.system, code.parent, code.level - 1, code.parent.rpartition(".")[0], NIK)


def _by_name(crosswalk: Crosswalk, name: Spelling, level: int, on: date | None) -> _Evidence:
    """The places of that name; else of its old spelling; else of a name that is one letter off."""
    for how, key in ((SPELLING, name.key), (OLD_SPELLING, name.modern)):
        if rows := crosswalk.names(key):
            found = places(_valid(rows, on), level)
            message = "the name is one of another level or of another time"
            return _named(found, how) if found else _nothing(Kind.UNKNOWN, message, places(rows))
    near = [] if name.precise else places(_valid(crosswalk.near(name.key), on), level)
    if near and len(name.key) >= LONG_ENOUGH:
        return _named(near, ONE_LETTER)
    if near:
        doubt = Finding(
            Kind.UNKNOWN, tuple(near), "the name is not in the crosswalk, and short for a typing error"
        )
        return _Evidence(dict.fromkeys(near, (ONE_LETTER,)), doubt, faint=True)
    longer = places(_valid(crosswalk.beginning(name.key), on), level) if len(name.key) > 3 else []
    return _nothing(Kind.UNKNOWN, "the name is not in the crosswalk", longer)


def _named(found: list[str], how: str) -> _Evidence:
    evidence: dict[str, tuple[str, ...]] = dict.fromkeys(found, (how,))
    if len(found) == 1:
        return _Evidence(evidence)
    return _several(evidence, "several places have that name, or one a letter off; name the kecamatan")


def _both(crosswalk: Crosswalk, code: _Evidence, name: _Evidence, on: date | None) -> _Evidence:
    """What code and name leave together: the same place, or of two the one that lies in the other."""
    if not code.places or not name.places:
        blind, other = (code, name) if not code.places else (name, code)
        assert blind.doubt is not None
        candidates = (*blind.hints, *other.places, *other.hints)
        return _nothing(blind.doubt.kind, blind.doubt.message, candidates)
    return _agreed(crosswalk, code, name, on, "code and name mean different places")


def _within(crosswalk: Crosswalk, evidence: _Evidence, text: str, on: date | None) -> _Evidence:
    """What is left in the kecamatan, given by code or by name. It narrows, and confirms no faint name."""
    codes, name = readings(text), spelled(text)
    if not name.key:
        return evidence
    area = _by_code(crosswalk, codes, on) if codes else _by_name(crosswalk, name, KECAMATAN, on)
    kept = {place: how for place, how in area.places.items() if level_of(place) == KECAMATAN}
    if not evidence.places:
        return evidence
    if not kept or area.faint:
        return _nothing(Kind.UNKNOWN, "the kecamatan is not in the crosswalk", evidence.places)
    left = _agreed(crosswalk, evidence, _Evidence(kept), on, "the place does not lie in the kecamatan")
    if evidence.faint and left.places:
        doubt = evidence.doubt and Finding(evidence.doubt.kind, tuple(left.places), evidence.doubt.message)
        return _Evidence(left.places, doubt, faint=True)
    return left


def _agreed(
    crosswalk: Crosswalk, one: _Evidence, other: _Evidence, on: date | None, otherwise: str
) -> _Evidence:
    """The places on which both agree, or the finding that there is none."""
    left: dict[str, tuple[str, ...]] = {}
    for place, how in one.places.items():
        for second, second_how in other.places.items():
            if place == second or crosswalk.lies_in(place, second, on):
                left[place] = how + second_how
            elif crosswalk.lies_in(second, place, on):
                left[second] = how + second_how
    if not left:
        return _nothing(Kind.CONTRADICTORY, otherwise, (*one.places, *other.places))
    return _Evidence(left) if len(left) == 1 else _several(left, "several places fit what is given")


def _several(found: dict[str, tuple[str, ...]], message: str) -> _Evidence:
    return _Evidence(found, Finding(Kind.AMBIGUOUS, tuple(sorted(found)), message))


def _nothing(kind: Kind, message: str, candidates: Iterable[str] = ()) -> _Evidence:
    hints = tuple(sorted(set(candidates)))
    return _Evidence({}, Finding(kind, hints, message), hints)


def _valid(rows: Iterable[Row], on: date | None) -> list[Row]:
    return [row for row in rows if row.holds(on)]


def _then(hints: list[str], on: date | None) -> str:
    return f" as of {on}" if hints and on else ""
