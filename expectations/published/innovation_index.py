"""Innovation index: classes follow from the scores, and no point is lost."""

from expectations.reconciling import total_is
from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Scores are the source's; 36 indicators at most; a class wherever all are judged."""
    return [
        total_is(
            context,
            "points are the source's",
            "score",
            ("inovasi.scores", "score", "true"),
            "b.level_code = 'inovasi'",
        ),
        context.forbid(
            "classes follow from scores",
            "critical",
            "b.level_code = 'inovasi' AND (b.indicator_count > 36 "
            "OR b.is_complete <> (b.indicator_count = 36) OR b.is_complete <> (b.class_code IS NOT NULL)) "
            "OR (b.class_code = 'very_innovative') <> (b.score > 60) "
            "OR (b.class_code = 'less_innovative') <> (b.score < 35)",
            "a class wherever all 36 indicators are judged: above 60, from 35, or below",
        ),
    ]
