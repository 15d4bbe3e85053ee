"""Declared facts against registers: what follows has a rule, and fines stay within the law's limit."""

from expectations.rules import Rule, RuleContext

#: The highest fine, in percent of its base.
_LIMIT = 500


def rules(context: RuleContext) -> list[Rule]:
    """Severity exactly where both differ by a rule, a legal basis for it, fines within the limit."""
    return [
        context.forbid(
            "severity follows from the outcome",
            "critical",
            "(b.outcome_code = 'differs') <> (b.severity_code IS NOT NULL) "
            "OR (b.outcome_code = 'agrees') <> (b.difference_pct = 0)",
            "a severity exactly where a rule speaks, and no difference where both agree",
        ),
        context.forbid(
            "every sanction has a legal basis",
            "critical",
            "b.sanction_name IS NOT NULL AND b.legal_basis_name IS NULL",
            "a regulation behind every sanction",
        ),
        context.forbid(
            "fines within the limit",
            "critical",
            f"b.fine_pct > {_LIMIT} OR b.fine_amount > b.fine_base_amount * {_LIMIT // 100}",
            f"fines of at most {_LIMIT} percent of their base",
        ),
        context.forbid(
            "where people live is withheld",
            "critical",
            "b.fact_code = 'domicile' AND (b.declared_text IS NOT NULL OR b.registered_text IS NOT NULL)",
            "the outcome alone of where an applicant lives",
        ),
    ]
