"""Globs over the names of files that lie elsewhere, as `Path.glob` takes them here."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

#: How deep `**` looks.
DEEPEST = 32


def has_magic(pattern: str) -> bool:
    """Whether the pattern is more than a name."""
    return any(mark in pattern for mark in "*?[")


def leads_out(name: str) -> bool:
    """Whether a relative name or pattern leaves its folder: absolute, with a drive, or by `..`."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or re.match("[A-Za-z]:", plain) is not None or ".." in plain.split("/")


def matches(name: str, pattern: str) -> bool:
    """Whether a name with `/` between its folders matches; `**` stands for any folders, none too."""
    return _fits(name.split("/"), _parts(pattern))


def walked(pattern: str, listing: Callable[[str], Iterable[tuple[str, bool]]]) -> Iterator[str]:
    """The names that match, found by listing only the folders that may hold some.

    `listing` gives (name, is a folder) of what lies in a folder, itself given by its path, "" at the top.
    """
    parts = _parts(pattern)
    pending = [""]
    while pending:
        folder = pending.pop()
        for name, is_folder in listing(folder):
            path = f"{folder}/{name}" if folder else name
            names = path.split("/")
            if is_folder and len(names) < DEEPEST and _may_hold(names, parts):
                pending.append(path)
            elif not is_folder and _fits(names, parts):
                yield path


def _parts(pattern: str) -> list[str]:
    return [part for part in pattern.split("/") if part not in ("", ".")]


def _fits(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_fits(names[place:], parts[1:]) for place in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _fits(names[1:], parts[1:])


def _may_hold(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a file below the folder of these names could match."""
    for name, part in zip(names, parts, strict=False):
        if part == "**":
            return True
        if not fnmatchcase(name, part):
            return False
    return len(names) < len(parts)
