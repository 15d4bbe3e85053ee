"""Taxes that taxpayers declare: transfers of land (BPHTB), and what businesses declare month by month."""

from datetime import date, timedelta
from random import Random

from demo.agencies import REVENUES_BEFORE_2024
from demo.licensing import PERMITS
from demo.model import (
    CLOSED_MONTHS,
    YEAR,
    YEARS,
    City,
    Key,
    Row,
    closed_months,
    days_between,
    kelurahans,
    spellings,
)
from demo.names import LAST, address, full_name
from demo.people import RESIDENTS
from demo.tax_objects import BILLS

TRANSACTIONS, TAXPAYERS, ASSESSMENTS = "bphtb.transactions", "pajak.taxpayers", "pajak.assessments"
#: Residents per transfer of land and per taxpayer, beside the fewest there are.
_TRANSFERS, _TAXPAYERS = (200, 25), (160, 60)
#: Taxpayers registered lately, who have not declared anything.
_NEW = 40
#: Kind | per mille | account since 2024 | turnover of a month (million rupiah) | tax (%) | what it is called
_KINDS = (
    ("RESTORAN", 620, "4.1.01.19.01", 45, 10, "RM"),
    ("HOTEL", 120, "4.1.01.19.03", 180, 10, "HOTEL"),
    ("HIBURAN", 70, "4.1.01.19.05", 60, 40, "KARAOKE"),
    ("PARKIR", 70, "4.1.01.19.04", 20, 10, "PARKIR"),
    ("LISTRIK", 20, "4.1.01.19.02", 300, 3, "PEMBANGKIT"),
    ("REKLAME", 80, "4.1.01.09.01", 8, 25, "REKLAME"),
    ("AIR TANAH", 20, "4.1.01.12.01", 6, 20, "DEPOT AIR"),
)
#: Kind, account, turnover of a month (rupiah), tax (%).
_Kind = tuple[str, str, int, int]
#: No tax below this price (rupiah), and the tax above it (%). UU 1/2022 art. 46-47.
_FREE, _RATE = 80_000_000, 5


def populate(city: City, residents: int) -> None:
    """Transfers and declarations of four years."""
    city.tables |= {TRANSACTIONS: {}, TAXPAYERS: {}, ASSESSMENTS: {}}
    rng = city.rng("local taxes")
    people, objects = sorted(city.tables[RESIDENTS]), _billed(city)
    few, per = _TRANSFERS
    first, count = date(YEARS[0], 1, 3), few + residents // per
    for on in sorted(days_between(rng, first, city.today) for _ in range(count)):
        _transfer(city, rng, on, rng.choice(objects), rng.choice(people))
    zeal = {region.code: rng.uniform(0.6, 1.0) for region in kelurahans()}
    shops = [row for _, row in sorted(city.tables[PERMITS].items()) if row["nib"]]
    few, per = _TAXPAYERS
    known = few + residents // per
    for number in range(known + _NEW):
        shop = shops[number] if number % 3 == 0 and number < len(shops) else None
        row, home, kind = _taxpayer(city, rng, rng.choice(people), shop)
        if number < known:
            _declare(city, rng, row, (kind, zeal[home]))


def next_day(city: City) -> None:
    """Some transfers, and some pay late what they declared for the last month."""
    rng = city.rng("local taxes")
    people, objects = sorted(city.tables[RESIDENTS]), _billed(city)
    for _ in range(2):
        _transfer(city, rng, city.today, rng.choice(objects), rng.choice(people))
    table = city.tables[ASSESSMENTS]
    waiting = sorted(
        key for key, row in table.items() if key[1:] == (YEAR, CLOSED_MONTHS) and row["TGL_BAYAR"] is None
    )
    for key in rng.sample(waiting, min(5, len(waiting))):
        table[key] = table[key] | {
            "JUMLAH_BAYAR": table[key]["PAJAK_TERUTANG"],
            "TGL_BAYAR": city.today.isoformat(),
        }


def about(key: Key) -> str:
    """What a declaration is called in what is known of the city: taxpayer, year and month."""
    return "|".join(map(str, key))


def undeclared(city: City) -> list[Key]:
    """Taxpayers without declarations: refusing one refuses nothing else."""
    named = {key[0] for key in city.tables[ASSESSMENTS]}
    return [key for key in city.tables[TAXPAYERS] if key[0] not in named]


def _billed(city: City) -> list[Key]:
    """Objects with a bill: no fault sits on them that would leave a transfer alone."""
    return sorted({key[:7] for key in city.tables[BILLS]})


def _transfer(city: City, rng: Random, on: date, nop: Key, person: Key) -> None:
    """A transfer; four of five buyers give the NIK that is theirs."""
    number = f"{len(city.tables[TRANSACTIONS]) + 1:06}/BPHTB/{on.year}"
    buyer, price = city.tables[RESIDENTS][person], rng.randrange(60, 1500) * 1_000_000
    tax = max(0, price - _FREE) * _RATE // 100
    paid = on + timedelta(days=rng.randrange(30))
    is_paid = paid <= city.today and (tax == 0 or rng.random() < 0.93)
    city.tables[TRANSACTIONS][(number,)] = {
        "NO_SSPD": number,
        "NOP": "".join(map(str, nop)),
        "TGL_TRANSAKSI": on.isoformat(),
        "JENIS_PEROLEHAN": rng.choices(("JUAL BELI", "HIBAH", "WARIS", "LELANG"), (80, 8, 10, 2))[0],
        "NILAI_TRANSAKSI": f"{price}.00",
        "BPHTB_TERUTANG": f"{tax}.00",
        "NAMA_WP": buyer["NAMA_LGKP"] if rng.random() < 0.95 else full_name(rng, female=False),
        "NIK_WP": buyer["NIK"] if rng.random() < 0.85 else None,
        "ALAMAT_WP": address(rng),
        "TGL_BAYAR": paid.isoformat() if is_paid else None,
        "JUMLAH_BAYAR": f"{tax}.00" if is_paid else None,
    }


def _taxpayer(city: City, rng: Random, person: Key, shop: Row | None) -> tuple[Row, str, _Kind]:
    """A taxpayer, its kelurahan and kind; some are businesses that the licensing system knows."""
    kind, _, account, turnover, rate, word = rng.choices(_KINDS, [kind[1] for kind in _KINDS])[0]
    owner, home = city.tables[RESIDENTS][person], rng.choice(kelurahans())
    serial = f"{len(city.tables[TAXPAYERS]) + 1:07}.{home.district:02}.{home.village % 100:02}"
    number = f"P{2 if rng.random() < 0.3 else 1}.{serial}"
    name = shop["nama_usaha"] if shop else f"{word} {rng.choice(LAST)} {rng.randrange(1, 99)}"
    row: Row = {
        "NPWPD": number,
        "NAMA_USAHA": name,
        "NIB": shop["nib"] if shop else None,
        "NPWP": f"0{rng.randrange(10**14, 10**15)}" if rng.random() < 0.4 else None,
        "JENIS_PAJAK": kind,
        "NAMA_PEMILIK": shop["nama_pemohon"] if shop else owner["NAMA_LGKP"],
        "NIK_PEMILIK": shop["nik_pemohon"] if shop else owner["NIK"] if rng.random() < 0.7 else None,
        "ALAMAT": address(rng),
        "KELURAHAN": rng.choice(spellings()[home.code]).title(),
        "TGL_DAFTAR": f"{rng.randrange(2012, 2023)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 28):02}",
    }
    city.tables[TAXPAYERS][(number,)] = row
    return row, home.code, (kind, account, turnover * 1_000_000, rate)


def _declare(city: City, rng: Random, row: Row, habit: tuple[_Kind, float]) -> None:
    """A declaration a month, paid by the 15th of the next, later, or not yet."""
    (_, account, turnover, rate), zeal = habit
    size = rng.uniform(0.3, 2.0)
    for year in YEARS:
        code = (
            REVENUES_BEFORE_2024[account][0] if year < 2024 and account in REVENUES_BEFORE_2024 else account
        )
        for month in closed_months(year):
            base = int(turnover * size * rng.uniform(0.7, 1.3)) // 1000 * 1000
            due = date(year + month // 12, month % 12 + 1, 15)
            paid = due + timedelta(
                days=rng.randrange(-12, 1) if rng.random() < 0.85 else rng.randrange(1, 200)
            )
            is_paid = rng.random() < min(0.98, zeal * (1 if year == YEAR else 1.1)) and paid <= city.today
            tax = f"{base * rate // 100}.00"
            city.tables[ASSESSMENTS][(row["NPWPD"], year, month)] = {
                "NPWPD": row["NPWPD"],
                "TAHUN": year,
                "BULAN": month,
                "KODE_REKENING": code,
                "OMZET": f"{base}.00",
                "PAJAK_TERUTANG": tax,
                "JATUH_TEMPO": due.isoformat(),
                "JUMLAH_BAYAR": tax if is_paid else None,
                "TGL_BAYAR": paid.isoformat() if is_paid else None,
            }
