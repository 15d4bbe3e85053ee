"""Rows that may be damaged, as the lines of a numbered extract: what can't be stored becomes a fault."""

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from connectors.base import BLOCK, encode_row

#: A fault repeats the raw text up to here (characters), so that a damaged row can't fill the memory.
MAX_RAW = 1 << 16

#: PostgreSQL holds no NUL; surrogates are bytes that could not be decoded, or half of a JSON escape.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Record(NamedTuple):
    """One row: its number at the source, its fields, and what is wrong with it, if anything is.

    The fields of a record that could not be taken apart are empty: each column is NULL then.
    """

    number: int
    fields: Sequence[str | None]
    fault: str | None = None


def encode_records(records: Iterable[Record], names: Sequence[str]) -> Iterator[bytes]:
    """Blocks of a numbered extract. `names` are the fields' columns, for the faults that are found here.

    A field that PostgreSQL can't hold becomes NULL and the row's fault; the others stay, so that the
    row's key can still be read.
    """
    batch: list[Record] = []
    lines: list[str] = []
    size = nulls = 0
    for record in records:
        number, fields, fault = record
        if fault is not None or not fields:
            line = "\0"  # whatever is not plain makes the block be encoded singly
        elif None in fields:
            nulls += fields.count(None)
            line = f"{number}\t\\N\t" + "\t".join(["\\N" if value is None else value for value in fields])
        else:
            line = f"{number}\t\\N\t" + "\t".join(fields)  # type: ignore[arg-type]
        batch.append(record)
        lines.append(line)
        size += len(line)
        if size >= BLOCK:
            yield _checked(lines, len(names), nulls) or _singly(batch, names)
            batch, lines, size, nulls = [], [], 0, 0
    if batch:
        yield _checked(lines, len(names), nulls) or _singly(batch, names)


def joined(numbers: Sequence[int], rows: Iterable[Sequence[str]], width: int) -> bytes | None:
    """Rows of so many texts as a block of a numbered extract.

    None if any value needs escaping or can't be stored: `encode_records` does it then.
    """
    tabbed = "\t".join
    lines = [f"{number}\t\\N\t{tabbed(row)}" for number, row in zip(numbers, rows, strict=True)]
    return _checked(lines, width, 0)


def filled(numbers: Sequence[int], rows: Iterable[Sequence[str]], width: int) -> bytes | None:
    """As `joined`, of rows whose empty texts are NULLs."""
    tabbed = "\t".join
    lines = []
    nulls = 0
    for number, row in zip(numbers, rows, strict=True):
        if not all(row):
            nulls += row.count("")
            row = [value or "\\N" for value in row]
        lines.append(f"{number}\t\\N\t{tabbed(row)}")
    return _checked(lines, width, nulls)


def picked(rows: Iterable[Sequence[str]], places: Sequence[int]) -> Iterator[Sequence[str]]:
    """These cells of each row."""
    if len(places) == 1:
        return ([row[places[0]]] for row in rows)
    return map(itemgetter(*places), rows)


def _checked(lines: list[str], width: int, nulls: int) -> bytes | None:
    """The lines as a block, if nothing in them needs escaping and all can be stored."""
    count = len(lines)
    block = "\n".join(lines)
    plain = (
        block.count("\t") == count * (width + 1)
        and block.count("\n") == count - 1
        and block.count("\\") == count + nulls
        and "\r" not in block
        and "\0" not in block
    )
    try:
        return f"{block}\n".encode() if plain else None
    except UnicodeEncodeError:
        return None


def _singly(batch: Iterable[Record], names: Sequence[str]) -> bytes:
    return b"".join(encode_record(record, names) + b"\n" for record in batch)


def encode_record(record: Record, names: Sequence[str]) -> bytes:
    """One line of a numbered extract, without the newline."""
    fields = record.fields or [None] * len(names)
    try:
        line = encode_row((str(record.number), record.fault, *fields)).encode()
    except UnicodeEncodeError:
        line = b"\0"
    return line if b"\0" not in line else _storable(record, fields, names)


def legible(text: str) -> str:
    """The text as PostgreSQL can store it: NUL and undecodable bytes as `\\x00`; cut at `MAX_RAW`."""
    shown = _UNSTORABLE.sub(_written, text[: MAX_RAW + 1])
    return shown if len(text) <= MAX_RAW else f"{shown[:MAX_RAW]} ... ({len(text)} characters)"


def _storable(record: Record, fields: Sequence[str | None], names: Sequence[str]) -> bytes:
    bad = {i: value for i, value in enumerate(fields) if value is not None and _UNSTORABLE.search(value)}
    faults = [f"{names[i]}: {_reason(value)}: {value}" for i, value in bad.items()]
    fault = legible("; ".join([record.fault, *faults] if record.fault else faults))
    kept = (None if i in bad else value for i, value in enumerate(fields))
    return encode_row((str(record.number), fault, *kept)).encode()


def _reason(value: str) -> str:
    return "NUL byte" if "\0" in value else "undecodable bytes"


def _written(match: re.Match[str]) -> str:
    code = ord(match[0])
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    return f"\\x{byte:02x}" if byte < 0x100 else f"\\u{code:04x}"
