"""What was found at a source, before anything is decided about it."""

from dataclasses import dataclass, field
from typing import Any

from connectors.inspection import ForeignKey


@dataclass(frozen=True)
class SourceField:
    """One column at the source. `title` is what its name is made from.

    `native` is the declared type ("" for none); with `is_trusted` every value is of it. `part` is the
    regular expression, with one group, of the part of the source's text that makes this column.
    """

    source_name: str
    title: str
    native: str = ""
    is_required: bool = False
    is_trusted: bool = False
    key_position: int | None = None
    comment: str = ""
    part: str = ""


@dataclass(frozen=True)
class Found:
    """One dataset at a source: a table, a file, a sheet, an endpoint.

    `title` is what its name is made from, `server` and `read` are as a contract has them, `notes` and
    `edits` are lines about the whole: what was seen, and what a human has to decide. With `is_text` the
    source knows nothing but texts, and `is_file` says that it is a file.
    """

    title: str
    physical_name: str
    server: dict[str, Any]
    read: dict[str, Any]
    fields: tuple[SourceField, ...]
    is_file: bool = False
    is_text: bool = False
    comment: str = ""
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    edits: tuple[str, ...] = field(default=())
