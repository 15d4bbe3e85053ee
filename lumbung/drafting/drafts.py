"""Drafting contracts from a live source: what is asked for, and where the drafts are written."""

import graphlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.base import Connection
from connectors.errors import SourceError, SourceRefused
from connectors.inspection import ForeignKey
from lumbung.drafting import document
from lumbung.drafting.assembly import assembled
from lumbung.drafting.document import Draft
from lumbung.drafting.files import ARCHIVE, FORMATS, Place, files
from lumbung.drafting.found import Found
from lumbung.drafting.naming import dataset_names, source_name
from lumbung.drafting.sampling import ROWS, sample
from schemas.catalogue import SUFFIX
from schemas.errors import ContractErrors, LumbungError
from schemas.loading import load_contract

_SQLITE = (".db", ".sqlite", ".sqlite3", ".db3")


class DraftRefused(LumbungError):
    """Nothing is written, because it would replace what somebody wrote, or because there is nothing."""


@dataclass(frozen=True)
class Wanted:
    """What to draft: from the `target` (a connection's id, a file, a folder) the tables `only`.

    `source` is what the source shall be called ("" for a name made from the target), `rows` how many of
    each dataset are looked at.
    """

    target: str
    only: tuple[str, ...] = ()
    source: str = ""
    rows: int = ROWS


@dataclass(frozen=True)
class Written:
    """A draft that was written: its file, and how many rows it was made from."""

    file: Path
    draft: Draft
    rows: int
    is_whole: bool


@dataclass(frozen=True)
class Undrafted:
    """A dataset of which no sample could be read; the others are drafted all the same."""

    dataset: str
    error: SourceError


def draft(
    wanted: Wanted, project: Path, resolve: Callable[[str], Connection], folder: Path | None = None,
    *, force: bool = False,
) -> Iterator[Written | Undrafted]:  # fmt: skip
    """Write a contract for each dataset of the source, into `folder` or where the project has them.

    Raises `SourceError` when the source can't be looked at, `DraftRefused` when a file is there already
    and not `force`.
    """
    place, connection = _opened(wanted, project, resolve)
    found = list(_found(place, connection, wanted, project))
    names = dataset_names(place.source, [item.title for item in found])
    folder = folder or project / "schemas" / "sources" / place.source
    targets = [folder / f"{name}{SUFFIX}" for name in names]
    there = [file.name for file in targets if file.exists()]
    if there and not force:
        raise DraftRefused(
            f"{folder}: {', '.join(there)} is there already; --force replaces it, --out goes elsewhere"
        )
    others = _relatives(found, [f"{place.source}.{name}" for name in names])
    folder.mkdir(parents=True, exist_ok=True)
    for item, name, file in zip(found, names, targets, strict=True):
        dataset = f"{place.source}.{name}"
        reader = connection or Connection(place.source, str(item.server["format"]))
        try:
            rows = sample(item, dataset, reader, project, wanted.rows)
            made = assembled(item, dataset, rows, others[dataset])
            _write(file, made)
        except SourceError as error:
            yield Undrafted(dataset, error)
        else:
            yield Written(file, made, rows.rows, rows.is_whole)


def _opened(
    wanted: Wanted, project: Path, resolve: Callable[[str], Connection]
) -> tuple[Place, Connection | None]:
    """Where the source is. A target that is there as a file or folder is one; else it is a connection."""
    path = Path(wanted.target).expanduser()
    if path.exists():
        path = path.resolve()
        folder = path if path.is_dir() else path.parent
        inside = folder.is_relative_to(project)
        shown = str(folder.relative_to(project) if inside else folder)
        place = Place(folder, shown, "", source_name(wanted.source or folder.name))
        if path.suffix.lower() in _SQLITE:
            file = str(path.relative_to(project) if inside else path)
            return place, Connection(place.source, "sqlite", database=file)
        if path.is_file() and path.suffix.lower() not in (*FORMATS, ARCHIVE):
            raise DraftRefused(
                f"{path.name}: no known kind of file; known: {', '.join([*FORMATS, ARCHIVE, *_SQLITE])}"
            )
        return place, None
    if len(path.parts) > 1 or path.suffix:
        raise DraftRefused(f"{wanted.target}: there is no such file or folder")
    connection = resolve(wanted.target)
    base = project / (connection.database or str(connection.extra.get("path") or "."))
    folder = base.parent if base.is_file() else base
    return Place(
        folder, connection.database, wanted.target, source_name(wanted.source or wanted.target)
    ), connection


def _found(place: Place, connection: Connection | None, wanted: Wanted, project: Path) -> Iterator[Found]:
    if connection is None or connection.kind == "file":
        path = Path(wanted.target).expanduser()
        yield from files(place, [path.name] if path.is_file() else [], wanted.only)
    elif connection.kind == "api":
        from lumbung.drafting.apis import endpoints

        yield from endpoints(connection, place.source, wanted.only)
    else:
        from lumbung.drafting.databases import tables

        yield from tables(connection, project, place.source, wanted.only)


def _relatives(found: Sequence[Found], names: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each dataset those it may refer to, by their names at the source: whatever makes no cycle."""
    datasets = {item.physical_name: name for item, name in zip(found, names, strict=True)}
    by_table = {item.physical_name: item for item in found}
    parents: dict[str, set[str]] = {name: set() for name in names}
    for item, name in zip(found, names, strict=True):
        for link in item.foreign_keys:
            target = datasets.get(link.table)
            if target is not None and target != name and _is_key(by_table[link.table], link):
                parents[name].add(target)
                if _is_cyclic(parents):
                    parents[name].discard(target)
    return {
        name: {table: other for table, other in datasets.items() if other in (*parents[name], name)}
        for name in names
    }


def _is_key(target: Found, link: ForeignKey) -> bool:
    """Whether the key refers to what a contract may refer to: the target's key, or a unique column."""
    key = {field.source_name for field in target.fields if field.key_position is not None}
    return set(link.target) == key or (len(link.target) == 1 and link.target in target.unique)


def _is_cyclic(parents: dict[str, set[str]]) -> bool:
    try:
        graphlib.TopologicalSorter(parents).prepare()
    except graphlib.CycleError:
        return True
    return False


def _write(file: Path, made: Draft) -> None:
    """Write the draft, unless the hub would refuse it."""
    text = document.text(made)
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    try:
        load_contract(beside)
        beside.replace(file)
    except ContractErrors as refused:
        reasons = "; ".join(f"{error.where}: {error.reason}" for error in refused.errors)
        raise SourceRefused(f"{made.id}: no contract can be drafted: {reasons}") from None
    finally:
        beside.unlink(missing_ok=True)
