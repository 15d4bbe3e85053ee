"""Profile of kelurahan: each of them once, and no withheld number of residents left alone."""

from expectations.rules import Rule, RuleContext, no_rows
from expectations.withholding import left_alone

#: Kelurahan of Pontianak: Kepmendagri 300.2.2-2138/2025.
_KELURAHAN = 29


def rules(context: RuleContext) -> list[Rule]:
    """All kelurahan; none or several withheld."""
    del context
    return [
        no_rows(
            "all kelurahan",
            "critical",
            "SELECT count(*) AS kelurahan FROM {batch} b "
            f"HAVING count(DISTINCT b.kelurahan_code) <> {_KELURAHAN}",
            f"{_KELURAHAN} kelurahan",
        ),
        left_alone("residents of a kelurahan", "resident_count", "()", "true"),
    ]
