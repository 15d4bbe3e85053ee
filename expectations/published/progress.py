"""Physical and financial progress: the alarm follows from plan and progress."""

from expectations.rules import Rule, RuleContext

#: Points behind the plan from which a sub-activity is late.
_LIMIT = "(CASE WHEN b.planned_physical_pct > 70 THEN 5 ELSE 10 END)"
_BEHIND = "b.planned_physical_pct - b.physical_pct"


def rules(context: RuleContext) -> list[Rule]:
    """Late and critical where the limits say so, and nowhere else; nothing is known without a plan."""
    return [
        context.forbid(
            "the alarm follows from the limits",
            "critical",
            f"(b.alarm_code IN ('late', 'critical')) <> coalesce({_BEHIND} > {_LIMIT}, false) "
            f"OR (b.alarm_code = 'critical') <> coalesce({_BEHIND} > 2 * {_LIMIT}, false) "
            "OR (b.alarm_code = 'unknown') <> (b.planned_physical_pct IS NULL)",
            "alarm_code to follow from planned and reached physical progress",
        )
    ]
