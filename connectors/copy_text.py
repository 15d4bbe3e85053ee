"""Lines of COPY text whose bytes nobody has vouched for, as lines of a numbered extract."""

import re
from collections.abc import Iterable, Iterator, Sequence

from connectors.records import Record, encode_record

_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def checked(lines: Iterable[bytes | bytearray | memoryview], names: Sequence[str]) -> Iterator[bytes]:
    """Each line with its number, without its newline; what is not UTF-8 becomes its row's fault."""
    for number, line in enumerate(map(bytes, lines), 1):
        line = line.removesuffix(b"\n")
        try:
            line.decode()
        except UnicodeDecodeError:
            yield encode_record(Record(number, [_value(field) for field in line.split(b"\t")]), names)
        else:
            yield b"%d\t\\N\t%b" % (number, line)


def _value(field: bytes) -> str | None:
    if field == rb"\N":
        return None
    plain = re.sub(rb"\\(.)", lambda found: _LETTERS.get(found[1], found[1]), field)
    return plain.decode("utf-8", "surrogateescape")
