"""Indices of competitiveness: the own city is in each, and ranks are among those ranked."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """Ranks within what was ranked, and the own city once in each index and year."""
    return [
        context.forbid(
            "ranks among those ranked",
            "warning",
            "b.rank > b.ranked_count",
            "no rank below the last of those ranked",
        ),
        no_rows(
            "own city in each index",
            "warning",
            "SELECT count(*) AS indices FROM (SELECT 1 FROM {batch} b GROUP BY b.index_code, b.index_year "
            "HAVING count(*) FILTER (WHERE b.is_own) <> 1) i HAVING count(*) > 0",
            "the own city once in each index and year",
        ),
    ]
