"""What is compared of a person, made ready: names, dates, places and addresses as columns in normal form.

Each distinct value is read once by the rules of `lumbung.identity` and `lumbung.places`; what a record gets is
looked up. Texts that say nothing are NULL.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lumbung.identity.addresses import address_of
from lumbung.identity.names import name_of
from lumbung.identity.spelling import heard, plain, sound
from lumbung.places.spelling import spelled

#: What a table of persons may have besides its key; what it lacks is taken as unknown.
FIELDS = (
    "name", "sex", "birth_date", "birth_place", "address", "rt", "rw", "kelurahan", "kk_number", "mother_name",
)  # fmt: skip
#: Parts of a name that are compared one by one.
PARTS = 4
#: A part borne by at most this share of the residents is rare enough to look for others who bear it.
RARE = 0.004
_MUHAMMAD = frozenset({"MUHAMAD", "M", "MUHAMADI"})
_ALIAS = frozenset({"ALIAS", "ALS", "AKA"})
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_YEAR = re.compile(r"\d{4}")
_SEXES = {"L": "L", "1": "L", "M": "L", "LAKI-LAKI": "L", "LAKI LAKI": "L", "PRIA": "L",
          "P": "P", "2": "P", "F": "P", "PEREMPUAN": "P", "WANITA": "P"}  # fmt: skip
_KINDS_OF_PLACE = re.compile(r"\b(KOTA|KAB|KABUPATEN|KODYA|KOTAMADYA|KEC|KECAMATAN)\b\.?")
_TOWNS = {"PTK": "PONTIANAK", "SKW": "SINGKAWANG", "JKT": "JAKARTA"}


@dataclass(frozen=True)
class Vocabulary:
    """How many bits it tells that two persons share a part of a name (as heard): the rarer, the more."""

    bits: Mapping[str, float]
    #: Of parts that nobody bears.
    unknown: float

    @classmethod
    def of(cls, names: Iterable[str | None]) -> "Vocabulary":
        """The vocabulary of these names, each borne by one person."""
        borne = Counter(name for name in names if name)
        count = max(1, borne.total())
        bearers: Counter[str] = Counter()
        for name, times in borne.items():
            for part in set(_Name(name).heard):
                bearers[part] += times
        most = math.log2(count + 1)
        return cls({part: most - math.log2(times) for part, times in bearers.items()}, most)

    def weight(self, part: str) -> float:
        """Bits of a part; an initial tells little whoever bears it."""
        return 2.0 if len(part) == 1 else self.bits.get(part, self.unknown)


class _Name:
    """A name's parts as compared: Muhammad aside where others stand with it, and what follows bin or alias."""

    def __init__(self, text: str) -> None:
        name = name_of(text)
        own = list(name.without_father)
        alias = next((at for at, part in enumerate(own) if part in _ALIAS and at > 0), len(own))
        own, self.other = own[:alias], (*own[alias + 1 :], *name.parts[len(name.without_father) :])
        core = [part for at, part in enumerate(own) if part not in _MUHAMMAD or (part == "M" and at > 0)]
        self.parts = tuple(dict.fromkeys(core)) or tuple(own)
        self.heard = tuple(heard(part) or part for part in self.parts)


def _name_columns(text: str, vocabulary: Vocabulary) -> dict[str, Any]:
    name = _Name(text)
    if not name.parts:
        return {}
    weights = [vocabulary.weight(part) for part in name.heard]
    full = [(part, weight) for part, weight in zip(name.heard, weights, strict=True) if len(part) > 1]
    rare = [part for part, weight in full if weight >= -math.log2(RARE)]
    sounds = sorted({sound(part) for part in name.parts if len(part) > 1})
    return {
        "name_key": " ".join(sorted(name.heard)),
        "name_joined": "".join(name.heard),
        "name_bits": sum(weights),
        "part_count": min(len(name.parts), PARTS),
        **{f"part_{at}": part for at, part in enumerate(name.parts[:PARTS], 1)},
        **{f"heard_{at}": part for at, part in enumerate(name.heard[:PARTS], 1)},
        **{f"bits_{at}": weight for at, weight in enumerate(weights[:PARTS], 1)},
        "rare_parts": rare,
        "sounds": sounds,
        "sound_pairs": [" ".join(pair) for pair in combinations(sounds[:5], 2)],
    }


_TEXT, _TEXTS, _NUMBER = pa.string(), pa.list_(pa.string()), pa.float64()
_NAME_SCHEMA = pa.schema(
    [
        ("name_key", _TEXT),
        ("name_joined", _TEXT),
        ("name_bits", _NUMBER),
        ("part_count", pa.int8()),
        *((f"part_{at}", _TEXT) for at in range(1, PARTS + 1)),
        *((f"heard_{at}", _TEXT) for at in range(1, PARTS + 1)),
        *((f"bits_{at}", _NUMBER) for at in range(1, PARTS + 1)),
        ("rare_parts", _TEXTS),
        ("sounds", _TEXTS),
        ("sound_pairs", _TEXTS),
    ]
)
_DATE_SCHEMA = pa.schema(
    [("birth_date", _TEXT), ("birth_swapped", _TEXT), ("birth_year", pa.int16()), ("birth_day", _TEXT)]
)
_MOTHER_SCHEMA = pa.schema([("mother_key", _TEXT), ("mother_first", _TEXT), ("mother_parts", _TEXTS)])
_ADDRESS_SCHEMA = pa.schema(
    [
        ("street", _TEXT),
        ("words", _TEXTS),
        ("house", _TEXT),
        ("own_rt", _TEXT),
        ("own_rw", _TEXT),
        ("own_village", _TEXT),
    ]
)


def _date_columns(text: str) -> dict[str, Any]:
    """`birth_date` as YYYYMMDD; the year alone where that is all there is, or day and month are zero."""
    text = text.strip()
    if found := _YEAR_FIRST.match(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.match(text):
        day, month, year = map(int, found.groups())
    elif _YEAR.fullmatch(text):
        year, month, day = int(text), 0, 0
    else:
        return {}
    if not 1850 <= year <= 2200:
        return {}
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return {"birth_year": year}
    return {
        "birth_date": f"{year}{month:02}{day:02}",
        "birth_swapped": f"{year}{day:02}{month:02}" if day <= 12 and day != month else None,
        "birth_year": year,
        "birth_day": f"{month:02}{day:02}",
    }


def _mother_columns(text: str) -> dict[str, Any]:
    name = _Name(text)
    if not name.parts:
        return {}
    return {
        "mother_key": " ".join(sorted(name.heard)),
        "mother_first": name.heard[0],
        "mother_parts": list(name.heard),
    }


def _address_columns(text: str) -> dict[str, Any]:
    found = address_of(text)
    return {
        "street": " ".join(found.words) or None,
        "words": [word for word in found.words if word not in ("GANG", "KOMPLEKS", "PERUMAHAN", "BLOK")],
        "house": found.number or None,
        "own_rt": found.rt or None,
        "own_rw": found.rw or None,
        "own_village": found.village or None,
    }


def _place(text: str) -> str | None:
    name = " ".join(_KINDS_OF_PLACE.sub(" ", plain(text)).replace(".", " ").split())
    name = _TOWNS.get(name, name)
    return spelled(name).modern or None if name else None


def _village(text: str) -> str | None:
    return spelled(text).modern or None


def _number(text: str) -> str | None:
    digits = re.sub(r"\D", "", text).lstrip("0")
    return digits or None


def _card(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) == 16 and digits.strip("0") else None


def _sex(text: str) -> str | None:
    return _SEXES.get(text.strip().upper())


def prepared(persons: pa.Table, key: str, vocabulary: Vocabulary) -> pa.Table:
    """The columns that the model compares, a row for each person, `key` as it is."""
    columns = {key: persons[key]}
    columns |= _spread(persons, "name", lambda text: _name_columns(text, vocabulary), _NAME_SCHEMA)
    columns |= _spread(persons, "birth_date", _date_columns, _DATE_SCHEMA)
    columns |= _spread(persons, "mother_name", _mother_columns, _MOTHER_SCHEMA)
    columns |= _spread(persons, "address", _address_columns, _ADDRESS_SCHEMA)
    for name, column, rule in _SINGLE:
        columns |= _spread(persons, name, _as(column, rule), pa.schema([(column, _TEXT)]))
    for column, own in (("rt", "own_rt"), ("rw", "own_rw"), ("village", "own_village")):
        columns[column] = pc.coalesce(columns[column], columns.pop(own))
    return pa.table(columns)


_SINGLE: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
    ("sex", "sex", _sex),
    ("birth_place", "birth_place", _place),
    ("rt", "rt", _number),
    ("rw", "rw", _number),
    ("kelurahan", "village", _village),
    ("kk_number", "card", _card),
)


def _as(column: str, rule: Callable[[str], str | None]) -> Callable[[str], dict[str, Any]]:
    return lambda text: {column: rule(text)}


def texts(persons: pa.Table, name: str) -> pa.ChunkedArray:
    """A column as text; one that is not there as NULLs. Dates come as YYYY-MM-DD."""
    if name not in persons.schema.names:
        return pa.chunked_array([pa.nulls(persons.num_rows, _TEXT)])
    return pc.cast(persons[name], _TEXT)


def _spread(
    persons: pa.Table, name: str, rule: Callable[[str], dict[str, Any]], schema: pa.Schema
) -> dict[str, pa.Array]:
    """The rule's columns for each row; the rule reads each distinct value once."""
    encoded = texts(persons, name).combine_chunks().dictionary_encode()
    values = [rule(value) for value in encoded.dictionary.to_pylist()]
    made = pa.Table.from_pylist(values, schema=schema) if values else schema.empty_table()
    return {column: made[column].combine_chunks().take(encoded.indices) for column in schema.names}
