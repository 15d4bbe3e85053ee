"""From plan to budget: each side adds up to its source, and the gap is what the sides say."""

from expectations.reconciling import BUDGET, INITIAL_BUDGET, KUA_PPAS, RKPD, total_is
from expectations.rules import Rule, RuleContext

_SIDES = (
    ("the plan is e-planning's", "indicative_pagu_amount", RKPD),
    ("ceilings are e-planning's", "ceiling_amount", KUA_PPAS),
    ("the original budget is SIPD's", "initial_pagu_amount", INITIAL_BUDGET),
    ("the budget is SIPD's", "pagu_amount", BUDGET),
)

#: Name, what every line should have, and that in words.
_WANTED = (
    ("what is funded was planned", "is_in_rkpd", "a line of the RKPD for each ceiling and budget"),
    ("what is funded was agreed", "is_in_kua_ppas", "a ceiling of the KUA-PPAS for each plan and budget"),
    ("what was planned is funded", "is_budgeted", "a budget for each plan and ceiling"),
)


def rules(context: RuleContext) -> list[Rule]:
    """All four totals; a gap exactly where a side is missing, and a warning of each kind."""
    return [
        *(total_is(context, name, column, source) for name, column, source in _SIDES),
        context.forbid(
            "the gap follows from the sides",
            "critical",
            "(b.gap_code = 'none') <> (b.is_in_rkpd AND b.is_in_kua_ppas AND b.is_budgeted)",
            "a gap exactly where plan, ceiling or budget is missing",
        ),
        *(context.forbid(name, "warning", f"NOT b.{column}", expected) for name, column, expected in _WANTED),
    ]
