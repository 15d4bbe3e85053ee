"""Contracts made in place, and what a connector reads by them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from connectors.base import Connection, Extract, Request
from connectors.connection import parse_connection
from connectors.registry import open_connector
from schemas.contract import Column, Contract, Read, Server, Sync

_WRITTEN = {r"\t": "\t", r"\n": "\n", r"\r": "\r", r"\\": "\\", r"\b": "\b", r"\f": "\f", r"\v": "\v"}


class Line(NamedTuple):
    number: int
    fault: str | None
    fields: tuple[str | None, ...]


class Reading(NamedTuple):
    source_columns: tuple[str, ...]
    lines: list[Line]

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        return [line.fields for line in self.lines]

    @property
    def faults(self) -> dict[int, str]:
        return {line.number: line.fault for line in self.lines if line.fault is not None}


def contract(kind: str, table: str, columns: Sequence[str], **given: Any) -> Contract:
    """A contract of text columns; `columns` are names, or `name:source name`."""
    named = [column.partition(":") for column in columns]
    settings = given.pop("settings", {})
    return Contract(
        id="test.dataset", kind="source", version="1", status="active",
        title="", description="", owner="", tags=(),
        file=Path("dataset.odcs.yaml"), physical_name=table,
        columns=tuple(Column(name, source or name, "string", "text") for name, _, source in named),
        server=Server("test", kind, settings),
        **given,
    )  # fmt: skip


def file_contract(kind: str, columns: Sequence[str], path: Path, **read: Any) -> Contract:
    return contract(kind, "", columns, settings={"path": str(path)}, read=Read(**read))


def incremental(*watermark: str) -> Sync:
    return Sync(mode="incremental", watermark=watermark)


def read(of: Contract, url: str = "", since: str | None = None, root: Path = Path()) -> Reading:
    """Everything that the connector reads."""
    connection = parse_connection("test", url) if url else Connection("test", "file")
    with open_connector(of, connection, root).open(Request(of, since)) as extract:
        assert extract.columns == of.names
        return lines_of(extract)


def lines_of(extract: Extract) -> Reading:
    """Every line of the extract, taken apart."""
    text = b"".join(extract.blocks).decode()
    lines = [tuple(map(_value, line.split("\t"))) for line in text.split("\n")[:-1]]
    assert text.endswith("\n") or not text
    if not extract.numbered:
        return Reading(extract.source_columns, [Line(i, None, line) for i, line in enumerate(lines, 1)])
    return Reading(extract.source_columns, [Line(int(line[0] or 0), line[1], line[2:]) for line in lines])


def _value(field: str) -> str | None:
    return None if field == r"\N" else re.sub(r"\\.", lambda match: _WRITTEN[match[0]], field)
