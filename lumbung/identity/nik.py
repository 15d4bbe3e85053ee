"""What a NIK says, and what is wrong with one.

Sixteen digits: province, regency and district *of first registration* (2 + 2 + 2), the day of birth
(women: day + 40), month and year (2 + 2 + 2), a serial from 0001 (4). A NIK is given once and never changes,
even when its holder moves, a district is split or the birth date is corrected (PP 40/2019, article 30). So
only its form can be wrong: where it disagrees with what is known of its holder today, `disagreements` warns,
and no one is to be refused for it.
"""

import re
from dataclasses import dataclass, field
from datetime import date

LENGTH = 16
MALE, FEMALE = "1", "2"
WOMEN = 40

#: What `faults` finds: each makes the text no NIK.
PLACEHOLDER, DIGITS, LENGTH_WRONG = "placeholder", "digits", "length"
REGION, BIRTH_DATE, SERIAL = "region", "birth_date", "serial"
#: What `disagreements` finds besides `region` and `birth_date`: each is worth a look and no more.
SEX = "sex"

_NOTHING = re.compile(r"[\W_0]*|N/?A|NULL|NIHIL|NONE|TIDAK ADA|BELUM ADA|TDK ADA", re.IGNORECASE)
_SIXTEEN = re.compile(r"[0-9]{16}")
_TEMPORARY = re.compile(r"0[0-9]{15}")


@dataclass(frozen=True)
class Nik:
    """The parts of a NIK. They are personal: the repr shows none."""

    #: Province, regency and district of first registration: 6 digits, perhaps of a district since split.
    region_code: str = field(repr=False)
    #: Day of the month, the women's 40 taken off.
    day: int = field(repr=False)
    month: int = field(repr=False)
    #: The last two digits of the year of birth.
    year: int = field(repr=False)
    #: As SIAK writes it: `1` male, `2` female.
    sex_code: str = field(repr=False)
    #: 4 digits.
    serial: str = field(repr=False)

    def birth_date(self, on: date) -> date | None:
        """The latest such day up to `on`, in its century or the one before; None when there is none."""
        century = on.year - on.year % 100
        for year in (century + self.year, century - 100 + self.year):
            born = _day(year, self.month, self.day)
            if born is not None and born <= on:
                return born
        return None


def is_placeholder(value: object) -> bool:
    """Whether it says "no NIK": nothing, blanks, `-`, zeros, or the temporary NIK of a village application.

    Village applications number who has no NIK yet: `0`, the village's code and 5 digits (OpenSID). No
    province's code begins with 0, so no NIK does.
    """
    text = _text(value)
    return _NOTHING.fullmatch(text) is not None or _TEMPORARY.fullmatch(text) is not None


def faults(value: object, on: date) -> tuple[str, ...]:
    """Why it is no NIK: `placeholder`, `digits`, `length`, `region`, `birth_date`, `serial`; empty if it is.

    `on` is the day by which the holder was born. Anything may be asked about, text or not: nothing raises.
    A number is `digits`: as a number a NIK loses digits (spreadsheets keep 15), which nothing can repair.
    """
    text = _text(value)
    if is_placeholder(value):
        return (PLACEHOLDER,)
    if not re.fullmatch(r"[0-9]+", text):
        return (DIGITS,)
    if len(text) != LENGTH:
        return (LENGTH_WRONG,)
    return _faults_within(_parts(text), on)


def parse(value: object) -> Nik | None:
    """The parts of sixteen digits, sound or not (see `faults`); None for anything else."""
    text = _text(value)
    return _parts(text) if _SIXTEEN.fullmatch(text) else None


def disagreements(
    nik: Nik,
    *,
    on: date,
    birth_date: date | None = None,
    sex_code: str | None = None,
    region_code: str | None = None,
) -> tuple[str, ...]:
    """Where a NIK and what is known of its holder differ: `birth_date`, `sex`, `region`. Warnings only.

    Each has a lawful reason: a birth date or sex corrected later, a move, a district split since (PP 40/2019,
    article 30: the NIK stays). What is not known (None) is not compared. `region_code` begins with 6 digits,
    with or without dots.
    """
    region = re.sub(r"\D", "", region_code or "")[:6]
    compared = (
        (BIRTH_DATE, birth_date is not None and nik.birth_date(on) != birth_date),
        (SEX, sex_code is not None and nik.sex_code != sex_code),
        (REGION, bool(region) and nik.region_code != region),
    )
    return tuple(name for name, differs in compared if differs)


def _faults_within(nik: Nik, on: date) -> tuple[str, ...]:
    # Codes of provinces begin at 11 (Aceh); which ones exist is for the region table to say, of its day.
    region = nik.region_code
    found = (
        (REGION, region < "11" or "00" in (region[2:4], region[4:6])),
        (BIRTH_DATE, nik.birth_date(on) is None),
        (SERIAL, nik.serial == "0000"),
    )
    return tuple(name for name, wrong in found if wrong)


def _parts(text: str) -> Nik:
    day = int(text[6:8])
    return Nik(
        region_code=text[:6],
        day=day - WOMEN if day > WOMEN else day,
        month=int(text[8:10]),
        year=int(text[10:12]),
        sex_code=FEMALE if day > WOMEN else MALE,
        serial=text[12:],
    )


def _text(value: object) -> str:
    """What to judge: text without the blanks around it; a number as something that is no NIK."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return "0" if isinstance(value, int | float) and value == 0 else "(not text)"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
