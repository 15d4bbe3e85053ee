"""Plan lines: nothing of the plan is lost, and the tree above each line is whole."""

from expectations.reconciling import RKPD, total_is
from expectations.rules import Rule, RuleContext, within

#: Below this number of lines shares say nothing.
_ENOUGH = 100
_ABOVE = ("city_outcome_code", "goal_code", "mission_code")


def rules(context: RuleContext) -> list[Rule]:
    """The plan's total; above an outcome stand city outcome, goal and mission; most lines have one."""
    missing = " OR ".join(f"b.{column} IS NULL" for column in _ABOVE)
    return [
        total_is(context, "the plan is e-planning's", "indicative_pagu_amount", RKPD),
        context.forbid(
            "the tree above an outcome is whole",
            "critical",
            f"b.has_outcome <> (b.outcome_code IS NOT NULL) OR b.has_outcome AND ({missing})",
            "every outcome to stand below a city outcome, a goal and a mission",
        ),
        within("lines with an outcome per cent", "warning", _share("b.has_outcome"), (90, 100), _ENOUGH),
        within(
            "lines with a listed code per cent", "warning", _share("b.is_code_listed"), (95, 100), _ENOUGH
        ),
        within("lines planned the year before per cent", "warning", _CONTINUED, (70, 100), _ENOUGH),
    ]


def _share(condition: str, among: str = "true") -> str:
    return (
        f"round(100.0 * count(*) FILTER (WHERE ({condition}) AND {among}) "
        f"/ nullif(count(*) FILTER (WHERE {among}), 0), 2)"
    )


#: Of all years but the first.
_CONTINUED = _share(
    "b.previous_indicative_pagu_amount IS NOT NULL",
    "b.plan_year > (SELECT min(f.plan_year) FROM {batch} f)",
)
