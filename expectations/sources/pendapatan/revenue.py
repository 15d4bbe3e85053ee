"""Local revenue: is every month there, and do the reported percentages follow from the amounts?"""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """No month missing up to the last reported one; percentages within a point of the amounts."""
    return [
        no_rows("months present", "critical", _MISSING_MONTHS, "each month from January to the last one"),
        context.forbid(
            "percentages follow from the amounts",
            "warning",
            "b.target_amount > 0 AND "
            "abs(b.realisation_pct - 100 * b.realisation_amount / b.target_amount) > 1",
            "realisation_pct to be realisation of target within one point",
        ),
    ]


_MISSING_MONTHS = (
    "SELECT count(*) AS missing_months, array_agg(m.budget_year * 100 + m.month ORDER BY 1) AS months "
    "FROM (SELECT y.budget_year, generate_series(1, y.last) AS month FROM "
    "(SELECT b.budget_year, max(b.month_number) AS last FROM {batch} b GROUP BY 1) y) m "
    "LEFT JOIN (SELECT DISTINCT budget_year, month_number FROM {batch} b) p "
    "ON p.budget_year = m.budget_year AND p.month_number = m.month "
    "WHERE p.month_number IS NULL HAVING count(*) > 0"
)
