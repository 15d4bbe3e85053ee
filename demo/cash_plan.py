"""SIPD: the cash plan (RAK), exported by hand: what is to be spent on each sub-activity in each month."""

from collections import defaultdict

from demo.budget import LINES
from demo.model import YEARS, City, Row

CASH_PLAN = "sipd.cash_plan"
#: Parts of the year's budget planned for each month, in percent; the last month takes what rounding leaves.
_SHARES = (4, 6, 8, 9, 9, 9, 9, 9, 9, 9, 10, 9)


def populate(city: City) -> None:
    """Plan each year's budget as it is on day 0; later shifts of the budget are not planned again."""
    city.tables[CASH_PLAN] = {}
    for year in YEARS:
        for line, pagu in sorted(_ceilings(city, year).items()):
            amounts = [pagu * share // 100 // 1000 * 1000 for share in _SHARES[:-1]]
            for month, amount in enumerate((*amounts, pagu - sum(amounts)), 1):
                _plan(city, (year, month), line, amount)


def _ceilings(city: City, year: int) -> dict[tuple[str, str, str, str], int]:
    """Budget in force by agency and sub-activity, each with code and name."""
    found: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for key, row in city.tables[LINES].items():
        if key[0] == year and row["active"]:
            names = ("kode_skpd", "nama_skpd", "kode_sub_giat", "nama_sub_giat")
            code, name, sub, activity = (f"{row[column]}" for column in names)
            found[code, name, sub, activity] += int(row["pagu"] or 0)
    return found


def _plan(city: City, when: tuple[int, int], line: tuple[str, str, str, str], amount: int) -> None:
    (year, month), (code, name, sub, activity) = when, line
    row: Row = {
        "tahun_anggaran": year,
        "kode_skpd": code,
        "nama_skpd": name,
        "kode_sub_giat": sub,
        "nama_sub_giat": activity,
        "month_number": month,
        "planned_amount": amount,
    }
    city.tables[CASH_PLAN][(year, code, sub, month)] = row
