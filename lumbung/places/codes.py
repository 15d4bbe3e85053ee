"""Forms of region codes: what a text can be read as, without looking up whether there is such a place.

- Kemendagri: province.regency.district.village, 2+2+2+4 digits, dotted or not: `61.71.01.1002`, `6171011002`.
  Villages begin with 1 (kelurahan), 2 (desa) or 3 (desa adat).
- BPS: 2+2+3+3 digits: `6171010002`. Which village has which number is for a table to say, not for arithmetic.
- Kemenkeu: 2+2 digits for a province's or a city's budget: `14.09`.
- NIK: its first 6 digits are the Kemendagri kecamatan in which the person was first registered.
- NOP: its first 10 digits are a village in BPS's form.
- Every other system, such as the ids of SIPD: any text, read only where the system is named.

Ten digits may be a code of Kemendagri and of BPS, for two places: `6171011002` is both. All readings are
given.
"""

import re
import unicodedata
from dataclasses import dataclass

KEMENDAGRI = "kemendagri"
BPS = "bps"
KEMENKEU = "kemenkeu"
NIK = "nik"
NOP = "nop"

_WIDTHS = {KEMENDAGRI: (2, 2, 2, 4), BPS: (2, 2, 3, 3), KEMENKEU: (2, 2)}
_MARKS = {KEMENDAGRI: ".", BPS: "", KEMENKEU: "."}
#: Digits, in parts or not.
PARTED = re.compile(r"[0-9]+(?:[ ./-][0-9]+)*")


@dataclass(frozen=True, slots=True)
class Code:
    """One reading of a text: the system, the code in its normal form there, and the code it lies in.

    `level` is 1 for a province, 2 regency or city, 3 kecamatan, 4 kelurahan or desa; 0 where the system
    doesn't say. `via` is the system, or `nik` or `nop` where the code is the beginning of such a number.
    """

    system: str
    value: str
    level: int
    parent: str
    via: str


@dataclass(frozen=True, slots=True)
class Number:
    """A longer number that begins with a code of `system`, `length` digits long.

    `form` is that of all its digits; `rest` would make a number of that form of any such code.
    """

    system: str
    form: re.Pattern[str]
    length: int
    rest: str


NUMBERS = {
    NIK: Number(
        KEMENDAGRI,
        re.compile(r"[1-9][0-9]{5}(?:[04][1-9]|[1256][0-9]|[37][01])(?:0[1-9]|1[0-2])[0-9]{6}"),
        6,
        "0101000001",
    ),
    NOP: Number(BPS, re.compile(r"[1-9][0-9]{17}"), 10, "00000000"),
}


def readings(text: str, system: str = "") -> tuple[Code, ...]:
    """What the text can be as a code of the system, or of any with a form of its own; empty if nothing."""
    cleaned = unicodedata.normalize("NFKC", text).strip().removeprefix("'").strip()
    systems = (system,) if system else (*_WIDTHS, NIK, NOP)
    return tuple(code for name in systems if (code := _read(cleaned, name)) is not None)


def widths_of(system: str) -> tuple[int, ...]:
    """How many digits each part of the system's codes has; KeyError when it has none."""
    return _WIDTHS[system]


def level_of(canonical: str) -> int:
    """The level of a dotted Kemendagri code, 1 to 4."""
    return canonical.count(".") + 1


def _read(text: str, system: str) -> Code | None:
    if system in NUMBERS:
        return _beginning(text, NUMBERS[system], system)
    if system in _WIDTHS:
        return _parted(text, system)
    return Code(system, text, 0, "", system) if text else None


def _beginning(text: str, number: Number, via: str) -> Code | None:
    """The code with which a longer number begins, when the number has the right form."""
    digits = re.sub(r"[ ./-]", "", text) if PARTED.fullmatch(text) else ""
    code = _parted(digits[: number.length], number.system) if number.form.fullmatch(digits) else None
    return code and Code(code.system, code.value, code.level, code.parent, via)


def _parted(text: str, system: str) -> Code | None:
    if not PARTED.fullmatch(text):
        return None
    widths = _WIDTHS[system]
    parts = re.split(r"[ ./-]", text)
    if len(parts) == 1:
        parts = _cut(text, widths)
    if tuple(map(len, parts)) != widths[: len(parts)]:
        return None
    if system == KEMENDAGRI and len(parts) == 4 and parts[3][0] not in "123":
        return None
    mark = _MARKS[system]
    return Code(system, mark.join(parts), len(parts), mark.join(parts[:-1]), system)


def _cut(digits: str, widths: tuple[int, ...]) -> list[str]:
    """Digits without marks in parts of these widths; the last may come out short, or be one too many."""
    parts = []
    for width in widths:
        if digits:
            parts.append(digits[:width])
            digits = digits[width:]
    return [*parts, digits] if digits else parts
