"""Permits: nothing of any system is lost, and who is no business is not named."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """As many rows per system as it has permits, no name of a person, dates in order."""
    return [
        _counted(context, "perizinan", "perizinan.permits", "count(*)"),
        _counted(context, "oss", "oss.projects", "count(DISTINCT s.nib)"),
        _counted(context, "siup", "siup.licences", "count(*)"),
        context.forbid(
            "persons are not named",
            "critical",
            "b.holder_kind_code = 'person' AND b.business_name IS NOT NULL",
            "no name where the holder is a person",
        ),
        context.forbid(
            "dates in order",
            "warning",
            "b.issued_date < b.applied_date AND b.system_code <> 'oss' OR b.valid_until_date < b.issued_date",
            "permits to be applied for, issued and ended in this order",
        ),
    ]


def _counted(context: RuleContext, system: str, dataset: str, count: str) -> Rule:
    query = (
        f"SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {{batch}} b "
        f"WHERE b.system_code = '{system}') t CROSS JOIN "
        f"(SELECT {count} AS source FROM {context.read(dataset)} s) f WHERE t.published <> f.source"
    )
    expected = f"as many permits of {system} as {dataset} has"
    return no_rows(f"all of {system}", "critical", query, expected, (context.relation(dataset),))
