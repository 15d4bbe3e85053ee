"""From plan to result: every column of money adds up to its source."""

from expectations.reconciling import BUDGET, INITIAL_BUDGET, KUA_PPAS, PAYMENTS, RKPD, total_is
from expectations.rules import Rule, RuleContext

_MONEY = (
    ("the plan is e-planning's", "indicative_pagu_amount", RKPD),
    ("ceilings are e-planning's", "ceiling_amount", KUA_PPAS),
    ("the original budget is SIPD's", "initial_pagu_amount", INITIAL_BUDGET),
    ("the budget is SIPD's", "pagu_amount", BUDGET),
    ("payments are SIMDA's", "disbursed_amount", PAYMENTS),
)


def rules(context: RuleContext) -> list[Rule]:
    """All totals; an achievement only with an indicator, and an indicator only with an outcome."""
    return [
        *(total_is(context, name, column, source) for name, column, source in _MONEY),
        context.forbid(
            "achievements have an outcome",
            "critical",
            "b.indicator_code IS NOT NULL AND b.outcome_code IS NULL "
            "OR b.is_achieved IS NOT NULL AND b.realisation_text IS NULL",
            "no indicator without an outcome, and no judgement without a realisation",
        ),
    ]
