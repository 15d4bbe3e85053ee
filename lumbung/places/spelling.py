"""Normal form of place names as people write them: two spellings of one name have the same key.

The key is in capitals without blanks, so that Tanjung Hulu is Tanjunghulu and Pal Lima is Pallima. Words that
say what kind of place it is (Kel., Kecamatan) are taken off and told as a level; KOTA and KABUPATEN stay, for
Kota Baru is a kelurahan, and the Kabupaten and the Kota of one name are two places. Numbers become words, so
that no two of them are a letter apart: Pal V and Pal 5 are Pal Lima.
"""

import re
import unicodedata
from dataclasses import dataclass

_KINDS = {
    "KEL": 4, "KELURAHAN": 4, "DESA": 4, "DS": 4, "KEC": 3, "KECAMATAN": 3, "DISTRIK": 3,
}  # fmt: skip
_WITHIN = ("KEC", "KECAMATAN")
_SHORT = {
    "SEI": "SUNGAI", "SUI": "SUNGAI", "SUNGEI": "SUNGAI", "TJ": "TANJUNG", "TG": "TANJUNG", "TJG": "TANJUNG",
    "KAB": "KABUPATEN", "PROV": "PROVINSI", "PROPINSI": "PROVINSI",
}  # fmt: skip
# Spelling before 1972 (TJ, DJ) and before 1947 (OE).
_OLD = (("OE", "U"), ("DJ", "J"), ("TJ", "C"))
_UNITS = (
    "", "SATU", "DUA", "TIGA", "EMPAT", "LIMA", "ENAM", "TUJUH", "DELAPAN", "SEMBILAN", "SEPULUH", "SEBELAS",
)  # fmt: skip
_WORDS = (*_UNITS, *(f"{unit}BELAS" for unit in _UNITS[2:10]))
_ROMANS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_NUMBERS = {
    **{str(number): word for number, word in enumerate(_WORDS) if number},
    **{one: _WORDS[unit] for unit, one in enumerate(_ROMANS) if unit},
    **{f"X{one}": _WORDS[10 + unit] for unit, one in enumerate(_ROMANS)},
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name in its normal form.

    `key` is empty when the text names nothing. `modern` is the key with old spelling made new. `level` is 3
    or 4 where the text says Kecamatan or Kelurahan, else 0. `within` is the kecamatan that the text names
    after the place. `precise` means that a single letter or a number is part of the name, where no letter may
    be off.
    """

    key: str
    modern: str
    level: int
    within: str
    precise: bool


def spelled(text: str) -> Spelling:
    """The normal form of a name."""
    words = _words(text)
    level = 0
    # A name may be such a word alone: there is a kecamatan Kelurahan.
    while len(words) > 1 and words[0] in _KINDS:
        level = _KINDS[words[0]]
        words = words[1:]
    words, within = _split(words)
    words = _lengthened(words)
    key = _joined(words)
    precise = key.endswith(_WORDS[1:]) or any(
        len(word) == 1 or word.isdigit() or word in _NUMBERS or word in _WORDS for word in words
    )
    modern = _joined(_lengthened([_renewed(word) for word in words]))
    return Spelling(key, modern, level, within, precise)


def _words(text: str) -> list[str]:
    """The words in capitals, without accents and marks; digits stand by themselves: PAL5 is PAL 5."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).upper()
    # The mark for an unreadable letter stands for one: it must not vanish.
    return re.findall(r"\d+|(?:[^\W\d_]|\ufffd)+", re.sub("['`\u2018\u2019\u02bc]", "", plain))


def _split(words: list[str]) -> tuple[list[str], str]:
    """The place, and the kecamatan named after it: Kel. Tengah, Kec. Pontianak Kota."""
    for index, word in enumerate(words):
        if word in _WITHIN and 0 < index < len(words) - 1:
            return words[:index], " ".join(words[index + 1 :])
    return words, ""


def _lengthened(words: list[str]) -> list[str]:
    """Abbreviations written out, where a name follows them."""
    if len(words) < 2:
        return words
    first = "SUNGAI" if words[0] == "S" else words[0]
    return [_SHORT.get(word, word) for word in (first, *words[1:-1])] + words[-1:]


def _renewed(word: str) -> str:
    for old, new in _OLD:
        word = word.replace(old, new)
    return word


def _joined(words: list[str]) -> str:
    if len(words) > 1:
        words = [_NUMBERS.get(word.lstrip("0"), word) for word in words]
    return "".join(words)
