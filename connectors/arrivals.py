"""What arrived: the files of a dataset found, picked, fetched, compared with their manifest, unpacked."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from connectors.archives import is_archive, unpacked
from connectors.base import FileRead, Request
from connectors.errors import SourceMalformed
from connectors.manifest import Announced, Entry, announced
from connectors.storage.base import Budget, Stored
from connectors.storage.globs import has_magic, matches
from connectors.storage.places import Place


class Arrived(NamedTuple):
    """A file as it was delivered: where it is now, and the members that were taken out of it, if any."""

    read: FileRead
    path: Path
    members: tuple[tuple[str, Path], ...]


@dataclass(frozen=True)
class Files:
    """The files of a dataset on this machine, in the order in which they are read.

    `names` are what users call them (`archive.zip/member.csv`), `read` the files as they were delivered.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    read: tuple[FileRead, ...]
    entries: tuple[Entry | None, ...] = field(default=(), repr=False)

    def counted(self, place: int, rows: int) -> None:
        """Compare the data rows that the file at `place` has with what its manifest announces.

        Every reader calls this at the end of each file. Raises `SourceMalformed` when they differ.
        """
        entry = self.entries[place] if self.entries else None
        if entry:
            entry.count(rows)


def arrived(request: Request, place: Place, budget: Budget, folder: Path) -> Files:
    """The files to read, copied below `folder` if they lie elsewhere; none when all of them are known."""
    found = _found(request, place, budget)
    fetched = list(_fetched(request, _picked(request, found), place, folder))
    manifest = _manifest(request, place, budget, folder / "manifest", is_needed=bool(fetched))
    files = [
        _unpacked(request, read, path, folder / f"u{i}", budget) for i, (read, path) in enumerate(fetched)
    ]
    entries = _compared(manifest, found, files) if manifest else ()
    return Files(
        tuple(path for file in files for _, path in _parts(file)),
        tuple(name for file in files for name, _ in _parts(file)),
        tuple(file.read for file in files),
        tuple(entries),
    )


def _found(request: Request, place: Place, budget: Budget) -> list[Stored]:
    """Every file of the dataset, known or not, without manifests."""
    manifest = request.contract.read.manifest
    if not place.pattern:
        stored = place.storage.named(place.name)
        found = [stored] if stored else []
    else:
        found = place.storage.listed(place.pattern)
    kept = [s for s in found if not (manifest and matches(s.name, manifest.file))]
    if not kept:
        sought = f"file matches {place.pattern} in {place.folder}" if place.pattern else f"file {place.path}"
        raise SourceMalformed(f"{budget.where}: no {sought}; put it there, or correct the path")
    return kept


def _picked(request: Request, found: Sequence[Stored]) -> Sequence[Stored]:
    if request.contract.read.pick == "newest":
        return [max(found, key=lambda stored: (stored.modified, stored.name))]
    return found


def _fetched(
    request: Request, picked: Sequence[Stored], place: Place, folder: Path
) -> Iterator[tuple[FileRead, Path]]:
    """Each file on this machine; with pick new those alone that are not known, and one of each content."""
    known = set(request.known) if request.contract.read.pick == "new" else None
    for number, stored in enumerate(picked):
        target = folder / f"f{number}"
        target.mkdir()
        path = place.storage.fetch(stored, target)
        read = FileRead(stored.name or path.name, sha256(path), path.stat().st_size)
        if known is None or read.sha256 not in known:
            yield read, path
        elif path.parent == target:
            path.unlink()
        if known is not None:
            known.add(read.sha256)


def _manifest(
    request: Request, place: Place, budget: Budget, folder: Path, *, is_needed: bool
) -> Announced | None:
    """What the newest manifest announces; None when the contract names none, or nothing is new."""
    manifest = request.contract.read.manifest
    if manifest is None:
        return None
    if has_magic(manifest.file):
        found = place.storage.listed(manifest.file)
    else:
        stored = place.storage.named(manifest.file)
        found = [stored] if stored else []
    if not found and not is_needed:
        return None
    if not found:
        raise SourceMalformed(
            f"{budget.where}: no manifest {manifest.file} in {place.folder}; wait for it, or ask for it"
        )
    newest = max(found, key=lambda stored: (stored.modified, stored.name))
    folder.mkdir()
    path = place.storage.fetch(newest, folder)
    return announced(path, manifest, request.contract.read, f"{budget.where}: manifest {newest.name}")


def _unpacked(request: Request, read: FileRead, path: Path, folder: Path, budget: Budget) -> Arrived:
    server = request.contract.server
    where = f"{budget.where}: {read.name}"
    if not is_archive(path, where):
        return Arrived(read, path, ())
    kind = server.kind if server else ""
    return Arrived(read, path, tuple(unpacked(path, request.contract.read.members, kind, folder, budget)))


def _compared(
    manifest: Announced, found: Sequence[Stored], files: Sequence[Arrived]
) -> Iterator[Entry | None]:
    """The manifest's line of each file or member to read, once they are what it announces.

    An archive is announced by its own name, or else by those of all its members.
    """
    names = [stored.name for stored in found] + [file.read.name for file in files]
    manifest.refuse_missing([*names, *(name for file in files for name, _ in file.members)])
    for file in files:
        whole = manifest.entry(file.read.name)
        if whole is None:
            manifest.refuse_unknown([name for name, _ in file.members] or [file.read.name])
        lines = [whole or manifest.entry(name) for name, _ in _parts(file)]
        if whole:
            whole.check(file.read.sha256)
        for entry, (_, path) in zip(lines, _parts(file), strict=True):
            if entry and not whole:
                entry.check(sha256(path))
            if entry:
                entry.awaited += 1
        yield from lines


def _parts(file: Arrived) -> list[tuple[str, Path]]:
    """What is read of the file: its members, or itself."""
    if not file.members:
        return [(file.read.name, file.path)]
    return [(f"{file.read.name}/{name}", path) for name, path in file.members]


def sha256(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
