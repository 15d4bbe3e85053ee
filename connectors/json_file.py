"""JSON files: a document with a list of rows, or a row on each line."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from connectors.base import Request
from connectors.documents import DocumentConnector, Seen, binary, encoding, marks, paths, undecodable
from connectors.errors import SourceMalformed
from connectors.json_stream import Document
from connectors.json_text import LONGEST, Damaged, Decoder, Row, has, is_crowded, record
from connectors.records import Record


class JsonConnector(DocumentConnector):
    """Reads documents whose rows are the list at `read.recordsPath`, numbered by their place in it."""

    def records(self, path: Path, request: Request, where: str, seen: Seen) -> Iterator[Record]:
        """The rows of one document."""
        columns, decimals = paths(request), marks(request)
        with _text(path, request, where) as text:
            rows = Document(text, where, request.contract.read.records_path).rows()
            for number, row in enumerate(rows, 1):
                note(seen, row)
                yield record(number, row, columns, decimals)


class JsonLinesConnector(DocumentConnector):
    """Reads files with an object on each line; a line that is damaged is a row with a fault."""

    def records(self, path: Path, request: Request, where: str, seen: Seen) -> Iterator[Record]:
        """The rows of one file, numbered by their lines; empty lines are none."""
        columns, decimals = paths(request), marks(request)
        decoder = Decoder()
        with _text(path, request, where) as text:
            for number, line in enumerate(_lines(text, where), 1):
                if line.strip():
                    found = _line(number, line, decoder, seen)
                    yield record(number, found, columns, decimals) if isinstance(found, Row) else found


def note(seen: Seen, row: Row) -> None:
    """Let `seen` know which columns the row has."""
    if seen.curious and isinstance(row.value, dict):
        nested = [path for path in seen.missing if has(row.value, path)]
        seen.note([*row.value, *nested])


def _line(number: int, line: str, decoder: Decoder, seen: Seen) -> Row | Record:
    """The row on a line, or a record that says what is wrong with it."""
    text = line.strip(" \t\r\n")
    if is_crowded(text):
        return Record(number, (), "more values than a row may have")
    try:
        row, end = decoder.value(text)
        if end < len(text):
            raise Damaged("more follows after the object")
    except Damaged as damage:
        return Record(number, (), f"no JSON ({damage}): {text}")
    note(seen, row)
    return row


def _lines(text: TextIO, where: str) -> Iterator[str]:
    try:
        while line := text.readline(LONGEST):
            if len(line) == LONGEST:
                raise SourceMalformed(
                    f"{where}: a line is longer than {LONGEST} characters; for one document use format json"
                )
            yield line
    except UnicodeError:
        raise SourceMalformed(f"{where} is not {text.encoding} throughout; ask for it again") from None


@contextmanager
def _text(path: Path, request: Request, where: str) -> Iterator[TextIO]:
    with binary(path, where, "JSON") as file:
        name = encoding(file.read(4), request.contract.read.encoding)
        file.seek(0)
        with io.TextIOWrapper(file, name, undecodable(name)) as text:
            yield text
