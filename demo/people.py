"""SIAK: family cards and residents, and what happens to them from one day to the next."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random

from demo import events
from demo.model import City, Kelurahan, Row, Value, days_between, kelurahans
from demo.moves import Moves
from demo.names import BIRTH_PLACES, address, full_name

CARDS, RESIDENTS = "siak.family_cards", "siak.residents"
#: Cards whose households have left for another card: they stay, with nobody on them.
EMPTY_CARDS = 24
_HEAD, _WIFE, _CHILD, _PARENT = "1", "3", "4", "7"


class Register:
    """Issues NIK and KK numbers, each once."""

    def __init__(self, city: City) -> None:
        self._taken: defaultdict[str, int] = defaultdict(int)
        for number, *_ in [*city.tables[CARDS], *city.tables[RESIDENTS]]:
            prefix, serial = str(number)[:12], int(str(number)[12:])
            self._taken[prefix] = max(self._taken[prefix], serial)

    def _next(self, prefix: str) -> str:
        self._taken[prefix] += 1
        return f"{prefix}{self._taken[prefix]:04}"

    def nik(self, rng: Random, home: Kelurahan, born: date, female: bool) -> str:
        """PP 40/2019: district of first registration, birth date (women: day + 40), serial."""
        region = f"6171{home.district:02}" if rng.random() < 0.85 else f"61{rng.choice((1, 2, 4, 12)):02}01"
        day = born.day + 40 if female else born.day
        return self._next(f"{region}{day:02}{born:%m%y}")

    def kk(self, home: Kelurahan, registered: date) -> str:
        """Region, registration date, serial."""
        return self._next(f"6171{home.district:02}{registered:%d%m%y}")


def populate(city: City, residents: int) -> None:
    """Fill SIAK with households until there are about `residents` people."""
    city.tables[CARDS], city.tables[RESIDENTS] = {}, {}
    rng, register = city.rng("people"), Register(city)
    weights = [rng.uniform(0.4, 1.6) for _ in kelurahans()]
    while len(city.tables[RESIDENTS]) < residents:
        home = rng.choices(kelurahans(), weights)[0]
        _household(city, rng, register, home)
    for _ in range(EMPTY_CARDS):
        _card(city, rng, register, rng.choice(kelurahans()))
    events.populate(city, list(city.tables[RESIDENTS].values()), _gone(city, register))


def _gone(city: City, register: Register) -> list[Row]:
    """People who stood on one of the cards once: of them the events tell, and nothing else."""
    rng, cards = city.rng("gone"), city.tables[CARDS]
    gone = []
    for key in rng.sample(sorted(cards), len(cards) // 10):
        born = days_between(rng, date(1930, 1, 1), date(1990, 1, 1))
        nik = register.nik(rng, rng.choice(kelurahans()), born, rng.random() < 0.5)
        gone.append({"NIK": nik, "NO_KK": key[0]})
    return gone


def next_day(city: City) -> None:
    """Births, deaths, moves in, out and within, new jobs and schooling: about half a percent of the city."""
    rng, register = city.rng("people"), Register(city)
    share = max(1, len(city.tables[RESIDENTS]) // 4000)
    families = _families(city)
    numbers = sorted(families)
    leaving, growing = rng.sample(numbers, share), rng.sample(numbers, 3 * share)
    for kk in leaving:
        del city.tables[CARDS][(kk,)]
        for nik in families[kk]:
            del city.tables[RESIDENTS][(nik,)]
            events.note(city, events.MOVE_OUT, nik, city.today - timedelta(days=3), NO_KK_LAMA=kk)
    for kk in growing:
        if kk not in leaving:
            _birth(city, rng, register, str(kk))
    for _ in range(share):
        for nik, card in _household(city, rng, register, rng.choice(kelurahans())):
            events.note(city, events.MOVE_IN, nik, city.today - timedelta(days=1), NO_KK=card)
    _changes(city, rng, share)
    _moves(city, register, share)


def _moves(city: City, register: Register, share: int) -> None:
    moves, rng = Moves(city, city.tables[CARDS], city.tables[RESIDENTS]), city.rng("new numbers")

    def card(like: Row) -> Row:
        return _card(city, rng, register, _home(like))

    def nik(person: Row) -> Value:
        return register.nik(rng, _home(person), _born(person), person["JENIS_KLMIN"] == 2)

    moves.correct_dates(share)
    moves.to_other_cards(2 * share)
    moves.to_other_cards(share, is_told=False)
    moves.split(share, card)
    moves.replace_cards(share, card)
    moves.correct_names(share)
    moves.correct_niks(share, nik)
    moves.correct_niks(share, nik, is_told=False)


def _families(city: City) -> dict[str, list[str]]:
    families: defaultdict[str, list[str]] = defaultdict(list)
    for (nik,), row in city.tables[RESIDENTS].items():
        families[str(row["NO_KK"])].append(str(nik))
    return families


def _changes(city: City, rng: Random, share: int) -> None:
    residents = city.tables[RESIDENTS]
    for key in rng.sample(sorted(residents), 8 * share):
        residents[key] = residents[key] | {
            "JENIS_PKRJN": rng.randrange(1, 90),
            "PDDK_AKH": rng.randrange(4, 9),
        }
    # Deaths: anyone but heads of households, so that no card is left without one.
    mortal = sorted(key for key, row in residents.items() if row["STAT_HBKEL"] != int(_HEAD))
    for key in rng.sample(mortal, 2 * share):
        gone, day = residents.pop(key), city.today - timedelta(days=rng.randrange(1, 10))
        events.note(city, events.DEATH, key[0], day, NO_KK_LAMA=gone["NO_KK"])
    cards = city.tables[CARDS]
    for key in rng.sample(sorted(cards), 4 * share):
        cards[key] = cards[key] | {"ALAMAT": address(rng)}


def _household(city: City, rng: Random, register: Register, home: Kelurahan) -> list[tuple[str, Value]]:
    """A new household; NIK and KK of its members."""
    card = _card(city, rng, register, home)
    female_head = rng.random() < 0.15
    born = city.today - timedelta(days=rng.randrange(22 * 365, 75 * 365))
    people = [_person(city, rng, born, female_head, _HEAD)]
    if not female_head and rng.random() < 0.85:
        people.append(_person(city, rng, _near(rng, born, city.today), True, _WIFE))
    for child in _children(rng, born, city.today):
        people.append(_person(city, rng, child, rng.random() < 0.5, _CHILD))
    if rng.random() < 0.06:
        people.append(_person(city, rng, born - timedelta(days=rng.randrange(7000, 9000)), True, _PARENT))
    card["NAMA_KEP"] = people[0]["NAMA_LGKP"]
    return [(_settle(city, register, rng, card, person), card["NO_KK"]) for person in people]


def _near(rng: Random, born: date, today: date) -> date:
    return min(born + timedelta(days=rng.randrange(-1500, 2500)), today - timedelta(days=18 * 365))


def _children(rng: Random, parent: date, today: date) -> list[date]:
    born, result = parent + timedelta(days=rng.randrange(22 * 365, 32 * 365)), []
    for _ in range(rng.choices(range(6), (15, 25, 32, 18, 7, 3))[0]):
        if born >= today:
            break
        if (today - born).days < 32 * 365:
            result.append(born)
        born += timedelta(days=rng.randrange(500, 2200))
    return result


def _card(city: City, rng: Random, register: Register, home: Kelurahan) -> Row:
    registered = days_between(rng, date(2010, 1, 4), city.today) if city.day == 0 else city.today
    row: Row = {
        "NO_KK": register.kk(home, registered),
        "NAMA_KEP": full_name(rng, female=False),
        "ALAMAT": address(rng),
        "NO_RT": f"{rng.randrange(1, 30):03}",
        "NO_RW": f"{rng.randrange(1, 20):03}",
        "KODE_POS": f"781{home.district}{home.village % 10}",
        **_region(home),
        "TGL_INSERTION": _entered(registered),
    }
    city.tables[CARDS][(row["NO_KK"],)] = row
    return row


def _entered(day: date) -> str:
    return f"{day.isoformat()} 09:{day.day:02}:00"


def _region(home: Kelurahan) -> Row:
    return {"NO_PROP": 61, "NO_KAB": 71, "NO_KEC": home.district, "NO_KEL": home.village}


def _person(city: City, rng: Random, born: date, female: bool, relation: str) -> Row:
    age = (city.today - born).days // 365
    married = relation in (_HEAD, _WIFE)
    widowed = relation == _PARENT or (relation == _HEAD and female)
    return {
        "NIK": "",
        "NO_KK": "",
        "NAMA_LGKP": full_name(rng, female),
        "JENIS_KLMIN": 2 if female else 1,
        "TMPT_LHR": rng.choice(BIRTH_PLACES),
        "TGL_LHR": born.strftime("%d-%m-%Y"),
        "GOL_DRH": rng.choice((1, 2, 3, 4, 13, 13, 13)),
        "AGAMA": rng.choices(range(1, 8), (64, 5, 6, 1, 21, 2, 1))[0],
        "STAT_KWN": 4 if widowed else 2 if married else 1,
        "STAT_HBKEL": int(relation),
        "PDDK_AKH": min(rng.randrange(3, 9), 1 + age // 6) if age < 25 else rng.randrange(3, 10),
        "JENIS_PKRJN": str(1 if age < 6 else 3 if age < 20 else rng.randrange(5, 90)),
        "NIK_IBU": None,
        "NIK_AYAH": None,
        "NAMA_LGKP_IBU": full_name(rng, female=True),
        "NAMA_LGKP_AYAH": full_name(rng, female=False),
        "NO_AKTA_LHR": f"6171-LU-{born:%d%m%Y}-{rng.randrange(1, 999):04}" if rng.random() < 0.6 else None,
    }


def _settle(city: City, register: Register, rng: Random, card: Row, person: Row) -> str:
    """Put the person on the card; returns the NIK."""
    home = _home(card)
    nik = register.nik(rng, home, _born(person), person["JENIS_KLMIN"] == 2)
    city.tables[RESIDENTS][(nik,)] = person | {"NIK": nik, "NO_KK": card["NO_KK"]} | _region(home)
    return nik


def _home(row: Row) -> Kelurahan:
    return Kelurahan(f"61.71.{row['NO_KEC']:02}.{row['NO_KEL']}", "")


def _born(person: Row) -> date:
    day, month, year = map(int, str(person["TGL_LHR"]).split("-"))
    return date(year, month, day)


def _birth(city: City, rng: Random, register: Register, kk: str) -> None:
    card = city.tables[CARDS][(kk,)]
    born = city.today - timedelta(days=rng.randrange(1, 40))
    child = _person(city, rng, born, rng.random() < 0.5, _CHILD)
    events.note(city, events.BIRTH, _settle(city, register, rng, card, child), born, NO_KK=kk)
