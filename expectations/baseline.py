"""The suite that every dataset and table gets from its contract alone.

Row rules run in SQL when a load is validated, and refuse rows one by one; these rules judge the load,
or the published table, as a whole. A published table has no row rules, so its columns are judged here.
"""

from statistics import median
from typing import Final

import great_expectations.expectations as gxe

from expectations import sql
from expectations.quality import invalid, quality_rules
from expectations.rules import Rule, RuleContext, Severity, no_rows
from schemas.contract import Contract, Reference

#: How far from the median of the loads before a load may lie before it is flagged.
VOLUME_BAND: Final = 0.25
#: Small datasets swing more: a difference of this many rows is never flagged.
VOLUME_SLACK: Final = 10


def baseline(context: RuleContext) -> list[Rule]:
    """The rules that follow from the contract of `context`, and from the volumes before.

    Raises `RuleError` for a `quality` entry that can't be judged.
    """
    rules = [_columns(context.contract), _types(context.contract), _not_empty()]
    rules += _unique(context.contract)
    rules += [_reference(context, reference) for reference in context.contract.references]
    rules += _volume(context)
    if context.contract.kind == "published":
        rules += _values(context) + _freshness(context)
    return rules + quality_rules(context)


def _columns(contract: Contract) -> Rule:
    names, expected = list(contract.names), f"the columns {', '.join(contract.names)}"
    expectation: gxe.Expectation = gxe.ExpectTableColumnsToMatchOrderedList(column_list=names)
    if contract.kind == "source":
        # Staging adds columns of its own.
        expectation = gxe.ExpectTableColumnsToMatchSet(column_set=names, exact_match=False)
    return Rule("columns", "critical", expected, expectation)


def _types(contract: Contract) -> Rule:
    rows = ", ".join(
        f"({sql.literal(c.name)}, pg_typeof(b.{sql.quoted(c.name)}), {sql.literal(c.pg_type)}::regtype)"
        for c in contract.columns
    )
    query = (
        "SELECT count(*) AS violations, array_agg(t.name) AS columns FROM (SELECT 1) one "
        "LEFT JOIN (SELECT * FROM {batch} r LIMIT 1) b ON true, "
        f"LATERAL (VALUES {rows}) t (name, found, expected) WHERE t.found <> t.expected HAVING count(*) > 0"
    )
    return no_rows("column types", "critical", query, "every column in the type its contract gives")


def _not_empty() -> Rule:
    expectation = gxe.ExpectTableRowCountToBeBetween(min_value=1)
    return Rule("not empty", "critical", "at least one row", expectation)


def _unique(contract: Contract) -> list[Rule]:
    alone: list[tuple[str, ...]] = [(column.name,) for column in contract.columns if column.unique]
    sets = [columns for columns in alone if columns != contract.key]
    if contract.kind == "published":
        # Of a load, repeated keys have been refused row by row before the gate.
        sets.insert(0, contract.key)
    return [
        no_rows(
            f"unique {', '.join(columns)}",
            "critical",
            sql.repeated(columns),
            f"each {', '.join(columns)} in one row only",
        )
        for columns in sets
        if columns
    ]


def _reference(context: RuleContext, reference: Reference) -> Rule:
    """Within a source a missing parent is critical; another agency's data is a finding, a warning."""
    contract = context.contract
    is_own = reference.dataset == contract.id
    within_source = reference.dataset.split(".")[0] == contract.id.split(".")[0]
    severity: Severity = "critical" if within_source else "warning"
    parent = "{batch}" if is_own else context.read(reference.dataset)
    pairs = list(zip(reference.columns, reference.target, strict=True))
    given = " AND ".join(f"b.{sql.quoted(column)} IS NOT NULL" for column in reference.columns)
    same = " AND ".join(f"p.{sql.quoted(t)} = b.{sql.quoted(c)}" for c, t in pairs)
    condition = f"{given} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same})"
    columns = ", ".join(reference.columns)
    return no_rows(
        f"{columns} in {reference.dataset}",
        severity,
        sql.offending(condition, context.has_row_numbers),
        f"each {columns} to be a {', '.join(reference.target)} of {reference.dataset}",
        () if is_own else (context.relation(reference.dataset),),
    )


def _volume(context: RuleContext) -> list[Rule]:
    if context.volume is None or not context.volume.counts:
        return []
    usual = median(context.volume.counts)
    slack = max(usual * VOLUME_BAND, VOLUME_SLACK)
    low, high = max(0, int(usual - slack)), int(usual + slack) + 1
    expectation = gxe.ExpectTableRowCountToBeBetween(min_value=low, max_value=high)
    expected = f"{low} to {high} rows, after {len(context.volume.counts)} loads of {usual:g} (median)"
    return [Rule("volume against history", "warning", expected, expectation)]


def _values(context: RuleContext) -> list[Rule]:
    rules = []
    for column in context.contract.columns:
        conditions = [f"b.{sql.quoted(column.name)} IS NULL"] if column.required else []
        conditions += invalid(column)
        if conditions:
            expected = f"every {column.name} to be {'given and ' if column.required else ''}valid"
            rules.append(
                context.forbid(f"{column.name} valid", "critical", " OR ".join(conditions), expected)
            )
    return rules


def _freshness(context: RuleContext) -> list[Rule]:
    """When the pinned loads were applied, held against the contract's latency.

    A dataset that promises less (a code list that comes once a month) is held to its own promise.
    """
    hours = context.contract.latency_hours
    read = [dataset for dataset in context.datasets if dataset.id in context.pins]
    if hours is None or not read:
        return []
    limits = ", ".join(
        f"({int(context.pins[dataset.id])}, {max(hours, dataset.latency_hours or 0):f})" for dataset in read
    )
    query = (
        "SELECT count(*) AS violations, array_agg(l.dataset ORDER BY l.dataset) AS datasets "
        f"FROM (VALUES {limits}) a (load_id, hours) JOIN ops.load l ON l.load_id = a.load_id "
        "WHERE l.finished_at < now() - make_interval(secs => (a.hours * 3600)::double precision) "
        "AND NOT EXISTS (SELECT 1 FROM {batch} b WHERE false) HAVING count(*) > 0"
    )
    expected = f"every dataset it reads synced within {hours:g} hours, or within its own latency if longer"
    return [no_rows("freshness", "warning", query, expected)]
