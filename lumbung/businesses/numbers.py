"""The numbers by which businesses are known: NIB, NPWP with NITKU, KBLI. What a text can be read as.

- NIB (nomor induk berusaha): 13 digits, given once per business by OSS (PP 5/2021).
- NPWP (taxpayer): until 2024 15 digits, written `01.300.066.6-091.000`: 8 digits of the taxpayer and a check
  digit, 3 of the tax office, 3 of the branch (000 the head office). Since then 16: a resident's NIK, for all
  others `0` and the 15 digits (PMK 112/PMK.03/2022, PMK 136/2023).
- NITKU (place of business, instead of the branch's NPWP): the taxpayer's 16 digits and 6 of the place; 000000
  is the seat. Which branch of old became which place is for the tax office to say, not for arithmetic.
- KBLI (kind of business): 5 digits, the first two from 01 to 99; spreadsheets drop a leading zero.

The check digit is Luhn's over the first nine digits: public implementations say so and their examples bear it
out, no regulation that we found does (unverified). A number that fails it is doubtful, not refused.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from lumbung.identity import nik

NIB_LENGTH = 13
#: The branch of a head office, in an NPWP of 15 digits, and the place that is its seat, in a NITKU.
HEAD_OFFICE, SEAT = "000", "000000"

_MARKS = re.compile(r"[\s.,/'\u2013-]")
_CODE = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Npwp:
    """A taxpayer's number. It may be a NIK, so it is personal: the repr shows nothing of it."""

    #: 16 digits: the form of today. Of a branch's old number: with the branch.
    number: str = field(repr=False)
    #: 6 digits of a NITKU; empty where the text was no NITKU.
    place: str = field(default="", repr=False)

    @property
    def is_person(self) -> bool:
        """Whether it is a resident's NIK."""
        return not self.number.startswith("0")

    @property
    def taxpayer(self) -> str:
        """What head office and branches share: the NIK, or the 9 digits before office and branch."""
        return self.number if self.is_person else self.number[1:10]

    @property
    def old(self) -> str:
        """The form of 15 digits; empty for a NIK, whose old number is another one that only a table knows."""
        return "" if self.is_person else self.number[1:]

    @property
    def is_branch(self) -> bool:
        """Whether it names a branch: by the old number's last digits, or by a NITKU's place."""
        old_branch = bool(self.old) and not self.old.endswith(HEAD_OFFICE)
        return old_branch or self.place not in ("", SEAT)

    @property
    def is_doubtful(self) -> bool:
        """Whether the check digit is wrong. A NIK has none."""
        return bool(self.old) and not _luhn(self.old[:9])


def nib_of(value: str | None) -> str | None:
    """The 13 digits of a NIB; None for anything else, zeros, and numbers that lost a digit on the way."""
    digits = _digits(value)
    return digits if len(digits) == NIB_LENGTH and digits.strip("0") else None


def npwp_of(value: str | None, on: date) -> Npwp | None:
    """The taxpayer's number, of 15, 16 or 22 digits with or without marks; None for anything else.

    Equal numbers in the forms of 15 and 16 digits are equal. `on` is the day by which the holder of a NIK
    was born.
    """
    digits = _digits(value)
    if len(digits) == 22:
        digits, place = digits[:16], digits[16:]
    else:
        place = ""
    number = f"0{digits}" if len(digits) == 15 else digits
    if len(number) != 16 or not _is_taxpayer(number, on):
        return None
    return Npwp(number, place)


def _is_taxpayer(number: str, on: date) -> bool:
    if number.startswith("0"):
        return bool(number[1:10].strip("0"))
    return not nik.faults(number, on)


def kbli_of(value: str | None) -> str | None:
    """The 5 digits of a KBLI code, a lost leading zero put back: `1111` is 01111. None for anything else.

    Divisions 01 to 09 (without 04) are what can lose a zero. In a column of 5-digit codes four digits are
    such a code; where classes (golongan, 4 digits) stand too, don't ask here.
    """
    digits = _digits(value)
    if len(digits) == 4 and digits[0] not in "04":
        digits = f"0{digits}"
    return digits if len(digits) == 5 and not digits.startswith("00") else None


def _digits(value: str | None) -> str:
    """The digits of a number written with marks; empty when there is anything else."""
    bare = _MARKS.sub("", value or "")
    return bare if _CODE.fullmatch(bare) else ""


def _luhn(digits: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1): from the right, every second digit doubled, digits summed up."""
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
