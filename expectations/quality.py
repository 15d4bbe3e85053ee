"""Rules from the `quality` entries of a contract (ODCS v3.2 library metrics and SQL)."""

import re
from typing import Any

import great_expectations.expectations as gxe

from expectations import sql
from expectations.errors import RuleError
from expectations.rules import Rule, RuleContext, Severity, no_rows
from schemas.contract import Column, Quality

_COMPARISON = {
    "mustBe": "v.value = {0}",
    "mustNotBe": "v.value <> {0}",
    "mustBeGreaterThan": "v.value > {0}",
    "mustBeGreaterOrEqualTo": "v.value >= {0}",
    "mustBeLessThan": "v.value < {0}",
    "mustBeLessOrEqualTo": "v.value <= {0}",
    "mustBeBetween": "v.value BETWEEN {0} AND {1}",
    "mustNotBeBetween": "v.value NOT BETWEEN {0} AND {1}",
}
_WORDS = {
    "mustBe": "{0}",
    "mustNotBe": "anything but {0}",
    "mustBeGreaterThan": "more than {0}",
    "mustBeGreaterOrEqualTo": "at least {0}",
    "mustBeLessThan": "less than {0}",
    "mustBeLessOrEqualTo": "at most {0}",
    "mustBeBetween": "between {0} and {1}",
    "mustNotBeBetween": "anything but {0} to {1}",
}
#: When a value breaks a limit of `logicalTypeOptions`.
_LIMITS = {"minimum": "<", "exclusiveMinimum": "<=", "maximum": ">", "exclusiveMaximum": ">="}
_LENGTHS = {"minLength": "<", "maxLength": ">"}
#: ODCS writes the table and column of an SQL rule as placeholders.
_OBJECT = re.compile(r"\$?\{(?:object|table)\}")
_PROPERTY = re.compile(r"\$?\{(?:property|column)\}")


def quality_rules(context: RuleContext) -> list[Rule]:
    """One rule for each `quality` entry of the contract.

    Raises `RuleError` for an entry that needs a column, or a key, and has none.
    """
    return [_rule(context, quality) for quality in context.contract.quality]


def _rule(context: RuleContext, quality: Quality) -> Rule:
    severity: Severity = "critical" if quality.severity == "critical" else "warning"
    expected = f"{quality.description or quality.metric} to be {_words(quality.bounds)}"
    typed = _typed(quality)
    if typed is not None:
        return Rule(quality.name, severity, expected, typed)
    query = sql.outside(_value(context, quality), _comparison(quality.bounds))
    if quality.metric == "sql":
        query = _scalar(context, quality)
    return no_rows(quality.name, severity, query, expected)


def _typed(quality: Quality) -> gxe.Expectation | None:
    """GX's own class for the entry, where it has one that costs no more than our SQL."""
    if quality.metric != "rowCount":
        return None
    (operator, value), *_ = quality.bounds.items()
    bounds: dict[str, dict[str, Any]] = {
        "mustBe": {"min_value": value, "max_value": value},
        "mustBeGreaterThan": {"min_value": value, "strict_min": True},
        "mustBeGreaterOrEqualTo": {"min_value": value},
        "mustBeLessThan": {"max_value": value, "strict_max": True},
        "mustBeLessOrEqualTo": {"max_value": value},
    }
    if operator == "mustBeBetween":
        return gxe.ExpectTableRowCountToBeBetween(min_value=value[0], max_value=value[1])
    return gxe.ExpectTableRowCountToBeBetween(**bounds[operator]) if operator in bounds else None


def _value(context: RuleContext, quality: Quality) -> str:
    """The metric as an aggregate over the batch."""
    if quality.metric == "rowCount" or quality.metric == "sql":
        return "count(*)"
    if quality.metric == "duplicateValues":
        return _duplicates(context, quality)
    column = _column(context, quality)
    name = f"b.{sql.quoted(column.name)}"
    if quality.metric == "nullValues":
        return f"count(*) FILTER (WHERE {name} IS NULL)"
    if quality.metric == "missingValues":
        return f"count(*) FILTER (WHERE {name} IS NULL OR btrim({name}::text) = '')"
    return f"count(*) FILTER (WHERE {' OR '.join(invalid(column)) or 'false'})"


def _duplicates(context: RuleContext, quality: Quality) -> str:
    columns = (quality.column,) if quality.column else context.contract.key
    if not columns:
        raise RuleError(f"{context.contract.id}: quality {quality.name!r}: name a column, or give a key")
    names = ", ".join(f"b.{sql.quoted(column)}" for column in columns)
    return f"count(*) FILTER (WHERE ({names}) IS NOT NULL) - count(DISTINCT ({names})) " + (
        f"FILTER (WHERE ({names}) IS NOT NULL)"
    )


def invalid(column: Column) -> list[str]:
    """The conditions under which a value of `column` breaks what its contract says about values."""
    name, options = f"b.{sql.quoted(column.name)}", column.options
    conditions = []
    if column.enum:
        conditions.append(f"{name}::text NOT IN ({sql.literals(column.enum)})")
    if "pattern" in options:
        conditions.append(f"{name}::text !~ {sql.literal(options['pattern'])}")
    for option, operator in _LIMITS.items():
        if option in options:
            conditions.append(f"{name} {operator} {sql.literal(options[option])}")
    for option, operator in _LENGTHS.items():
        if option in options:
            conditions.append(f"char_length({name}::text) {operator} {sql.literal(options[option])}")
    return conditions


def _scalar(context: RuleContext, quality: Quality) -> str:
    """The contract's own query, which gives one number, held against the entry's bounds."""
    query = (quality.query or "").strip().rstrip("; \n\t")
    pieces = [sql.escaped(piece) for piece in _OBJECT.split(query)]
    filled = "{batch}".join(pieces)
    if quality.column:
        column = sql.quoted(quality.column)
        filled = re.sub(r"\$?\{\{(?:property|column)\}\}", lambda _: column, filled)
    # GX complains on standard output about a query that doesn't name the batch.
    unused = "" if len(pieces) > 1 else " AND NOT EXISTS (SELECT 1 FROM {batch} b WHERE false)"
    return (
        f"SELECT v.value FROM ({filled}) v (value) WHERE ({_comparison(quality.bounds)}) IS NOT TRUE{unused}"
    )


def _column(context: RuleContext, quality: Quality) -> Column:
    if quality.column is None:
        raise RuleError(
            f"{context.contract.id}: quality {quality.name!r}: {quality.metric} belongs to a column; "
            "move it below the property it speaks of"
        )
    return context.contract.column(quality.column)


def _values(bounds: dict[str, Any]) -> tuple[str, list[Any]]:
    (operator, value), *_ = bounds.items()
    return operator, list(value) if isinstance(value, list | tuple) else [value]


def _comparison(bounds: dict[str, Any]) -> str:
    operator, values = _values(bounds)
    return _COMPARISON[operator].format(*[sql.literal(value) for value in values])


def _words(bounds: dict[str, Any]) -> str:
    operator, values = _values(bounds)
    return _WORDS[operator].format(*values)
