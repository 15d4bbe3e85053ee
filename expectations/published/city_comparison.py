"""Cities compared: our own is among them, ranks are whole, nothing is lost of what the ministry published."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """Our city once per account it budgets for; ranks within the number of cities; our total the source's."""
    return [
        no_rows(
            "our own city",
            "warning",
            "SELECT count(DISTINCT b.government_code) FILTER (WHERE b.is_own_city) AS own FROM {batch} b "
            "HAVING count(*) > 0 AND count(DISTINCT b.government_code) FILTER (WHERE b.is_own_city) <> 1",
            "exactly one city to be our own",
        ),
        context.forbid(
            "ranks within the cities",
            "critical",
            "b.rank_number > b.city_count",
            "no rank beyond the number of cities",
        ),
        _total(context),
    ]


def _total(context: RuleContext) -> Rule:
    query = (
        "SELECT t.published, s.source FROM (SELECT coalesce(sum(b.budget_amount), 0) AS published "
        "FROM {batch} b WHERE b.is_own_city) t CROSS JOIN "
        f"(SELECT coalesce(sum(s.budget_amount), 0) AS source FROM {context.read('djpk.budgets')} s "
        "WHERE s.government_code IN (SELECT b.government_code FROM {batch} b WHERE b.is_own_city)) s "
        "WHERE t.published <> s.source"
    )
    expected = "our city's total to be that of djpk.budgets"
    requires = (context.relation("djpk.budgets"),)
    return no_rows("our total is the source's", "critical", query, expected, requires)
