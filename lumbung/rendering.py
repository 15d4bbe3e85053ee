"""From a model to the SQL of one release: pinned loads, release relations, a fixed date, a fingerprint.

Only the places where the text names a relation or `:as_of_date` are replaced; the rest reaches
PostgreSQL as its author wrote it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from psycopg import sql

from lumbung.history_rows import as_of_load, versions_until
from lumbung.models import SOURCE_SCHEMAS, Model, Models, TableRead
from lumbung.resolution import versions
from lumbung.resolution.tables import tables_of
from schemas.catalogue import Catalogue
from schemas.contract import FINGERPRINT

#: Part of every fingerprint: raise it when the renderer makes other tables from the same models.
RENDERER_VERSION = 1


@dataclass(frozen=True)
class Pins:
    """What a release reads: by dataset id the load it is pinned to, and the last load up to that one
    which changed rows; and the date that `:as_of_date` stands for.

    `run_id` is the run of entity resolution it is pinned to, `identity` gives by table the last run up to
    that one which changed it.
    """

    loads: Mapping[str, int]
    changed: Mapping[str, int]
    as_of_date: date
    run_id: int | None = None
    identity: Mapping[str, int] = field(default_factory=dict)


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
        *([{table: pins.identity.get(table, 0) for table in model.identity}] if model.identity else []),
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
    source: sql.Composable
    if read.schema in SOURCE_SCHEMAS:
        source = sql.SQL("({})").format(_as_of(read, catalogue, pins))
    elif read.schema == "identity":
        assert pins.run_id is not None, "a release of models that read identity tables pins a run"
        source = sql.SQL("({})").format(versions.as_of(tables_of(catalogue)[read.table], pins.run_id))
    else:
        source = sql.Identifier("release", relations[read.name])
    alias = sql.SQL("") if read.has_alias else sql.SQL(" AS {}").format(sql.Identifier(read.table))
    return sql.Composed([source, alias]).as_string()


def _as_of(read: TableRead, catalogue: Catalogue, pins: Pins) -> sql.Composed:
    """The dataset's rows as the pinned load left them, or every version up to it."""
    contract = next(c for c in catalogue.sources.values() if c.table == read.table)
    rows = as_of_load if read.schema == "current" else versions_until
    return rows(contract, pins.loads[contract.id])
