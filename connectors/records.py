"""Rows that may be damaged, as the lines of a numbered extract: what can't be stored becomes a fault."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from connectors.base import blocks, encode_row

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
    return blocks(encode_record(record, names) for record in records)


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
