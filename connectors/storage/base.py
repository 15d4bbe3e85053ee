"""What every place of files can do, and what a read may take: seconds, and bytes on this machine's disk."""

import errno
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from connectors.errors import SourceMalformed, SourceRefused, SourceUnavailable

#: The most that one read fetches, and again what its archives may unpack to (bytes).
MOST_BYTES = 1 << 34
#: The most files that one dataset may have: rows are numbered by file.
MOST_FILES = 50_000
CHUNK = 1 << 20
#: Pauses before a place is asked again that did not answer (seconds).
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)

T = TypeVar("T")


class Stored(NamedTuple):
    """A file at its place: its name below the folder, and when it was last changed (seconds since 1970)."""

    name: str
    modified: float = 0.0


class Storage(Protocol):
    """One folder of a place. Every method raises `connectors.errors.SourceError` and nothing else."""

    def listed(self, pattern: str) -> list[Stored]:
        """The files below the folder that match the glob, in name order."""
        ...

    def named(self, name: str) -> Stored | None:
        """The file of this name, if it is there."""
        ...

    def fetch(self, stored: Stored, folder: Path) -> Path:
        """The file on this machine: itself, or a copy in `folder`."""
        ...


class Budget:
    """The seconds and bytes that are left of one read. `where` begins each message."""

    def __init__(self, where: str, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self.where = where
        self._deadline = time.monotonic() + seconds
        self._bytes = MOST_BYTES
        self._sleep = sleep

    def left(self) -> float:
        """Seconds; raises `SourceUnavailable` when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise SourceUnavailable(f"{self.where}: the read took longer than maxSeconds; try again later")
        return left

    def take(self, size: int) -> None:
        """Note that so many bytes came (or went, below 0); raises `SourceMalformed` above `MOST_BYTES`."""
        self._bytes -= size
        if self._bytes < 0:
            raise SourceMalformed(f"{self.where}: more than {MOST_BYTES >> 30} GiB; split the files")

    def copy(self, chunks: Iterable[bytes], target: Path) -> int:
        """Write what comes to `target`, within time and size; the number of bytes."""
        before, complete = self._bytes, False
        try:
            with target.open("wb") as file:
                for chunk in chunks:
                    self.take(len(chunk))
                    self.left()
                    file.write(chunk)
            complete = True
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise SourceUnavailable(f"{self.where}: the disk is full; make room in {target.parent}") from None
        finally:
            if not complete:
                self._bytes = before
        return before - self._bytes

    def persist(self, action: Callable[[], T]) -> T:
        """What `action` gives, tried again while the place is unavailable and time is left."""
        for pause in PAUSES:
            try:
                return action()
            except SourceUnavailable:
                if pause >= self.left():
                    raise
            self._sleep(pause)
        return action()


def local_name(name: str) -> str:
    """What a copy of the file is called here: its last part, as far as every file system takes it."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return re.sub(r"[\x00-\x1f\x7f]", "_", last).lstrip(".")[-60:] or "file"


def ordered(found: Iterable[Stored], pattern: str, where: str) -> list[Stored]:
    """The files in name order, without hidden ones; raises `SourceRefused` when there are too many."""
    kept: list[Stored] = []
    for stored in found:
        # Office leaves lock files (~$name.xlsx) beside those that are open.
        if not stored.name.rpartition("/")[2].startswith((".", "~$")):
            kept.append(stored)
        if len(kept) > MOST_FILES:
            raise SourceRefused(f"{where}: {pattern} matches more than {MOST_FILES} files; narrow it")
    return sorted(kept)
