"""From a model to the SQL of one release: pinned loads, release relations, a fixed date, a fingerprint.

Only the places where the text names a relation or `:as_of_date` are replaced; the rest reaches
PostgreSQL as its author wrote it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from lumbung.models import Model, Models, TableRead
from schemas.catalogue import Catalogue
from schemas.contract import FINGERPRINT

#: Part of every fingerprint: raise it when the renderer makes other tables from the same models.
RENDERER_VERSION = 1


@dataclass(frozen=True)
class Pins:
    """What a release reads: by dataset id the load it is pinned to, and the last load up to that one
    which changed rows; and the date that `:as_of_date` stands for."""

    loads: Mapping[str, int]
    changed: Mapping[str, int]
    as_of_date: date


def fingerprints(models: Models, pins: Pins) -> dict[str, str]:
    """By model name, 12 hex digits that differ whenever the table's rows or meaning may differ."""
    found: dict[str, str] = {}
    for model in models:
        found[model.name] = _fingerprint(model, models.catalogue, pins, found)
    return found


def _fingerprint(model: Model, catalogue: Catalogue, pins: Pins, known: Mapping[str, str]) -> str:
    said = [
        RENDERER_VERSION,
        model.name,
        model.sql,
        model.contract.fingerprint if model.contract else None,
        model.suite,
        {d: [pins.changed.get(d, 0), _shape(catalogue, d)] for d in model.datasets},
        {name: known[name] for name in model.models},
        pins.as_of_date.isoformat() if model.date_spans else None,
    ]
    text = json.dumps(said, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT]


def _shape(catalogue: Catalogue, dataset: str) -> list[list[str]]:
    """A contract may retype or rename a column without any row changing."""
    return [[column.name, column.pg_type] for column in catalogue.sources[dataset].columns]


def relation_name(model: Model, fingerprint: str) -> str:
    """The model's relation in schema `release`, e.g. `progress__0123456789ab`."""
    return f"{model.relation_prefix}__{fingerprint}"


def render(model: Model, catalogue: Catalogue, pins: Pins, relations: Mapping[str, str]) -> str:
    """The model's SELECT for one release; `relations` are the release relations by model name."""
    pieces = [(read.start, read.end, _source(read, catalogue, pins, relations)) for read in model.table_reads]
    pieces += [(start, end, _date(pins.as_of_date)) for start, end in model.date_spans]
    text = model.sql
    for start, end, replacement in sorted(pieces, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _date(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _source(read: TableRead, catalogue: Catalogue, pins: Pins, relations: Mapping[str, str]) -> str:
    if read.schema == "current":
        source = _as_of(read.table, catalogue, pins)
    else:
        source = sql.Identifier("release", relations[read.name])
    alias = sql.SQL("") if read.has_alias else sql.SQL(" AS {}").format(sql.Identifier(read.table))
    return sql.Composed([source, alias]).as_string()


def _as_of(table: str, catalogue: Catalogue, pins: Pins) -> sql.Composable:
    """The dataset's rows as the pinned load left them."""
    contract = next(c for c in catalogue.sources.values() if c.table == table)
    pin = sql.Literal(pins.loads[contract.id])
    return sql.SQL(
        "(SELECT {columns} FROM {history} "
        "WHERE from_load_id <= {pin} AND (to_load_id IS NULL OR to_load_id > {pin}))"
    ).format(
        columns=sql.SQL(", ").join(sql.Identifier(name) for name in contract.names),
        history=sql.Identifier("history", table),
        pin=pin,
    )
