"""Objects of the land and building tax: all of them, with the value that SISMIOP has."""

from expectations.reconciling import total_is
from expectations.rules import Rule, RuleContext, no_rows, within

_OBJECTS = "sismiop.objects"


def rules(context: RuleContext) -> list[Rule]:
    """Every object once, its value SISMIOP's; states that follow from the amounts; places are known."""
    return [
        _all_objects(context),
        total_is(context, "land is SISMIOP's", "land_area", (_OBJECTS, "land_area", "true")),
        context.forbid(
            "states follow from the amounts",
            "critical",
            "(b.payment_state_code = 'not_billed') <> (b.last_tax_year IS NULL) "
            "OR (b.payment_state_code = 'paid') <> (coalesce(b.paid_amount >= b.billed_amount, false)) "
            "OR b.overdue_amount > b.outstanding_amount "
            "OR (b.open_year_count > 0) <> (b.outstanding_amount > 0)",
            "payment_state_code, open years and what is overdue to follow from bills and payments",
        ),
        within(
            "objects in a known kelurahan per cent",
            "warning",
            "round(100.0 * count(b.kecamatan_code) / nullif(count(*), 0), 2)",
            (99, 100),
            100,
        ),
    ]


def _all_objects(context: RuleContext) -> Rule:
    query = (
        "SELECT t.published, f.source FROM (SELECT count(*) AS published FROM {batch} b) t CROSS JOIN "
        f"(SELECT count(*) AS source FROM {context.read(_OBJECTS)} s) f WHERE t.published <> f.source"
    )
    expected = "as many objects as in sismiop.objects"
    return no_rows("objects are SISMIOP's", "critical", query, expected, (context.relation(_OBJECTS),))
