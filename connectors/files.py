"""What sources of files share: which files, what their headers name, how rows are numbered."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.arrivals import Files as Files
from connectors.arrivals import arrived
from connectors.base import Connection, Extract, Request
from connectors.columns import folded, positions
from connectors.errors import SourceMalformed, SourceRefused, SourceUnavailable
from connectors.records import Record
from connectors.storage.base import Budget
from connectors.storage.places import place_of

#: Rows of the first file keep their own numbers; each further file's begin this much higher.
STRIDE = 1_000_000_000


@dataclass(frozen=True)
class Header:
    """What a file's header says: every column's name, and where each contract column is."""

    names: tuple[str, ...]
    places: tuple[int, ...]


@contextmanager
def opened(request: Request, connection: Connection, root: Path) -> Iterator[Files]:
    """The files to read, wherever they come from; copies are removed at the end. Raises `SourceError`.

    Paths are relative to `root`. No files mean that there is nothing new: see `nothing_new`.
    """
    contract = request.contract
    budget = Budget(contract.id, contract.read.max_seconds)
    with (
        TemporaryDirectory(prefix="lumbung-") as folder,
        place_of(request, connection, root, budget) as place,
    ):
        try:
            files = arrived(request, place, budget, Path(folder))
        except OSError as error:
            name = Path(str(error.filename)).name if error.filename else "a file"
            raise SourceRefused(
                f"{contract.id}: {name}: {error.strerror}; make the files readable for the hub"
            ) from None
        stamps = list(map(_stamp, files.paths))
        yield files
        for path, was in zip(files.paths, stamps, strict=True):
            if _stamp(path) != was:
                raise SourceUnavailable(f"{contract.id}: {path.name} changed while it was read; try again")


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


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when somebody writes to the file, or takes it away."""
    try:
        seen = path.stat()
    except OSError:
        return 0, 0
    return seen.st_size, seen.st_mtime_ns


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
