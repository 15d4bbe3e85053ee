"""Residents: does the population look like a city's, or like a broken extract?"""

from expectations.rules import Rule, RuleContext, within

#: Below this number of residents shares swing too much to be judged.
_ENOUGH = 500
_AGE = "extract(year FROM age(b.birth_date))"


def rules(context: RuleContext) -> list[Rule]:
    """Sex balance, share of children, and share of NIK first registered in the city (6171)."""
    return [
        within("women per cent", "critical", _share("b.sex_code = '2'"), (40, 60), _ENOUGH),
        within("women per cent as usual", "warning", _share("b.sex_code = '2'"), (47, 53), _ENOUGH),
        within("children per cent", "warning", _share(f"{_AGE} < 15"), (15, 35), _ENOUGH),
        within("nik of the city per cent", "warning", _share("b.nik LIKE '6171%'"), (50, 100), _ENOUGH),
    ]


def _share(condition: str) -> str:
    return f"round(100.0 * count(*) FILTER (WHERE {condition}) / nullif(count(*), 0), 2)"
