"""SIMDA: revenue as the agencies' treasurers hand it in. Receipts (TBP) are deposited together (STS)."""

from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

from demo.agencies import agencies, revenues
from demo.model import YEAR, YEARS, City, Row, Value, closed_months, stamp

RECEIPTS = "simda.receipts"
#: Who collects what: beginnings of account codes, the longest that fits counts.
_COLLECTORS = {
    "4.1.01": "Badan Pendapatan Daerah",
    "4.1.02.01.01": "Dinas Kesehatan",
    "4.1.02.01.02": "Dinas Lingkungan Hidup",
    "4.1.02.01.04": "Dinas Perhubungan",
    "4.1.02.01.05": "Dinas Koperasi, Usaha Mikro dan Perdagangan",
    "4.1.02.03": "Dinas Pekerjaan Umum dan Penataan Ruang",
    "4": "Badan Keuangan dan Aset Daerah",
}


def populate(city: City) -> None:
    """Two deposits a month and account since the first year, each of one or two receipts."""
    city.tables[RECEIPTS] = {}
    rng = city.rng("receipts")
    for year in YEARS:
        for month in closed_months(year):
            for account, name, size in revenues(year):
                total = int(size * 1_000_000 * rng.uniform(0.55, 1.2)) // 1000 * 1000
                for day, amount in ((rng.randrange(4, 15), total // 2), (rng.randrange(17, 28), total // 2)):
                    _deposit(city, rng, (account, name, amount), date(year, month, day))


def next_day(city: City) -> None:
    """Some accounts' money of today is deposited."""
    rng = city.rng("receipts")
    for account, name, size in rng.sample(revenues(YEAR), 6):
        _deposit(city, rng, (account, name, size * 40_000), city.today)


@cache
def collector(account: str) -> str:
    """Code of the agency that collects the revenue of an account."""
    fitting = max((start for start in _COLLECTORS if account.startswith(start)), key=len)
    return next(agency.code for agency in agencies() if agency.name == _COLLECTORS[fitting])


def _deposit(city: City, rng: Random, money: tuple[str, str, int], on: date) -> None:
    """Money is deposited on the day it is received, or on the next."""
    account, name, amount = money
    sts = _file(city, ("STS", account, f"Setoran {name}", amount), on, on)
    first = amount if rng.random() < 0.5 else amount * 3 // 5
    for part in (first, amount - first):
        if part:
            received = on - timedelta(days=rng.randrange(2))
            _file(city, ("TBP", account, f"Penerimaan {name}", part), received, on, sts)


def _file(
    city: City, document: tuple[str, str, str, int], on: date, deposited: date, sts: Value = None
) -> str:
    """File a document under the next number, which it gives; a receipt's row changes when it is deposited."""
    kind, account, text, amount = document
    number = f"{len(city.tables[RECEIPTS]) + 1:06}/{kind}/{on.year}"
    row: Row = {
        "no_bukti": number,
        "jenis": kind,
        "tgl_bukti": on.isoformat(),
        "no_sts": sts,
        "kd_skpd": collector(account),
        "kd_rekening": account,
        "uraian": text,
        "nilai": f"{amount}.00",
        "tgl_ubah": stamp(datetime.combine(deposited, time(13))),
    }
    city.tables[RECEIPTS][(number,)] = row
    return number
