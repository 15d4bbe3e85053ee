"""The dialect of a CSV file: encoding, delimiter, quote, header."""

import codecs
import csv
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.errors import SourceMalformed
from lumbung.drafting.layout import Layout, find

#: How much of a file shows its dialect: bytes for the encoding, lines for the rest.
MOST_BYTES, MOST_LINES = 1 << 26, 400
DELIMITERS = (",", ";", "\t", "|")
#: Bytes that Windows-1252 has no character for.
_UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")

Rows = list[tuple[int, list[str]]]


def dialect(path: Path) -> tuple[dict[str, Any], Layout, Rows]:
    """How the file is read (as `read` says it), its layout, and its first rows with their lines' numbers.

    Raises `SourceMalformed` for an empty file.
    """
    read: dict[str, Any] = {}
    encoding = _encoding(path)
    if encoding not in ("utf-8", "utf-8-sig", "utf-16"):
        read["encoding"] = encoding
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        lines = list(islice(text, MOST_LINES))
    if not any(line.strip() for line in lines):
        raise SourceMalformed(f"{path.name} is empty: a draft needs a file with rows")
    # A file that is cut here may end within a quoted field.
    delimiter, quote = max(
        ((d, q) for d in DELIMITERS for q in ('"', "'")), key=lambda pair: _regularity(lines, *pair)
    )
    if delimiter != ",":
        read["delimiter"] = delimiter
    if quote != '"':
        read["quote"] = quote
    rows = _parsed(lines, delimiter, quote)
    return read, find([row for _, row in rows]), rows


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        # The last character may be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return "iso-8859-1" if _UNDEFINED & set(data) else "windows-1252"
    return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"


def _regularity(lines: list[str], delimiter: str, quote: str) -> tuple[float, int, bool]:
    """How well the lines fall into rows of one width: the share that do, when there is more than a column."""
    rows = _parsed(lines, delimiter, quote)
    if not rows:
        return 0.0, 0, False
    (width, count), *_ = Counter(len(row) for _, row in rows).most_common(1)
    if width == 1:
        return 0.0, 1, quote == '"'
    return round(count / len(rows), 1), width, quote == '"'


def _parsed(lines: list[str], delimiter: str, quote: str) -> Rows:
    """The rows that hold anything, with the numbers (from 1) of the lines they begin in."""
    reader = csv.reader(iter(lines), delimiter=delimiter, quotechar=quote)
    rows: Rows = []
    while True:
        begun = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            continue
        if any(field.strip() for field in row):
            rows.append((begun, row))
