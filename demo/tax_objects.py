"""SISMIOP: land and buildings with their taxpayers, yearly tax bills (SPPT), and what was paid on them."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.model import YEAR, YEARS, City, Key, Row, Value, bps_codes, days_between
from demo.names import LAST, address, full_name
from demo.people import RESIDENTS

OBJECTS, BILLS, PAYMENTS = "sismiop.objects", "sismiop.bills", "sismiop.payments"
#: Residents per object, and objects that got no bill yet: they were found after the year's bills went out.
_RESIDENTS, _UNBILLED = 2.5, 60
#: Columns of a NOP, from the province's down.
NOP = ("KD_PROPINSI", "KD_DATI2", "KD_KECAMATAN", "KD_KELURAHAN", "KD_BLOK", "NO_URUT", "KD_JNS_OP")
#: Use of the building (JPB) | per mille | value of the object against a dwelling's | readiness to pay
_USES = (
    ("01", 800, 1, 1.0), (None, 80, 1, 0.7), ("04", 50, 4, 0.95), ("02", 25, 6, 1.05),
    ("08", 20, 5, 0.8), ("07", 10, 20, 0.9), ("13", 5, 12, 1.0), ("03", 5, 15, 0.85), ("16", 5, 3, 1.1),
)  # fmt: skip
#: Objects a block has at most.
_BLOCK = 200


@dataclass(frozen=True)
class _Owner:
    """Who stands in the books: number, name, address, home."""

    number: Value
    name: str
    address: str
    home: str


def populate(city: City, residents: int) -> None:
    """Fill SISMIOP with objects of residents and companies, and four years of bills and payments."""
    city.tables |= {OBJECTS: {}, BILLS: {}, PAYMENTS: {}}
    rng = city.rng("tax objects")
    heads = sorted(key for key, row in city.tables[RESIDENTS].items() if row["STAT_HBKEL"] == 1)
    prices = {code: rng.randrange(300, 2500) * 1000 for code in bps_codes()}
    zeal = {code: rng.uniform(0.6, 1.0) for code in bps_codes()}
    taken = dict.fromkeys(bps_codes(), 0)
    billed = int(residents / _RESIDENTS)
    for number in range(billed + _UNBILLED):
        owner = _owner(city, rng, heads)
        code = owner.home if rng.random() < 0.8 else rng.choice(sorted(bps_codes()))
        taken[code] += 1
        row, (factor, ready) = _object(rng, code, taken[code], owner, prices[code])
        city.tables[OBJECTS][tuple(row[column] for column in NOP)] = row
        if number < billed:
            _bill_years(city, rng, row, (factor, ready * zeal[code]))


def next_day(city: City) -> None:
    """Some pay what is open of this year's bills, and some objects get another owner."""
    rng, bills, objects = city.rng("tax objects"), city.tables[BILLS], city.tables[OBJECTS]
    paid = {key[:8] for key in city.tables[PAYMENTS]}
    told = {about for _, about in city.known}
    waiting = sorted(key for key in bills if key[7] == YEAR and key not in paid and about(key) not in told)
    for key in rng.sample(waiting, min(len(waiting) // 40, len(objects) // 400 + 3)):
        _pay(city, bills[key], city.today)
    heads = sorted(key for key, row in city.tables[RESIDENTS].items() if row["STAT_HBKEL"] == 1)
    for key in rng.sample(sorted(objects), 3):
        owner = _owner(city, rng, heads)
        objects[key] = objects[key] | _subject(owner)


def about(key: Key) -> str:
    """What a bill or payment is called in what is known of the city: NOP and year."""
    return f"{''.join(map(str, key[:7]))}|{key[7]}"


def unbilled(city: City) -> list[Key]:
    """Objects without a bill: refusing one leaves no bill alone."""
    billed = {key[:7] for key in city.tables[BILLS]}
    return [key for key in city.tables[OBJECTS] if key not in billed]


def unpaid(city: City) -> list[Key]:
    """Bills on which nothing was paid: refusing one leaves no payment alone."""
    paid, told = {key[:8] for key in city.tables[PAYMENTS]}, {about for _, about in city.known}
    return [key for key in city.tables[BILLS] if key not in paid and about(key) not in told]


def settled(city: City) -> list[Key]:
    """Payments that fit their bills."""
    told = {about for _, about in city.known}
    return [key for key in city.tables[PAYMENTS] if about(key) not in told]


def paid_through(city: City, nop: str) -> int | None:
    """The year up to which the object's bills are paid in full; None when it was never billed."""
    parts = (nop[:2], nop[2:4], nop[4:7], nop[7:10], nop[10:13], nop[13:17], nop[17:])
    bills = [city.tables[BILLS].get((*parts, year)) for year in YEARS]
    for bill in bills:
        if bill and _received(city, bill) < owed(bill):
            return int(str(bill["THN_PAJAK_SPPT"])) - 1
    return YEAR if bills[-1] else None


def _received(city: City, bill: Row) -> int:
    """What was paid on the bill, without what was added for being late (rupiah)."""
    named, number, total = (*(bill[column] for column in NOP), bill["THN_PAJAK_SPPT"]), 1, 0
    while row := city.tables[PAYMENTS].get((*named, number)):
        total += int(float(str(row["JML_SPPT_YG_DIBAYAR"]))) - int(float(str(row["DENDA_SPPT"])))
        number += 1
    return total


def _owner(city: City, rng: Random, heads: list[Key]) -> _Owner:
    """A head of household, sometimes under another number than the NIK or none; now and then a company."""
    resident = city.tables[RESIDENTS][rng.choice(heads)]
    home = f"61.71.{resident['NO_KEC']:02}.{resident['NO_KEL']}"
    if rng.random() < 0.04:
        name = f"PT {rng.choice(LAST)} {rng.choice(('JAYA', 'ABADI', 'MAKMUR', 'SEJAHTERA'))}"
        return _Owner(f"0{rng.randrange(10**14):014}", name, address(rng), home)
    name, kind = f"{resident['NAMA_LGKP']}", rng.random()
    number: Value = resident["NIK"]
    if kind < 0.15:
        number = f"{rng.randrange(10**4, 10**6)}"
    elif kind < 0.20:
        number, name = "0", full_name(rng, female=False)
    return _Owner(number, name, address(rng), home)


def _subject(owner: _Owner) -> Row:
    return {"SUBJEK_PAJAK_ID": owner.number, "NM_WP": owner.name, "JALAN_WP": owner.address}


def _object(rng: Random, code: str, serial: int, owner: _Owner, price: int) -> tuple[Row, tuple[int, float]]:
    """An object, how much dearer than a dwelling it is, and how ready its owner is to pay."""
    use, _, factor, ready = rng.choices(_USES, [use[1] for use in _USES])[0]
    bps = bps_codes()[code]
    land = rng.randrange(60, 500) * (3 if factor > 1 else 1)
    building = 0 if use is None else rng.randrange(36, 220) * (4 if factor > 1 else 1)
    parts = (
        bps[:2],
        bps[2:4],
        bps[4:7],
        bps[7:],
        f"{1 + serial // _BLOCK:03}",
        f"{1 + serial % _BLOCK:04}",
        "0",
    )
    row: Row = {
        **dict(zip(NOP, parts, strict=True)),
        **_subject(owner),
        "JALAN_OP": address(rng),
        "KD_JPB": use,
        "TOTAL_LUAS_BUMI": land,
        "TOTAL_LUAS_BNG": building,
        "NJOP_BUMI": f"{land * price}.00",
        "NJOP_BNG": f"{building * 1_200_000}.00",
    }
    return row, (factor, ready)


def _bill_years(city: City, rng: Random, row: Row, habit: tuple[int, float]) -> None:
    """A bill a year; who pays has most of the older ones paid by now."""
    value = int(float(f"{row['NJOP_BUMI']}")) + int(float(f"{row['NJOP_BNG']}"))
    for year in YEARS:
        taxed = value * (100 - 4 * (YEAR - year)) // 100
        bill = _bill(city, row, year, taxed, max(10_000, (taxed - 10_000_000) // 1000))
        if rng.random() < min(0.97, habit[1] * (0.75 if year == YEAR else 0.94)):
            _pay_some_day(city, rng, bill)


def _bill(city: City, row: Row, year: int, value: int, amount: int) -> Row:
    bill: Row = {
        **{column: row[column] for column in NOP},
        "THN_PAJAK_SPPT": year,
        "TGL_TERBIT_SPPT": f"{year}-02-01",
        "TGL_JATUH_TEMPO_SPPT": f"{year}-08-31",
        "NJOP_SPPT": f"{value}.00",
        "PBB_YG_HARUS_DIBAYAR_SPPT": f"{amount}.00",
    }
    city.tables[BILLS][(*(row[column] for column in NOP), year)] = bill
    return bill


def _pay_some_day(city: City, rng: Random, bill: Row) -> None:
    year, amount = int(str(bill["THN_PAJAK_SPPT"])), owed(bill)
    last = date(year, 8, 31) if rng.random() < 0.85 else date(year + 1, 5, 31)
    on = days_between(rng, date(year, 2, 3), min(last, city.today))
    if rng.random() < 0.03:
        _pay(city, bill, on, amount // 2)
        if rng.random() < 0.3:
            return
        later = min(on + timedelta(days=rng.randrange(20)), city.today)
        _pay(city, bill, later, amount - amount // 2)
    else:
        _pay(city, bill, on, amount)


def owed(bill: Row) -> int:
    """What the bill asks for (rupiah)."""
    return int(float(str(bill["PBB_YG_HARUS_DIBAYAR_SPPT"])))


def _pay(city: City, bill: Row, on: date, amount: int | None = None) -> None:
    """A payment, late ones with 1 % a month on top (UU 1/2022, at most 24 months)."""
    amount = owed(bill) if amount is None else amount
    due = date.fromisoformat(str(bill["TGL_JATUH_TEMPO_SPPT"]))
    months = min(24, max(0, (on - due).days + 29) // 30)
    pay(city, bill, on, amount, amount * months // 100)


def pay(city: City, bill: Row, on: date, amount: int, penalty: int = 0) -> Key:
    """Book a payment on a bill under the next number; gives its key."""
    named = (*(bill[column] for column in NOP), bill["THN_PAJAK_SPPT"])
    number = 1
    while (*named, number) in city.tables[PAYMENTS]:
        number += 1
    row: Row = {
        **{column: bill[column] for column in (*NOP, "THN_PAJAK_SPPT")},
        "PEMBAYARAN_SPPT_KE": number,
        "DENDA_SPPT": f"{penalty}.00",
        "JML_SPPT_YG_DIBAYAR": f"{amount + penalty}.00",
        "TGL_PEMBAYARAN_SPPT": on.isoformat(),
    }
    city.tables[PAYMENTS][(*named, number)] = row
    return (*named, number)
