"""Budget against disbursement: no rupiah of either may be lost or counted twice."""

from expectations.reconciling import BUDGET, PAYMENTS, total_is
from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Budget and disbursement add up to their sources' totals; what remains follows from both."""
    return [
        total_is(context, "budget is SIPD's", "pagu_amount", BUDGET),
        total_is(context, "disbursement is SIMDA's", "disbursed_amount", PAYMENTS),
        context.forbid(
            "remaining is budget less disbursement",
            "critical",
            "b.remaining_amount <> b.pagu_amount - b.disbursed_amount "
            "OR b.is_over_budget <> (b.disbursed_amount > b.pagu_amount)",
            "remaining_amount and is_over_budget to follow from pagu_amount and disbursed_amount",
        ),
    ]
