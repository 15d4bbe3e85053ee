"""Steps of licensing: each stands once, and days are counted one way only."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """As many steps as the source has, ends after beginnings, lateness that follows from the standard."""
    return [
        _all_steps(context),
        context.forbid(
            "ends after it begins",
            "warning",
            "b.finished_at < b.started_at",
            "no step to end before it begins",
        ),
        context.forbid(
            "lateness follows from the standard",
            "critical",
            "b.is_late IS DISTINCT FROM (b.office_days > b.standard_days) "
            "OR b.is_application_late IS DISTINCT FROM (b.application_days > b.application_standard_days)",
            "is_late to be true exactly where office days exceed the standard",
        ),
        context.forbid(
            "every step has a standard",
            "warning",
            "b.standard_days IS NULL",
            "a service standard for each step",
        ),
    ]


def _all_steps(context: RuleContext) -> Rule:
    query = (
        "SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {batch} b) t CROSS JOIN "
        f"(SELECT count(*) AS source FROM {context.read('perizinan.steps')} s "
        f"JOIN {context.read('perizinan.permits')} p ON p.permit_id = s.permit_id) f "
        "WHERE t.published <> f.source"
    )
    requires = (context.relation("perizinan.steps"), context.relation("perizinan.permits"))
    return no_rows("all steps", "critical", query, "as many steps as perizinan.steps has", requires)
