"""Cash plan against payments: no rupiah of either lost, and a plan that adds up to the budget."""

from expectations.reconciling import BUDGET, PAYMENTS, total_is
from expectations.rules import Rule, RuleContext, no_rows

_PLAN = ("sipd.cash_plan", "planned_amount", "true")
_UNADJUSTED = (
    "SELECT count(*) AS violations FROM {batch} b "
    "WHERE b.month_number = 12 AND b.plan_difference_amount <> 0 HAVING count(*) > 0"
)


def rules(context: RuleContext) -> list[Rule]:
    """Totals of plan, payments and budget; sums that follow from the months; plan equal to budget."""
    return [
        total_is(context, "the plan is SIPD's", "planned_amount", _PLAN),
        total_is(context, "payments are SIMDA's", "paid_amount", PAYMENTS),
        total_is(context, "the budget is SIPD's", "pagu_amount", BUDGET, "b.month_number = 12"),
        context.forbid(
            "sums follow from the months",
            "critical",
            "b.difference_amount <> b.paid_amount - b.planned_amount "
            "OR b.cumulative_difference_amount <> b.cumulative_paid_amount - b.cumulative_planned_amount "
            "OR b.plan_difference_amount <> b.year_planned_amount - b.pagu_amount "
            "OR b.month_number = 12 AND b.cumulative_planned_amount <> b.year_planned_amount "
            "OR b.paid_amount <> 0 AND NOT b.has_begun",
            "differences and cumulative amounts to follow from the months, nothing paid in months to come",
        ),
        no_rows(
            "the plan is the budget",
            "warning",
            _UNADJUSTED,
            "the months of each sub-activity's cash plan to add up to its budget",
        ),
    ]
