"""What doesn't fit in the tax books, on purpose: payments without a bill, paid twice, paid too much."""

from datetime import date

from demo import local_taxes, tax_objects
from demo.local_taxes import ASSESSMENTS, TRANSACTIONS
from demo.model import YEAR, City, Key, Row
from demo.tax_objects import BILLS, NOP, PAYMENTS, owed, pay

_LOST, _TWICE, _OVER, _NOWHERE, _DECLARED = 3, 4, 2, 2, 2
#: Urban village 099 of the first kecamatan: there is none.
_NO_OBJECT = "617101099900199990"


def plant(city: City) -> None:
    """Make the books contradict themselves, each time in a year that is closed."""
    rng = city.rng("tax disagreements")
    paid = _paid_once(city)
    chosen = rng.sample(paid, _LOST + _TWICE + _OVER)
    for key in chosen[:_LOST]:
        _lose(city, key)
    for key in chosen[_LOST : _LOST + _TWICE]:
        bill = city.tables[BILLS][key]
        pay(city, bill, date(YEAR, 3, 9), owed(bill))
        city.known.append(("paid_twice", tax_objects.about(key)))
    for key in chosen[_LOST + _TWICE :]:
        pay(city, city.tables[BILLS][key], date(YEAR, 4, 8), 25_000)
        city.known.append(("overpaid", tax_objects.about(key)))
    _plant_declared(city)


def _paid_once(city: City) -> list[Key]:
    """Bills of closed years that were paid in one payment."""
    parts: dict[Key, int] = {}
    for key in city.tables[PAYMENTS]:
        parts[key[:8]] = parts.get(key[:8], 0) + 1
    return sorted(key for key, count in parts.items() if count == 1 and key[7] != YEAR)


def _lose(city: City, key: Key) -> None:
    """The bank books a payment under a number that has no bill: the block is mistyped."""
    payment = city.tables[PAYMENTS].pop((*key, 1))
    moved: Row = payment | {"KD_BLOK": "998"}
    place = (*(moved[column] for column in NOP), key[7], 1)
    city.tables[PAYMENTS][place] = moved
    city.known.append(("payment_without_bill", tax_objects.about(place)))


def _plant_declared(city: City) -> None:
    rng = city.rng("declared taxes")
    transfers, declared = city.tables[TRANSACTIONS], city.tables[ASSESSMENTS]
    for key in rng.sample(sorted(transfers), _NOWHERE):
        transfers[key] = transfers[key] | {"NOP": _NO_OBJECT}
        city.known.append(("transfer_without_object", str(key[0])))
    paid = sorted(key for key, row in declared.items() if row["TGL_BAYAR"] and key[1] != YEAR)
    for key in rng.sample(paid, _DECLARED):
        more = int(float(str(declared[key]["JUMLAH_BAYAR"]))) + 150_000
        declared[key] = declared[key] | {"JUMLAH_BAYAR": f"{more}.00"}
        city.known.append(("overpaid", local_taxes.about(key)))
