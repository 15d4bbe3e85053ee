"""A manifest: what the owner says to have delivered, compared with what is there."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.errors import SourceMalformed, SourceRefused
from schemas.contract import Manifest, Read

#: The largest manifest that is read (bytes).
LARGEST = 1 << 24


@dataclass
class Entry:
    """One line: a file, how many rows it has and its SHA-256, as far as the manifest says.

    `awaited` are the files (members of an archive) of the line that are not counted yet, `counted` the rows
    of those that are.
    """

    where: str
    name: str
    rows: int | None = None
    sha256: str | None = None
    awaited: int = 0
    counted: int = 0

    def count(self, rows: int) -> None:
        """Note the rows of one file; raises `SourceMalformed` when those of the line are not as many."""
        self.counted += rows
        self.awaited -= 1
        if self.rows is None or self.awaited > 0 or self.counted == self.rows:
            return
        fault = "possibly truncated" if self.counted < self.rows else "is it the manifest of these files?"
        raise SourceMalformed(
            f"{self.where} announces {self.rows} rows of {self.name}, {self.counted} are there: {fault}; "
            "ask for the files again"
        )

    def check(self, sha256: str) -> None:
        """Raise `SourceMalformed` if the file's SHA-256 is not the one announced."""
        if self.sha256 and self.sha256 != sha256:
            raise SourceMalformed(
                f"{self.where}: {self.name} has the SHA-256 {sha256[:12]}..., announced is "
                f"{self.sha256[:12]}...; ask for the file again"
            )


@dataclass
class Announced:
    """The lines of a manifest by file name. `where` begins each message."""

    where: str
    entries: dict[str, Entry] = field(default_factory=dict)

    def entry(self, name: str) -> Entry | None:
        """The line of the file called `name`: by its whole name, or else by its last part."""
        return self.entries.get(name) or self.entries.get(name.rpartition("/")[2])

    def refuse_missing(self, names: Iterable[str]) -> None:
        """Raise `SourceMalformed` if a file is announced that is not among `names`."""
        known = {known for name in names for known in (name, name.rpartition("/")[2])}
        missing = [name for name in self.entries if name not in known]
        if missing:
            raise SourceMalformed(
                f"{self.where} announces {_listed(missing)}, not there; wait for the rest of the "
                "delivery, or ask for it"
            )

    def refuse_unknown(self, names: Iterable[str]) -> None:
        """Raise `SourceMalformed` if one of `names` is not announced."""
        unknown = [name for name in names if self.entry(name) is None]
        if unknown:
            raise SourceMalformed(
                f"{self.where} doesn't announce {_listed(unknown)}; take away what doesn't belong there, "
                "or ask for a complete manifest"
            )


def announced(path: Path, manifest: Manifest, read: Read, where: str) -> Announced:
    """What the manifest at `path` says. `where` names the dataset and the manifest.

    Its delimiter is the contract's, a comma, a semicolon or a tab. Raises `SourceMalformed` for lines that
    make no sense, `SourceRefused` for columns that it lacks.
    """
    rows = _rows(path, manifest, read, where)
    places = {name: rows[0].index(name) for name in _wanted(manifest)}
    result = Announced(where)
    for line, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        told = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        entry = _entry(told, manifest, where, line)
        if entry.name in result.entries:
            raise SourceMalformed(f"{where}: line {line} repeats {entry.name}; ask for a new manifest")
        result.entries[entry.name] = entry
    if not result.entries:
        raise SourceMalformed(f"{where} announces nothing; ask for it again")
    return result


def _rows(path: Path, manifest: Manifest, read: Read, where: str) -> list[list[str]]:
    if path.stat().st_size > LARGEST:
        raise SourceMalformed(f"{where} is larger than {LARGEST >> 20} MiB; is it the manifest?")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode(read.encoding, "replace")
    first: list[str] = []
    for delimiter in dict.fromkeys((read.delimiter, ",", ";", "\t")):
        try:
            read_rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        rows = [[cell.strip() for cell in row] for row in read_rows]
        rows = rows[next((i for i, row in enumerate(rows) if any(row)), len(rows)) :]
        first = first or (rows[0] if rows else [])
        if rows and set(_wanted(manifest)) <= set(rows[0]):
            return rows
    raise SourceRefused(
        f"{where} lacks a column {' or '.join(_wanted(manifest))}; it has {', '.join(first) or 'none'}. "
        "Correct read.manifest in the contract"
    )


def _wanted(manifest: Manifest) -> list[str]:
    return [name for name in (manifest.name, manifest.rows, manifest.sha256) if name]


def _entry(told: dict[str, str], manifest: Manifest, where: str, line: int) -> Entry:
    name = told[manifest.name].replace("\\", "/").removeprefix("./")
    rows = told.get(manifest.rows or "")
    sha256 = (told.get(manifest.sha256 or "") or "").lower()
    if not name or (rows is not None and not (rows.isascii() and rows.isdecimal())):
        raise SourceMalformed(
            f"{where}: line {line}: expected a file's name and a whole number of rows; ask for a new manifest"
        )
    if manifest.sha256 and (len(sha256) != 64 or set(sha256) - set("0123456789abcdef")):
        raise SourceMalformed(f"{where}: line {line}: expected a SHA-256 of 64 hexadecimal digits")
    return Entry(where, name, int(rows) if rows is not None else None, sha256 or None)


def _listed(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
