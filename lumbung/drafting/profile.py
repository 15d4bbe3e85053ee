"""What the values of a sample are: how many are missing, which texts mean that, how numbers are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lumbung.drafting.calendars import temporal
from lumbung.drafting.marks import PLAIN, Marks, marks_of, numeric

if TYPE_CHECKING:
    from pandas import DataFrame, Series

#: Texts that nobody writes but for "no value".
PLAIN_TOKENS = ("NULL", "Null", "null", "[null]", "(null)", "<null>", "\\N")
#: Texts that mean that only among numbers and dates.
DOUBTFUL_TOKENS = ("-", "\u2013", "--", "n/a", "N/A", "NA", "0000-00-00", "00-00-0000", "00/00/0000")


@dataclass(frozen=True)
class Profile:
    """One column of a sample: its rows, those without a value, its values and how often each came."""

    rows: int
    empty: int
    values: dict[str, int]

    @property
    def is_full(self) -> bool:
        """Whether every row has a value."""
        return self.rows > 0 and self.empty == 0

    @property
    def longest(self) -> int:
        """Characters of the longest value."""
        return max(map(len, self.values), default=0)


@dataclass(frozen=True)
class Reading:
    """How the whole sample is read: the texts that mean "no value" and the marks of numbers.

    `doubtful` are tokens that might mean something else, `is_unsure` says so of the marks.
    """

    tokens: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    marks: Marks = PLAIN
    is_unsure: bool = False


def profile(column: "Series[str]") -> Profile:
    """The column's profile; the caller has taken the null tokens out."""
    counts = {str(value): int(count) for value, count in column.value_counts().items()}
    return Profile(len(column), len(column) - sum(counts.values()), counts)


def reading(frame: "DataFrame", is_text: bool) -> Reading:
    """How the texts of a file or an answer are to be read; `is_text` when numbers are texts too."""
    distinct = [list(map(str, frame[name].dropna().unique())) for name in frame.columns]
    seen = {text for values in distinct for text in values}
    tokens = sorted(text for text in seen if not text.strip()) + [t for t in PLAIN_TOKENS if t in seen]
    if is_text and "" not in tokens:
        # An empty field is no value in a file that knows only texts, even where the sample has none.
        tokens.insert(0, "")
    skipped = {*tokens, *DOUBTFUL_TOKENS}
    bare = [[text for text in values if text not in skipped] for values in distinct]
    marks, is_unsure = marks_of(bare) if is_text else (PLAIN, False)
    doubtful = [
        token
        for token in DOUBTFUL_TOKENS
        if any(
            token in values and _is_typed(rest, marks) for values, rest in zip(distinct, bare, strict=True)
        )
    ]
    return Reading((*tokens, *doubtful), tuple(doubtful), marks, is_unsure)


def _is_typed(values: Sequence[str], marks: Marks) -> bool:
    if not values:
        return False
    return numeric(values, marks) is not None or temporal("", values) is not None


def without(frame: "DataFrame", tokens: Sequence[str]) -> "DataFrame":
    """The sample with no value where a text means that."""
    if not tokens:
        return frame
    return frame.where(~frame.isin(list(tokens)), None)
