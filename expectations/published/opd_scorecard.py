"""Scorecard of agencies: the city's budget and payments to the rupiah."""

from expectations.reconciling import BUDGET, PAYMENTS, total_is
from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Budget and payments add up to the sources'; no more is achieved than there is."""
    return [
        total_is(context, "budget is SIPD's", "pagu_amount", BUDGET),
        total_is(context, "payments are SIMDA's", "disbursed_amount", PAYMENTS),
        context.forbid(
            "no more achieved than there is",
            "critical",
            "b.achieved_count > b.indicator_count OR b.late_count > b.sub_activity_count",
            "no more indicators achieved, and no more sub-activities late, than there are",
        ),
    ]
