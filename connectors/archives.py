"""Zip archives, unpacked with suspicion: sizes are counted, not believed, and names are only names.

Members are copied one after the other in small pieces, so that memory is bounded whatever an archive claims
to hold, and the disk by `Budget`.
"""

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from connectors.errors import SourceMalformed
from connectors.storage.base import CHUNK, Budget, local_name
from connectors.storage.globs import leads_out, matches

#: An archive that unpacks to more than `FREE` bytes may not unpack to more than so many times its size.
MAX_RATIO, FREE = 300, 1 << 26
#: The longest table of contents (bytes); about 80,000 members.
LONGEST_CONTENTS = 1 << 23
#: Other methods unpack without bounds on memory, and no common program uses them.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz")
#: What spreadsheets have at their top: they are zip archives too.
DOCUMENTS = ("[Content_Types].xml", "mimetype")
EXTENSIONS = {
    "csv": (".csv", ".txt"),
    "tsv": (".tsv", ".tab", ".txt"),
    "xlsx": (".xlsx", ".xlsm", ".xls", ".ods"),
    "json": (".json", ".geojson"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
}
_DAMAGED = (EOFError, NotImplementedError, ValueError, IndexError, OSError)
_OTHERS = {b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a RAR archive", b"\x1f\x8b\x08": "a gzip file"}


def is_archive(path: Path, where: str) -> bool:
    """Whether members of the file are to be read, rather than the file itself, as with spreadsheets.

    Raises `SourceMalformed` for archives of other kinds, and for a damaged zip archive.
    """
    with path.open("rb") as file:
        start = file.read(4)
    other = next((kind for mark, kind in _OTHERS.items() if start.startswith(mark)), None)
    if other:
        raise SourceMalformed(f"{where} is {other}; of archives only zip is read: ask for that")
    zipped = start in (b"PK\x03\x04", b"PK\x05\x06")
    if path.suffix.lower() == ".zip" and not zipped:
        raise SourceMalformed(f"{where} is damaged or no zip archive; ask for the file again")
    if not zipped:
        return False
    try:
        with _opened(path, where) as archive:
            return not any(name in DOCUMENTS for name in archive.namelist())
    except SourceMalformed:
        if path.suffix.lower() == ".zip":
            raise
        # The reader of its kind knows better what is wrong with it.
        return False


def unpacked(path: Path, wanted: str, kind: str, folder: Path, budget: Budget) -> list[tuple[str, Path]]:
    """The members that match the glob `wanted` (those of files of `kind` when it is ""), in name order.

    They are copied below `folder`. Raises `SourceMalformed` for an archive that is damaged, locked, holds
    none of them or an archive instead, names places outside itself, or unpacks to too much.
    """
    where = f"{budget.where}: {path.name}"
    with _opened(path, where) as archive:
        members = _members(archive, wanted, kind, where)
        # No member may unpack to more than it claims, so that the claims can be judged beforehand.
        if sum(info.file_size for info in members) > max(FREE, MAX_RATIO * path.stat().st_size):
            raise SourceMalformed(
                f"{where} unpacks to more than {MAX_RATIO} times its size; ask its owner what it is, or for "
                "the files unpacked"
            )
        copies = []
        for place, info in enumerate(members):
            target = folder / str(place) / local_name(info.filename)
            target.parent.mkdir(parents=True)
            budget.copy(_chunks(archive, info, where), target)
            copies.append((_name(info), target))
    return copies


@contextmanager
def _opened(path: Path, where: str) -> Iterator[zipfile.ZipFile]:
    try:
        with path.open("rb") as file:
            if _contents(file) > LONGEST_CONTENTS:
                raise SourceMalformed(f"{where} has too many members; ask for fewer files in one archive")
            with zipfile.ZipFile(file) as archive:
                yield archive
    except (zipfile.BadZipFile, zlib.error, struct.error, *_DAMAGED) as error:
        # A place before the file's beginning is refused by the system.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise SourceMalformed(f"{where} is damaged or no zip archive; ask for the file again") from None


def _contents(file: BinaryIO) -> int:
    """How long the table of contents says it is: the reader takes it into memory as a whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 98))
    end = file.read()
    file.seek(0)
    place = end.rfind(b"PK\x05\x06")
    large = end.rfind(b"PK\x06\x06")
    said = int.from_bytes(end[place + 12 : place + 16], "little") if place >= 0 else 0
    return max(said, int.from_bytes(end[large + 40 : large + 48], "little")) if large >= 0 else said


def _members(archive: zipfile.ZipFile, wanted: str, kind: str, where: str) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info in infos:
        if leads_out(info.filename):
            raise SourceMalformed(
                f"{where} names a place outside itself, {info.filename[:200]!r}; ask for an archive without"
            )
    kept = sorted((i for i in infos if _is_meant(_name(i), wanted, kind)), key=_name)
    nested = [_name(i) for i in (kept or infos) if _name(i).lower().endswith(ARCHIVES)]
    if nested:
        raise SourceMalformed(
            f"{where}: {nested[0]} is an archive within the archive, which is not read; unpack it"
        )
    if not kept:
        sought = wanted or " or ".join(_extensions(kind))
        held = ", ".join(_name(info) for info in infos[:10]) or "nothing"
        raise SourceMalformed(f"{where} has no member {sought}; it has {held}. Correct read.members")
    names = [_name(info) for info in kept]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise SourceMalformed(f"{where} has two members {twice}; ask for an archive with different names")
    return kept


def _is_meant(name: str, wanted: str, kind: str) -> bool:
    path = PurePosixPath(name)
    # macOS adds its own, of the same names.
    if path.name.startswith((".", "~$")) or "__MACOSX" in path.parts:
        return False
    if wanted:
        return matches(name, wanted) or matches(path.name, wanted)
    return name.lower().endswith(_extensions(kind))


def _extensions(kind: str) -> tuple[str, ...]:
    return EXTENSIONS.get(kind, (f".{kind}",))


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> Iterator[bytes]:
    """The member's bytes; compares their number with what the archive claims."""
    name = f"{where}: {_name(info)}"
    if info.flag_bits & 0x1:
        raise SourceMalformed(f"{name} is locked by a password; ask for the archive without")
    if info.compress_type not in METHODS:
        raise SourceMalformed(
            f"{name} is packed by method {info.compress_type}, which is not read; ask for an ordinary zip"
        )
    claimed, count = info.file_size, 0
    # The reader stops at the size that the archive claims, and a bomb claims little.
    info.file_size = 1 << 62
    with archive.open(info) as part:
        while chunk := part.read(CHUNK):
            count += len(chunk)
            if count > claimed:
                raise SourceMalformed(
                    f"{name} unpacks to more than the {claimed} bytes that it claims; ask for the file again"
                )
            yield chunk
    if count < claimed:
        raise SourceMalformed(f"{name} is damaged: {count} bytes, not {claimed}; ask for the file again")
