"""From plan to budget: each side adds up to its source, and the gap is what the sides say."""

from expectations.reconciling import BUDGET, INITIAL_BUDGET, KUA_PPAS, RKPD, total_is
from expectations.rules import Rule, RuleContext, within

_SIDES = (
    ("the plan is e-planning's", "indicative_pagu_amount", RKPD),
    ("ceilings are e-planning's", "ceiling_amount", KUA_PPAS),
    ("the original budget is SIPD's", "initial_pagu_amount", INITIAL_BUDGET),
    ("the budget is SIPD's", "pagu_amount", BUDGET),
)


def rules(context: RuleContext) -> list[Rule]:
    """All four totals; no gap where all sides are, one where a side is missing; gaps are few."""
    return [
        *(total_is(context, name, column, source) for name, column, source in _SIDES),
        context.forbid(
            "the gap follows from the sides",
            "critical",
            "(b.gap_code = 'none') <> (b.is_in_rkpd AND b.is_in_kua_ppas AND b.is_budgeted)",
            "a gap exactly where plan, ceiling or budget is missing",
        ),
        within("lines without a gap per cent", "warning", _WHOLE, (90, 100), 100),
    ]


_WHOLE = "round(100.0 * count(*) FILTER (WHERE b.gap_code = 'none') / nullif(count(*), 0), 2)"
