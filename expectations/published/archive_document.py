"""The archive: each document stands once, and what is digital can be checked."""

from expectations.rules import Rule, RuleContext, no_rows


def rules(context: RuleContext) -> list[Rule]:
    """As many documents as the source has; a hash for each digital one."""
    return [
        no_rows(
            "all documents",
            "critical",
            "SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {batch} b) t CROSS JOIN "
            f"(SELECT count(*) AS source FROM {context.read('arsip.documents')} s) f "
            "WHERE t.published <> f.source",
            "as many documents as arsip.documents has",
            (context.relation("arsip.documents"),),
        ),
        context.forbid(
            "a hash for what is digital",
            "warning",
            "b.medium_code = 'DIGITAL' AND b.document_hash IS NULL",
            "a hash for each digital document",
        ),
    ]
