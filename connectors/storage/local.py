"""Files on this machine, read where they lie."""

import os
from pathlib import Path

from connectors.errors import SourceRefused, SourceUnavailable
from connectors.storage.base import Stored, ordered
from connectors.storage.globs import leads_out, walked


class LocalStorage:
    """The files in a folder. `where` begins each message."""

    def __init__(self, folder: Path, where: str) -> None:
        self._folder = folder
        self._where = where

    def listed(self, pattern: str) -> list[Stored]:
        """As `Storage.listed`; refuses links that lead out of the folder."""
        home = self._folder.resolve()
        try:
            files = [] if leads_out(pattern) else [p for p in self._folder.glob(pattern) if p.is_file()]
        except (ValueError, NotImplementedError) as error:
            raise SourceRefused(f"{self._where}: {pattern}: {error}; correct read.files") from None
        if leads_out(pattern) or any(not p.resolve().is_relative_to(home) for p in files):
            raise SourceRefused(f"{self._where}: {pattern} leads out of its folder; correct read.files")
        # The glob above passes in silence over folders that it may not look into.
        for _ in walked(pattern, self._entries):
            pass
        return ordered(map(self._stored, files), pattern, self._where)

    def _entries(self, folder: str) -> list[tuple[str, bool]]:
        """What lies in the folder; raises `PermissionError` when the hub may not look into it."""
        try:
            with os.scandir(self._folder / folder) as entries:
                return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def named(self, name: str) -> Stored | None:
        """As `Storage.named`."""
        file = self._folder / name
        return self._stored(file) if file.is_file() else None

    def fetch(self, stored: Stored, folder: Path) -> Path:
        """The file itself; raises `SourceRefused` when the hub may not read it."""
        file = self._folder / stored.name
        if not os.access(file, os.R_OK):
            raise SourceRefused(f"{self._where}: {stored.name}: make the file readable for the hub")
        return file

    def _stored(self, file: Path) -> Stored:
        try:
            return Stored(file.relative_to(self._folder).as_posix(), file.stat().st_mtime)
        except OSError as error:
            raise SourceUnavailable(f"{self._where}: {file.name}: {error.strerror}; try again") from None
