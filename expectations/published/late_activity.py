"""Late sub-activities: all of them are, by plan and progress, and since no later than the reported month."""

from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Only late rows, each since a month of its year that is not after the reported one."""
    return [
        context.forbid(
            "only late ones",
            "critical",
            "b.physical_deviation_pct >= -5 "
            "OR b.physical_deviation_pct <> b.physical_pct - b.planned_physical_pct "
            "OR b.late_since_month_number NOT BETWEEN 1 AND b.month_number",
            "rows more than 5 points behind their plan, since a month up to the reported one",
        )
    ]
