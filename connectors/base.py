"""The one protocol every source speaks, and the COPY text form in which rows travel.

A connector opens the source, reports its columns, and yields blocks of PostgreSQL COPY text
(tab-separated, newline-terminated, `\\N` for NULL, backslash escapes). It commits nothing, casts
nothing, drops nothing, and knows no warehouse. Memory is bounded by one block.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.contract import Column, Contract

#: Aim for blocks of about this size (bytes): large enough to amortise a call, small enough to bound memory.
BLOCK = 1 << 18


@dataclass(frozen=True)
class Connection:
    """A source's address and credentials, as Airflow knows them. Its repr never shows the password."""

    id: str
    kind: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Request:
    """What to read: the contract's columns, since the watermark (inclusive; None for everything).

    `until` bounds the watermark's first column from above (exclusive). `since_all` has a value for each
    watermark column when there are several: rows at or after it in row order; else it is empty. With
    `keys_only` the key columns alone are read. `known` are the SHA-256 of files that were applied before.
    """

    contract: Contract
    since: str | None = None
    until: str | None = None
    since_all: tuple[str, ...] = ()
    keys_only: bool = False
    known: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The contract's columns that are read, in the order of the extract."""
        named = self.contract.key if self.keys_only else self.contract.names
        return tuple(map(self.contract.column, named))

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class FileRead:
    """One file as it was delivered: its name, the SHA-256 of its bytes (hexadecimal) and their number."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Extract:
    """An open read of one dataset.

    `columns` are the contract's column names in the order of the fields in `blocks`;
    `source_columns` is everything the source has (drift is judged from it). When `numbered`,
    each line starts with two more fields: the row's number at the source (1-based, for files
    the spreadsheet row or the record's first line) and its fault (`\\N` when the row could be read;
    else what is wrong, with the raw text). `files` are those the rows come from, if they come from files.
    """

    columns: tuple[str, ...]
    source_columns: tuple[str, ...]
    blocks: Iterator[bytes]
    numbered: bool = False
    files: tuple[FileRead, ...] = ()


class Connector(Protocol):
    """One kind of source. `open` raises `connectors.errors.SourceError` and nothing else."""

    def open(self, request: Request) -> AbstractContextManager[Extract]:
        """Open one consistent snapshot of the dataset; leaving the context closes the source."""
        ...


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPED = re.compile(r"[\\\t\n\r]")


def encode(value: str | None) -> str:
    """One field as COPY text."""
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if _ESCAPED.search(value) else value


def encode_row(row: Sequence[str | None]) -> str:
    """One row as a line of COPY text, without the newline.

    Most rows need no escapes, which their joined text shows: no tabs but those between the fields,
    no backslashes but those of the NULLs.
    """
    nulls = row.count(None)
    line = "\t".join(["\\N" if value is None else value for value in row])
    plain = (
        line.count("\t") == len(row) - 1
        and line.count("\\") == nulls
        and "\n" not in line
        and "\r" not in line
    )
    return line if plain else "\t".join(map(encode, row))


def encode_rows(rows: Iterable[Sequence[str | None]]) -> Iterator[bytes]:
    """Rows of texts as blocks of COPY text, each block about `BLOCK` bytes of whole rows.

    PostgreSQL holds neither NUL nor lone surrogates: rows that may have them go by `records.encode_records`.
    """
    return blocks(encode_row(row).encode() for row in rows)


def blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their newlines as blocks of about `BLOCK` bytes."""
    block: list[bytes] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"\n".join(block) + b"\n"
            block, size = [], 0
    if block:
        yield b"\n".join(block) + b"\n"
