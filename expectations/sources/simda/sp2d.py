"""Disbursement orders: are the amounts rupiah, and does the budget allow them?"""

from expectations.rules import Rule, RuleContext, no_rows, within


def rules(context: RuleContext) -> list[Rule]:
    """Mean amount in a plausible range; what is paid per year held against the budget's total."""
    return [
        within("mean amount (rupiah)", "critical", "round(avg(b.sp2d_amount))", (1e5, 1e11), 50),
        _within_budget(context),
    ]


def _within_budget(context: RuleContext) -> Rule:
    """Expenditure may not exceed the budget (UU 1/2004 art. 3); UP advances are no expenditure."""
    budget = context.read("sipd.budget_lines")
    query = (
        "SELECT count(*) AS years_over, max(paid.amount) AS paid_amount, max(pagu.amount) AS pagu_amount "
        "FROM (SELECT extract(year FROM b.sp2d_date) AS year, sum(b.sp2d_amount) AS amount "
        "FROM {batch} b WHERE b.sp2d_kind_code <> 'UP' GROUP BY 1) paid "
        f"JOIN (SELECT budget_year AS year, sum(pagu_amount) AS amount FROM {budget} l GROUP BY 1) pagu "
        "ON pagu.year = paid.year WHERE paid.amount > pagu.amount HAVING count(*) > 0"
    )
    expected = "no year's disbursements to exceed its budget"
    return no_rows(
        "paid within the budget", "warning", query, expected, (context.relation("sipd.budget_lines"),)
    )
