"""JSON documents of any size, walked once from front to end: one row is in memory at a time."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import NoReturn, TextIO

from connectors.errors import SourceMalformed
from connectors.json_text import LONGEST, MANY, Damaged, Decoder, Row, is_crowded

#: Characters that are read at a time, at least.
CHUNK = 1 << 18
#: Containers beside the rows are walked this deep; what lies deeper has to fit into `LONGEST`.
_DEPTH = 4
#: Beyond these characters a number's end is its end.
_NUMBER = 4

#: What is told the text of each row.
Each = Callable[[str], object] | None

_BLANKS = re.compile(r"[ \t\n\r]*")


class Document:
    """One JSON document: the rows of the list at `path`, and the values at the paths `wanted`.

    Paths are dotted, the document itself is at "". `found` has the values that were met, complete once the
    rows were read to their end. `where` begins messages, as `siak.residents: people.json`.
    """

    def __init__(self, source: TextIO, where: str, path: str, wanted: Collection[str] = ()) -> None:
        self._source = source
        self._where = where
        self._path = path
        self._rows_at = _below("$", path) if path else "$"
        self._wanted = {_below("$", name): name for name in wanted}
        self._decoder = Decoder()
        self._text, self._at, self._before, self._is_ended = "", 0, 0, False
        self._has_list = False
        self.found: dict[str, object] = {}

    def rows(self, each: Each = None) -> Iterator[Row]:
        """Every row; `each` is told its text. Raises `SourceMalformed` unless the document is whole."""
        yield from self._walk("$", each)
        if not self._has_list:
            self._refuse_list()
        if self._peek():
            self._break("more follows after its end (for one object per line use format jsonl)")

    def _walk(self, here: str, each: Each) -> Iterator[Row]:
        if here == self._rows_at:
            yield from self._list(each)
        elif here in self._wanted:
            self.found[self._wanted[here]] = self._value().value
        elif self._peek() == "{" and self._leads_on(here):
            for name in self._members():
                yield from self._walk(_below(here, name), each)
        else:
            self._skip(_DEPTH)

    def _leads_on(self, here: str) -> bool:
        return any(path.startswith(f"{here}.") for path in (self._rows_at, *self._wanted))

    def _list(self, each: Each) -> Iterator[Row]:
        if self._has_list:
            self._break(f"{self._path} stands twice")
        if self._peek() != "[":
            # Nothing at all is no JSON rather than JSON without a list.
            self._value()
            self._refuse_list()
        self._has_list = True
        for _ in self._members():
            self._peek()
            row = self._value(each)
            yield row

    def _members(self) -> Iterator[str]:
        """The name of each member of an object, "" for each element of a list; the caller takes its value."""
        closing = "}" if self._take("{[") == "{" else "]"
        if self._peek() == closing:
            self._at += 1
            return
        while True:
            name = ""
            if closing == "}":
                name = str(self._value().value) if self._peek() == '"' else self._take('"')
                self._take(":")
            yield name
            if self._take("," + closing) == closing:
                return

    def _skip(self, depth: int) -> None:
        if depth and self._peek() in ("{", "["):
            for _ in self._members():
                self._skip(depth - 1)
        else:
            self._value()

    def _value(self, each: Each = None) -> Row:
        self._peek()
        while True:
            try:
                row, end = self._decoder.value(self._text, self._at)
                # A number at the end of what was read may go on, `1` as `1.5e+3`.
                if len(self._text) - end > _NUMBER or self._is_ended:
                    break
            except Damaged as damage:
                if self._is_ended or not damage.is_cut:
                    self._break(str(damage), damage.place)
            self._more()
        if each:
            each(self._text[self._at : end])
        self._at = end
        return row

    def _peek(self) -> str:
        """The next character that is no blank, which is not taken; "" at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._text) or self._is_ended:
                return self._text[self._at : self._at + 1]
            self._more()

    def _take(self, expected: str) -> str:
        character = self._peek()
        if not character or character not in expected:
            self._break(f"expected {' or '.join(expected)}, found {character or 'its end'}")
        self._at += 1
        return character

    def _more(self) -> None:
        rest = self._text[self._at :]
        if len(rest) > LONGEST:
            self._break(f"a value is longer than {LONGEST} characters")
        try:
            read = self._source.read(max(CHUNK, len(rest)))
        except UnicodeError:
            self._break(f"not {self._source.encoding} throughout", len(self._text))
        self._before += self._at
        self._text, self._at = rest + read, 0
        if rest and is_crowded(self._text):
            self._break(f"a row has more than {MANY} values")
        self._is_ended = not read

    def _break(self, reason: str, place: int | None = None) -> NoReturn:
        character = self._before + (self._at if place is None else place) + 1
        raise SourceMalformed(
            f"{self._where} is no complete JSON: {reason} (character {character}); nothing of this read is "
            "kept: ask its owner for it again"
        )

    def _refuse_list(self) -> NoReturn:
        place = f"at {self._path}" if self._path else "at its top"
        raise SourceMalformed(f"{self._where} has no list {place}; correct recordsPath in the contract")


def _below(here: str, name: str) -> str:
    return f"{here}.{name}"
