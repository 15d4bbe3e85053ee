"""Bytes that nobody has vouched for: a row comes exactly as it was, or as a fault."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Extract
from connectors.copy_text import checked
from tests.integration.connectors.reading import lines_of

ESCAPES = {0x5C: b"\\\\", 0x08: b"\\b", 0x09: b"\\t", 0x0A: b"\\n", 0x0B: b"\\v", 0x0C: b"\\f", 0x0D: b"\\r"}
FIELD = st.none() | st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace"))


def sent(field: bytes | None) -> bytes:
    """A field as PostgreSQL sends it."""
    return rb"\N" if field is None else b"".join(ESCAPES.get(byte, bytes([byte])) for byte in field)


@given(st.lists(st.tuples(FIELD, FIELD), min_size=1))
def test_a_row_comes_exactly_or_as_a_fault(rows: list[tuple[bytes | None, bytes | None]]) -> None:
    rows = [tuple(None if f is None else f.replace(b"\0", b"") for f in row) for row in rows]  # type: ignore[misc]
    lines = checked([b"\t".join(map(sent, row)) + b"\n" for row in rows], ("a", "b"))
    found = lines_of(Extract(("a", "b"), ("a", "b"), iter([line + b"\n" for line in lines]), numbered=True))
    assert [line.number for line in found.lines] == list(range(1, len(rows) + 1))
    for row, line in zip(rows, found.lines, strict=True):
        texts = [None if field is None else field.decode("utf-8", "surrogateescape") for field in row]
        sound = [text if text is None or not any(map(is_loose, text)) else None for text in texts]
        assert list(line.fields) == sound
        assert (line.fault is None) == (sound == texts)


def is_loose(character: str) -> bool:
    """Whether this stands for a byte that is no text."""
    return 0xD800 <= ord(character) <= 0xDFFF
