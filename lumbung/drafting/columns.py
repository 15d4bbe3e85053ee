"""What a contract says of one column: its type, so that every sampled value is valid, and what was seen."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lumbung.drafting.calendars import Temporal, most_likely, temporal
from lumbung.drafting.found import SourceField
from lumbung.drafting.marks import BLANK, Numeric, numeric
from lumbung.drafting.patterns import Privacy, known_shape, privacy
from lumbung.drafting.profile import Profile, Reading
from lumbung.drafting.types import Declared, declaration

#: Lists of values are told up to here, and examples.
MOST_LISTED, EXAMPLES = 12, 3
_LONGEST_SHOWN = 40
_CODE = re.compile(
    r"(^|_)(kode|code|kd|no|nomor|nip|npwp|nik|kk|nib|nop|kbli|telp|telepon|phone|hp|fax|pos|postcode|postal|rt|rw|"
    r"rekening|akun|register|wilayah)(_|$)|^kode"
)
_TRUTHS = ({"true", "false"}, {"ya", "tidak"})


@dataclass
class ColumnDraft:
    """A column as the contract will have it; `comments` stand above it, `edits` ask a human."""

    name: str
    source_name: str
    logical: str = "string"
    physical: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    enum: tuple[str, ...] = ()
    classification: str = "internal"
    description: str = ""
    relations: list[str] = field(default_factory=list)
    part: str = ""
    comments: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)

    @property
    def is_personal(self) -> bool:
        """Whether no value of it may be shown."""
        return self.classification != "internal"


def drafted(name: str, source: SourceField, seen: Profile, read: Reading) -> ColumnDraft:
    """The column, from what the source declares and what the sample shows."""
    column = ColumnDraft(
        name, source.source_name, required=source.is_required, description=source.comment, part=source.part
    )
    private = privacy(name, seen.values)
    column.classification = private.classification
    _type(column, source, seen, read)
    _tell(column, private, seen)
    if column.logical == "string":
        _shape(column, seen)
    return column


def _type(column: ColumnDraft, source: SourceField, seen: Profile, read: Reading) -> None:
    said = declaration(source.native) if source.native else None
    if source.is_trusted and said is not None:
        _take(column, said)
        if not _holds(said, seen):
            column.edits.append(
                f"some values are no {said.logical} that the hub stores; `lumbung contract try` counts them"
            )
    elif source.is_trusted:
        column.physical = source.native
    elif said is not None and said.logical != "string" and _holds(said, seen):
        _take(column, said)
    elif source.native and said is None:
        # A file database that calls it text means text, whatever the values look like.
        column.physical = source.native
    else:
        _by_values(column, seen, read)


def _take(column: ColumnDraft, said: Declared) -> None:
    column.logical, column.physical = said.logical, said.physical
    column.options, column.enum = dict(said.options), said.enum


def _holds(said: Declared, seen: Profile) -> bool:
    """Whether every sampled value is of the declared type, as the hub reads it."""
    if said.logical in ("integer", "number"):
        return all(_is_number(value, said) for value in seen.values)
    if said.logical in ("date", "timestamp", "time"):
        found = temporal("", seen.values)
        fits = found is not None and found.kind in (
            said.logical,
            "date" if said.logical == "timestamp" else "",
        )
        return not seen.values or (fits and found is not None and not found.format)
    if said.logical == "boolean":
        return all(value.lower() in ("t", "f", "true", "false", "0", "1") for value in seen.values)
    return True


def _is_number(value: str, said: Declared) -> bool:
    text = value.strip(BLANK)
    if said.options.get("format") in ("f32", "f64"):
        return bool(re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", text))
    if not re.fullmatch(r"[+-]?\d+" if said.logical == "integer" else r"[+-]?\d+(\.\d+)?", text):
        return False
    size = re.fullmatch(r"decimal\((\d+),(\d+)\)", said.physical)
    whole, _, decimals = text.lstrip("+-").partition(".")
    if size is None:
        return True
    return len(decimals.rstrip("0")) <= int(size[2]) and len(whole.lstrip("0")) <= int(size[1]) - int(size[2])


def _by_values(column: ColumnDraft, seen: Profile, read: Reading) -> None:
    if not seen.values:
        column.comments.append("no value was seen: a string until one is")
        return
    if {value.strip(BLANK).lower() for value in seen.values} in _TRUTHS:
        column.logical = "boolean"
        return
    when = temporal(column.name, seen.values)
    if when is not None:
        _take_temporal(column, when)
        return
    figures = None if _CODE.search(column.name) else numeric(seen.values, read.marks)
    if figures is not None:
        _take_numeric(column, figures)
    else:
        _nearly(column, seen, read)


def _take_temporal(column: ColumnDraft, when: Temporal) -> None:
    column.logical = when.kind
    if when.format:
        column.options["format"] = when.format
    if when.is_zoned:
        column.options["timezone"] = True
    if when.is_doubtful:
        column.edits.append(f"day and month could be the other way round; {when.format} is a guess")


def _take_numeric(column: ColumnDraft, figures: Numeric) -> None:
    column.logical = "integer" if figures.kind == "integer" else "number"
    if figures.kind == "float":
        column.options["format"] = "f64"
    elif figures.scale:
        column.comments.append(
            f"at most {figures.scale} decimals; physicalType decimal(18,2) or such would bind it"
        )


def _nearly(column: ColumnDraft, seen: Profile, read: Reading) -> None:
    """Say so when all but a few values are numbers or dates: those few decide that it is a text."""
    total = seen.rows - seen.empty
    few = max(0.05 * total, 1)
    other = [value for value in seen.values if numeric([value], read.marks) is None]
    rows = sum(seen.values[value] for value in other)
    if not _CODE.search(column.name) and 0 < rows <= few and rows < total - 1:
        shown = "" if column.is_personal else f" ({_listed(sorted(other)[:EXAMPLES])})"
        column.edits.append(
            f"all but {rows} values are numbers{shown}: as a number those rows would be refused, or name "
            "what means no value in nullTokens"
        )
        return
    form, rows = most_likely(column.name, seen.values)
    if 0 < rows <= few and rows < total - 1:
        said = f" and logicalTypeOptions: {{format: {form}}}" if form else ""
        column.edits.append(
            f"all but {rows} values are dates; with logicalType: date{said} those rows would be refused"
        )


def _shape(column: ColumnDraft, seen: Profile) -> None:
    shape = known_shape(column.name, seen.values)
    if shape is None:
        return
    if shape.is_certain and "pattern" not in column.options:
        column.options["pattern"] = shape.pattern
        column.comments.append(f"{shape.label}: every value seen fits the pattern")
    else:
        column.comments.append(f"looks like: {shape.label}, pattern {shape.pattern}")


def _tell(column: ColumnDraft, private: Privacy, seen: Profile) -> None:
    share = f"{100 * seen.empty / seen.rows:.1f} % empty" if seen.rows else "no rows seen"
    line = f"{share}, {len(seen.values)} different"
    if column.is_personal:
        column.comments.insert(0, f"{line}; {private.classification} {private.reason}: no examples")
        if private.is_unsure:
            column.edits.append("classification: personal if it is of persons, else internal or public")
        return
    column.comments.insert(0, f"{line}{_range(column, seen)}")
    if column.logical == "string" and 1 < len(seen.values) <= MOST_LISTED < seen.rows / 2 and not column.enum:
        if seen.longest <= _LONGEST_SHOWN:
            column.comments.append(
                f"values seen: {_listed(sorted(seen.values))}; an enum would refuse others"
            )
    elif column.logical == "string" and seen.values:
        column.comments.append(f"such as: {_listed(list(seen.values)[:EXAMPLES])}")


def _range(column: ColumnDraft, seen: Profile) -> str:
    values = [value.strip(BLANK) for value in seen.values]
    if column.logical in ("integer", "number") and values and numeric(values) is not None:
        figures = [Decimal(value) for value in values]
        return f", from {min(figures):f} to {max(figures):f}"
    if column.logical in ("date", "timestamp") and values and "format" not in column.options:
        return f", from {min(values)} to {max(values)}"
    return ""


def _listed(values: list[str]) -> str:
    return ", ".join(_shown(value) for value in values)


def _shown(value: str) -> str:
    """A value in one line of bounded length, without anything that could end a comment."""
    text = "".join(c if c.isprintable() else " " for c in value).strip()
    return f"'{text[:_LONGEST_SHOWN]}...'" if len(text) > _LONGEST_SHOWN else f"'{text}'"
