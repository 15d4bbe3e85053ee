"""What sources of files share: which files are read, and how their rows are numbered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.arrivals import Files as Files
from connectors.arrivals import arrived
from connectors.base import Connection, Extract, Request
from connectors.errors import SourceRefused, SourceUnavailable
from connectors.storage.base import Budget
from connectors.storage.places import place_of

#: Rows of the first file keep their own numbers; each further file's begin this much higher.
STRIDE = 1_000_000_000


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
    return Extract(request.names, request.contract.source_names, iter(()), numbered=True)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when somebody writes to the file, or takes it away."""
    try:
        seen = path.stat()
    except OSError:
        return 0, 0
    return seen.st_size, seen.st_mtime_ns
