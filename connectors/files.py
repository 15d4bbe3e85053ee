"""What sources of files share: which files, what their headers name, how rows are numbered."""

import hashlib
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from connectors.base import Connection, Extract, FileRead, Request
from connectors.columns import folded, positions
from connectors.errors import SourceMalformed, SourceRefused
from connectors.records import Record

#: Rows of the first file keep their own numbers; each further file's begin this much higher.
STRIDE = 1_000_000_000


@dataclass(frozen=True)
class Header:
    """What a file's header says: every column's name, and where each contract column is."""

    names: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Files:
    """The files of a dataset on this machine, in the order in which they are read.

    `names` are what users call them (`archive.zip/member.csv`), `read` the files as they were delivered.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    read: tuple[FileRead, ...]

    def counted(self, place: int, rows: int) -> None:
        """Compare the data rows that the file at `place` has with what was announced of it.

        Every reader calls this at the end of each file. Raises `SourceMalformed` when they differ.
        """


@contextmanager
def opened(request: Request, connection: Connection, root: Path) -> Iterator[Files]:
    """The files to read, wherever they come from; copies are removed at the end. Raises `SourceError`.

    No paths mean that there is nothing new: see `nothing_new`.
    """
    paths = matching(request, connection, root)
    read = tuple(FileRead(path.name, _digest(path), path.stat().st_size) for path in paths)
    yield Files(tuple(paths), tuple(path.name for path in paths), read)


def nothing_new(request: Request) -> Extract:
    """An extract without rows, for a dataset of which every file was read before."""
    columns = request.contract.columns
    return Extract(request.contract.names, tuple(c.source_name for c in columns), iter(()), numbered=True)


def numbered(found: Files, each: Iterable[Iterator[Record]]) -> Generator[Record]:
    """The records of every file, in the files' order, numbered apart; each file's are counted at its end.

    `each` gives the records of one file after the other.
    """
    for place, records in enumerate(each):
        count = 0
        for record in records:
            count += 1
            yield record._replace(number=record.number + place * STRIDE)
        found.counted(place, count)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def matching(request: Request, connection: Connection, root: Path) -> list[Path]:
    """The files of the dataset, in name order: the path itself, or `read.files` below it.

    The path is the connection's, or else the contract's, relative to `root`. Raises `SourceRefused`
    when there is no path or the pattern leaves it, `SourceMalformed` when no file is there.
    """
    contract = request.contract
    settings = contract.server.settings if contract.server else {}
    path = connection.database or connection.extra.get("path") or settings.get("path")
    pattern = contract.read.files
    if not path and not pattern:
        raise SourceRefused(f"{contract.id}: neither connection nor contract says where the file is")
    base = root / str(path or ".")
    found = _below(base, pattern, request) if pattern else [base] * base.is_file()
    if not found:
        sought = f"file matches {pattern} in {path or root.name}" if pattern else f"file {path}"
        raise SourceMalformed(f"{contract.id}: no {sought}; put it there, or correct the path")
    barred = [file.name for file in found if not os.access(file, os.R_OK)]
    if barred:
        raise SourceRefused(f"{contract.id}: {', '.join(barred)}: make the file readable for the hub")
    return found


def _below(base: Path, pattern: str, request: Request) -> list[Path]:
    inside = not Path(pattern).is_absolute() and ".." not in Path(pattern).parts
    # Office leaves lock files (~$name.xlsx) beside those that are open.
    files = (
        [p for p in base.glob(pattern) if p.is_file() and not p.name.startswith((".", "~$"))]
        if inside
        else []
    )
    if not inside or any(not p.resolve().is_relative_to(base.resolve()) for p in files):
        raise SourceRefused(f"{request.contract.id}: {pattern} leads out of its folder; correct read.files")
    return sorted(files)


def header(rows: Sequence[Sequence[str]], request: Request, where: str, spans: bool = False) -> Header:
    """The header that `rows` (one, or more to be joined) make; trailing columns without a name are left off.

    With `spans`, an upper name stands for the columns to its right whose lower row has a name of their own.
    Raises `SourceMalformed` for an empty header or a name that stands twice, `SourceRefused` for
    declared columns that are missing.
    """
    names = _joined(rows, spans)
    while names and not names[-1]:
        names.pop()
    if not names:
        raise SourceMalformed(
            f"{request.contract.id}: {where}: the header (row {request.contract.read.header_row}) is empty; "
            "correct headerRow, or ask for the file again"
        )
    declared = {folded(c.source_name): c.source_name for c in request.contract.columns}
    return Header(
        tuple(declared.get(folded(name), name) for name in names),
        tuple(positions(request.contract, names, folded, where=where)),
    )


def refuse_doubtful(names: Sequence[str], request: Request, where: str, among: Sequence[str]) -> None:
    """Raise `SourceMalformed` if one of `among` stands in the header more than once."""
    seen = [folded(name) for name in names]
    twice = sorted({name for name in among if name and seen.count(folded(name)) > 1})
    if twice:
        raise SourceMalformed(
            f"{request.contract.id}: {where}: the header names {', '.join(twice)} more than once; "
            "ask the owner for a file whose columns have different names"
        )


def _joined(rows: Sequence[Sequence[str]], spans: bool) -> list[str]:
    width = max(map(len, rows), default=0)
    table = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    if spans:
        for upper, lower in pairwise(table):
            _fill(upper, lower)
    return [" ".join(filter(None, column)) for column in zip(*table, strict=True)]


def _fill(upper: list[str], lower: list[str]) -> None:
    for place in range(1, len(upper)):
        if not upper[place] and lower[place]:
            upper[place] = upper[place - 1]
