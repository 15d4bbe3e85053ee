"""Bytes that are no text, and texts in another encoding than the one expected."""

from pathlib import Path

import pytest

from schemas.contract import Column, Read
from tests.loads_project import column
from tests.sourced import Sourced, dataset

FAULT = 12

ID = column("id", key=1)
NAME = column("name", required=True)
#: What no name has: signs that UTF-8 becomes when it is read as Windows-1252, and the sign for what was lost.
NO_MOJIBAKE = column("name", required=True, options={"pattern": "^[^\u00c2\u00c3\u00e2\ufffd]+$"})


def source(warehouse: str, folder: Path, content: bytes, named: Column = NAME, **read: str) -> Sourced:
    path = folder / "in.csv"
    path.write_bytes(content)
    return Sourced(warehouse, dataset("csv", ID, named, path=path, read=Read(**read)))


def test_a_nul_byte(warehouse_url: str, tmp_path: Path) -> None:
    """A cell of a CSV holds a NUL byte: its row is quarantined with its key, the rows around it go on."""
    one = source(warehouse_url, tmp_path, b"id,name\n1,Ani\n2,Bu\0di\n3,Cici\n")
    load = one.sync()
    assert one.accepted() == [("1", "Ani"), ("3", "Cici")]
    assert one.refused() == {"2": [":malformed"]}
    assert (load.read_count, load.quarantined_count) == (3, 1)


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
def test_an_encoding_that_nobody_declared(warehouse_url: str, tmp_path: Path, encoding: str) -> None:
    """A CSV is Latin-1 or Windows-1252 and the contract says UTF-8: rows beyond ASCII are quarantined."""
    content = "id,name\n1,Ani\n2,Ren\u00e9\n".encode(encoding)
    one = source(warehouse_url, tmp_path, content)
    one.sync()
    assert one.accepted() == [("1", "Ani")]
    assert ":malformed" in one.refused()["2"]


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16"])
def test_a_declared_encoding(warehouse_url: str, tmp_path: Path, encoding: str) -> None:
    """A CSV is Latin-1, Windows-1252 or UTF-16 and the contract says so: every character comes as it was."""
    one = source(warehouse_url, tmp_path, "id,name\n1,Ren\u00e9\n".encode(encoding), encoding=encoding)
    one.sync()
    assert one.accepted() == [("1", "Ren\u00e9")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark(warehouse_url: str, tmp_path: Path, encoding: str) -> None:
    """A CSV begins with a byte order mark that the contract doesn't speak of: it is read in that encoding."""
    one = source(warehouse_url, tmp_path, "id,name\n1,Ren\u00e9 \U0001f33e\n".encode(encoding))
    one.sync()
    assert one.accepted() == [("1", "Ren\u00e9 \U0001f33e")]


def test_mojibake(warehouse_url: str, tmp_path: Path) -> None:
    """A text was spoilt before it came (mojibake): with a pattern its row is quarantined."""
    spoilt = "Ren\u00e9".encode().decode("windows-1252")
    content = f"id,name\n1,Ren\u00e9\n2,{spoilt}\n3,Ren\ufffd\n".encode()
    one = source(warehouse_url, tmp_path, content, NO_MOJIBAKE)
    one.sync()
    assert one.accepted() == [("1", "Ren\u00e9")]
    assert one.refused() == {"2": ["name:pattern"], "3": ["name:pattern"]}
