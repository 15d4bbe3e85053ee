"""A sample of a source's rows, read by the connector that will read them all."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from connectors.base import Connection, Request
from connectors.registry import open_connector
from lumbung.drafting.found import Found
from schemas.contract import Contract
from schemas.loading import load_contract

if TYPE_CHECKING:
    from pandas import DataFrame

#: Rows that are looked at unless somebody asks for another number.
ROWS = 50_000
#: The most values of a sample, whatever its rows: it is held in memory.
MOST_VALUES = 4_000_000

_MEANINGS = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}


@dataclass(frozen=True)
class Sample:
    """Rows as texts, a column for each field in order (None where there is no value).

    `faults` are rows that could not be taken apart; `is_whole` when the source has no more rows.
    """

    frame: "DataFrame"
    faults: int
    is_whole: bool

    @property
    def rows(self) -> int:
        """The rows that could be read."""
        return len(self.frame)


def sample(found: Found, dataset: str, connection: Connection, root: Path, most: int = ROWS) -> Sample:
    """The first rows of the dataset, at most `most`; raises `SourceError`."""
    import pandas

    width = len(found.fields)
    most = min(most, max(MOST_VALUES // max(width, 1), 1))
    contract = provisional(found, dataset)
    rows: list[list[str | None]] = []
    faults = 0
    with open_connector(contract, connection, root).open(Request(contract)) as extract:
        lines = _lines(extract.blocks)
        # One more than asked for shows whether that was all.
        for line in islice(lines, most + 1):
            fields = [_value(text) for text in line.split("\t")]
            if extract.numbered and fields[1] is not None:
                faults += 1
            else:
                rows.append(fields[2:] if extract.numbered else fields)
    is_whole = len(rows) + faults <= most
    frame = pandas.DataFrame(rows[:most], columns=range(width), dtype=object)
    return Sample(frame.where(frame.notna(), None), faults, is_whole)


def provisional(found: Found, dataset: str) -> Contract:
    """A contract that reads the dataset as texts, and says nothing else."""
    columns = [
        {"name": f"c{place}", "physicalName": field.source_name, "logicalType": "string"}
        for place, field in enumerate(found.fields)
    ]
    properties: list[dict[str, Any]] = [{**columns[0], "primaryKey": True}, *columns[1:]]
    document = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": dataset, "version": "0.0.0",
        "servers": [found.server],
        "schema": [
            {"name": dataset.split(".")[1], "physicalName": found.physical_name, "properties": properties}
        ],
        "customProperties": [{"property": "read", "value": found.read}],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="lumbung-draft-") as folder:
        file = Path(folder) / "draft.odcs.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return load_contract(file)


def _lines(blocks: Iterator[bytes]) -> Iterator[str]:
    """Rows of COPY text; blocks are whole rows, and line breaks within values are escaped."""
    for block in blocks:
        yield from block.decode().removesuffix("\n").split("\n")


def _value(text: str) -> str | None:
    if text == "\\N":
        return None
    if "\\" not in text:
        return text
    first, *rest = text.replace("\\\\", "\\\0").split("\\")
    return first + "".join(_meant(piece) for piece in rest)


def _meant(piece: str) -> str:
    """What follows a backslash: NUL stands for a second one, which PostgreSQL never sends itself."""
    return "\\" + piece[1:] if piece.startswith("\0") else _MEANINGS.get(piece[:1], piece[:1]) + piece[1:]
