"""The chain of payment: no SP2D lost, findings as they follow from the documents, told to users."""

from expectations.reconciling import total_is
from expectations.rules import Rule, RuleContext

_ORDERS = ("simda.sp2d", "sp2d_amount", "true")


def rules(context: RuleContext) -> list[Rule]:
    """The total is SIMDA's and the marks follow from the columns; what doesn't fit is told, not hidden."""
    return [
        total_is(context, "payments are SIMDA's", "sp2d_amount", _ORDERS),
        context.forbid(
            "findings follow from the documents",
            "critical",
            "b.is_spm_over_spp <> coalesce(b.spm_amount > b.spp_amount, false) "
            "OR b.is_sp2d_over_spm <> coalesce(b.sp2d_amount > b.spm_amount, false) "
            "OR b.is_over_budget <> coalesce(b.line_paid_amount > coalesce(b.pagu_amount, 0), false) "
            "OR (b.chain_code = 'complete') <> (num_nonnulls(b.spd_date, b.spp_date, b.spm_date) = 3)",
            "the marks of an SP2D to follow from its amounts and documents",
        ),
        _warned(
            context, "every document is held", "b.chain_code <> 'complete'", "SPM, SPP and SPD of each SP2D"
        ),
        _warned(context, "SPM within SPP", "b.is_spm_over_spp", "no SPM above its SPP"),
        _warned(context, "SP2D within SPM", "b.is_sp2d_over_spm", "no SP2D above its SPM"),
        _warned(
            context,
            "dates in order",
            "b.is_out_of_order",
            "SPD, SPP, SPM and SP2D in the order of their days",
        ),
        # Expenditure needs a budget line that suffices: UU 1/2004 art. 3.
        _warned(
            context, "SP2D within the budget", "b.is_over_budget", "no more paid from a line than its ceiling"
        ),
    ]


def _warned(context: RuleContext, name: str, condition: str, expected: str) -> Rule:
    return context.forbid(name, "warning", condition, expected)
