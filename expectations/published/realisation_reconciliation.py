"""Realisation by three books: each book's total kept, each difference listed."""

from expectations.reconciling import total_is
from expectations.rules import Rule, RuleContext, no_rows

_TREASURY = ("simda.lra", "realisation_amount", "true")
_ACCOUNTING = ("akuntansi.lra", "realisation_amount", "true")


def rules(context: RuleContext) -> list[Rule]:
    """Reports and documents complete, differences that follow; readers are told where books differ."""
    return [
        total_is(context, "the treasury's report is whole", "treasury_amount", _TREASURY),
        total_is(context, "the accounting's report is whole", "accounting_amount", _ACCOUNTING),
        _documents(context),
        context.forbid(
            "differences follow from the amounts",
            "critical",
            "b.treasury_difference_amount <> coalesce(b.treasury_amount, 0) - b.document_amount "
            "OR b.accounting_difference_amount <> coalesce(b.accounting_amount, 0) - b.document_amount "
            "OR (b.difference_code = 'none') <> "
            "(b.treasury_difference_amount = 0 AND b.accounting_difference_amount = 0)",
            "each difference to follow from the amounts, and none to go unlisted",
        ),
        context.forbid(
            "the treasury's report is the documents'",
            "warning",
            "b.treasury_difference_amount <> 0",
            "each line of the treasury's report to be the sum of its documents",
        ),
        context.forbid(
            "the accounting's report is the documents'",
            "warning",
            "b.accounting_difference_amount <> 0",
            "each line of the accounting's report to be the sum of its documents",
        ),
    ]


def _documents(context: RuleContext) -> Rule:
    """All documents up to the last month that any report of their year counts."""
    until = "SELECT b.budget_year, max(b.month_number) AS month_number FROM {batch} b GROUP BY b.budget_year"
    query = (
        "SELECT t.published, f.source FROM (SELECT coalesce(sum(b.document_amount), 0) AS published "
        f"FROM {{batch}} b JOIN ({until}) u USING (budget_year, month_number)) t CROSS JOIN "
        "(SELECT coalesce(sum(d.amount), 0) AS source FROM ("
        "SELECT s.sp2d_date AS day, s.sp2d_amount AS amount "
        f"FROM {context.read('simda.sp2d')} s WHERE s.sp2d_kind_code <> 'UP' UNION ALL "
        "SELECT s.receipt_date, s.receipt_amount "
        f"FROM {context.read('simda.receipts')} s WHERE s.receipt_kind_code = 'STS') d "
        f"JOIN ({until}) u ON date_part('year', d.day) = u.budget_year "
        "AND date_part('month', d.day) <= u.month_number) f WHERE t.published <> f.source"
    )
    expected = "document_amount to add up to SP2D without UP and STS, up to each year's last report"
    requires = (context.relation("simda.sp2d"), context.relation("simda.receipts"))
    return no_rows("documents are SIMDA's", "critical", query, expected, requires)
