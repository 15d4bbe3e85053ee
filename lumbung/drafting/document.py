"""The contract as a text: complete, in the order people read it, with what was seen beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lumbung.drafting.columns import ColumnDraft
from lumbung.drafting.yaml_text import WIDTH, comment, flow, scalar


@dataclass
class Draft:
    """One contract to be. `choices` are lines of `read` or `sync` that a human may take up."""

    id: str
    title: str
    physical_name: str
    server: dict[str, Any]
    columns: list[ColumnDraft]
    description: str = ""
    read: dict[str, Any] = field(default_factory=dict)
    sync: dict[str, Any] = field(default_factory=lambda: {"mode": "snapshot"})
    relations: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    key_notes: list[str] = field(default_factory=list)
    key_edits: list[str] = field(default_factory=list)
    read_edits: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sync_edits: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def questions(self) -> int:
        """How many `# EDIT:` comments the text has."""
        return sum(line.lstrip().startswith("# EDIT:") for line in text(self).splitlines())


def text(draft: Draft) -> str:
    """The contract as YAML."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield from comment("Drafted from the source. What # EDIT: marks is for a human to decide.", 0)
    for note in draft.notes:
        yield from comment(note, 0)
    for edit in draft.edits:
        yield from _edit(edit, 0)
    name = draft.id.split(".")[1]
    yield from (
        "apiVersion: v3.2.0",
        "kind: DataContract",
        f"id: {draft.id}",
        "version: 0.1.0",
        "status: draft",
    )
    yield f"name: {scalar(draft.title)}"
    if not draft.description:
        yield from _edit("what is one row of it?", 0)
    yield f"description: {{purpose: {scalar(draft.description or draft.title)}}}"
    yield from _edit("which agency owns it?", 0)
    yield "# team: {name: opd, description: Name of the agency in full}"
    yield from ("servers:", f"  - {flow(draft.server)}", "schema:", f"  - name: {scalar(name)}")
    yield f"    physicalName: {scalar(draft.physical_name)}"
    for note in draft.key_notes:
        yield from comment(note, 4)
    for edit in draft.key_edits:
        yield from _edit(edit, 4)
    yield "    properties:"
    for column in draft.columns:
        yield from _column(column)
    if draft.relations:
        yield "    relationships:"
        yield from (f"      - {flow(item)}" for item in draft.relations)
    yield from _sla()
    yield from _custom(draft)


def _edit(said: str, indent: int) -> list[str]:
    return comment(said, indent, "EDIT: ")


def _column(column: ColumnDraft) -> Iterator[str]:
    for said in column.comments:
        yield from comment(said, 6)
    for said in column.edits:
        yield from _edit(said, 6)
    yield f"      - name: {scalar(column.name)}"
    for key, value in _said(column).items():
        yield f"        {key}: {flow(value)}"


def _said(column: ColumnDraft) -> dict[str, Any]:
    is_key = column.key_position is not None
    said = {
        "physicalName": column.source_name if column.source_name != column.name else None,
        "description": column.description,
        "logicalType": column.logical,
        "physicalType": column.physical,
        "logicalTypeOptions": column.options,
        "primaryKey": is_key,
        "primaryKeyPosition": column.key_position,
        "required": column.required and not is_key,
        "unique": column.unique,
        "enum": [{"value": value} for value in column.enum],
        "classification": column.classification,
        "relationships": [{"to": target} for target in column.relations],
    }
    return {key: value for key, value in said.items() if value}


def _setting(key: str, value: Any) -> Iterator[str]:
    """One field of a custom property; a mapping that is too long for a line gets one for each of its own."""
    line = f"      {key}: {flow(value)}"
    if len(line) <= WIDTH or not isinstance(value, dict):
        yield line
        return
    yield f"      {key}:"
    yield from (f"        {flow(name)}: {flow(item)}" for name, item in value.items())


def _sla() -> Iterator[str]:
    yield from _edit("when is it synced, by the city's clock? Without a schedule, by hand only", 0)
    yield "# slaProperties:"
    yield "#   - {property: frequency, value: 1, unit: d, schedule: '0 2 * * *', scheduler: cron}"
    yield "#   - {property: latency, value: 26, unit: h}"


def _custom(draft: Draft) -> Iterator[str]:
    yield "customProperties:"
    for name, settings, edits in (
        ("read", draft.read, draft.read_edits), ("sync", draft.sync, draft.sync_edits)
    ):  # fmt: skip
        if settings or edits:
            yield f"  - property: {name}"
            yield "    value:" if settings else "    value: {}"
            for key, value in settings.items():
                yield from _setting(key, value)
            for said, choice in edits:
                yield from _edit(said, 6)
                yield from (f"      # {key}: {flow(value)}" for key, value in choice.items())
