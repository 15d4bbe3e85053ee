"""The `schema` section of a contract: columns, foreign keys and quality rules."""

from math import isfinite
from pathlib import Path
from typing import Any

from schemas.contract import Column, Quality, Reference
from schemas.errors import ContractError
from schemas.types import LOGICAL_TYPES, MOST_DIGITS, postgres_type, precision_and_scale
from schemas.wording import short

Described = dict[str, Any]

#: ODCS fields that would ask the hub for something it doesn't do: refused rather than ignored.
UNSUPPORTED = frozenset(
    {"encryptedName", "transformSourceObjects", "transformLogic", "partitioned", "partitionKeyPosition"}
    | {"properties", "items", "map"}
)
#: The same in a quality rule: each of them would change what the rule says.
UNSUPPORTED_IN_QUALITY = frozenset(
    {"unit", "arguments", "rule", "engine", "implementation", "scheduler", "schedule"}
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
#: Those that are said of one column, below which they stand.
_OF_A_COLUMN = ("nullValues", "missingValues", "invalidValues")


def columns_of(file: Path, dataset: Described) -> tuple[Column, ...]:
    """The dataset's columns in contract order; raises `ContractError` for a type the hub lacks."""
    described = dataset.get("properties") or []
    if not described:
        raise ContractError(file, f"schema.{dataset['name']}.properties", "is empty: name the columns")
    return tuple(_column(file, dataset["name"], item, n) for n, item in enumerate(described, 1))


def _column(file: Path, dataset: str, item: Described, number: int) -> Column:
    where = f"schema.{dataset}.properties.{item['name']}"
    _refuse_unsupported(file, where, item, UNSUPPORTED)
    if "primaryKeyPosition" in item and not item.get("primaryKey"):
        raise ContractError(file, f"{where}.primaryKeyPosition", "has no meaning without primaryKey: true")
    options = dict(item.get("logicalTypeOptions") or {})
    return Column(
        name=item["name"],
        source_name=str(item.get("physicalName", item["name"])),
        logical_type=item["logicalType"],
        pg_type=_pg_type(file, where, item, options),
        options=options,
        # A key column that may be empty is no key.
        required=bool(item.get("required") or item.get("primaryKey")),
        unique=bool(item.get("unique")),
        key_position=item.get("primaryKeyPosition", number) if item.get("primaryKey") else None,
        enum=_enum(file, where, item),
        classification=item.get("classification", "internal"),
        is_classified="classification" in item,
        business_name=item.get("businessName", ""),
        description=item.get("description", ""),
        tags=tuple(item.get("tags") or ()),
    )


def _refuse_unsupported(file: Path, where: str, item: Described, names: frozenset[str]) -> None:
    for name in sorted(names & item.keys()):
        raise ContractError(file, f"{where}.{name}", "is not something this hub does; take it out")


def _pg_type(file: Path, where: str, item: Described, options: Described) -> str:
    logical, physical = item["logicalType"], item.get("physicalType", "")
    if logical == "number" and physical.lower().lstrip().startswith(("decimal", "numeric")):
        declared = precision_and_scale(physical)
        if declared is None or not (1 <= declared[0] <= MOST_DIGITS and declared[1] <= declared[0]):
            raise ContractError(
                file, f"{where}.physicalType", f"{physical!r}: expected decimal(18,2) or such"
            )
    pg_type = postgres_type(logical, physical, options)
    if pg_type is None:
        known = ", ".join(LOGICAL_TYPES)
        raise ContractError(file, f"{where}.logicalType", f"{logical!r}: the hub stores {known}")
    return pg_type


def _enum(file: Path, where: str, item: Described) -> tuple[str, ...]:
    values = [entry["value"] for entry in item.get("enum") or ()]
    for value in values:
        # YAML reads 01 as the number 1, and no as false.
        if item["logicalType"] == "string" and not isinstance(value, str):
            raise ContractError(file, f"{where}.enum", f"{value!r} is no text: write it in quotes")
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in values)


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
    """Quality rules of the dataset and of its columns; raises for one that the hub can't judge."""
    where = f"schema.{dataset['name']}"
    rules = [_quality(file, where, item, None) for item in dataset.get("quality") or ()]
    for column in dataset.get("properties") or ():
        there = f"{where}.properties.{column['name']}"
        rules += [_quality(file, there, item, column["name"]) for item in column.get("quality") or ()]
    names = [rule.name for rule in rules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(file, f"{where}.quality.{name}", "stands more than once; give each rule a name")
    return tuple(rules)


def _quality(file: Path, where: str, item: Described, column: str | None) -> Quality:
    metric = "sql" if "query" in item else item.get("metric", "")
    where = f"{where}.quality.{item.get('name') or metric or '?'}"
    _refuse_unsupported(file, where, item, UNSUPPORTED_IN_QUALITY)
    if metric != "sql" and metric not in METRICS:
        raise ContractError(file, where, f"has no metric of {', '.join(METRICS)}, and no query")
    if metric in _OF_A_COLUMN and column is None:
        raise ContractError(file, where, f"{metric} belongs below the column it speaks of")
    severity = item.get("severity", "critical")
    if severity not in ("critical", "warning"):
        raise ContractError(file, where, f"severity {severity!r}: expected critical or warning")
    return Quality(
        name=item.get("name") or f"{column or 'table'} {metric}",
        metric=metric,
        severity=severity,
        bounds=_bounds(file, where, item),
        column=column,
        query=item.get("query"),
        description=item.get("description", ""),
    )


def _bounds(file: Path, where: str, item: Described) -> Described:
    bounds = {name: item[name] for name in OPERATORS if name in item}
    if len(bounds) != 1:
        raise ContractError(file, where, "expected exactly one of " + ", ".join(OPERATORS))
    (operator, value), *_ = bounds.items()
    values = value if isinstance(value, list) else [value]
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not isfinite(v) for v in values):
        raise ContractError(file, f"{where}.{operator}", f"{short(value)}: expected a number")
    if "Between" in operator and (len(values) != 2 or values[0] > values[1]):
        raise ContractError(file, f"{where}.{operator}", f"{value}: expected two numbers, the smaller first")
    if "Between" not in operator and isinstance(value, list):
        raise ContractError(file, f"{where}.{operator}", f"{short(value)}: expected one number")
    return bounds
