"""From what was found and a sample of its rows to a draft of the contract."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lumbung.drafting.columns import ColumnDraft, drafted
from lumbung.drafting.document import Draft
from lumbung.drafting.found import Found, SourceField
from lumbung.drafting.keys import LONGEST, Candidate, Key, find_key
from lumbung.drafting.marks import PLAIN
from lumbung.drafting.naming import column_names
from lumbung.drafting.profile import Profile, Reading, profile, reading, without
from lumbung.drafting.sampling import Sample

if TYPE_CHECKING:
    from pandas import DataFrame

#: A code and its name in one cell: `1.01.02.2.01.0001 Penyusunan Rencana`.
CODE_PART = r"^\s*([0-9X]{1,2}(?:[.][0-9X]+)+)\s+\S"
NAME_PART = r"^\s*[0-9X]{1,2}(?:[.][0-9X]+)+\s+(\S.*)$"
_TOTAL = re.compile(r"\s*(sub ?-?total|total|jumlah|grand total|rata-rata)\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"updated?(_at|_on|_date|_time)?$|modified|last_?(update|modified|change)|(tgl|tanggal|waktu|wkt)_?(ubah|update|"
    r"perubahan)|diubah|date_modified|changed_at"
)
_FEW = 20
#: A guard that lets a load pass whose key nobody has settled yet.
_ALL = 100


def assembled(found: Found, dataset: str, sample: Sample, others: Mapping[str, str]) -> Draft:
    """The draft of `dataset`. `others` are the datasets drafted with it, by their names at the source."""
    fields, frame = _taken_apart(found.fields, sample.frame)
    read = reading(frame, found.is_text) if found.is_file else Reading()
    frame = without(frame, read.tokens)
    names = column_names([field.title for field in fields])
    seen = [profile(frame[place]) for place in frame.columns]
    columns = [drafted(*each, read) for each in zip(names, fields, seen, strict=True)]
    draft = Draft(
        dataset, found.title, found.physical_name, found.server, columns, found.comment,
        notes=list(found.notes),
        edits=list(found.edits), read=_read(found, read, columns),
    )  # fmt: skip
    draft.notes.append(_seen(sample))
    if not sample.rows:
        draft.edits.append("there are no rows: a sync is refused (not empty) until there is one")
    _key(draft, fields, seen, frame)
    _unique(draft, found)
    _relations(draft, found, others)
    _ask(draft, read, seen, frame)
    return draft


def _seen(sample: Sample) -> str:
    rows = f"{sample.rows:,} rows looked at, {'all there are' if sample.is_whole else 'the first of more'}"
    return f"{rows}; {sample.faults:,} more could not be taken apart" if sample.faults else rows


def _taken_apart(
    fields: Sequence[SourceField], frame: "DataFrame"
) -> tuple[tuple[SourceField, ...], "DataFrame"]:
    """The fields, those that hold a code and its name in one cell as two each."""
    import pandas

    kept: list[SourceField] = []
    columns = []
    for place, field in enumerate(fields):
        texts = frame[place].dropna()
        parts = {part: texts.str.extract(f"(?s){part}", expand=False) for part in (CODE_PART, NAME_PART)}
        split = (
            not field.native and texts.nunique() > 1 and all(found.notna().all() for found in parts.values())
        )
        if not split:
            kept.append(field)
            columns.append(frame[place])
            continue
        for suffix, (part, found) in zip(("code", "name"), parts.items(), strict=True):
            kept.append(replace(field, title=f"{field.title} {suffix}", part=part))
            columns.append(found.reindex(frame.index))
    if len(kept) == len(fields):
        return tuple(fields), frame
    made = pandas.concat(columns, axis=1, keys=range(len(kept))).astype(object)
    return tuple(kept), made.where(made.notna(), None)


def _read(found: Found, read: Reading, columns: Sequence[ColumnDraft]) -> dict[str, object]:
    said: dict[str, object] = dict(found.read)
    if read.marks != PLAIN:
        said["decimalMark"] = read.marks.decimal
        if read.marks.group:
            said["groupMark"] = read.marks.group
    if read.tokens:
        said["nullTokens"] = list(read.tokens)
    parts = {column.name: column.part for column in columns if column.part}
    if parts:
        said["extract"] = parts
    return said


def _key(draft: Draft, fields: Sequence[SourceField], seen: Sequence[Profile], frame: "DataFrame") -> None:
    """Mark the columns of the key, and say where it comes from."""
    declared = [place for place, field in enumerate(fields) if field.key_position is not None]
    if declared:
        key = Key(tuple(sorted(declared, key=lambda p: fields[p].key_position or 0)), "declared")
    else:
        key = _searched(draft.columns, seen, frame)
    for position, place in enumerate(key.places, 1):
        draft.columns[place].key_position = position
    listed = ", ".join(draft.columns[place].name for place in key.places)
    _explain(draft, key, listed, len(frame))


def _searched(columns: Sequence[ColumnDraft], seen: Sequence[Profile], frame: "DataFrame") -> Key:
    """The key of the sample. Texts are compared as the hub will: numbers and dates without blanks."""
    candidates = [
        Candidate(place, column.name, seen[place].longest, column.logical == "number")
        for place, column in enumerate(columns)
        if column.logical in ("string", "integer", "date", "timestamp", "time")
        or (column.logical == "number" and "format" not in column.options)
    ]
    candidates = [c for c in candidates if c.longest <= LONGEST] or [Candidate(0, columns[0].name, 0)]
    full = [c for c in candidates if seen[c.place].is_full]
    # The fullest; among equals the one whose name is most like a key's.
    fullest = min(candidates, key=lambda c: (seen[c.place].empty, c.rank, c.place))
    return find_key(frame, full, fullest)


def _explain(draft: Draft, key: Key, listed: str, rows: int) -> None:
    if key.kind == "declared":
        draft.key_notes.append(f"key: {listed}, as the source declares it")
    elif not rows:
        draft.key_edits.append(f"no rows were seen; is ({listed}) the key?")
    elif key.kind == "named":
        draft.key_notes.append(f"key: ({listed}) is different in every row seen; the source declares none")
        if rows < _FEW:
            draft.key_edits.append(f"{rows} rows prove little: is ({listed}) the key?")
    elif key.kind in ("unnamed", "all"):
        draft.key_edits.append(
            f"({listed}) is different in every row seen, but not named like a key: what makes a row the same "
            "tomorrow?"
        )
    elif key.kind == "copies":
        draft.sync["duplicates"] = "first"
        draft.key_edits.append(
            f"{key.repeated} rows are copies of others in every column; the first of each is taken and "
            "the others are counted as superseded (sync.duplicates). What is the key?"
        )
    else:
        _unsettled(draft, key, listed, rows)


def _unsettled(draft: Draft, key: Key, listed: str, rows: int) -> None:
    """There is no key in the sample: rows would be refused until somebody names one."""
    if key.kind == "none":
        column = draft.columns[key.places[0]]
        draft.key_edits.append(
            f"no column has a value in every row, so there is no key; ({listed}) is only the fullest. "
            "Rows without it are refused, unless filters (read) count them out"
        )
        draft.read_edits.append(
            (f"are rows without {column.name} no data (titles, totals, signatures)?",
             {"filters": [{"column": column.name, "blank": True}]})
        )  # fmt: skip
    if key.repeated:
        draft.key_edits.append(
            f"no key was found: {key.repeated} of {rows} rows share ({listed}) with others and are "
            "refused until the key is right"
        )
    draft.sync_edits.append(
        ("until the key is settled more rows may be refused than the guard lets pass (10 %)",
         {"maxRefusedPct": _ALL})
    )  # fmt: skip


def _unique(draft: Draft, found: Found) -> None:
    by_source = {column.source_name: column for column in draft.columns}
    for columns in found.unique:
        column = by_source[columns[0]]
        if len(columns) == 1 and column.key_position is None:
            column.unique = True


def _relations(draft: Draft, found: Found, others: Mapping[str, str]) -> None:
    """Foreign keys to datasets drafted together; those to others are told."""
    by_source = {column.source_name: column for column in draft.columns}
    for link in found.foreign_keys:
        names = [by_source[column].name for column in link.columns]
        target = others.get(link.table)
        listed = ", ".join(column_names(link.target))
        if target is None:
            draft.notes.append(
                f"({', '.join(names)}) refers to {link.table} ({listed}), which is no dataset here"
            )
            continue
        ends = [f"{target}.{name}" for name in column_names(link.target)]
        if len(names) == 1:
            by_source[link.columns[0]].relations.append(ends[0])
        else:
            draft.relations.append({"from": [f"{draft.id.split('.')[1]}.{n}" for n in names], "to": ends})


def _ask(draft: Draft, read: Reading, seen: Sequence[Profile], frame: "DataFrame") -> None:
    """What the sample leaves open about numbers, null tokens, totals and the clock."""
    if read.is_unsure:
        draft.read_edits.append(
            ("numbers such as 1.234 are read as one and a bit; if they are thousands, say so",
             {"decimalMark": ",", "groupMark": "."})
        )  # fmt: skip
    if read.doubtful:
        draft.edits.append(
            f"{', '.join(read.doubtful)} is taken as no value (nullTokens); where it means 0, move it to "
            "read.numbers.zeroTokens"
        )
    _ask_totals(draft, frame)
    for column, values in zip(draft.columns, seen, strict=True):
        if column.logical in ("timestamp", "date") and _CLOCK.search(column.name) and values.is_full:
            draft.sync_edits.append(
                (f"{column.name} may tell what changed: then only that is read, but nothing is ever removed "
                 "(take out mode above)", {"mode": "incremental", "watermark": column.name})
            )  # fmt: skip


def _ask_totals(draft: Draft, frame: "DataFrame") -> None:
    """Rows that begin like totals, among those that have less in them than most."""
    filled = frame.notna().sum(axis=1)
    thin = frame[filled < filled.median()]
    for place, column in enumerate(draft.columns):
        if column.logical != "string" or "filters" in str(draft.read_edits):
            continue
        hits = int(thin[place].dropna().map(lambda text: bool(_TOTAL.match(text))).sum())
        if 0 < hits <= max(0.02 * len(frame), 3):
            pattern = r"(?i)^\s*(sub ?-?total|total|jumlah|grand total|rata-rata)"
            draft.read_edits.append(
                (f"{hits} rows look like totals by their {column.name}: count them out?",
                 {"filters": [{"column": column.name, "pattern": pattern}]})
            )  # fmt: skip
