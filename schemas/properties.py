"""The `schema` section of a contract: columns, foreign keys and quality rules."""

from pathlib import Path
from typing import Any

from schemas.contract import Column, Quality, Reference
from schemas.errors import ContractError
from schemas.types import postgres_type

Described = dict[str, Any]

#: ODCS fields that would ask the hub for something it doesn't do: refused rather than ignored.
UNSUPPORTED = frozenset(
    "encryptedName transformSourceObjects transformLogic partitioned partitionKeyPosition properties items map".split()
)
#: The ODCS comparison operators of a quality rule.
OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
METRICS = ("rowCount", "nullValues", "missingValues", "invalidValues", "duplicateValues")


def columns_of(file: Path, dataset: Described) -> tuple[Column, ...]:
    """The dataset's columns in contract order; raises `ContractError` for a type the hub lacks."""
    described = dataset.get("properties") or []
    if not described:
        raise ContractError(file, f"schema.{dataset['name']}.properties", "is empty: name the columns")
    return tuple(_column(file, dataset["name"], item, n) for n, item in enumerate(described, 1))


def _column(file: Path, dataset: str, item: Described, number: int) -> Column:
    where = f"schema.{dataset}.properties.{item['name']}"
    for name in sorted(UNSUPPORTED & item.keys()):
        raise ContractError(file, f"{where}.{name}", "is not something this hub does; take it out")
    logical = item.get("logicalType", "")
    options = dict(item.get("logicalTypeOptions") or {})
    pg_type = postgres_type(logical, item.get("physicalType", ""), options)
    if pg_type is None:
        raise ContractError(file, f"{where}.logicalType", f"unknown type {logical!r}")
    position = item.get("primaryKeyPosition", number) if item.get("primaryKey") else None
    return Column(
        name=item["name"],
        source_name=str(item.get("physicalName", item["name"])),
        logical_type=logical,
        pg_type=pg_type,
        options=options,
        # A key column that may be empty is no key.
        required=bool(item.get("required") or item.get("primaryKey")),
        unique=bool(item.get("unique")),
        key_position=position,
        enum=tuple(_text(entry["value"]) for entry in item.get("enum") or ()),
        classification=item.get("classification", "internal"),
        business_name=item.get("businessName", ""),
        description=item.get("description", ""),
        tags=tuple(item.get("tags") or ()),
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def references_of(file: Path, identifier: str, dataset: Described) -> tuple[Reference, ...]:
    """Foreign keys, from single columns (`to`) and from the dataset (`from` and `to`, composite)."""
    found = []
    for item in dataset.get("properties") or ():
        for relation in item.get("relationships") or ():
            where = f"schema.{dataset['name']}.properties.{item['name']}.relationships"
            found.append(_reference(file, where, identifier, ([item["name"]], relation["to"])))
    for relation in dataset.get("relationships") or ():
        where = f"schema.{dataset['name']}.relationships"
        columns = [name.split(".")[-1] for name in _listed(relation["from"])]
        found.append(_reference(file, where, identifier, (columns, relation["to"])))
    return tuple(found)


def _reference(file: Path, where: str, identifier: str, pair: tuple[list[str], Any]) -> Reference:
    columns, targets = pair[0], [name.split(".") for name in _listed(pair[1])]
    if any(len(parts) not in (2, 3) for parts in targets) or len({tuple(p[:-1]) for p in targets}) != 1:
        raise ContractError(file, where, "expected source.dataset.column of one dataset")
    if len(targets) != len(columns):
        raise ContractError(file, where, f"{len(columns)} columns can't refer to {len(targets)}")
    owner = targets[0][:-1]
    source = owner[0] if len(owner) == 2 else identifier.split(".")[0]
    return Reference(tuple(columns), f"{source}.{owner[-1]}", tuple(parts[-1] for parts in targets))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def quality_of(file: Path, dataset: Described) -> tuple[Quality, ...]:
    """Quality rules of the dataset and of its columns; raises for a metric the hub doesn't know."""
    where = f"schema.{dataset['name']}"
    rules = [_quality(file, where, item, None) for item in dataset.get("quality") or ()]
    for column in dataset.get("properties") or ():
        there = f"{where}.properties.{column['name']}"
        rules += [_quality(file, there, item, column["name"]) for item in column.get("quality") or ()]
    return tuple(rules)


def _quality(file: Path, where: str, item: Described, column: str | None) -> Quality:
    metric = "sql" if "query" in item else item.get("metric", "")
    where = f"{where}.quality.{item.get('name') or metric or '?'}"
    if metric != "sql" and metric not in METRICS:
        raise ContractError(
            file, where, f"unknown metric {metric!r}; known: {', '.join(METRICS)}, or a query"
        )
    bounds = {name: item[name] for name in OPERATORS if name in item}
    if len(bounds) != 1:
        raise ContractError(file, where, "expected exactly one of " + ", ".join(OPERATORS))
    severity = item.get("severity", "critical")
    if severity not in ("critical", "warning"):
        raise ContractError(file, where, f"severity {severity!r}: expected critical or warning")
    return Quality(
        name=item.get("name") or f"{column or 'table'} {metric}",
        metric=metric,
        severity=severity,
        bounds=bounds,
        column=column,
        query=item.get("query"),
        description=item.get("description", ""),
    )
