"""Faults that agency records have, one function each: it changes the record, or says that it can't.

A record is a dict of text, `None` where nothing is written, plus `born` as the agency knows it. Each function
takes the random source, the record and the person it is about, and returns False, having changed nothing,
when the fault can't befall this record.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from benchmarks.linkage import city_names as names
from demo.model import kelurahans, spellings

Record = dict[str, Any]
Person = Mapping[str, Any]
Fault = Callable[[Random, Record, Person], bool]

_MUHAMMAD = re.compile(r"^(MUHAMMAD|MUHAMAD|MOHAMMAD|MOHAMAD|MOCHAMAD|MUH\.|M\.)(?= )")
_OTHERS = (
    "MUHAMMAD", "MUHAMAD", "MOHAMMAD", "MOHAMAD", "MUH.", "MUH", "MOH.", "MHD", "M.", "M", "MOCH.", "MOHD.",
)  # fmt: skip
_BEFORE = (
    "H. ", "HJ. ", "DRS. ", "DRA. ", "DR. ", "IR. ", "H ", "HJ ", "DRS. H. ", "ALM. ", "BPK. ", "IBU ",
    "USTADZ ",
)  # fmt: skip
_AFTER = (
    ", S.E.", ", SE", ", S.H.", ", S.PD", " S.PD.I", ", S.KOM", ", ST", ", M.SI", ", M.M.", " A.MD",
    ", S.SOS", ", SKM",
)  # fmt: skip
#: Spellings that vary between registers: what stands there, what another clerk writes.
_SPELLINGS = (
    ("U", "OE"), ("J", "DJ"), ("C", "TJ"), ("Y", "J"), ("SY", "SJ"), ("OE", "U"), ("TJ", "C"), ("DJ", "J"),
    ("F", "P"), ("V", "F"), ("SY", "S"), ("KH", "H"), ("Z", "J"), ("I", "IE"), ("K", "Q"), ("DH", "D"),
    ("RIZKI", "RISKI"), ("RIZKI", "RIZQY"), ("ARIF", "ARIEF"), ("YUSUF", "JUSUF"), ("YUSUF", "YUSUP"),
    ("AISYAH", "AISAH"), ("FATIMAH", "PATIMAH"), ("ANISA", "ANNISA"), ("AHMAD", "AKHMAD"),
    ("RAHMAT", "RACHMAT"), ("SITI", "SITTI"), ("NURUL", "NOERUL"),
    ("H", "HH"), ("L", "LL"), ("N", "NN"), ("S", "SS"), ("A", "AA"),
)  # fmt: skip
_NEAR = {
    "A": "SQ", "B": "VN", "C": "XV", "D": "SF", "E": "RW", "F": "DG", "G": "FH", "H": "GJ", "I": "UO",
    "J": "HK", "K": "JL", "L": "K", "M": "N", "N": "MB", "O": "IP", "P": "O", "Q": "A",
    "R": "ET", "S": "AD", "T": "RY",
    "U": "IY", "V": "BC", "W": "E", "X": "Z", "Y": "TU", "Z": "X",
}  # fmt: skip
_SHORT = {
    "JL. ": ("JLN ", "JALAN ", "JL ", "JLN. ", ""), " GG. ": (" GANG ", " GG ", " Gg."),
    " NO. ": (" NO ", " NO.", " ", " NOMOR "),
    " KOMP. ": (" KOMPLEK ", " PERUM ", " KOMPLEKS "),
    " BLOK ": (" BLK ", " BLOK. "), "SUNGAI": ("SEI", "SUNGEI"),
    "TANJUNG": ("TJ", "TG."), "JENDERAL": ("JEND.", "JENDRAL"),
    "PARIT": ("PRT",), "AHMAD YANI": ("A YANI", "A. YANI"),
}  # fmt: skip
PRESENT = date(2026, 9, 15)


def title(rng: Random, record: Record, person: Person) -> bool:
    """H., Hj., Drs. before the name, or a degree behind it."""
    if rng.random() < 0.5:
        record["name"] = rng.choice(_BEFORE) + record["name"]
    else:
        record["name"] += rng.choice(_AFTER)
    return True


def muhammad(rng: Random, record: Record, person: Person) -> bool:
    """Muhammad as Mohammad, Muh., M., or not at all."""
    found = _MUHAMMAD.match(record["name"])
    if not found:
        return False
    other = rng.choice([one for one in _OTHERS if one != found[0]])
    record["name"] = _MUHAMMAD.sub(other if rng.random() < 0.85 else "", record["name"]).strip()
    return True


def spelling(rng: Random, record: Record, person: Person) -> bool:
    """Soeharto for Suharto, Djoko for Joko, Tjandra for Candra, Jusuf for Yusuf, doubled letters."""
    able = [(old, new) for old, new in _SPELLINGS if old in record["name"]]
    if not able:
        return False
    old, new = rng.choice(able)
    at = rng.choice([found.start() for found in re.finditer(old, record["name"])])
    record["name"] = record["name"][:at] + new + record["name"][at + len(old) :]
    return True


def single_name(rng: Random, record: Record, person: Person) -> bool:
    """Only one part of the name."""
    parts = record["name"].split()
    if len(parts) < 2:
        return False
    long = [part for part in parts if len(part.strip(".")) > 2 and not _MUHAMMAD.match(part + " ")]
    if not long:
        return False
    record["name"] = long[0] if rng.random() < 0.7 else rng.choice(long)
    return True


def initial(rng: Random, record: Record, person: Person) -> bool:
    """One part as its first letter."""
    parts = record["name"].split()
    able = [at for at, part in enumerate(parts) if len(part) > 2]
    if len(able) < 2:
        return False
    at = rng.choice(able)
    parts[at] = parts[at][0] + rng.choice((".", ""))
    record["name"] = " ".join(parts)
    return True


def dropped_part(rng: Random, record: Record, person: Person) -> bool:
    """One part is not written, two or more are."""
    parts = record["name"].split()
    if len(parts) < 3:
        return False
    del parts[rng.randrange(len(parts))]
    record["name"] = " ".join(parts)
    return True


def swapped_parts(rng: Random, record: Record, person: Person) -> bool:
    """Two parts in another order."""
    parts = record["name"].split()
    if len(set(parts)) < 2:
        return False
    first, second = rng.sample(range(len(parts)), 2)
    if parts[first] == parts[second]:
        return False
    parts[first], parts[second] = parts[second], parts[first]
    record["name"] = " ".join(parts)
    return True


def joined_parts(rng: Random, record: Record, person: Person) -> bool:
    """Nuraini for Nur Aini, or one long part as two."""
    parts = record["name"].split()
    if len(parts) > 1:
        at = rng.randrange(len(parts) - 1)
        parts[at : at + 2] = [parts[at].strip(".") + parts[at + 1]]
    elif len(parts[0]) > 6:
        at = rng.randrange(3, len(parts[0]) - 2)
        parts = [parts[0][:at], parts[0][at:]]
    else:
        return False
    record["name"] = " ".join(parts)
    return True


def father_added(rng: Random, record: Record, person: Person) -> bool:
    """`bin` or `binti` and the father's name."""
    father = person["father_name"] or rng.choice(names.MUSLIM_MALE)
    link = rng.choice(("BIN", "BIN", "B.") if record["of_sex"] == "L" else ("BINTI", "BINTI", "BT", "BTE"))
    father = father.split()[0] if rng.random() < 0.7 else father
    record["name"] = f"{record['name']} {link} {father}"
    return True


def nickname(rng: Random, record: Record, person: Person) -> bool:
    """What the person is called, in place of the first part or before an `alias`."""
    parts = record["name"].split()
    first = parts[0].strip(".")
    if len(first) < 5:
        return False
    nick = first[-rng.choice((3, 4, 4, 5)) :] if rng.random() < 0.5 else first[: rng.choice((3, 4))]
    record["name"] = " ".join([nick, *parts[1:]]) if rng.random() < 0.7 else f"{record['name']} ALIAS {nick}"
    return True


def married_name(rng: Random, record: Record, person: Person) -> bool:
    """A married woman under her husband's name, behind her own or in place of its last part."""
    if record["of_sex"] != "P" or record["born_on"].year > PRESENT.year - 20:
        return False
    parts = record["name"].split()
    husband = rng.choice(names.MUSLIM_MALE + names.JAVANESE_MALE + names.CHINESE_LAST)
    kept = parts if len(parts) == 1 or rng.random() < 0.6 else parts[:-1]
    record["name"] = " ".join([*kept, husband])
    return True


def typo(rng: Random, record: Record, person: Person) -> bool:
    """One letter of the name doubled, lost, swapped with the next, or hit beside the key."""
    record["name"] = _mistyped(rng, record["name"])
    return True


def _mistyped(rng: Random, text: str) -> str:
    able = [at for at in range(len(text) - 1) if text[at].isalpha() and text[at + 1].isalpha()]
    while able:
        at, kind = rng.choice(able), rng.randrange(4)
        if kind == 0:
            changed = text[:at] + text[at] + text[at:]
        elif kind == 1:
            changed = text[:at] + text[at + 1 :]
        elif kind == 2:
            changed = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            changed = text[:at] + rng.choice(_NEAR.get(text[at], "E")) + text[at + 1 :]
        if changed != text:
            return changed
    return text + "N"


def _set_date(record: Record, born: date | None, written: str | None) -> bool:
    record["born"], record["birth_date"] = born, written
    return True


def day_month_swapped(rng: Random, record: Record, person: Person) -> bool:
    """The day where the month belongs."""
    born = record["born"]
    if born is None or born.day > 12 or born.day == born.month:
        return False
    other = date(born.year, born.day, born.month)
    return _set_date(record, other, other.isoformat())


def year_wrong(rng: Random, record: Record, person: Person) -> bool:
    """One of the last two digits of the year."""
    born = record["born"]
    if born is None or (born.month, born.day) == (2, 29):
        return False
    if rng.random() < 0.5:
        year = born.year - born.year % 10 + rng.choice([one for one in range(10) if one != born.year % 10])
    else:
        year = born.year + rng.choice((-10, 10, -10, 10, 20, -20))
    other = born.replace(year=year)
    return other <= PRESENT and _set_date(record, other, other.isoformat())


def date_mistyped(rng: Random, record: Record, person: Person) -> bool:
    """Another day by one digit, or the month before or after."""
    born = record["born"]
    if born is None:
        return False
    if rng.random() < 0.75:
        days = [
            day
            for day in range(1, 29)
            if day != born.day and (day % 10 == born.day % 10 or day // 10 == born.day // 10)
        ]
        other = born.replace(day=rng.choice(days))
    else:
        other = (born.replace(day=15) + timedelta(days=rng.choice((-30, 30)))).replace(day=min(born.day, 28))
    return other != born and other <= PRESENT and _set_date(record, other, other.isoformat())


def date_missing(rng: Random, record: Record, person: Person) -> bool:
    """00-00-0000, or nothing."""
    return record["born"] is not None and _set_date(
        record, None, rng.choice(("00-00-0000", "0000-00-00", None))
    )


def year_only(rng: Random, record: Record, person: Person) -> bool:
    """The year alone, or with 1 January or 31 December in place of a day nobody asked for."""
    born = record["born"]
    if born is None or (born.month, born.day) == (1, 1):
        return False
    form = rng.choice(("{:04}", "{:04}", "{:04}-00-00", "{:04}-01-01", "{:04}-01-01"))
    return _set_date(record, None, form.format(born.year))


def birth_place(rng: Random, record: Record, person: Person) -> bool:
    """The regency in place of the town, a village in place of the regency; else another town."""
    place = record["birth_place"]
    if not place:
        return False
    known = names.PLACE_OF.get(place)
    record["birth_place"] = (
        rng.choice(known) if known and rng.random() < 0.85 else rng.choice(names.PLACES[1:])
    )
    return record["birth_place"] != place


def address_abbreviated(rng: Random, record: Record, person: Person) -> bool:
    """Jln. for Jl., Gang for Gg., Sei for Sungai, no mark before the house number."""
    if not record["address"]:
        return False
    able = [short for short in _SHORT if short in record["address"]]
    for short in rng.sample(able, min(len(able), 2)):
        record["address"] = record["address"].replace(short, rng.choice(_SHORT[short]), 1)
    return bool(able)


def address_partial(rng: Random, record: Record, person: Person) -> bool:
    """The street alone, or without a house number; or a typing error in it."""
    before = record["address"]
    if not before:
        return False
    form = rng.random()
    if form < 0.4:
        record["address"] = re.sub(r" NO\. \d+$", "", before)
    elif form < 0.6:
        record["address"] = re.sub(r" (GG|KOMP)\. .*", "", before)
    elif form < 0.8:
        record["address"] = re.sub(r"^JL\. .* (?=GG|KOMP)", "", before)
    else:
        record["address"] = _mistyped(rng, before)
    return record["address"] != before


def address_other(rng: Random, record: Record, person: Person) -> bool:
    """Before or after a move: another address, often in the same kelurahan; sometimes another card too."""
    if not record["address"]:
        return False
    other = record["moved_to"]
    for column in ("address", "rt", "rw", "kelurahan"):
        record[column] = other[column] if record[column] else None
    if record["kk_number"] and rng.random() < 0.35:
        record["kk_number"] = other["kk_number"]
    return True


def kelurahan_spelling(rng: Random, record: Record, person: Person) -> bool:
    """Another spelling of the kelurahan, or a letter wrong."""
    written = record["kelurahan"]
    code = next((one.code for one in kelurahans() if one.name.upper() == written), None)
    if not code:
        return False
    others = [one for one in spellings()[code] if one.upper() != written]
    record["kelurahan"] = rng.choice(others) if others and rng.random() < 0.8 else _mistyped(rng, written)
    return True


def neighbourhood(rng: Random, record: Record, person: Person) -> bool:
    """RT or RW wrong, or neither given."""
    if not record["rt"]:
        return False
    if rng.random() < 0.5:
        record["rt"], record["rw"] = None, None
    else:
        record[rng.choice(("rt", "rw"))] = f"{rng.randrange(1, 29):03}"
    return record["rt"] != person["rt"] or record["rw"] != person["rw"]


def field_missing(rng: Random, record: Record, person: Person) -> bool:
    """One field besides the name is empty."""
    able = [
        one
        for one in ("sex", "birth_place", "address", "kelurahan", "kk_number", "mother_name")
        if record[one]
    ]
    if not able:
        return False
    record[rng.choice(able)] = None
    return True


def card_mistyped(rng: Random, record: Record, person: Person) -> bool:
    """One digit of the card number wrong, or two swapped."""
    number = record["kk_number"]
    if not number:
        return False
    at = rng.randrange(4, 15)
    if rng.random() < 0.5:
        record["kk_number"] = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    else:
        record["kk_number"] = number[:at] + str(rng.randrange(10)) + number[at + 1 :]
    return record["kk_number"] != number


def mother_written(rng: Random, record: Record, person: Person) -> bool:
    """The mother's name with a typing error, another spelling, or one part only."""
    written = record["mother_name"]
    if not written:
        return False
    inner = {"name": written}
    rng.choice((typo, spelling, single_name))(rng, inner, person)
    record["mother_name"] = inner["name"]
    return inner["name"] != written


def sex_wrong(rng: Random, record: Record, person: Person) -> bool:
    """The other sex."""
    if not record["sex"]:
        return False
    record["sex"] = "L" if record["sex"] == "P" else "P"
    return True


#: How often each is drawn, of 100; one that can't befall a record leaves the others their shares.
WEIGHTS: dict[Fault, float] = {
    title: 9, muhammad: 25, spelling: 9, single_name: 3, initial: 4, dropped_part: 5, swapped_parts: 4,
    joined_parts: 3, father_added: 3, nickname: 2.5, married_name: 2, typo: 9,
    day_month_swapped: 4, year_wrong: 3, date_mistyped: 3, date_missing: 3, year_only: 2.5,
    birth_place: 4, address_abbreviated: 5, address_partial: 3, address_other: 5, kelurahan_spelling: 3.5,
    neighbourhood: 2, field_missing: 2, card_mistyped: 2, mother_written: 2.5, sex_wrong: 0.7,
}  # fmt: skip
