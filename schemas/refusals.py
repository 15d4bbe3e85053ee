"""What no JSON schema can say about a single contract."""

import re
from collections.abc import Iterator

from croniter import croniter

from schemas.contract import FINGERPRINT, MAX_IDENTIFIER, RESERVED, Column, Contract
from schemas.formats import is_known_format

Refusal = tuple[str, str]

CLASSES = ("public", "internal", "personal", "specific-personal")
#: Room for `__l` and a load's number behind a dataset's name.
_LOAD_SUFFIX = 3 + 12
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")
#: Python and ECMAScript know these, PostgreSQL doesn't.
_NOT_IN_POSTGRES = re.compile(r"\(\?(P?<|[aiLmsux]+[:)])|\\[pPkZ]")


def refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the contract can't be used; none when it is fine."""
    yield from _identity(contract)
    yield from _names(contract)
    yield from _key(contract)
    yield from _schedule(contract)
    yield from _sync(contract)
    for column in contract.columns:
        for where, reason in _column(column):
            yield f"schema.{contract.name}.properties.{column.name}.{where}", reason


def _identity(contract: Contract) -> Iterator[Refusal]:
    parts = contract.id.split(".")
    if len(parts) != 2 or not all(_NAME.fullmatch(part) for part in parts):
        yield "id", f"{contract.id!r}: expected source.dataset in lower case letters, digits and _"
        return
    limit = MAX_IDENTIFIER - (_LOAD_SUFFIX if contract.kind == "source" else 2 + FINGERPRINT)
    if len(contract.table.encode()) > limit:
        yield (
            "id",
            f"{contract.table!r} leaves no room for its suffix in {MAX_IDENTIFIER} bytes; at most {limit}",
        )
    if contract.kind == "source" and contract.server is None:
        yield "servers", "is missing: say where the dataset is read"
    if "__" in contract.id:
        yield "id", "'__' separates source and dataset in table names; use single underscores"


def _names(contract: Contract) -> Iterator[Refusal]:
    for name in contract.names:
        where = f"schema.{contract.name}.properties.{name}"
        if not _NAME.fullmatch(name):
            yield where, "a name is lower case letters, digits and _"
        if len(name.encode()) > MAX_IDENTIFIER:
            yield where, f"is longer than {MAX_IDENTIFIER} bytes"
        if name in RESERVED:
            yield where, "is a name the hub uses itself"
        if contract.names.count(name) > 1:
            yield where, "stands more than once"
    for reference in contract.references:
        for name in set(reference.columns) - set(contract.names):
            yield f"schema.{contract.name}.relationships", f"names a column {name!r} that isn't there"
    for item in contract.read.filters:
        if item.column not in contract.names:
            yield "customProperties.read.filters", f"names a column {item.column!r} that isn't there"
        if item.pattern is not None and (reason := bad_pattern(item.pattern)):
            yield "customProperties.read.filters", reason


def _key(contract: Contract) -> Iterator[Refusal]:
    where = f"schema.{contract.name}"
    if not contract.key:
        yield where, "has no key: mark its columns with primaryKey"
    positions = [c.key_position for c in contract.columns if c.key_position is not None]
    if len(set(positions)) < len(positions):
        yield where, "two key columns have the same primaryKeyPosition"
    keys = set(contract.key)
    for column in contract.columns:
        if column.name in keys and column.pg_type in ("jsonb", "real", "double precision"):
            yield f"{where}.properties.{column.name}", f"a {column.logical_type} can't be a key"


def _schedule(contract: Contract) -> Iterator[Refusal]:
    if contract.schedule is not None and not croniter.is_valid(contract.schedule):
        yield "slaProperties.frequency.schedule", f"{contract.schedule!r} is not a cron expression"


def _sync(contract: Contract) -> Iterator[Refusal]:
    sync, where = contract.sync, "customProperties.sync"
    if sync.mode != "snapshot" and sync.watermark is None:
        yield f"{where}.watermark", f"is missing: mode {sync.mode} needs one"
    for field in ("watermark", "distribution_key"):
        name = getattr(sync, field)
        if name is not None and name not in contract.names:
            yield f"{where}.{field}", f"names a column {name!r} that isn't there"
    for name in set(contract.access.search_keys) - set(contract.names):
        yield "customProperties.access.searchKeys", f"names a column {name!r} that isn't there"
    if sync.watermark in contract.names:
        yield from _watermark(contract)


def _watermark(contract: Contract) -> Iterator[Refusal]:
    column = contract.column(contract.sync.watermark or "")
    lookback = contract.sync.lookback
    if column.logical_type not in ("integer", "date", "timestamp"):
        yield "customProperties.sync.watermark", f"a {column.logical_type} column can't be a watermark"
    elif lookback is not None:
        whole = column.logical_type == "integer"
        if not (re.fullmatch(r"\d+", lookback) if whole else _DURATION.fullmatch(lookback)):
            expected = "a whole number" if whole else "an ISO 8601 duration such as PT2H or P3D"
            yield "customProperties.sync.lookback", f"{lookback!r}: expected {expected}"


def _column(column: Column) -> Iterator[Refusal]:
    options = column.options
    if column.classification not in CLASSES:
        yield "classification", f"{column.classification!r}: expected one of {', '.join(CLASSES)}"
    if "pattern" in options and (reason := bad_pattern(options["pattern"])):
        yield "logicalTypeOptions.pattern", reason
    if column.logical_type in ("date", "timestamp", "time") and "format" in options:
        if not is_known_format(options["format"]):
            yield "logicalTypeOptions.format", f"{options['format']!r} is not a date format the hub reads"


def bad_pattern(pattern: str) -> str | None:
    """Why PostgreSQL can't use this regular expression, or None when it can."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"bad regular expression {pattern!r}: {error}"
    if found := _NOT_IN_POSTGRES.search(pattern):
        return f"bad regular expression {pattern!r}: PostgreSQL has no {found[0]!r}"
    return None
