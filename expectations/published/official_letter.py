"""Letters signed digitally: each stands once, and a revoked permit has no letter that holds."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """As many letters as the source has; letters of revoked permits revoked."""
    relation = context.relation("tte.letters")
    return [
        no_rows(
            "all letters",
            "critical",
            "SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {batch} b) t CROSS JOIN "
            f"(SELECT count(*) AS source FROM {context.read('tte.letters')} s) f "
            "WHERE t.published <> f.source",
            "as many letters as tte.letters has",
            (relation,),
        ),
        _revoked(context),
    ]


def _revoked(context: RuleContext) -> Rule:
    query = (
        "SELECT count(*) AS letters FROM {batch} b "
        f"JOIN {context.read('perizinan.permits')} p ON b.permit_key = 'perizinan:' || p.permit_id "
        "WHERE p.permit_status_code = 'DICABUT' AND b.letter_status_code = 'SAH' HAVING count(*) > 0"
    )
    requires = (context.relation("perizinan.permits"),)
    return no_rows(
        "revoked with the permit", "warning", query, "no letter to hold whose permit is revoked", requires
    )
