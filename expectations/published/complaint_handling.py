"""Handling of complaints: all are there, and steps that can't be are found, few as they are."""

from expectations.rules import Rule, RuleContext, no_rows, within


def rules(context: RuleContext) -> list[Rule]:
    """Every complaint once; days only where the steps follow each other."""
    query = (
        "SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {batch} b) t CROSS JOIN "
        f"(SELECT count(*) AS source FROM {context.read('lapor.complaints')} s) f "
        "WHERE t.published <> f.source"
    )
    requires = (context.relation("lapor.complaints"),)
    expected = "as many rows as lapor.complaints has"
    return [
        no_rows("every complaint is listed", "critical", query, expected, requires),
        context.forbid(
            "days follow the steps",
            "critical",
            "b.forward_days < 0 OR b.answer_days < 0 OR b.close_days < 0 OR b.sequence_code <> 'fits' "
            "AND num_nonnulls(b.forward_days, b.answer_days, b.close_days) > 0",
            "no negative days, and none where the steps don't follow each other",
        ),
        within("steps in order per cent", "warning", _IN_ORDER, (95, 100), 100),
    ]


_IN_ORDER = "round(100.0 * count(*) FILTER (WHERE b.sequence_code = 'fits') / nullif(count(*), 0), 2)"
