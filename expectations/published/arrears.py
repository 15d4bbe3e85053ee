"""Arrears: sums that are the sources', debts that follow, and nobody recognisable."""

from expectations.rules import Rule, RuleContext, no_rows

#: Groups with fewer taxpayers are taken together.
_FEWEST = 5
_REGISTERS = ("sismiop.bills", "bphtb.transactions", "pajak.assessments")
_AGES = (
    "overdue_under_1_year_amount",
    "overdue_1_to_2_years_amount",
    "overdue_2_to_5_years_amount",
    "overdue_over_5_years_amount",
)


def rules(context: RuleContext) -> list[Rule]:
    """Bills complete, arrears billed less paid, ages that add up, no small group; what is paid too much."""
    return [
        _billed(context),
        context.forbid(
            "arrears are billed less paid",
            "critical",
            "b.outstanding_amount <> b.billed_amount - b.paid_amount + b.overpaid_amount",
            "outstanding_amount to be what is billed, less what is paid on it up to its bill",
        ),
        context.forbid(
            "ages add up",
            "critical",
            "b.outstanding_amount <> b.not_due_amount + b.overdue_amount "
            f"OR b.overdue_amount <> {' + '.join(f'b.{age}' for age in _AGES)}",
            "not_due_amount and overdue_amount to make the outstanding amount, and its ages the overdue one",
        ),
        context.forbid(
            "no small group",
            "critical",
            f"b.taxpayer_count < {_FEWEST} OR b.overdue_taxpayer_count BETWEEN 1 AND {_FEWEST - 1}",
            f"groups of {_FEWEST} taxpayers or more, and no smaller count of those in arrears",
        ),
        context.forbid(
            "payments do not exceed bills",
            "warning",
            "b.overpaid_amount > 0",
            "no more paid than billed; tax_finding lists the bills",
        ),
    ]


def _billed(context: RuleContext) -> Rule:
    parts = " UNION ALL ".join(
        f"SELECT sum(s.billed_amount) AS amount FROM {context.read(register)} s" for register in _REGISTERS
    )
    query = (
        "SELECT t.published, f.source FROM "
        "(SELECT coalesce(sum(b.billed_amount), 0) AS published FROM {batch} b) t CROSS JOIN "
        f"(SELECT coalesce(sum(p.amount), 0) AS source FROM ({parts}) p) f WHERE t.published <> f.source"
    )
    expected = "billed_amount to add up to the bills of SISMIOP, BPHTB and declared taxes"
    requires = tuple(context.relation(register) for register in _REGISTERS)
    return no_rows("bills are the registers'", "critical", query, expected, requires)
