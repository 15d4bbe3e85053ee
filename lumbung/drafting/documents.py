"""JSON, JSON Lines and XML files, and answers of APIs: where their records are, and what those hold."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.errors import SourceMalformed
from lumbung.drafting.found import Found, SourceField

#: Characters of a document, and records, that are looked at.
MOST_BYTES, MOST_RECORDS = 1 << 24, 500


def document(path: Path, kind: str, server: dict[str, Any], read: dict[str, Any]) -> Found:
    """The dataset in a file of records; raises `SourceMalformed` when no list of records is in it."""
    records_path, records = {"json": _json, "jsonl": _json_lines, "xml": _xml}[kind](path)
    if records_path:
        read = {**read, "recordsPath": records_path}
    return Found(
        title=path.stem, physical_name=path.stem, server=server, read=read, fields=fields_of(records),
        is_file=True, notes=(f"file {path.name}",),
    )  # fmt: skip


def fields_of(records: list[Any]) -> tuple[SourceField, ...]:
    """A field for each key of the records; those of a nested object by their dotted paths."""
    names: dict[str, None] = {}
    for record in records[:MOST_RECORDS]:
        names.update(dict.fromkeys(_paths(record, "")))
    # What is null in one record may be an object in another.
    parents = {name.partition(".")[0] for name in names if "." in name}
    return tuple(SourceField(name, name) for name in names if name not in parents)


def _paths(value: Any, prefix: str) -> Iterator[str]:
    for key, item in value.items() if isinstance(value, dict) else ():
        # One level of nesting is taken apart; what lies deeper stays JSON.
        if isinstance(item, dict) and item and not prefix:
            yield from _paths(item, f"{key}.")
        else:
            yield f"{prefix}{key}"


def records_in(document: Any, prefix: str = "", depth: int = 4) -> tuple[str, list[Any]] | None:
    """The dotted path of the longest list of objects in the document, and that list."""
    if isinstance(document, list):
        return (prefix, document) if document and all(isinstance(item, dict) for item in document) else None
    if not isinstance(document, dict) or not depth:
        return None
    found = [
        inner
        for key, value in document.items()
        if (inner := records_in(value, f"{prefix}.{key}" if prefix else str(key), depth - 1))
    ]
    return max(found, key=lambda item: len(item[1]), default=None)


def parsed(text: str, where: str) -> Any:
    """The JSON document, its numbers as texts; raises `SourceMalformed` when it is none, or too large."""
    if len(text) > MOST_BYTES:
        raise SourceMalformed(
            f"{where} is larger than {MOST_BYTES >> 20} MiB; draft from a smaller one of its kind"
        )
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise SourceMalformed(f"{where}: no complete JSON; is it another kind of file or answer?") from None


def _json(path: Path) -> tuple[str, list[Any]]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        found = records_in(parsed(file.read(MOST_BYTES + 1), path.name))
    if found is None:
        raise SourceMalformed(f"{path.name} holds no list of objects; is it another kind of JSON?")
    return found


def _json_lines(path: Path) -> tuple[str, list[Any]]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        lines = [line for line in islice(file, MOST_RECORDS) if line.strip()]
    return "", [parsed(line, path.name) for line in lines]


def _xml(path: Path) -> tuple[str, list[Any]]:
    """The path of the element that repeats most; the leaves and attributes below it are the fields."""
    from xml.etree import ElementTree

    with path.open("rb") as file:
        if b"<!ENTITY" in file.read(1 << 16):
            raise SourceMalformed(f"{path.name} declares XML entities, which no export of records needs")
    counts, leaves = Counter[str](), dict[str, None]()
    try:
        for at, name in _leaves(ElementTree.iterparse(path, ("start", "end"))):
            counts[at] += 1
            leaves.update({name: None} if name else {})
            if counts.total() > 100 * MOST_RECORDS:
                break
    except ElementTree.ParseError as error:
        raise SourceMalformed(f"{path.name} is no complete XML: {error}; ask for it again") from None
    below = {at: [n.removeprefix(f"{at}/") for n in leaves if n.startswith(f"{at}/")] for at in counts}
    best = max(
        (at for at in counts if below[at] and "/" in at),
        key=lambda at: (counts[at], -at.count("/")),
        default="",
    )
    if not best:
        raise SourceMalformed(f"{path.name} has no element that repeats; is it another kind of XML?")
    return best, [dict.fromkeys(below[best])]


def _leaves(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """The path of each element as it ends, with the leaf that it is ("" for none); attributes are leaves."""
    stack: list[str] = []
    inner: list[bool] = []
    for event, element in events:
        if event == "start":
            inner[-1:] = [True] * len(inner[-1:])
            stack.append(element.tag.rpartition("}")[2])
            inner.append(False)
            for name in element.attrib:
                attribute = f"{'/'.join(stack)}/@{name.rpartition('}')[2]}"
                yield attribute, attribute
            continue
        at = "/".join(stack)
        stack.pop()
        yield at, "" if inner.pop() else at
        element.clear()
