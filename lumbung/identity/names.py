"""Indonesian person names: what is left of one when writing habits are taken away.

Many people have one name and few have a family name; the same person stands in different registers with and
without titles, as Muhammad, Muh. or M., in the spelling of 1940 or of today, with parts swapped or written
together. `name_of` takes that away; `lumbung.identity.likeness` compares what is left. The text, the parts
and the keys are meant as columns to compare and to block on in record linkage.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lumbung.identity.spelling import plain, respelled, sound
from lumbung.identity.titles import AFTER, AFTER_PLAIN, BEFORE

#: "Son of", "daughter of".
_CHILD_OF = frozenset({"BIN", "BINTI", "BINTE", "BT", "BTE", "BNT"})
#: `S. Pd`: a degree written with a blank behind its first letter.
_SPACED_DEGREE = re.compile(
    r"(?<=[\s,])([SMA])\.\s+(?=(?:E|H|T|PD|SI|MD|AG|KOM|SOS|KES|HUM|IP|KEP|FARM|PSI|AP|AK)\b)"
)
#: `S.Pd. I`, `A.Md. Kep`: the same behind its second piece.
_SPACED_FIELD = re.compile(r"\b([SMA]\.(?:PD|MD|TR))\.\s+(?=(?:I|SD|KEP|KEB|AK|KOM|GZ|RAD|FARM)\b)")
_DEGREE_PIECES = 3


@dataclass(frozen=True)
class Name:
    """A name's normal form. It is personal: the repr shows nothing of it."""

    #: The parts in order, the father's name included, without "bin".
    parts: tuple[str, ...] = field(repr=False)
    #: How many of the last parts are the father's name; 0 when it is not marked as such.
    father: int = field(default=0, repr=False)

    @property
    def text(self) -> str:
        """The parts in order, a blank between."""
        return " ".join(self.parts)

    @property
    def sorted_text(self) -> str:
        """The parts in alphabetical order: the same for swapped parts."""
        return " ".join(sorted(self.parts))

    @property
    def initials(self) -> tuple[str, ...]:
        """The parts of one letter."""
        return tuple(part for part in self.parts if len(part) == 1)

    @property
    def keys(self) -> tuple[str, ...]:
        """How each part that is no initial sounds, in order, for blocking."""
        return tuple(sound(part) for part in self.parts if len(part) > 1)

    @property
    def without_father(self) -> tuple[str, ...]:
        """The parts before "bin" or "binti"; all when there is none."""
        return self.parts[: len(self.parts) - self.father]


@dataclass(frozen=True)
class _Token:
    """A word of the text, or the pieces of what may be a degree: `S`, `PD`."""

    pieces: tuple[str, ...]
    #: Whether a comma stands before it or dots within, as with a degree.
    is_set_off: bool

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_degree(self) -> bool:
        return self.text in (AFTER | BEFORE if self.is_set_off else AFTER_PLAIN)


def normal_name(text: str) -> str:
    """The normal form as one text: `Drs. H. Moh. Soerja, M.Si` is `MUHAMAD SURYA`; empty without letters.

    The normal form of a normal form is itself.
    """
    return name_of(text).text


def name_of(text: str) -> Name:
    """The normal form of a name as somebody wrote it. Never raises; a name of titles only keeps the last."""
    words = _without_degrees(list(_tokens(plain(text))))
    parts = _settled([piece for word in words for piece in word.pieces])
    inner = range(1, len(parts) - 1)
    marks = [i for i in inner if parts[i] in _CHILD_OF]
    if not marks:
        return Name(tuple(parts))
    own = parts[: marks[0]]
    father = _untitled([parts[i] for i in range(marks[0], len(parts)) if i not in marks])
    return Name((*own, *father), len(father))


def _tokens(text: str) -> Iterator[_Token]:
    text = _SPACED_FIELD.sub(r"\1.", _SPACED_DEGREE.sub(r"\1.", text))
    for at, segment in enumerate(text.split(",")):
        whole = "".join(_words(segment))
        if at > 0 and (whole in AFTER or whole in BEFORE):
            yield _Token((whole,), True)
            continue
        for chunk in segment.split():
            # A segment after a comma, word for word: `Ali, SE MM`.
            yield from _pieces(_words(chunk), is_set_off=at > 0)


def _pieces(words: list[str], *, is_set_off: bool) -> Iterator[_Token]:
    """`S.PD.M.M` is S.PD and M.M; `H.M.ALI` is H, M and ALI."""
    while words:
        sizes = range(min(_DEGREE_PIECES, len(words)), 1, -1)
        size = next((n for n in sizes if "".join(words[:n]) in AFTER), 1)
        yield _Token(tuple(words[:size]), is_set_off or size > 1)
        words = words[size:]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _without_degrees(tokens: list[_Token]) -> list[_Token]:
    while len(tokens) > 1 and tokens[-1].is_degree:
        tokens = tokens[:-1]
    return tokens


def _settled(parts: list[str]) -> list[str]:
    """Titles taken off and spelling made one, again while that uncovers more."""
    while True:
        stripped = _untitled(parts)
        while len(stripped) > 1 and stripped[-1] in AFTER_PLAIN:
            stripped = stripped[:-1]
        if len(stripped) > 1 and stripped[0] == "ST":
            stripped = ["SITI", *stripped[1:]]
        spelt = [respelled(part) for part in stripped]
        if spelt == parts:
            return parts
        parts = spelt


def _untitled(parts: Sequence[str]) -> list[str]:
    first = next((i for i, part in enumerate(parts) if part not in BEFORE), len(parts) - 1)
    return list(parts[max(first, 0) :])
