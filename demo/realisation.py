"""Two reports of the budget's realisation (LRA): the treasury's table, the accounting's workbook.

Both count the same documents, each by itself: quarterly for closed years, monthly in the running one.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from demo.agencies import REVENUES_BEFORE_2024, agencies, revenues
from demo.budget import LINES
from demo.model import YEAR, YEARS, City, Row, closed_months
from demo.receipts import RECEIPTS, collector
from demo.treasury import SP2D

TREASURY_LRA, ACCOUNTING_LRA = "simda.lra", "akuntansi.lra"
#: The accounting kept an agency's code of before 2021 until it changed its books for 2024.
OLD_CODES = {"2.17.0.00.0.00.01.0000": "3.30.2.17.0.00.01.0000"}
_PBJT_FROM = 2024

#: Agency and account.
Line = tuple[str, str]


def populate(city: City) -> None:
    """Report every account with a budget or a realisation, up to each reported month."""
    city.tables |= {TREASURY_LRA: {}, ACCOUNTING_LRA: {}}
    booked = _booked(city)
    for year in YEARS:
        budgets = _budgets(city, year)
        lines = sorted(budgets.keys() | {line for (of, line) in booked if of == year})
        for month in reported_months(year):
            for line in lines:
                realised = sum(booked[year, line][: month + 1]) if (year, line) in booked else 0
                _report(city, (year, month), line, (*budgets.get(line, ("", 0)), realised))


def reported_months(year: int) -> list[int]:
    """The months up to which the reports of a year count."""
    return [month for month in closed_months(year) if year == YEAR or month % 3 == 0]


def _budgets(city: City, year: int) -> dict[Line, tuple[str, int]]:
    """Name and budget of each account of each agency: the ceilings in force, the revenue's yearly target."""
    found: dict[Line, tuple[str, int]] = {}
    for key, row in city.tables[LINES].items():
        if key[0] == year and row["active"]:
            line = (f"{row['kode_skpd']}", f"{row['kode_akun']}")
            found[line] = (f"{row['nama_akun']}", found.get(line, ("", 0))[1] + int(row["pagu"] or 0))
    for account, name, size in revenues(year):
        found[collector(account), account] = (name, size * 12_000_000)
    return found


def _booked(city: City) -> dict[tuple[int, Line], list[int]]:
    """What was paid and received, by year and line: a number a month, the first one not used."""
    found: dict[tuple[int, Line], list[int]] = defaultdict(lambda: [0] * 13)
    for day, row in _documents(city):
        line = (f"{row['kd_skpd']}", f"{row['kd_rekening']}")
        found[int(day[:4]), line][int(day[5:7])] += int(float(str(row["nilai"])))
    return dict(found)


def _documents(city: City) -> Iterator[tuple[str, Row]]:
    """Day and row of each SP2D that spends, and of each deposit."""
    for row in city.tables[SP2D].values():
        if row["jenis"] != "UP":
            yield f"{row['tgl_sp2d']}", row
    for row in city.tables[RECEIPTS].values():
        if row["jenis"] == "STS":
            yield f"{row['tgl_bukti']}", row


def _report(city: City, when: tuple[int, int], line: Line, said: tuple[str, int, int]) -> None:
    (year, month), (skpd, account), (name, budget, realised) = when, line, said
    city.tables[TREASURY_LRA][(year, month, skpd, account)] = {
        "tahun": year,
        "bulan": month,
        "kd_skpd": skpd,
        "kd_rekening": account,
        "nm_rekening": name,
        "anggaran": f"{budget}.00",
        "realisasi": f"{realised}.00",
    }
    skpd, account = restated(year, line)
    city.tables[ACCOUNTING_LRA][(year, month, skpd, account)] = {
        "Tahun": year,
        "Bulan": month,
        "Kode SKPD": skpd,
        "Nama SKPD": _names()[line[0]],
        "Kode Rekening": account,
        "Uraian": name,
        "Anggaran": budget,
        "Realisasi s.d. Bulan Ini (Rp)": realised,
        "Realisasi s.d. Bulan Ini (%)": round(realised * 100 / budget, 2) if budget else None,
    }


@cache
def _names() -> dict[str, str]:
    return {agency.code: agency.name for agency in agencies()}


@cache
def _accounts_of_today() -> dict[str, str]:
    return {old: code for code, (old, _) in REVENUES_BEFORE_2024.items()}


def restated(year: int, line: Line) -> Line:
    """The line in the accounting's words: old years' taxes under today's accounts, agencies by old codes."""
    skpd, account = line
    if year >= _PBJT_FROM:
        return line
    return OLD_CODES.get(skpd, skpd), _accounts_of_today().get(account, account)
