"""Rules that a published total is its source's: no rupiah lost, none counted twice."""

from expectations.rules import Rule, RuleContext, no_rows

#: Dataset, its amount, and which of its rows `s` count.
RKPD = ("planning.rkpd_lines", "indicative_pagu_amount", "true")
KUA_PPAS = ("planning.kua_ppas_lines", "ceiling_amount", "true")
INITIAL_BUDGET = ("sipd.budget_lines", "initial_pagu_amount", "s.is_active IS NOT FALSE")
BUDGET = ("sipd.budget_lines", "pagu_amount", "s.is_active IS NOT FALSE")
PAYMENTS = ("simda.sp2d", "sp2d_amount", "s.sp2d_kind_code <> 'UP'")


def total_is(
    context: RuleContext, name: str, column: str, source: tuple[str, str, str], counted: str = "true"
) -> Rule:
    """A critical rule that the sum of `column` is that of its source, to the rupiah.

    `source` is the dataset, its amount, and the condition on its rows `s` that count; `counted` is the
    condition on the rows `b` of the table.
    """
    dataset, amount, condition = source
    query = (
        "SELECT t.published, f.source FROM "
        f"(SELECT coalesce(sum(b.{column}), 0) AS published FROM {{batch}} b WHERE {counted}) t CROSS JOIN "
        f"(SELECT coalesce(sum(s.{amount}), 0) AS source FROM {context.read(dataset)} s WHERE {condition}) f "
        "WHERE t.published <> f.source"
    )
    expected = f"the sum of {column} to be that of {amount} in {dataset}"
    return no_rows(name, "critical", query, expected, (context.relation(dataset),))
