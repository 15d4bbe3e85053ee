"""What is compared of a person, made ready: names, dates, places and addresses as columns in normal form.

Each distinct value is read once by the rules of `lumbung.identity` and `lumbung.places`; what a record gets
is looked up. Texts that say nothing are NULL.
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
    "name", "sex", "birth_date", "birth_place", "address", "rt", "rw", "kelurahan",
    "kk_number", "mother_name",
)  # fmt: skip
#: Parts of a name that are compared one by one.
PARTS = 4
#: A part borne by at most this share of the residents is rare enough to look for others who bear it.
RARE = 0.004
_RARE_BITS = -math.log2(RARE)
_INITIAL_BITS = 2.0
#: As `name_of` writes it.
_MUHAMMAD = "MUHAMAD"
_KINDS_OF_STREET = frozenset({"GANG", "KOMPLEKS", "PERUMAHAN", "BLOK"})
_ALIAS = frozenset({"ALIAS", "ALS", "AKA"})
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_YEAR = re.compile(r"\d{4}")
_SEXES = {"L": "L", "1": "L", "M": "L", "LAKI-LAKI": "L", "LAKI LAKI": "L", "PRIA": "L",
          "P": "P", "2": "P", "F": "P", "PEREMPUAN": "P", "WANITA": "P"}  # fmt: skip
_KINDS_OF_PLACE = re.compile(r"\b(KOTA|KAB|KABUPATEN|KODYA|KOTAMADYA|KEC|KECAMATAN)\b\.?")
_TOWNS = {"PTK": "PONTIANAK", "SKW": "SINGKAWANG", "JKT": "JAKARTA"}


class PartsOf:
    """The parts of a name as they are compared, once for each name: how they are written and how heard.

    Muhammad is left out where others stand with it, for it comes and goes; so is what follows bin or alias.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, str], ...]] = {}
        self._heard: dict[str, str] = {}
        self._sounds: dict[str, str] = {}

    def __call__(self, text: str) -> tuple[tuple[str, str], ...]:
        """Pairs of a part and how it is heard, in order; none for a text without letters."""
        if text not in self._known:
            self._known[text] = tuple((part, self._of(self._heard, heard, part)) for part in _parts(text))
        return self._known[text]

    def sound(self, part: str) -> str:
        """The part's key for blocking."""
        return self._of(self._sounds, sound, part)

    @staticmethod
    def _of(known: dict[str, str], rule: Callable[[str], str], part: str) -> str:
        if part not in known:
            known[part] = rule(part) or part
        return known[part]


def _parts(text: str) -> tuple[str, ...]:
    own = name_of(text).without_father
    own = own[: next((at for at, part in enumerate(own) if part in _ALIAS and at > 0), len(own))]
    core = [part for at, part in enumerate(own) if part != _MUHAMMAD and (part != "M" or at > 0)]
    return tuple(dict.fromkeys(core)) or own


@dataclass(frozen=True)
class Vocabulary:
    """How many bits it tells that two persons share a part of a name (as heard): the rarer, the more."""

    bits: Mapping[str, float]
    #: Of parts that nobody bears.
    unknown: float

    @classmethod
    def of(cls, names: Iterable[str | None], parts_of: PartsOf) -> "Vocabulary":
        """The vocabulary of these names, each borne by one person."""
        borne = Counter(name for name in names if name)
        count = max(1, borne.total())
        bearers: Counter[str] = Counter()
        for name, times in borne.items():
            for part in {part for _, part in parts_of(name)}:
                bearers[part] += times
        most = math.log2(count + 1)
        return cls({part: most - math.log2(times) for part, times in bearers.items()}, most)

    def weight(self, part: str) -> float:
        """Bits of a part; an initial tells little whoever bears it."""
        return _INITIAL_BITS if len(part) == 1 else self.bits.get(part, self.unknown)


Row = tuple[Any, ...]
_TEXT, _TEXTS, _NUMBER = pa.string(), pa.list_(pa.string()), pa.float64()
_NUMBERS = range(1, PARTS + 1)
_NAME_SCHEMA = pa.schema(
    [
        ("name_key", _TEXT),
        ("name_joined", _TEXT),
        ("name_bits", _NUMBER),
        ("has_initial", pa.bool_()),
        ("part_count", pa.int8()),
        *((f"part_{at}", _TEXT) for at in _NUMBERS),
        *((f"heard_{at}", _TEXT) for at in _NUMBERS),
        *((f"bits_{at}", _NUMBER) for at in _NUMBERS),
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


def _name_row(text: str, vocabulary: Vocabulary, parts_of: PartsOf) -> Row | None:
    found = parts_of(text)
    if not found:
        return None
    bits = [vocabulary.weight(spoken) for _, spoken in found]
    sounds = sorted({parts_of.sound(part) for part, _ in found if len(part) > 1})
    spoken = [one for _, one in found]
    rare = [one for one, weight in zip(spoken, bits, strict=True) if len(one) > 1 and weight >= _RARE_BITS]
    return (
        " ".join(sorted(spoken)),
        "".join(spoken),
        sum(bits),
        any(len(part) == 1 for part, _ in found),
        min(len(found), PARTS),
        *_padded([part for part, _ in found]),
        *_padded(spoken),
        *_padded(bits),
        rare,
        sounds,
        [" ".join(pair) for pair in combinations(sounds[:5], 2)],
    )


def _padded(values: list[Any]) -> list[Any]:
    return (values + [None] * PARTS)[:PARTS]


def _date_row(text: str) -> Row | None:
    """The date as YYYYMMDD; the year alone where that is all there is, or day and month are zero."""
    text = text.strip()
    if found := _YEAR_FIRST.match(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.match(text):
        day, month, year = map(int, found.groups())
    elif _YEAR.fullmatch(text):
        year, month, day = int(text), 0, 0
    else:
        return None
    if not 1850 <= year <= 2200:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None, None, year, None
    swapped = f"{year}{day:02}{month:02}" if day <= 12 and day != month else None
    return f"{year}{month:02}{day:02}", swapped, year, f"{month:02}{day:02}"


def _mother_row(text: str, parts_of: PartsOf) -> Row | None:
    spoken = [one for _, one in parts_of(text)]
    return (" ".join(sorted(spoken)), spoken[0], spoken) if spoken else None


def _address_row(text: str) -> Row:
    found = address_of(text)
    words = [word for word in found.words if word not in _KINDS_OF_STREET]
    rest = (found.number, found.rt, found.rw, found.village)
    return " ".join(found.words) or None, words, *(one or None for one in rest)


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


def prepared(persons: pa.Table, key: str, vocabulary: Vocabulary, parts_of: PartsOf) -> pa.Table:
    """The columns that the model compares, a row for each person, `key` as it is."""
    columns = {key: persons[key]}
    columns |= _spread(persons, "name", lambda text: _name_row(text, vocabulary, parts_of), _NAME_SCHEMA)
    columns |= _spread(persons, "birth_date", _date_row, _DATE_SCHEMA)
    columns |= _spread(persons, "mother_name", lambda text: _mother_row(text, parts_of), _MOTHER_SCHEMA)
    columns |= _spread(persons, "address", _address_row, _ADDRESS_SCHEMA)
    for name, column, rule in _SINGLE:
        columns |= _spread(persons, name, _alone(rule), pa.schema([(column, _TEXT)]))
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


def _alone(rule: Callable[[str], str | None]) -> Callable[[str], Row]:
    return lambda text: (rule(text),)


def texts(persons: pa.Table, name: str) -> pa.ChunkedArray:
    """A column as text; one that is not there as NULLs. Dates come as YYYY-MM-DD."""
    if name not in persons.schema.names:
        return pa.chunked_array([pa.nulls(persons.num_rows, _TEXT)])
    return pc.cast(persons[name], _TEXT)


def _spread(
    persons: pa.Table, name: str, rule: Callable[[str], Row | None], schema: pa.Schema
) -> dict[str, pa.Array]:
    """The rule's columns for each row; the rule reads each distinct value once."""
    encoded = pc.dictionary_encode(texts(persons, name)).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = (
            pa.concat_arrays(encoded.chunks)
            if encoded.num_chunks
            else pa.array([], _TEXT).dictionary_encode()
        )
    nothing = (None,) * len(schema)
    rows = [rule(value) or nothing for value in encoded.dictionary.to_pylist()]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = (pa.array(values, field.type) for values, field in zip(columns, schema, strict=True))
    return {field.name: made.take(encoded.indices) for made, field in zip(arrays, schema, strict=True)}
