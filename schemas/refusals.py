"""What no JSON schema can say about a single contract."""

import re
from collections.abc import Iterator

from croniter import CroniterError, croniter

from schemas.column_refusals import column_refusals
from schemas.contract import FINGERPRINT, MAX_IDENTIFIER, RESERVED, Contract
from schemas.entity_refusals import entity_refusals
from schemas.file_refusals import file_refusals
from schemas.paging_refusals import paging_refusals
from schemas.patterns import bad_pattern
from schemas.read_refusals import read_refusals
from schemas.register_refusals import register_refusals
from schemas.text_refusals import text_refusals

Refusal = tuple[str, str]

#: Those that can tell their keys apart from their rows.
_DATABASES = ("postgres", "mysql", "sqlite", "sqlserver", "oracle")
#: The kinds of source that the hub can read.
KINDS = (*_DATABASES, "csv", "tsv", "xlsx", "xls", "ods", "json", "jsonl", "xml", "api")
#: Room for `__l` and a load's number behind a dataset's name.
_LOAD_SUFFIX = 3 + 12
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", re.ASCII)


def refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the contract can't be used; none when it is fine."""
    yield from _identity(contract)
    yield from _names(contract)
    yield from _key(contract)
    yield from _schedule(contract)
    yield from _read(contract)
    yield from read_refusals(contract)
    yield from file_refusals(contract)
    yield from text_refusals(contract)
    yield from paging_refusals(contract)
    yield from _sync(contract)
    yield from entity_refusals(contract)
    yield from register_refusals(contract)
    for column in contract.columns:
        for where, reason in column_refusals(column):
            yield f"schema.{contract.name}.properties.{column.name}.{where}", reason


def _identity(contract: Contract) -> Iterator[Refusal]:
    limit = MAX_IDENTIFIER - (_LOAD_SUFFIX if contract.kind == "source" else 2 + FINGERPRINT)
    if len(contract.table.encode()) > limit:
        said = f"{contract.table!r} leaves no room for its suffix in {MAX_IDENTIFIER} bytes"
        yield "id", f"{said}; at most {limit}"
    if "__" in contract.id:
        yield "id", "'__' separates source and dataset in table names; use single underscores"
    if contract.kind == "source" and contract.server is None:
        yield "servers", "is missing: say where the dataset is read"
    elif contract.server is not None and contract.server.kind not in KINDS:
        yield "servers", f"no connector reads {contract.server.kind!r}; known: {', '.join(KINDS)}"


def is_dataset_id(identifier: str) -> bool:
    """Whether this is `source.dataset`, which every name in the warehouse is made from."""
    parts = identifier.split(".")
    return len(parts) == 2 and all(_NAME.fullmatch(part) for part in parts)


def _names(contract: Contract) -> Iterator[Refusal]:
    for name in contract.names:
        for reason in _bad_name(name, contract.names):
            yield f"schema.{contract.name}.properties.{name}", reason
    for reference in contract.references:
        for name in sorted(set(reference.columns) - set(contract.names)):
            yield f"schema.{contract.name}.relationships", f"names a column {name!r} that isn't there"


def _bad_name(name: str, names: tuple[str, ...]) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield "a name is lower case letters, digits and _, beginning with a letter"
    if len(name.encode()) > MAX_IDENTIFIER:
        yield f"is longer than {MAX_IDENTIFIER} bytes"
    if name in RESERVED:
        yield "is a name the hub uses itself"
    if names.count(name) > 1:
        yield "stands more than once"


def _key(contract: Contract) -> Iterator[Refusal]:
    where = f"schema.{contract.name}"
    if not contract.key:
        yield where, "has no key: mark its columns with primaryKey"
    positions = [c.key_position for c in contract.columns if c.key_position is not None]
    if len(set(positions)) < len(positions):
        yield where, "two key columns have the same primaryKeyPosition"
    if any(position < 1 for position in positions):
        yield where, "primaryKeyPosition counts from 1"
    for column in contract.columns:
        if column.name in contract.key and column.pg_type in ("jsonb", "real", "double precision"):
            yield f"{where}.properties.{column.name}", f"a {column.pg_type} can't be a key"


def _schedule(contract: Contract) -> Iterator[Refusal]:
    schedule = contract.schedule
    if schedule is not None and not _is_cron(schedule):
        reason = f"{schedule!r} is not a cron expression: minute hour day month weekday, as in '0 2 * * *'"
        yield "slaProperties.frequency.schedule", reason


def _is_cron(text: str) -> bool:
    if len(text.split()) != 5:
        return False
    try:
        # Only asking for a next time finds days that never come, as 31 February.
        croniter(text).get_next()
    except (CroniterError, ValueError, OverflowError):
        return False
    return True


def _read(contract: Contract) -> Iterator[Refusal]:
    read, where = contract.read, "customProperties.read"
    for item in read.filters:
        if item.column not in contract.names:
            yield f"{where}.filters", f"names a column {item.column!r} that isn't there"
        if (item.pattern is None) != item.blank:
            yield f"{where}.filters", f"{item.column!r}: expected a pattern, or blank: true"
        if item.pattern is not None and (reason := bad_pattern(item.pattern)):
            yield f"{where}.filters", reason
    if read.decimal_mark == read.group_mark:
        yield f"{where}.groupMark", f"{read.group_mark!r} is the decimal mark too"
    if read.delimiter == read.quote:
        yield f"{where}.delimiter", f"{read.delimiter!r} is the quote too"
    if not _is_encoding(read.encoding):
        yield f"{where}.encoding", f"{read.encoding!r} is no encoding; expected utf-8, windows-1252, ..."


def _is_encoding(name: str) -> bool:
    try:
        # Python has codecs that are no encodings of text, such as hex; they refuse here.
        "a".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _sync(contract: Contract) -> Iterator[Refusal]:
    sync, where = contract.sync, "customProperties.sync"
    if sync.mode != "snapshot" and not sync.watermark and contract.read.pick != "new":
        yield f"{where}.watermark", f"is missing: mode {sync.mode} needs one"
    if sync.lookback is not None and sync.clock is None:
        yield f"{where}.lookback", "looks back from a watermark, and there is none"
    for name in sorted(set(sync.watermark) - set(contract.names)):
        yield f"{where}.watermark", f"names a column {name!r} that isn't there"
    if sync.watermark and set(sync.watermark) <= set(contract.names):
        yield from _watermark(contract)
    yield from _deletions(contract)
    if sync.distribution_key is not None and sync.distribution_key not in contract.key:
        yield f"{where}.distributionKey", f"{sync.distribution_key!r} is not a column of the key"
    for name in sorted(set(contract.access.search_keys) - set(contract.names)):
        yield "customProperties.access.searchKeys", f"names a column {name!r} that isn't there"
    if contract.access.row_predicate is not None and contract.kind == "source":
        yield "customProperties.access.rowPredicate", "is for published tables; nobody reads a source's rows"


def _deletions(contract: Contract) -> Iterator[Refusal]:
    sync, where = contract.sync, "customProperties.sync"
    if sync.deleted is not None:
        column = {c.name: c for c in contract.columns}.get(sync.deleted.column)
        if column is None:
            yield f"{where}.deleted", f"names a column {sync.deleted.column!r} that isn't there"
        elif column.name in contract.key:
            yield f"{where}.deleted", f"{column.name!r} is of the key, which marks nothing"
        elif column.logical_type in ("integer", "number") and not sync.deleted.values:
            yield f"{where}.deleted.values", "are missing: with any number as a mark, 0 would be one"
    if sync.reconcile is None:
        return
    if not _DURATION.fullmatch(sync.reconcile):
        yield f"{where}.reconcile", f"{sync.reconcile!r}: expected an ISO 8601 duration such as P7D"
    if sync.mode != "incremental":
        yield f"{where}.reconcile", f"goes with mode incremental; mode {sync.mode} has no use for it"
    if contract.server is not None and contract.server.kind not in _DATABASES:
        yield f"{where}.reconcile", "needs a database, of which keys alone can be read"


def _watermark(contract: Contract) -> Iterator[Refusal]:
    for name in contract.sync.watermark[1:]:
        if contract.column(name).logical_type not in ("integer", "date", "timestamp"):
            yield (
                "customProperties.sync.watermark",
                f"a {contract.column(name).logical_type} column can't be part of a watermark",
            )
    column = contract.column(contract.sync.clock or "")
    lookback = contract.sync.lookback
    if column.logical_type not in ("integer", "date", "timestamp"):
        yield "customProperties.sync.watermark", f"a {column.logical_type} column can't be a watermark"
    elif lookback is not None:
        whole = column.logical_type == "integer"
        if not (re.fullmatch(r"[0-9]+", lookback) if whole else _DURATION.fullmatch(lookback)):
            expected = "a whole number" if whole else "an ISO 8601 duration such as PT2H or P3D"
            yield "customProperties.sync.lookback", f"{lookback!r}: expected {expected}"
