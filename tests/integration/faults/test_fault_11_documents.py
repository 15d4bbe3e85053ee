"""JSON and XML files that are made to fill the memory, or to read other files."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import SourceMalformed
from tests.integration.connectors.reading import file_contract, read

FAULT = 11

MEGABYTE, GIGABYTE = 1 << 20, 1 << 30
#: The most memory that the whole process may take at its peak (bytes).
MOST = 500 << 20

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lol [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><Data><Row><Name>&l9;</Name></Row></Data>"
)
OTHERS = (
    '<!DOCTYPE Data [<!ENTITY x SYSTEM "file:///etc/passwd">]><Data><Row><Name>&x;</Name></Row></Data>',
    '<!DOCTYPE Data SYSTEM "http://127.0.0.1:1/data.dtd"><Data><Row><Name>a</Name></Row></Data>',
    '<!DOCTYPE Data [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><Data><Row><Name>a</Name></Row></Data>',
)

#: Reads the file in a process of its own, and says how much memory that took at most.
READER = """
import re, sys
from pathlib import Path
from connectors.errors import SourceMalformed
from tests.integration.connectors.reading import file_contract
from connectors.base import Connection, Request
from connectors.registry import open_connector
from schemas.contract import Read

kind, path, records_path = sys.argv[1:]
contract = file_contract(kind, ("id", "note"), Path(path), records_path=records_path)
size, said = 0, "read"
try:
    with open_connector(contract, Connection("test", "file"), Path()).open(Request(contract)) as extract:
        for block in extract.blocks:
            size += len(block)
except SourceMalformed as error:
    said = str(error)
# Not getrusage: it counts what the process before had that this one was made from.
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10)
print(size)
print(said)
"""


def repeated(start: bytes, piece: bytes, size: int, end: bytes = b"") -> Iterator[bytes]:
    """One line of about `size` bytes."""
    yield start
    many = piece * max(1, MEGABYTE // len(piece))
    for _ in range(size // len(many)):
        yield many
    yield end


BOMBS = {
    "one text": ("json", b'[{"id": "', b"x", "longer than 8388608 characters"),
    "wide text": ("json", b'[{"id": "', "\U0001f33e".encode(), "longer than 8388608 characters"),
    "one row": ("json", b'[{"id": 1, "note": [', b"[],", "more than 1048576 values"),
    "one key": ("json", b'[{"', b"x", "longer than 8388608 characters"),
    "one number": ("json", b'[{"id": ', b"1", "longer than 8388608 characters"),
    "nested": ("json", b"", b"[", "nested too deeply"),
    "nested objects": ("json", b"[", b'{"":', "nested too deeply"),
    "blanks": ("json", b"[", b" ", "no complete JSON"),
    "beside the rows": (
        "json",
        b'{"rows": [{"id": 1, "note": 2}], "x": "',
        b"x",
        "longer than 8388608 characters",
    ),
    "one line": ("jsonl", b'{"id": "', b"x", "longer than 8388608 characters"),
    "xml text": ("xml", b"<rows><r><id>", b"x", "longer than 8388608 characters"),
    "xml comment": ("xml", b"<rows><!--", b"x", "longer than 8388608 bytes"),
    "xml attribute": ("xml", b'<rows a="', b"x", "longer than 8388608 bytes"),
    "xml nested": ("xml", b"", b"<rows>", "nested more than 200 deep"),
    "xml children": ("xml", b"<rows><r>", b"<id/>", "more than 1048576 elements"),
}


def tried(path: Path, pieces: Iterator[bytes], records_path: str = "") -> tuple[int, str]:
    """Write the file and read it in a process of its own: how many bytes it gave, and what was said.

    However it ends, the process took less than `MOST`.
    """
    with path.open("wb") as file:
        file.writelines(pieces)
    command = [sys.executable, "-c", READER, path.suffix[1:], str(path), records_path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    finally:
        path.unlink()
    peak, size, said = done.stdout.split("\n", 2)
    assert int(peak) < MOST
    return int(size), said.strip()


def test_a_gigabyte_of_rows_in_one_line(tmp_path: Path) -> None:
    """A JSON file of 1 GB is one line with many rows: all are read, within 500 MB of memory."""
    row = b'{"id": 1, "note": "' + b"x" * MEGABYTE + b'"}'
    size, said = tried(tmp_path / "data.json", repeated(b"[" + row, b"," + row, GIGABYTE, b"]"))
    assert said == "read"
    assert size > 0.99 * GIGABYTE


@pytest.mark.parametrize("bomb", ["one text", "nested"])
def test_a_gigabyte_that_is_one_value(tmp_path: Path, bomb: str) -> None:
    """A JSON file of 1 GB is one endless text or brackets within brackets: refused, within 500 MB."""
    kind, start, piece, message = BOMBS[bomb]
    assert message in tried(tmp_path / f"data.{kind}", repeated(start, piece, GIGABYTE))[1]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_part_that_never_ends(tmp_path: Path, bomb: str) -> None:
    """A text, key, row, tag or comment of a JSON or XML file never ends: refused in bounded memory."""
    kind, start, piece, message = BOMBS[bomb]
    records_path = "rows" if bomb == "beside the rows" else ""
    assert message in tried(tmp_path / f"data.{kind}", repeated(start, piece, 1 << 26), records_path)[1]


@pytest.mark.parametrize("text", [LAUGHS, *OTHERS], ids=["laughs", "file", "dtd", "parameter"])
def test_entities_in_xml(tmp_path: Path, text: str) -> None:
    """An XML file declares entities that unfold to gigabytes or read other files: refused unread."""
    path = tmp_path / "data.xml"
    path.write_text(text, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceMalformed, match="declares a document type"):
        read(file_contract("xml", ("name:Name",), path, records_path="Data/Row"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        ("json", b"<html><body>Masuk</body></html>", "is an HTML page, not JSON"),
        ("json", b"\xff\xfe" + "<!DOCTYPE html>".encode("utf-16-le"), "is an HTML page, not JSON"),
        ("jsonl", b"\xd0\xcf\x11\xe0rest", "is a spreadsheet or an archive, not JSON"),
        ("xml", b"<!DOCTYPE html><html></html>", "is an HTML page, not XML"),
        ("xml", b'[{"id": 1}]', "is no complete XML"),
        ("json", b"id,name\n1,a\n", "is no complete JSON"),
    ],
)
def test_a_wrong_extension(tmp_path: Path, kind: str, content: bytes, message: str) -> None:
    """A login page, a spreadsheet or a CSV comes under the name of a JSON or XML file: said so."""
    path = tmp_path / f"data.{kind}"
    path.write_bytes(content)
    with pytest.raises(SourceMalformed, match=message):
        read(file_contract(kind, ("id",), path))
