"""Budget against disbursement: no rupiah of either may be lost or counted twice."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """Budget and disbursement add up to their sources' totals; what remains follows from both."""
    return [
        _reconciles(
            context,
            "budget is SIPD's",
            "pagu_amount",
            ("sipd.budget_lines", "pagu_amount", "s.is_active IS NOT FALSE"),
        ),
        _reconciles(
            context,
            "disbursement is SIMDA's",
            "disbursed_amount",
            ("simda.sp2d", "sp2d_amount", "s.sp2d_kind_code <> 'UP'"),
        ),
        context.forbid(
            "remaining is budget less disbursement",
            "critical",
            "b.remaining_amount <> b.pagu_amount - b.disbursed_amount "
            "OR b.is_over_budget <> (b.disbursed_amount > b.pagu_amount)",
            "remaining_amount and is_over_budget to follow from pagu_amount and disbursed_amount",
        ),
    ]


def _reconciles(context: RuleContext, name: str, column: str, source: tuple[str, str, str]) -> Rule:
    """`source` is the dataset, its amount, and the condition on its rows `s` that count."""
    dataset, amount, counted = source
    query = (
        "SELECT t.published, f.source FROM "
        f"(SELECT coalesce(sum(b.{column}), 0) AS published FROM {{batch}} b) t CROSS JOIN "
        f"(SELECT coalesce(sum(s.{amount}), 0) AS source FROM {context.read(dataset)} s WHERE {counted}) f "
        "WHERE t.published <> f.source"
    )
    expected = f"the sum of {column} to be that of {amount} in {dataset}"
    return no_rows(name, "critical", query, expected, (context.relation(dataset),))
