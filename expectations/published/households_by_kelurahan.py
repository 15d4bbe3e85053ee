"""Households by kelurahan: every cell is there, and no withheld count follows from totals."""

from expectations.rules import Rule, RuleContext
from expectations.withholding import left_alone, small_withheld


def rules(context: RuleContext) -> list[Rule]:
    """Small counts withheld; in each kelurahan and each size, none or several are withheld."""
    sizes = "b.household_size_code <> 'all' AND b.region_level_code = 'kelurahan'"
    totals = "b.household_size_code = 'all' AND b.region_level_code = 'kelurahan'"
    return [
        small_withheld(context, ("household_count",)),
        left_alone("sizes of a kelurahan", "household_count", "b.region_code", sizes),
        left_alone("kelurahan of a size", "household_count", "b.household_size_code", sizes),
        left_alone("totals of kelurahan", "household_count", "b.household_size_code", totals),
    ]
