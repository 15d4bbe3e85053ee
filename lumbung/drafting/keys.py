"""The columns that tell a dataset's rows apart: the smallest set that does so in the sample."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pandas import DataFrame

#: Columns that a key may have: PostgreSQL indexes at most 32, and about 2,700 bytes of values.
MOST_COLUMNS = 32
LONGEST = 2000
#: How many sets of columns are tried at most, for each size.
MOST_TRIED = 200

_STRONG = re.compile(
    r"(^|_)(id|uuid|guid|kode|code|kd|no|nomor|number|num|nik|nib|nop|kk|nip|npwp|kbli|key|pk|register|reg|"
    r"rekening|akun|wilayah|kodepemda|kodeskpd)(_|$)|^kode|^id[a-z]*$|[a-z]id$"
)
_WEAK = re.compile(
    r"(^|_)(tahun|year|thn|bulan|month|bln|triwulan|quarter|periode|period|tanggal|tgl|date|versi|version|jenis|"
    r"type|level|hkm|jns|urut)(_|$)"
)

Kind = Literal["declared", "named", "unnamed", "all", "copies", "repeated", "none"]


@dataclass(frozen=True)
class Candidate:
    """A column that may be of a key: its place in the sample, its name, the longest text in it.

    A measure (an amount, a rate) is of a key only when nothing else tells rows apart.
    """

    place: int
    name: str
    longest: int
    is_measure: bool = False

    @property
    def rank(self) -> int:
        """0 for a name as keys have, 1 for one that completes a key, 2 for others, 3 for measures."""
        if self.is_measure:
            return 3
        return 0 if _STRONG.search(self.name) else 1 if _WEAK.search(self.name) else 2


@dataclass(frozen=True)
class Key:
    """The places of a key's columns, how it was found, and how many sampled rows share one (all of them).

    copies: the rows that share one are equal throughout; repeated: they differ; none: no column has a
    value in every row, so this is only the fullest one.
    """

    places: tuple[int, ...]
    kind: Kind
    repeated: int = 0


def find_key(frame: "DataFrame", full: Sequence[Candidate], fullest: Candidate) -> Key:
    """The key of the sampled rows. `full` have a value in every row; `fullest` is the next best."""
    if not full:
        return Key((fullest.place,), "none", _repeated(frame, [fullest.place]))
    distinct = {c.place: int(frame[c.place].nunique()) for c in full}
    useful = [c for c in full if distinct[c.place] > 1 and c.longest <= LONGEST] or list(full[:1])
    for kind, tried in _tries(useful):
        for chosen in tried:
            if _is_enough(len(frame), [distinct[c.place] for c in chosen]):
                places = [c.place for c in chosen]
                if not frame.duplicated(subset=places).any():
                    return Key(tuple(sorted(places)), kind)
    return _of_all(frame, useful)


def _tries(useful: Sequence[Candidate]) -> Iterator[tuple[Kind, Iterator[tuple[Candidate, ...]]]]:
    """Sets of columns, the likeliest first."""
    ranked = sorted((c for c in useful if not c.is_measure), key=lambda c: c.rank)
    named = [c for c in ranked if c.rank < 2]
    short = [c for c in ranked if c.longest <= 200]
    for size in (1, 2, 3, 4):
        sets = (s for s in combinations(named, size) if any(c.rank == 0 for c in s))
        yield "named", islice(sets, MOST_TRIED)
        if size == 1:
            yield "unnamed", ((c,) for c in short if c.rank)
    for size in (2, 3):
        yield "unnamed", islice(combinations(short, size), MOST_TRIED)


def _is_enough(rows: int, distinct: Sequence[int]) -> bool:
    """Whether so many different values of each could tell so many rows apart."""
    product = 1
    for count in distinct:
        product *= count
    return product >= rows


def _of_all(frame: "DataFrame", useful: Sequence[Candidate]) -> Key:
    without = [c for c in useful if not c.is_measure]
    if without and len(without) < len(useful):
        smaller = _of_all(frame, without)
        if smaller.repeated == _of_places(frame, useful).repeated:
            return smaller
    return _of_places(frame, useful)


def _of_places(frame: "DataFrame", useful: Sequence[Candidate]) -> Key:
    """The key of as many of these columns as a key may have."""
    places: list[int] = []
    left = LONGEST
    for candidate in sorted(useful, key=lambda c: (c.rank, c.longest)):
        if len(places) < MOST_COLUMNS and candidate.longest <= left:
            places.append(candidate.place)
            left -= candidate.longest
    chosen = tuple(sorted(places))
    repeated = _repeated(frame, list(chosen))
    if not repeated:
        return Key(chosen, "all")
    return Key(
        chosen, "copies" if repeated == _repeated(frame, list(frame.columns)) else "repeated", repeated
    )


def _repeated(frame: "DataFrame", places: list[int]) -> int:
    return int(frame.duplicated(subset=places, keep=False).sum())
