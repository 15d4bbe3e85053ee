"""Stages of innovations: nearly all are in order."""

from expectations.rules import Rule, RuleContext, within


def rules(context: RuleContext) -> list[Rule]:
    """A warning when many stages don't follow each other."""
    del context
    share = "round(100.0 * count(*) FILTER (WHERE b.is_in_order) / nullif(count(*), 0), 2)"
    return [within("stages in order per cent", "warning", share, (95, 100), 50)]
