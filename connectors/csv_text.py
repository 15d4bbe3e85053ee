"""CSV text taken apart: whole batches of sound rows at once, row by row where anything is odd.

Both ways are as strict: a batch counts only when the strict reader takes all of it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TextIO

from connectors.errors import SourceMalformed
from schemas.contract import Read

#: The longest field and line (characters): what is longer is damage, and would fill the memory.
LONGEST = 1 << 24
#: So much of the text is taken apart at once (characters).
CHUNK = 1 << 17


class Row(NamedTuple):
    """A parsed row, its first line's number, and its fault if it could not be parsed."""

    number: int
    fields: list[str]
    fault: str = ""


class Batch(NamedTuple):
    """Rows without faults, and the numbers of their first lines."""

    numbers: Sequence[int]
    rows: list[list[str]]


class Plain(NamedTuple):
    """Lines without quotes that each are a row, all ended by a newline; `first` is the first one's number."""

    first: int
    text: str

    def batch(self, delimiter: str) -> Batch:
        """The same taken apart."""
        rows = [line.split(delimiter) for line in self.text.split("\n")[:-1]]
        return Batch(range(self.first, self.first + len(rows)), rows)


class Lines(Iterator[str]):
    """The lines of a text with their ends, one by one or all at hand; each is shorter than `LONGEST`."""

    def __init__(self, text: TextIO, where: str) -> None:
        self._text = text
        self._where = where
        self._lines: list[str] = []
        self._next = 0
        self._chunk = ""
        self._rest = ""
        self.count = 0

    def __next__(self) -> str:
        if not self.at_hand:
            self._split()
        if not self.at_hand:
            raise StopIteration
        self._next += 1
        self.count += 1
        return self._lines[self._next - 1]

    @property
    def at_hand(self) -> int:
        """How many lines can be handed out before the text is read again."""
        return len(self._lines) - self._next

    def batch(self) -> list[str]:
        """All lines at hand, or else the next that there are: none at the end of the text."""
        if not self.at_hand:
            self._split()
        lines = self._lines[self._next :] if self._next else self._lines
        self._next = len(self._lines)
        self.count += len(lines)
        return lines

    def take_back(self, count: int) -> None:
        """So many lines of the last batch are handed out again."""
        self._next -= count
        self.count -= count

    def plain(self, quote: str) -> Plain | None:
        """The next lines as they are, if none is at hand and nothing about them is special."""
        if self.at_hand:
            return None
        if not self._chunk:
            self._fill()
        text = self._chunk
        if quote and quote in text:
            return None
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if not text or "\r" in text or "\n\n" in text or text.startswith("\n"):
            return None
        self._chunk = ""
        first = self.count + 1
        text = text if text.endswith("\n") else f"{text}\n"
        self.count += text.count("\n")
        return Plain(first, text)

    def _split(self) -> None:
        if not self._chunk:
            self._fill()
        self._lines = io.StringIO(self._chunk, newline="").readlines()
        self._next = 0
        self._chunk = ""

    def _fill(self) -> None:
        chunk, cut = self._rest, 0
        while not cut:
            piece = self._text.read(CHUNK)
            chunk += piece
            # A carriage return at the very end may be half of a line end.
            cut = max(chunk.rfind("\n"), chunk.rfind("\r", 0, -1)) + 1 if piece else len(chunk)
            if not piece or (not cut and len(chunk) >= LONGEST):
                break
        self._rest, self._chunk = chunk[cut:], chunk[:cut]
        if len(chunk) >= LONGEST and max(map(len, io.StringIO(chunk, newline=""))) >= LONGEST:
            raise SourceMalformed(f"{self._where}: a line is longer than {LONGEST} characters; is it CSV?")


class Parsed(Iterator[Row]):
    """The rows of a CSV text below its first `skipped` lines; empty lines are none.

    Memory is bounded by `LONGEST`.
    """

    def __init__(self, text: TextIO, read: Read, where: str, skipped: int) -> None:
        self._where = where
        self._quote = read.quote
        self._raw: list[str] = []
        self._lines = Lines(text, where)
        for _ in islice(self._lines, skipped):
            pass
        # The limit is the module's, not the reader's; its default is 128 KiB.
        csv.field_size_limit(LONGEST)
        self._dialect: dict[str, Any] = {
            "delimiter": read.delimiter,
            "quotechar": read.quote or None,
            "quoting": csv.QUOTE_MINIMAL if read.quote else csv.QUOTE_NONE,
            "strict": True,
        }
        self._reader = csv.reader(self._noted(), **self._dialect)

    def __next__(self) -> Row:
        fields: list[str] = []
        while not fields:
            self._raw.clear()
            number = self._lines.count + 1
            try:
                fields = next(self._reader)
            except csv.Error as error:
                return self._damaged(number, str(error))
        return Row(number, fields)

    def batches(self) -> Iterator[Plain | Batch | Iterator[Row]]:
        """The rows that follow: many without faults where it is possible, else one by one."""
        while True:
            plain = self._lines.plain(self._quote)
            if plain is not None:
                yield plain
                continue
            lines = self._lines.batch()
            if not lines:
                return
            first = self._lines.count - len(lines) + 1
            batch = self._batch(lines, first)
            if batch is not None:
                yield batch
                continue
            self._lines.take_back(len(lines))
            yield self._singly()

    def _batch(self, lines: list[str], first: int) -> Batch | None:
        try:
            rows = list(csv.reader(lines, **self._dialect))
            if len(rows) == len(lines) and [] not in rows:
                return Batch(range(first, first + len(rows)), rows)
            reader = csv.reader(lines, **self._dialect)
            ends = [(row, reader.line_num) for row in reader]
        except csv.Error:
            return None
        begins = [first, *(first + end for _, end in ends)]
        found = [(number, row) for number, (row, _) in zip(begins, ends, strict=False) if row]
        return Batch([number for number, _ in found], [row for _, row in found])

    def _singly(self) -> Iterator[Row]:
        """The rows until no line is at hand."""
        for row in self:
            yield row
            if not self._lines.at_hand:
                return

    def _noted(self) -> Iterator[str]:
        for line in self._lines:
            self._raw.append(line)
            yield line

    def _damaged(self, number: int, reason: str) -> Row:
        """A fault, unless a quote that is never closed has swallowed the rows that follow."""
        if "unexpected end of data" in reason or (len(self._raw) > 1 and "field limit" in reason):
            raise SourceMalformed(
                f"{self._where}: a quote opened in the row of line {number} is never closed; "
                "ask for the file again, or correct quote in the contract"
            )
        return Row(number, [], f"{reason}: {''.join(self._raw).rstrip()}")
