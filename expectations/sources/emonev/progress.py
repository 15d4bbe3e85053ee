"""Monitoring reports: progress is cumulative, so it does not fall from month to month."""

from expectations.rules import Rule, RuleContext, no_rows

_FALLS = (
    "SELECT count(*) AS violations FROM (SELECT b.physical_pct - lag(b.physical_pct) OVER w AS physical, "
    "b.financial_pct - lag(b.financial_pct) OVER w AS financial FROM {batch} b WINDOW w AS "
    "(PARTITION BY b.budget_year, b.skpd_code, b.sub_activity_code ORDER BY b.month_number)) s "
    "WHERE s.physical < 0 OR s.financial < 0 HAVING count(*) > 0"
)


def rules(context: RuleContext) -> list[Rule]:
    """Neither physical nor financial progress may fall within a year."""
    expected = "progress up to a month to be at least that up to the month before"
    return [no_rows("progress does not fall", "warning", _FALLS, expected)]
