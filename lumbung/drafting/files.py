"""Files of a folder as datasets: one a text file, one a sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from connectors.base import Connection, Request
from connectors.errors import SourceMalformed, SourceRefused
from connectors.files import opened
from lumbung.drafting.found import Found, SourceField
from lumbung.drafting.layout import Layout, Row, letters, said
from lumbung.drafting.sampling import provisional
from lumbung.drafting.sheets import sheets
from lumbung.drafting.text_files import dialect
from schemas.refusals import KINDS

ARCHIVE = ".zip"
#: What a file's ending says of its format.
FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".xls": "xls", ".ods": "ods", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".xml": "xml",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where files are: the `folder` on this machine, its `path` and the `connection` as a contract has
    them ("" for none), and the `source` that they make."""

    folder: Path
    path: str
    connection: str
    source: str


def files(place: Place, names: Sequence[str], only: Sequence[str]) -> Iterator[Found]:
    """The datasets in the files of these names, or in all of the folder; `only` names files or sheets.

    Raises `SourceRefused` when there is none, `SourceMalformed` for a file that can't be read.
    """
    paths = sorted(
        p for p in place.folder.iterdir() if p.is_file() and p.suffix.lower() in (*FORMATS, ARCHIVE)
    )
    chosen = [p for p in paths if not p.name.startswith((".", "~$")) and (not names or p.name in names)]
    found = [item for path in chosen for item in _datasets(place, path) if _wanted(item, path, only)]
    if not found:
        sought = ", ".join([*names, *only]) or ", ".join(FORMATS)
        raise SourceRefused(f"{place.folder.name}: no file or sheet there is {sought}")
    yield from found


def _wanted(found: Found, path: Path, only: Sequence[str]) -> bool:
    return not only or any(
        fnmatch(name, pattern) for pattern in only for name in (path.name, found.physical_name)
    )


def _datasets(place: Place, path: Path) -> Iterator[Found]:
    if path.suffix.lower() == ARCHIVE:
        yield from _archive(place, path)
        return
    kind = FORMATS[path.suffix.lower()]
    if kind not in KINDS:
        raise SourceRefused(f"{path.name}: no connector reads {kind}; known: {', '.join(KINDS)}")
    if kind == "csv":
        yield _text(place, path)
    elif kind in ("xlsx", "xls", "ods"):
        yield from _workbook(place, path, kind)
    else:
        from lumbung.drafting.documents import document

        yield document(path, kind, server(place, kind), _read(place, path))


def _archive(place: Place, path: Path) -> Iterator[Found]:
    """The datasets in the members of a zip archive."""
    member = {**_read(place, path), "members": "*.*"}
    bare = Found(path.stem, path.stem, server(place, "csv"), member, (SourceField("?", "?"),))
    request = Request(provisional(bare, f"{place.source}.draft"))
    with opened(
        request, Connection(place.source, "file", database=str(place.folder)), place.folder
    ) as copies:
        for copy, name in zip(copies.paths, copies.names, strict=True):
            stem, inside = Path(name).stem, name.removeprefix(f"{path.name}/")
            for found in _datasets(place, copy) if copy.suffix.lower() in FORMATS else ():
                yield replace(
                    found, title=found.title.replace(copy.stem, stem),
                    physical_name=found.physical_name.replace(copy.stem, stem),
                    read={**found.read, "files": path.name, "members": inside},
                    notes=(f"file {name}", *found.notes[1:]),
                )  # fmt: skip


def server(place: Place, kind: str) -> dict[str, Any]:
    """The contract's server for files of this kind."""
    return {"server": place.source, "type": "local", "format": kind, "path": place.path}


def _read(place: Place, path: Path) -> dict[str, Any]:
    return {**({"connection": place.connection} if place.connection else {}), "files": path.name}


def _text(place: Place, path: Path) -> Found:
    read, layout, rows = dialect(path)
    if path.suffix.lower() in (".tsv", ".tab"):
        read["delimiter"] = "\t"
    header = None if layout.header is None else rows[layout.header][0]
    body = [row for _, row in rows[layout.body :]]
    fields, settings = _columns(layout, header, body, is_strict=True)
    edits, notes = _remarks(layout, header, settings, [row for _, row in rows])
    short = sum(len(row) < len(fields) or any(row[len(fields) :]) for row in body)
    if short and "headerBy" not in settings:
        notes.append(
            f"{short} of the first {len(body)} rows have too few or too many fields: they are refused"
        )
    return Found(
        title=path.stem, physical_name=path.stem, server=server(place, "csv"),
        read={**_read(place, path), **settings, **read}, fields=fields, is_file=True, is_text=True,
        notes=(f"file {path.name}", *notes), edits=tuple(edits),
    )  # fmt: skip


def _workbook(place: Place, path: Path, kind: str) -> Iterator[Found]:
    filled = list(sheets(path))
    if not filled:
        raise SourceMalformed(f"{path.name} has no sheet with rows; ask for the file again")
    for sheet in filled:
        header = None if sheet.layout.header is None else sheet.layout.header + 1
        fields, settings = _columns(sheet.layout, header, sheet.rows[sheet.layout.body :], is_strict=False)
        edits, notes = _remarks(sheet.layout, header, settings, sheet.rows)
        yield Found(
            title=path.stem if len(filled) == 1 else f"{path.stem} {sheet.name}", physical_name=sheet.name,
            server=server(place, kind), read={**_read(place, path), "sheet": sheet.name, **settings},
            fields=fields, is_file=True,
            notes=(f"file {path.name}, sheet {said(sheet.name)}", *notes), edits=tuple(edits),
        )  # fmt: skip


def _columns(
    layout: Layout, header: int | None, body: Sequence[Row], *, is_strict: bool
) -> tuple[tuple[SourceField, ...], dict[str, Any]]:
    """The columns that have a name or a value, and how `read` finds them.

    Names serve unless one stands twice, or a column without one has values (`is_strict`: or is none).
    """
    filled = {place for row in body for place, cell in enumerate(row) if said(cell)}
    width = max(max(filled, default=-1) + 1, len(layout.names))
    names = [*layout.names, *[""] * (width - len(layout.names))]
    while names and not names[-1] and len(names) - 1 not in filled:
        names.pop()
    kept = [place for place, name in enumerate(names) if name or place in filled or is_strict]
    folded = [names[place].casefold() for place in kept]
    settings: dict[str, Any] = {} if header == 1 else {"headerRow": header or 0}
    if layout.height == 2:
        settings["headerRows"] = 2
    if header is None or "" in folded or len(set(folded)) < len(folded):
        settings["headerBy"] = "position"
        return tuple(SourceField(letters(p), names[p] or f"column {letters(p)}") for p in kept), settings
    return tuple(SourceField(names[p], names[p]) for p in kept), settings


def _remarks(
    layout: Layout, header: int | None, settings: dict[str, Any], rows: Sequence[Row]
) -> tuple[list[str], list[str]]:
    """What a human has to look at (edits), and what was seen (notes)."""
    edits: list[str] = []
    if header is None:
        edits.append(
            "no header was found: columns are named by their letters; name them, or correct headerRow"
        )
    elif settings.get("headerBy"):
        edits.append("columns without a name, or two of one name, are found by their letters; name them")
    above = 0 if layout.header is None else sum(any(map(said, row)) for row in rows[: layout.header])
    notes = [f"header in row {header}, below {above} rows of titles"] if above else []
    return edits, notes
