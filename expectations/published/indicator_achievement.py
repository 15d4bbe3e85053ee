"""Achievement of indicators: no text is lost, and what can't be read is said to be unreadable."""

from expectations.rules import Rule, RuleContext, no_rows, within


def rules(context: RuleContext) -> list[Rule]:
    """As many rows as were reported; a reported figure has a value, a reported grade a rank."""
    return [
        _complete(context),
        context.forbid(
            "what is reported can be read",
            "critical",
            "b.state_code = 'reported' AND (CASE WHEN b.kind_code = 'PREDIKAT' "
            "THEN b.realisation_rank IS NULL OR b.target_rank IS NULL "
            "ELSE b.realisation_value IS NULL OR b.target_value IS NULL END) "
            "OR (b.state_code = 'not_reported') <> (b.realisation_text IS NULL)",
            "a value or rank wherever the state is reported, and a text wherever it isn't not_reported",
        ),
        no_rows(
            "one latest period a year",
            "critical",
            "SELECT count(*) AS indicators FROM (SELECT 1 FROM {batch} b GROUP BY b.plan_year, "
            "b.indicator_code HAVING count(*) FILTER (WHERE b.is_latest) <> 1) i HAVING count(*) > 0",
            "exactly one latest period for each indicator and year",
        ),
        within("readable per cent", "warning", _READABLE, (98, 100), 100),
    ]


_READABLE = "round(100.0 * count(*) FILTER (WHERE b.state_code <> 'unreadable') / nullif(count(*), 0), 2)"


def _complete(context: RuleContext) -> Rule:
    query = (
        "SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {batch} b) t CROSS JOIN "
        f"(SELECT count(*) AS source FROM {context.read('esakip.achievements')} s) f "
        "WHERE t.published <> f.source"
    )
    expected = "as many rows as esakip.achievements has"
    requires = (context.relation("esakip.achievements"),)
    return no_rows("every report is listed", "critical", query, expected, requires)
