"""Rules that small counts of people are withheld, and don't follow from totals."""

from collections.abc import Sequence

from expectations.rules import Rule, RuleContext, no_rows

#: Smaller counts are withheld.
SMALLEST_SHOWN = 5


def small_withheld(context: RuleContext, counts: Sequence[str]) -> Rule:
    """A critical rule that no count below 5 is shown, and that empty ones are marked in `is_suppressed`."""
    small = " OR ".join(f"b.{count} < {SMALLEST_SHOWN}" for count in counts)
    empty = " OR ".join(f"b.{count} IS NULL" for count in counts)
    return context.forbid(
        "small cells withheld",
        "critical",
        f"{small} OR b.is_suppressed <> ({empty})",
        f"no count below {SMALLEST_SHOWN} shown, and every empty count marked as withheld",
    )


def left_alone(line: str, count: str, by: str, counted: str) -> Rule:
    """A critical rule that where `count` is withheld, it is so twice or more in each line.

    `by` are the columns of `b` that make a line, `counted` the condition on rows that belong to one.
    """
    query = (
        f"SELECT count(*) AS lines FROM (SELECT 1 FROM {{batch}} b WHERE {counted} GROUP BY {by} "
        f"HAVING count(*) FILTER (WHERE b.{count} IS NULL) = 1) l HAVING count(*) > 0"
    )
    return no_rows(f"none alone: {line}", "critical", query, "no line in which one count alone is withheld")
