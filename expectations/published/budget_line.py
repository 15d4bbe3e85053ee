"""Budget lines: both versions whole, and each of SIPD's total."""

from expectations.reconciling import BUDGET, INITIAL_BUDGET, total_is
from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """Each version's total; every line in both versions."""
    return [
        total_is(
            context,
            "the original budget is SIPD's",
            "budget_amount",
            INITIAL_BUDGET,
            "b.version_code = 'murni'",
        ),
        total_is(
            context,
            "the budget is SIPD's",
            "budget_amount",
            BUDGET,
            "b.version_code = 'perubahan'",
        ),
        no_rows(
            "every line in both versions",
            "critical",
            "SELECT count(*) AS lines FROM (SELECT 1 FROM {batch} b GROUP BY b.budget_year, b.sbl_code, "
            "b.written_account_code HAVING count(DISTINCT b.version_code) <> 2) l HAVING count(*) > 0",
            "each line once as murni and once as perubahan",
        ),
    ]
