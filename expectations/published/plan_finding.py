"""Findings in the plan: what stands there is a warning of its kind."""

from expectations.rules import Rule, RuleContext

#: Name of the rule, kind of finding, and what should be instead.
_KINDS = (
    ("nodes have a parent", "node_without_parent", "a parent of the level above for every node"),
    (
        "sub-activities have an outcome",
        "without_outcome",
        "an outcome of the agency in every line of the RKPD",
    ),
    ("outcomes are of the plan's years", "outcome_of_other_years", "outcomes of the Renstra in force"),
    ("programmes are in the Renstra", "programme_not_in_renstra", "every planned programme in the Renstra"),
    ("codes are listed", "code_not_listed", "sub-activity codes of an official list"),
    ("achievements can be read", "achievement_unreadable", "a figure, or a grade of a known scale"),
    ("indicators have an outcome", "indicator_without_outcome", "an outcome of the plan for every indicator"),
)


def rules(context: RuleContext) -> list[Rule]:
    """A warning for each kind of finding, with its number."""
    return [
        context.forbid(name, "warning", f"b.finding_code = '{kind}'", expected)
        for name, kind, expected in _KINDS
    ]
