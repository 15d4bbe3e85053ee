"""SIAK's events: births, deaths, moves, cards split or replaced, corrections; only ever added."""

from datetime import date, datetime, time, timedelta
from random import Random

from demo.model import City, Row, Value, days_between, stamp

EVENTS = "siak.events"
BIRTH, DEATH, MOVE_IN, MOVE_OUT = "LAHIR", "MATI", "DATANG", "PINDAH"
OTHER_CARD, CARD_SPLIT, CARD_REPLACED = "PINDAH_KK", "PISAH_KK", "GANTI_KK"
NIK_CORRECTED, CORRECTED, WITHDRAWN = "UBAH_NIK", "UBAH_BIODATA", "BATAL"
#: Births of so many years are on record: before that SIAK had no events.
_YEARS = 10


def note(city: City, kind: str, nik: Value, on: date, **other: Value) -> None:
    """Something happened on that day, and is entered today; `other` are further columns of the event."""
    entered = city.at(8 + len(city.tables[EVENTS]) % 8, len(city.tables[EVENTS]) % 60)
    _append(city, _event(kind, nik, on, entered) | other)


def populate(city: City, residents: list[Row], gone: list[Row]) -> None:
    """The events before the first day: births of residents, moves in, and what became of people now gone."""
    rng, events = city.rng("events"), list[Row]()
    first = city.today - timedelta(days=_YEARS * 365)
    for row in residents:
        born = datetime.strptime(f"{row['TGL_LHR']}", "%d-%m-%Y").date()
        if born > first:
            events.append(_past(city, rng, BIRTH, born, row))
        elif rng.random() < 0.05:
            events.append(_past(city, rng, MOVE_IN, days_between(rng, first, city.today), row))
    for row in gone:
        kind = DEATH if rng.random() < 0.5 else MOVE_OUT
        events.append(_past(city, rng, kind, days_between(rng, first, city.today), row))
    city.tables[EVENTS] = {}
    for event in sorted(events, key=lambda event: (f"{event['TGL_ENTRI']}", f"{event['NIK']}")):
        _append(city, event)


def _past(city: City, rng: Random, kind: str, on: date, person: Row) -> Row:
    entered = datetime.combine(on, time(9, rng.randrange(60))) + timedelta(days=rng.randrange(1, 40))
    last = datetime.combine(city.today, time(7))
    card = "NO_KK_LAMA" if kind in (DEATH, MOVE_OUT) else "NO_KK"
    return _event(kind, person["NIK"], on, stamp(min(entered, last))) | {card: person["NO_KK"]}


def _event(kind: str, nik: Value, on: date, entered: str) -> Row:
    return {
        "ID_PERISTIWA": None,
        "JENIS": kind,
        "NIK": nik,
        "NIK_LAMA": None,
        "NO_KK": None,
        "NO_KK_LAMA": None,
        "TGL_PERISTIWA": on.strftime("%d-%m-%Y"),
        "KOREKSI_ATAS": None,
        "KETERANGAN": None,
        "TGL_ENTRI": entered,
    }


def _append(city: City, event: Row) -> None:
    number = len(city.tables[EVENTS]) + 1
    city.tables[EVENTS][(number,)] = event | {"ID_PERISTIWA": number}
