"""Residents by kelurahan: complete, reconciled with the register, and nobody recognisable."""

from expectations.rules import Rule, RuleContext, no_rows

#: Kelurahan of Pontianak: Kepmendagri 300.2.2-2138/2025.
_KELURAHAN = 29
#: Smaller cells are withheld.
_SMALLEST_SHOWN = 5


def rules(context: RuleContext) -> list[Rule]:
    """All kelurahan, small cells withheld, and the register's total within what withheld cells hide."""
    return [
        no_rows(
            "all kelurahan",
            "critical",
            "SELECT count(DISTINCT b.kelurahan_code) AS kelurahan FROM {batch} b "
            f"HAVING count(DISTINCT b.kelurahan_code) <> {_KELURAHAN}",
            f"{_KELURAHAN} kelurahan",
        ),
        context.forbid(
            "small cells withheld",
            "critical",
            f"b.resident_count BETWEEN 1 AND {_SMALLEST_SHOWN - 1} "
            "OR b.is_suppressed = (b.resident_count IS NOT NULL)",
            f"no count below {_SMALLEST_SHOWN} shown, and every empty count marked as withheld",
        ),
        _total(context),
    ]


def _total(context: RuleContext) -> Rule:
    """What is shown and what withheld cells may hide has to enclose the number of residents.

    A withheld cell has at most 4 residents or as many as the smallest that its kelurahan shows.
    """
    hidden = (
        f"count(*) FILTER (WHERE b.is_suppressed) * greatest({_SMALLEST_SHOWN - 1}, min(b.resident_count))"
    )
    query = (
        "SELECT t.shown, t.hidden, r.residents FROM (SELECT sum(k.shown)::bigint AS shown, "
        "sum(k.hidden)::bigint AS hidden FROM (SELECT coalesce(sum(b.resident_count), 0) AS shown, "
        f"{hidden} AS hidden FROM {{batch}} b GROUP BY b.kelurahan_code) k) t "
        f"CROSS JOIN (SELECT count(*) AS residents FROM {context.read('siak.residents')} s) r "
        "WHERE r.residents NOT BETWEEN t.shown AND t.shown + t.hidden"
    )
    expected = "the residents of the register, apart from what withheld cells hide"
    requires = (context.relation("siak.residents"),)
    return no_rows("total is the register's", "critical", query, expected, requires)
