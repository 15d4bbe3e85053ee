"""Receipts and deposits: every document counted once, and what users must know of them."""

from expectations.reconciling import total_is
from expectations.rules import Rule, RuleContext

_DEPOSITS = ("simda.receipts", "receipt_amount", "s.receipt_kind_code = 'STS'")
_RECEIPTS = ("simda.receipts", "receipt_amount", "s.receipt_kind_code = 'TBP'")


def rules(context: RuleContext) -> list[Rule]:
    """Totals of both kinds; deposits that are their receipts, on time."""
    return [
        total_is(context, "deposits are SIMDA's", "sts_amount", _DEPOSITS),
        total_is(context, "receipts are SIMDA's", "tbp_amount", _RECEIPTS),
        context.forbid(
            "differences follow from the documents",
            "critical",
            "b.difference_amount <> b.sts_amount - b.tbp_amount OR b.is_deposited <> (b.sts_amount > 0)",
            "difference_amount and is_deposited to follow from what was received and deposited",
        ),
        context.forbid(
            "every receipt is deposited",
            "warning",
            "NOT b.is_deposited",
            "a deposit (STS) of each receipt (TBP)",
        ),
        context.forbid(
            "deposits are their receipts",
            "warning",
            "b.is_deposited AND b.difference_amount <> 0",
            "each deposit to be the sum of its receipts",
        ),
        # PP 12/2019: revenue is deposited on the next working day at the latest.
        context.forbid("deposits in time", "warning", "b.is_late", "money deposited within a working day"),
    ]
