"""Changes of the budget: both totals SIPD's, and the change what lies between."""

from expectations.reconciling import BUDGET, INITIAL_BUDGET, total_is
from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Both totals; the change and its kind follow from the two amounts."""
    return [
        total_is(context, "the original budget is SIPD's", "initial_pagu_amount", INITIAL_BUDGET),
        total_is(context, "the budget is SIPD's", "pagu_amount", BUDGET),
        context.forbid(
            "the change follows from the amounts",
            "critical",
            "b.budget_change_amount <> b.pagu_amount - b.initial_pagu_amount "
            "OR (b.change_code = 'unchanged') <> (b.pagu_amount = b.initial_pagu_amount)",
            "budget_change_amount and change_code to follow from both amounts",
        ),
    ]
