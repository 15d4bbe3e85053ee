"""What a contract is: one dataset's or table's columns, keys, rules, and how it is read and synced.

Contracts are Open Data Contract Standard v3.2 documents; `schemas.loading` reads and refuses them.
Everything here is frozen: a contract never changes while the hub runs.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from schemas.entities import Entities
from schemas.register import Register

Mode = Literal["snapshot", "incremental", "append"]
Duplicates = Literal["refuse", "first", "last"]
OnDrift = Literal["fail", "quarantine", "ignore"]
#: Which of the files that match are read: all, the newest one, or each whose content is new.
Pick = Literal["all", "newest", "new"]
HeaderBy = Literal["names", "position"]
PagingStyle = Literal["page", "offset", "cursor", "link"]

#: PostgreSQL truncates longer identifiers in silence, so the hub refuses them (bytes).
MAX_IDENTIFIER = 63
#: Length of the fingerprint that a release adds to a table's name (hex digits).
FINGERPRINT = 12
#: What files tell beside their columns: physicalNames that none of the source's own columns has.
PSEUDO = ("@file", "@sheet")
#: Columns that the hub adds; a contract may not use these names.
RESERVED = frozenset(
    {"row_number", "row_fault", "reasons", "source_hash"}
    | {"recorded_from", "recorded_to", "from_load_id", "to_load_id"}
)


@dataclass(frozen=True)
class Column:
    """One column: its name in the warehouse and at the source, its type, and its row rules.

    `pg_type` is the PostgreSQL type in staging and history. `options` is ODCS `logicalTypeOptions`
    (pattern, minimum, maximum, minLength, maxLength, format, ...). `key_position` counts from 1.
    `is_classified` is false when the classification is only assumed;
    `english_name` and `unit`, what a measure is counted in, come from the project's glossary.
    """

    name: str
    source_name: str
    logical_type: str
    pg_type: str
    options: dict[str, Any] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    enum: tuple[str, ...] = ()
    classification: str = "internal"
    business_name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    english_name: str = ""
    unit: str = ""
    is_classified: bool = False

    @property
    def is_personal(self) -> bool:
        """True when no value of this column may reach a log, a check result or a message."""
        return self.classification in ("personal", "specific-personal")


@dataclass(frozen=True)
class Reference:
    """A foreign key: `columns` of this dataset name a row of `dataset` by its `target` columns."""

    columns: tuple[str, ...]
    dataset: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Filter:
    """Rows that are not data (subtotals, footers): those whose `column` matches `pattern`.

    With `blank` the rows whose `column` is empty. Filtered rows are counted, never quarantined.
    """

    column: str
    pattern: str | None = None
    blank: bool = False


@dataclass(frozen=True)
class Paging:
    """How a REST source pages, until `total_path` rows, an empty page, or no next one.

    `style` page counts pages in `page_param`; offset counts rows there; cursor puts what an answer has at
    `next_path` there; link follows the URL at `next_path`, or else the answer's Link header (RFC 8288).
    """

    style: PagingStyle = "page"
    page_param: str = "page"
    size_param: str = "per_page"
    size: int = 500
    first: int = 1
    total_path: str | None = None
    next_path: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A file beside the data that lists the files to come: the columns with name, rows and SHA-256."""

    file: str
    name: str = "file"
    rows: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: each source column's `label` goes into `into`, its cell into `value`.

    `columns` maps names at the source to labels. Empty cells make no row when `drop_empty`.
    """

    columns: dict[str, str]
    into: str
    value: str
    drop_empty: bool = False


@dataclass(frozen=True)
class Numbers:
    """How numbers are written apart from their marks.

    `currency` are texts before or after the number, `negatives` the ways to write a minus besides `-1`,
    `zero_tokens` texts that mean 0; with `percent` a trailing % is taken off (the value stays as written).
    """

    currency: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    zero_tokens: tuple[str, ...] = ()
    percent: bool = False


@dataclass(frozen=True)
class Read:
    """How rows are read from the source.

    `null_tokens` are the texts that mean "no value"; `decimal_mark` and `group_mark` how numbers
    are written; `header_row` is the 1-based row that names the columns (files; 0 for none), `header_find`
    names that the header has, wherever it is; `records_path` the dotted path to the rows (REST, JSON, XML),
    `files` a glob below the server's path, `members` one within zip archives, `sheets` one of sheet names.
    `extract` takes a part of a text: column name to regular expression with one group.
    """

    connection: str = ""
    files: str = ""
    pick: Pick = "all"
    members: str = ""
    manifest: Manifest | None = None
    sheet: str = ""
    sheets: str = ""
    header_row: int = 1
    header_rows: int = 1
    header_by: HeaderBy = "names"
    header_find: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    extract: dict[str, str] = field(default_factory=dict)
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    decimal_mark: str = "."
    group_mark: str = ""
    numbers: Numbers = Numbers()
    null_tokens: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    endpoint: str = ""
    params: dict[str, str] = field(default_factory=dict)
    records_path: str = ""
    paging: Paging = Paging()
    allowed_hosts: tuple[str, ...] = ()
    max_seconds: int = 3600


@dataclass(frozen=True)
class Deleted:
    """How the source marks rows that it deleted: `column` has one of `values`, or any value at all."""

    column: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sync:
    """How loads of the dataset follow each other.

    `watermark` are the columns that order changes, compared from the first on. `lookback` re-reads what
    lies this far before the watermark's first column: an ISO 8601 duration such as `PT2H` or `P3D` for
    dates and timestamps, a whole number for integers. `reconcile` is how often (ISO 8601 duration) all keys
    are read to find rows that are gone, in incremental mode. The two percentages refuse a load:
    `max_delete_pct` of the rows before it, `max_refused_pct` of the rows it read.
    """

    mode: Mode = "snapshot"
    watermark: tuple[str, ...] = ()
    lookback: str | None = None
    deleted: Deleted | None = None
    reconcile: str | None = None
    max_delete_pct: float = 20.0
    max_refused_pct: float = 10.0
    on_drift: OnDrift = "ignore"
    duplicates: Duplicates = "refuse"
    distribution_key: str | None = None

    @property
    def clock(self) -> str | None:
        """The watermark's first column."""
        return self.watermark[0] if self.watermark else None


@dataclass(frozen=True)
class Access:
    """Who may ask for what: the keys a personal look-up must give, and the predicate on rows."""

    search_keys: tuple[str, ...] = ()
    row_predicate: str | None = None


@dataclass(frozen=True)
class Server:
    """Where the source is: `name` is also the connection's id; `kind` picks the connector."""

    name: str
    kind: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quality:
    """A rule for the load or table as a whole, from the contract's `quality` lists.

    `metric` is an ODCS library metric (rowCount, nullValues, ...) or `sql` with `query`; `bounds`
    are the ODCS operators (mustBe, mustBeBetween, ...). `severity` is critical or warning.
    """

    name: str
    metric: str
    severity: str
    bounds: dict[str, Any]
    column: str | None = None
    query: str | None = None
    description: str = ""


@dataclass(frozen=True)
class Contract:
    """One source dataset (`siak.residents`) or one published table (`published.progress`).

    `owner` is the agency's short name and `owner_name` its full one; `contacts` are the e-mail addresses
    that its defect lists are sent to.
    """

    id: str
    kind: Literal["source", "published"]
    version: str
    status: str
    title: str
    description: str
    owner: str
    tags: tuple[str, ...]
    file: Path
    physical_name: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    quality: tuple[Quality, ...] = ()
    roles: tuple[str, ...] = ()
    server: Server | None = None
    schedule: str | None = None
    latency_hours: float | None = None
    retention_days: int | None = None
    read: Read = Read()
    sync: Sync = Sync()
    access: Access = Access()
    entities: Entities = field(default_factory=Entities)
    register: Register = field(default_factory=Register)
    owner_name: str = ""
    contacts: tuple[str, ...] = ()
    english_title: str = ""

    @property
    def source(self) -> str:
        """`siak` of `siak.residents`; for a published table, its subject folder."""
        return self.id.split(".")[0] if self.kind == "source" else self.file.parent.name

    @property
    def name(self) -> str:
        """`residents` of `siak.residents`."""
        return self.id.split(".")[1]

    @property
    def table(self) -> str:
        """The relation's name in every schema up to `current`, e.g. `siak__residents`."""
        return self.id.replace(".", "__") if self.kind == "source" else self.name

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the key columns, in key order."""
        keyed = [c for c in self.columns if c.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))

    @property
    def is_personal(self) -> bool:
        """True when any column holds personal data: no sample values then, anywhere."""
        return any(column.is_personal for column in self.columns)

    @property
    def fingerprint(self) -> str:
        """A digest of everything the contract says, apart from where its file lies and whom to write to."""
        said = {k: v for k, v in vars(self).items() if k not in ("file", "owner_name", "contacts")}
        text = json.dumps(said, sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()

    def column(self, name: str) -> Column:
        """The column called `name`; `KeyError` when there is none."""
        return {c.name: c for c in self.columns}[name]

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names at the source that the contract reads: those of its columns, and those it unpivots.

        Pseudo columns such as `@file` are none of the source's.
        """
        unpivot = self.read.unpivot
        made = {unpivot.into, unpivot.value} if unpivot else set()
        own = [c.source_name for c in self.columns if c.name not in made and c.source_name not in PSEUDO]
        return tuple(dict.fromkeys([*own, *(unpivot.columns if unpivot else ())]))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' warehouse names, in contract order."""
        return tuple(c.name for c in self.columns)


def _plain(value: object) -> object:
    return vars(value) if hasattr(value, "__dict__") else str(value)
