"""Cost per outcome: the sums are those of the whole budget and of all payments."""

from expectations.reconciling import BUDGET, PAYMENTS, total_is
from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Budget and payments are complete; no more indicators are achieved than measured."""
    return [
        total_is(context, "the budget is SIPD's", "pagu_amount", BUDGET),
        total_is(context, "payments are SIMDA's", "disbursed_amount", PAYMENTS),
        context.forbid(
            "counts of indicators fit",
            "critical",
            "b.achieved_count > b.measured_count OR b.measured_count > b.indicator_count",
            "achieved among measured, and measured among all indicators",
        ),
    ]
