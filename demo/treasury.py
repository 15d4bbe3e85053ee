"""SIMDA: the treasury's disbursement orders (SP2D)."""

from datetime import date, datetime, time, timedelta
from random import Random

from demo.budget import LINES
from demo.model import YEAR, YEARS, City, Row, days_between, stamp
from demo.names import full_name

SP2D = "simda.sp2d"
#: Part of each budget line that is paid out by day 0, at most.
_PAID = 0.8


def populate(city: City) -> None:
    """Pay out part of each year's budget, this year's until yesterday.

    One line of this year is overspent, one was never budgeted.
    """
    city.tables[SP2D] = {}
    rng = city.rng("treasury")
    for year in YEARS:
        lines = _lines(city, year)
        orders = [_advance(rng, row) for row in {row["id_skpd"]: row for row in lines}.values()]
        for line in lines:
            orders += _payments(city, rng, line)
        if year == YEAR:
            orders.append(_order(rng, lines[7], int(lines[7]["pagu"] or 0), date(YEAR, 8, 20)))
            never = lines[9] | {"kode_akun": "5.1.02.05.01.0001"}
            orders.append(_order(rng, never, 12_500_000, date(YEAR, 7, 2)))
        for row in sorted(orders, key=lambda row: str(row["tgl_sp2d"])):
            _number(city, row)


def next_day(city: City) -> None:
    """Today's orders, and corrections to some of earlier days."""
    rng, orders = city.rng("treasury"), city.tables[SP2D]
    for key in rng.sample(sorted(orders), 6):
        corrected: Row = {"uraian": f"{orders[key]['uraian']} (koreksi)"[:200], "tgl_ubah": city.at(11)}
        orders[key] = orders[key] | corrected
    for line in rng.sample(_lines(city, YEAR), 25):
        amount = max(int(line["pagu"] or 0) // 50, 100_000)
        _number(city, _order(rng, line, amount, city.today))


def _lines(city: City, year: int) -> list[Row]:
    """The year's active budget lines, in the order of their keys."""
    return [row for key, row in sorted(city.tables[LINES].items()) if key[0] == year and row["active"]]


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
    kind = "LS" if amount > 50_000_000 else rng.choice(("GU", "GU", "TU", "LS"))
    payee = f"CV. {rng.choice(('KARYA', 'MITRA', 'BINA', 'CIPTA'))} {full_name(rng, False).split()[-1]}"
    return {
        "no_sp2d": "",
        "tgl_sp2d": day.isoformat(),
        "no_spm": f"SPM-{rng.randrange(1, 99999):05}/{kind}/{day.year}",
        "jenis": kind,
        "kd_skpd": line["kode_skpd"],
        "kd_sub_giat": line["kode_sub_giat"],
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


def _number(city: City, row: Row) -> None:
    number = f"{len(city.tables[SP2D]) + 1:05}/SP2D/{row['jenis']}/{str(row['tgl_sp2d'])[:4]}"
    city.tables[SP2D][(number,)] = row | {"no_sp2d": number}
