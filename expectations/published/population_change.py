"""Population change: no withheld count of a month follows from the city's."""

from expectations.rules import Rule, RuleContext
from expectations.withholding import left_alone, small_withheld

_COUNTS = ("birth_count", "death_count", "moved_in_count", "moved_out_count")


def rules(context: RuleContext) -> list[Rule]:
    """Small counts withheld; of each kind and month, none or several kelurahan are withheld."""
    kelurahan = "b.region_level_code = 'kelurahan'"
    return [
        small_withheld(context, _COUNTS),
        *(left_alone(f"kelurahan, {name}", name, "b.year, b.month_number", kelurahan) for name in _COUNTS),
    ]
