"""What doesn't fit between bills and payments: payments without a bill are those that no bill takes in."""

from expectations.rules import Rule, RuleContext, no_rows

#: What is paid on land and buildings, without the penalty.
_PAID = "s.paid_amount - s.penalty_amount"
_PAYMENTS, _BILLS = "sismiop.payments", "sismiop.bills"
_NOP = (
    "province_code",
    "regency_code",
    "district_code",
    "village_code",
    "block_number",
    "object_number",
    "object_kind_code",
    "tax_year",
)
_KINDS = (
    ("payment_without_bill", "every payment names a bill"),
    ("paid_twice", "no bill is paid twice"),
    ("overpaid", "no payment exceeds its bill"),
    ("bill_without_object", "every bill has an object"),
    ("transfer_without_object", "every transfer has an object"),
)


def rules(context: RuleContext) -> list[Rule]:
    """Differences that follow, payments without a bill complete; each kind is told to readers."""
    return [
        _lost_payments(context),
        context.forbid(
            "differences follow",
            "critical",
            "b.difference_amount <> b.paid_amount - b.billed_amount",
            "difference_amount to be what is paid less what is billed",
        ),
        *(
            context.forbid(name, "warning", f"b.finding_code = '{kind}'", f"no finding {kind}")
            for kind, name in _KINDS
        ),
    ]


def _lost_payments(context: RuleContext) -> Rule:
    same = " AND ".join(f"i.{column} = s.{column}" for column in _NOP)
    query = (
        "SELECT t.published, f.source FROM (SELECT coalesce(sum(b.paid_amount), 0) AS published "
        "FROM {batch} b WHERE b.finding_code = 'payment_without_bill') t CROSS JOIN "
        f"(SELECT coalesce(sum({_PAID}), 0) AS source FROM {context.read(_PAYMENTS)} s "
        f"WHERE NOT EXISTS (SELECT FROM {context.read(_BILLS)} i WHERE {same})) f "
        "WHERE t.published <> f.source"
    )
    expected = "payments without a bill to be those of SISMIOP, to the rupiah"
    requires = (context.relation(_PAYMENTS), context.relation(_BILLS))
    return no_rows("payments without a bill are complete", "critical", query, expected, requires)
