"""How persons are compared: which pairs, in which degrees of agreement. The weights are in `persons.yaml`.

Columns are those of `persons_fields.prepared`. Levels are named for what an officer sees in the two records.
A name's levels go by the bits that the shared parts tell: sharing SITI tells little, sharing a rare part
much. House, card and mother tell one household more than one person, so the mother counts less where the
house or card agrees already.
"""

import math
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import yaml

from lumbung.linkage.errors import LinkageModelError
from lumbung.linkage.levels import missing, otherwise, same
from lumbung.linkage.model import Block, Comparison, Level, Model, Thresholds
from lumbung.linkage.persons_fields import PARTS

#: The column that names a record or a resident.
KEY = "id"
_NUMBERS = range(1, PARTS + 1)
_RIGHT = ", ".join(f"heard_{at}_r" for at in _NUMBERS)


def _sum(each: str) -> str:
    return "(" + " + ".join(each.format(at=at) for at in _NUMBERS) + ")"


#: Bits, and number, of the left name's parts that the right name has too.
_SHARED = _sum(f"CASE WHEN heard_{{at}}_l IN ({_RIGHT}) THEN bits_{{at}}_l ELSE 0 END")
_COMMON = _sum(f"CASE WHEN heard_{{at}}_l IN ({_RIGHT}) THEN 1 ELSE 0 END")


def _alike(one: str, other: str) -> str:
    """An initial and its name, or long parts a letter or two apart."""
    return (
        f"CASE WHEN {one} IS NULL OR {other} IS NULL THEN false"
        f" WHEN length({one}) = 1 OR length({other}) = 1 THEN left({one}, 1) = left({other}, 1)"
        f" WHEN length({one}) < 4 OR length({other}) < 4 THEN false"
        f" ELSE jaro_winkler_similarity({one}, {other}) >= 0.9 END"
    )


def _all_alike(one: str, other: str) -> str:
    """Each part of one side's name is a part of the other's, or like one."""
    others = ", ".join(f"heard_{at}_{other}" for at in _NUMBERS)
    each = [
        f"CASE WHEN heard_{at}_{one} IS NULL THEN true WHEN heard_{at}_{one} IN ({others}) THEN true ELSE "
        + " OR ".join(_alike(f"part_{at}_{one}", f"part_{to}_{other}") for to in _NUMBERS)
        + " END"
        for at in _NUMBERS
    ]
    return " AND ".join(each)


_CONTAINED = f"{_COMMON} = least(part_count_l, part_count_r)"
_FUZZY = f"CASE WHEN part_count_l <= part_count_r THEN {_all_alike('l', 'r')} ELSE {_all_alike('r', 'l')} END"
_BITS = "least(name_bits_l, name_bits_r)"
_NOTHING = (
    f"NOT has_initial_l AND NOT has_initial_r AND {_COMMON} = 0"
    " AND jaro_winkler_similarity(name_joined_l, name_joined_r) < 0.8"
)


def _banded(label: str, condition: str, bits: str, bands: dict[str, float]) -> tuple[Level, ...]:
    return tuple(
        Level(f"{label}, {band}", f"{bits} >= {least} AND {condition}" if least else condition)
        for band, least in bands.items()
    )


NAME = Comparison(
    "name",
    (
        same("name_key", frequency=True, label="same"),
        same("name_joined", frequency=True, label="written together"),
        # Said early because it is quickly seen and ends most comparisons.
        Level("nothing alike", _NOTHING),
        *_banded(
            "part missing",
            _CONTAINED,
            _SHARED,
            {"very rare": 19, "rare": 14, "less common": 9.5, "common": 6.5, "very common": 0},
        ),
        Level(
            "spelling or initial",
            f"part_count_l = part_count_r AND {_all_alike('l', 'r')}",
            frequency="name_key",
        ),
        *_banded("spelling or initial, part missing", _FUZZY, _BITS, {"rare": 13, "common": 0}),
        Level(
            "nearly the same letters",
            "jaro_winkler_similarity(name_joined_l, name_joined_r) >= 0.92",
            frequency="name_key",
        ),
        *_banded("a part differs", f"{_COMMON} > 0", _SHARED, {"rare": 12, "less common": 8, "common": 0}),
        Level("some letters", "jaro_winkler_similarity(name_joined_l, name_joined_r) >= 0.8"),
        otherwise(),
    ),
    missing("name_key"),
)
_PLACEHOLDER = "(birth_day_l IN ('0101', '1231') OR birth_day_r IN ('0101', '1231'))"
_FULL = "birth_date_l IS NOT NULL AND birth_date_r IS NOT NULL"
BIRTH = Comparison(
    "birth_date",
    (
        Level("same, 1 January or 31 December", f"birth_date_l = birth_date_r AND {_PLACEHOLDER}"),
        same("birth_date"),
        Level("day and month swapped", "birth_date_l = birth_swapped_r"),
        Level("only the year, the same", f"birth_year_l = birth_year_r AND NOT ({_FULL})"),
        Level("same year, 1 January or 31 December", f"birth_year_l = birth_year_r AND {_PLACEHOLDER}"),
        Level(
            "a digit of the day differs",
            "birth_year_l = birth_year_r AND damerau_levenshtein(birth_day_l, birth_day_r) <= 1",
        ),
        Level(
            "same day, a digit of the year",
            "birth_day_l = birth_day_r AND (abs(birth_year_l - birth_year_r) <= 10"
            " OR abs(birth_year_l - birth_year_r) = 20)",
        ),
        Level("same year", "birth_year_l = birth_year_r"),
        Level("a year or two apart", "abs(birth_year_l - birth_year_r) <= 2"),
        otherwise(),
    ),
    missing("birth_year"),
)
_WORDS = "(list_has_all(words_l, words_r) OR list_has_all(words_r, words_l))"
_STREET = f"(street_l = street_r OR jaro_winkler_similarity(street_l, street_r) >= 0.93 OR {_WORDS})"
_HOUSE = f"(house_l = house_r AND {_STREET})"
_HOME = f"(coalesce(card_l = card_r, false) OR coalesce({_HOUSE}, false))"
HOME = Comparison(
    "home",
    (
        Level("same card and house", f"card_l = card_r AND {_HOUSE}"),
        Level("same card", "card_l = card_r"),
        Level("same house", f"{_HOUSE} AND village_l = village_r"),
        Level("same house, kelurahan differs", _HOUSE),
        Level("same street, house not told", f"(house_l IS NULL OR house_r IS NULL) AND {_STREET}"),
        Level("same street", _STREET),
        Level("same RT and RW", "rt_l = rt_r AND rw_l = rw_r AND village_l = village_r"),
        Level("same kelurahan", "village_l = village_r"),
        otherwise(),
    ),
    "(street_l IS NULL OR street_r IS NULL) AND (village_l IS NULL OR village_r IS NULL)"
    " AND (card_l IS NULL OR card_r IS NULL)",
)
_MOTHER_LIKE = (
    "(mother_first_l = mother_first_r OR list_has_any(mother_parts_l, mother_parts_r)"
    " OR jaro_winkler_similarity(mother_key_l, mother_key_r) >= 0.9)"
)
MOTHER = Comparison(
    "mother",
    (
        Level("same, one home", f"mother_key_l = mother_key_r AND {_HOME}"),
        same("mother_key", frequency=True),
        Level("alike, one home", f"{_MOTHER_LIKE} AND {_HOME}"),
        Level("alike", _MOTHER_LIKE),
        Level("different, one home", _HOME),
        otherwise(),
    ),
    missing("mother_key"),
)
SEX = Comparison("sex", (same("sex"), otherwise()), missing("sex"))
PLACE = Comparison(
    "birth_place",
    (
        same("birth_place", frequency=True),
        Level("alike", "jaro_winkler_similarity(birth_place_l, birth_place_r) >= 0.9"),
        otherwise(),
    ),
    missing("birth_place"),
)
COMPARISONS = (NAME, BIRTH, HOME, MOTHER, SEX, PLACE)
BLOCKS = (
    Block("name and birth year", ("name_key", "birth_year"), at_most=400),
    Block("name and kelurahan", ("name_key", "village"), at_most=200),
    Block("name", ("name_key",), at_most=40),
    Block("letters of the name", ("name_joined",), at_most=40),
    Block("birth date", ("birth_date",), at_most=200),
    Block("birth date and a sound", ("birth_date",), each="sounds", at_most=200),
    Block("swapped birth date", ("birth_date",), ("birth_swapped",), at_most=60),
    Block("card", ("card",), at_most=40),
    Block("house", ("street", "house"), at_most=60),
    Block("house and kelurahan", ("house", "village", "rw"), at_most=60),
    Block("mother and birth year", ("mother_key", "birth_year"), at_most=60),
    Block("rare part and birth year", ("birth_year",), each="rare_parts", at_most=60),
    Block("rare part and kelurahan", ("village",), each="rare_parts", at_most=40),
    Block("two sounds", (), each="sound_pairs", at_most=40),
    Block("birthday and a sound", ("birth_day",), each="sounds", at_most=25),
)


@dataclass(frozen=True)
class Weight:
    """What a level tells, in bits, and how much more for each bit of rarity of the shared value (0 to 1).

    Rarity is -log2 of the value's share among the residents.
    """

    bits: float
    per_bit: float = 0.0


@dataclass(frozen=True)
class Weights:
    """The numbers of the model: fitted on pairs whose truth is known, kept in `persons.yaml`.

    Rarity counts alike in all levels of a comparison. `levels` goes by comparison and label of level.
    `prior` is in bits, for a pair that shares a block.
    """

    version: int
    prior: float
    thresholds: Thresholds
    levels: dict[str, dict[str, Weight]]


#: The share that levels with a frequency take as usual; the model's weight does not depend on it.
_USUAL_BITS = 10.0
_MOST = 0.9
#: The residents of the cities that the weights were fitted on, and the most bits that a small town gains.
USUAL_RESIDENTS = 200_000
_MOST_FOR_FEW = 3.0


def person_model(weights: Weights, residents: int = USUAL_RESIDENTS) -> Model:
    """The model with these weights, for a register of so many residents.

    Among more residents more share a name and a date by chance, while each value's share gets smaller.
    Raises `LinkageModelError` when a level has no weight.
    """
    comparisons = tuple(
        replace(one, levels=tuple(_weighted(one, level, weights) for level in one.levels))
        for one in COMPARISONS
    )
    more = math.log2(USUAL_RESIDENTS / max(1, residents)) * weights.levels["name"]["same"].per_bit
    prior = 1 / (1 + 2 ** -(weights.prior + min(_MOST_FOR_FEW, more)))
    return Model("persons", KEY, comparisons, BLOCKS, weights.thresholds, prior)


def _weighted(comparison: Comparison, level: Level, weights: Weights) -> Level:
    """m and u whose ratio is the weight; of a fitted weight nothing but the ratio is known."""
    found = weights.levels.get(comparison.name, {}).get(level.label)
    if found is None:
        raise LinkageModelError(
            f"persons: {comparison.name}: {level.label} has no weight; fit the model anew"
        )
    if level.frequency and level.condition == f"{level.frequency}_l = {level.frequency}_r":
        # Splink takes the very value's share for u: m / u times (u / share) ** per_bit.
        m = 2 ** (found.bits - (1 - found.per_bit) * _USUAL_BITS)
        return replace(level, m=m, u=2**-_USUAL_BITS, frequency_weight=found.per_bit)
    bits = found.bits + found.per_bit * _USUAL_BITS
    m, u = min(1, 2**bits) * _MOST, min(1, 2**-bits) * _MOST
    return replace(level, m=m, u=u, frequency_weight=found.per_bit if level.frequency else 1.0)


def packaged() -> Weights:
    """The weights that come with Lumbung, fitted on synthetic cities by `benchmarks.linkage.fitting`."""
    text = resources.files("lumbung.linkage").joinpath("persons.yaml").read_text(encoding="utf-8")
    return parse_weights(yaml.safe_load(text))


def parse_weights(given: dict[str, Any]) -> Weights:
    """Weights as `document_weights` writes them."""
    levels = {
        comparison: {
            label: Weight(*found) if isinstance(found, list) else Weight(found) for label, found in of.items()
        }
        for comparison, of in given["weights"].items()
    }
    return Weights(given["version"], given["prior"], Thresholds(**given["thresholds"]), levels)


def document_weights(weights: Weights) -> dict[str, Any]:
    """Weights as a document: bits, or a pair of bits and what each bit of rarity adds."""
    levels = {
        comparison: {
            label: [round(float(one.bits), 2), round(float(one.per_bit), 3)]
            if one.per_bit
            else round(float(one.bits), 2)
            for label, one in of.items()
        }
        for comparison, of in weights.levels.items()
    }
    return {
        "version": weights.version,
        "prior": round(float(weights.prior), 2),
        "thresholds": weights.thresholds._asdict(),
        "weights": levels,
    }
