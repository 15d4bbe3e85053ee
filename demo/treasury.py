"""SIMDA: the chain of payment. Funds are released (SPD), asked for (SPP), ordered (SPM), paid (SP2D)."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

from demo.agencies import agencies
from demo.budget import LINES
from demo.model import YEAR, YEARS, City, Row, days_between, stamp
from demo.names import full_name

SPD, SPP, SPM, SP2D = "simda.spd", "simda.spp", "simda.spm", "simda.sp2d"
#: Part of each budget line that is paid out by day 0, at most.
_PAID = 0.8
#: The last year of which the treasury wrote sub-activities with two digits at the end.
SHORT_CODES = 2023


def populate(city: City) -> None:
    """Pay out part of each year's budget, this year's until yesterday.

    One line of this year is overspent, one was never budgeted.
    """
    city.tables |= {SPD: {}, SPP: {}, SPM: {}, SP2D: {}}
    rng = city.rng("treasury")
    for year in YEARS:
        lines = _lines(city, year)
        _release_funds(city, lines, year)
        orders = [_advance(rng, row) for row in {row["id_skpd"]: row for row in lines}.values()]
        for line in lines:
            orders += _payments(city, rng, line)
        if year == YEAR:
            orders.append(_order(rng, lines[7], int(lines[7]["pagu"] or 0), date(YEAR, 8, 20)))
            never = lines[9] | {"kode_akun": "5.1.02.05.01.0001"}
            orders.append(_order(rng, never, 12_500_000, date(YEAR, 7, 2)))
        for row in sorted(orders, key=lambda row: str(row["tgl_sp2d"])):
            _issue(city, rng, row)


def next_day(city: City) -> None:
    """Today's orders, and corrections to some of earlier days."""
    rng, orders = city.rng("treasury"), city.tables[SP2D]
    for key in rng.sample(sorted(orders), 6):
        corrected: Row = {"uraian": f"{orders[key]['uraian']} (koreksi)"[:200], "tgl_ubah": city.at(11)}
        orders[key] = orders[key] | corrected
    for line in rng.sample(_lines(city, YEAR), 25):
        amount = max(int(line["pagu"] or 0) // 50, 100_000)
        _issue(city, rng, _order(rng, line, amount, city.today))


def _lines(city: City, year: int) -> list[Row]:
    """The year's active budget lines, in the order of their keys."""
    return [row for key, row in sorted(city.tables[LINES].items()) if key[0] == year and row["active"]]


def _release_funds(city: City, lines: list[Row], year: int) -> None:
    """A letter per agency and quarter that has begun, over a quarter of its budget."""
    budgets: dict[str, int] = defaultdict(int)
    for line in lines:
        budgets[str(line["kode_skpd"])] += int(line["pagu"] or 0)
    for quarter in range(1, 5):
        on = max(date(year, 3 * quarter - 2, 1), date(year, 1, 2))
        for agency in agencies() if on < city.today else ():
            number = spd_number(agency.code, on)
            city.tables[SPD][(number,)] = {
                "no_spd": number,
                "tgl_spd": on.isoformat(),
                "triwulan": quarter,
                "kd_skpd": agency.code,
                "uraian": f"Penyediaan dana triwulan {quarter} {agency.name}",
                "nilai": f"{max(budgets[agency.code] // 4, 1000)}.00",
                "tgl_ubah": stamp(datetime.combine(on, time(8))),
            }


def spd_number(skpd: str, day: date) -> str:
    """The letter that releases an agency's funds in the quarter of `day`."""
    return f"SPD-{4 * _places()[skpd] + (day.month + 2) // 3:05}/{day.year}"


@cache
def _places() -> dict[str, int]:
    return {agency.code: place for place, agency in enumerate(agencies())}


def _payments(city: City, rng: Random, line: Row) -> list[Row]:
    if rng.random() < 0.2:
        return []
    count = rng.randrange(1, 4)
    share = int(int(line["pagu"] or 0) * rng.uniform(0.3, _PAID) / count) // 1000 * 1000
    year = int(line["tahun_anggaran"] or 0)
    last = min(city.today - timedelta(days=1), date(year, 12, 31))
    return [
        _order(rng, line, max(share, 1000), days_between(rng, date(year, 1, 12), last)) for _ in range(count)
    ]


def _order(rng: Random, line: Row, amount: int, day: date) -> Row:
    """An order not yet numbered; the sub-activity in the form that the treasury writes that year."""
    kind = "LS" if amount > 50_000_000 else rng.choice(("GU", "GU", "TU", "LS"))
    payee = f"CV. {rng.choice(('KARYA', 'MITRA', 'BINA', 'CIPTA'))} {full_name(rng, False).split()[-1]}"
    code = f"{line['kode_sub_giat']}"
    return {
        "no_sp2d": "",
        "tgl_sp2d": day.isoformat(),
        "no_spm": "",
        "jenis": kind,
        "kd_skpd": line["kode_skpd"],
        "kd_sub_giat": code[:-4] + code[-2:] if day.year <= SHORT_CODES else code,
        "kd_rekening": line["kode_akun"],
        "uraian": f"Pembayaran {line['nama_akun']} - {line['nama_sub_giat']}"[:200],
        "nm_penerima": payee if kind == "LS" else f"BENDAHARA {full_name(rng, True)}",
        "nilai": f"{amount}.00",
        "tgl_ubah": stamp(datetime.combine(day, time(9 + rng.randrange(6), rng.randrange(60)))),
    }


def _advance(rng: Random, line: Row) -> Row:
    """The year's first cash advance (UP): to the agency, not yet to any sub-activity."""
    row = _order(rng, line, 40_000_000, date(int(line["tahun_anggaran"] or 0), 1, 8))
    advance: Row = {"jenis": "UP", "kd_sub_giat": None, "kd_rekening": None, "uraian": "Uang persediaan"}
    return row | advance


def _issue(city: City, rng: Random, row: Row) -> None:
    """Number an order, and file the request and the payment order that it answers.

    One request in ten asks for more than is ordered, for the verifier cuts it. Their rows change when the
    SP2D is issued.
    """
    paid_on = date.fromisoformat(str(row["tgl_sp2d"]))
    ordered_on = paid_on - timedelta(days=rng.randrange(1, 3))
    asked_on = ordered_on - timedelta(days=rng.randrange(1, 4))
    serial = f"{len(city.tables[SP2D]) + 1:05}/{row['jenis']}/{paid_on.year}"
    number = f"{serial[:5]}/SP2D{serial[5:]}"
    amount = int(float(str(row["nilai"])))
    asked = amount + max(amount // 20, 1000) if rng.random() < 0.1 else amount
    document: Row = {name: row[name] for name in ("jenis", "kd_skpd", "uraian", "nilai", "tgl_ubah")}
    city.tables[SP2D][(number,)] = row | {"no_sp2d": number, "no_spm": f"SPM-{serial}"}
    city.tables[SPM][(f"SPM-{serial}",)] = document | {
        "no_spm": f"SPM-{serial}",
        "tgl_spm": ordered_on.isoformat(),
        "no_spp": f"SPP-{serial}",
    }
    city.tables[SPP][(f"SPP-{serial}",)] = document | {
        "no_spp": f"SPP-{serial}",
        "tgl_spp": asked_on.isoformat(),
        "no_spd": spd_number(str(row["kd_skpd"]), asked_on),
        "kd_sub_giat": row["kd_sub_giat"],
        "kd_rekening": row["kd_rekening"],
        "nilai": f"{asked}.00",
    }
