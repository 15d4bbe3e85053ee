"""What the public may ask of a permit: genuine ones only, and nobody recognisable by name."""

from expectations.rules import Rule, RuleContext


def rules(context: RuleContext) -> list[Rule]:
    """Companies by name, anybody else by initials; no number as long as a NIK."""
    return [
        context.forbid(
            "initials of who is no company",
            "critical",
            "b.holder_shown !~* '^(PT|CV|KOPERASI|YAYASAN|PERUM)\\M' "
            "AND b.holder_shown ~ repeat('[[:alpha:]]', 2)",
            "no name but that of a company",
        ),
        context.forbid(
            "no NIK in a number",
            "critical",
            "b.permit_number ~ repeat('[0-9]', 16) OR b.holder_shown ~ repeat('[0-9]', 16)",
            "no number as long as a NIK",
        ),
        context.forbid(
            "expired means past its last day",
            "warning",
            "b.permit_status_code = 'expired' AND b.valid_until_date IS NULL",
            "a last day of validity for every expired permit",
        ),
    ]
