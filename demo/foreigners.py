"""SIAK: foreigners with a permit of stay; their names are kept in two parts."""

from datetime import date, timedelta
from random import Random

from demo.model import City, Row, days_between, kelurahans

FOREIGNERS = "siak.foreigners"
#: Foreigners beside one per so many residents.
_FEWEST, _RESIDENTS = 90, 500
#: Country (ISO 3166-1 alpha-3) | given names | family names
_NAMES = """
MYS|AHMAD FAUZI,NUR AISYAH,WEI MING,SITI ZUBAIDAH|BIN RAHMAN,BINTI OSMAN,CHONG,LEE
CHN|WEI,LI NA,JIAN GUO,XIU YING|WANG,ZHANG,LIU,CHEN
NLD|PIETER,ANNEKE,JAN WILLEM,MARIJKE|DE VRIES,VAN DEN BERG,BAKKER,SMIT
AUS|JAMES,EMILY,LIAM,GRACE|WILSON,TAYLOR,MARTIN,BROWN
IND|RAJESH,PRIYA,ARJUN,LAKSHMI|KUMAR,SHARMA,NAIR,PATEL
""".strip()


def populate(city: City, residents: int) -> None:
    """Fill the register of foreigners."""
    city.tables[FOREIGNERS] = {}
    rng = city.rng("foreigners")
    for _ in range(_FEWEST + residents // _RESIDENTS):
        _arrive(city, rng)


def next_day(city: City) -> None:
    """One arrives, one leaves, and one has the permit prolonged."""
    rng, table = city.rng("foreigners"), city.tables[FOREIGNERS]
    gone, prolonged = rng.sample(sorted(table), 2)
    del table[gone]
    table[prolonged] = table[prolonged] | {"TGL_AKH_DOK": _said(city.today + timedelta(days=730))}
    _arrive(city, rng)


def _arrive(city: City, rng: Random) -> None:
    country, given, family = rng.choice(_NAMES.splitlines()).split("|")
    home, stays = rng.choice(kelurahans()), rng.random() < 0.3
    number = f"{rng.choice('23')}{'D' if stays else 'C'}{rng.randrange(10**8):08}"
    row: Row = {
        "DOK_IMGR": number,
        "JNS_DOK": "KITAP" if stays else "KITAS",
        "TGL_AKH_DOK": _said(days_between(rng, city.today, city.today + timedelta(days=1500))),
        "NO_PASPOR": f"{rng.choice('ABCE')}{rng.randrange(10**7):07}",
        "NAMA_PERTMA": rng.choice(given.split(",")),
        "NAMA_KLRGA": rng.choice(family.split(",")) if rng.random() < 0.9 else None,
        "JENIS_KLMIN": rng.choice((1, 2)),
        "TMPT_LHR": None,
        "TGL_LHR": _said(days_between(rng, date(1950, 1, 1), date(2005, 1, 1))),
        "KEWARGANEGARAAN": country,
        "NO_KK": _card(city, rng) if stays else None,
        "NO_KEC": home.district,
        "NO_KEL": home.village,
    }
    city.tables[FOREIGNERS][(number,)] = row


def _card(city: City, rng: Random) -> str:
    """Those who stay for good are on the card of a family, here that of their spouse."""
    return f"{rng.choice(sorted(city.tables['siak.family_cards']))[0]}"


def _said(day: date) -> str:
    return day.strftime("%d-%m-%Y")
