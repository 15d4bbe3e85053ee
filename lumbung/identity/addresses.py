"""Addresses as Indonesian registers write them: what stands where, and how alike two are.

`Jl. Ahmad Yani Gg. Apel No. 12 RT 003/RW 005 Kel. Akcaya` names the street, the lane, the house, the
neighbourhood (RT) and the ward (RW), and perhaps the kelurahan and kecamatan. Roman numerals stay.
"""

import re
from dataclasses import dataclass, field

from lumbung.identity.distance import bounded, pairs
from lumbung.identity.likeness import part_score
from lumbung.identity.spelling import plain, variants

_SHORT = {
    **variants("JL JLN JLAN", "JALAN"),
    **variants("GG GNG", "GANG"),
    **variants("KOMP KOMPL KPLK KOMPLEK", "KOMPLEKS"),
    **variants("PERUM PERUMNAS PRM PRMH", "PERUMAHAN"),
    **variants("BLK BLOCK", "BLOK"),
    **variants("SEI SUNGEI SNGAI", "SUNGAI"),
    **variants("TJ TG TGG TANJOENG", "TANJUNG"),
    **variants("LR LRG", "LORONG"),
    **variants("JEND JENDRAL", "JENDERAL"),
    "PRT": "PARIT",
    "DSN": "DUSUN",
    "DS": "DESA",
    "DLM": "DALAM",
    "DR": "DOKTER",
    "HAJI": "H",
}
#: Words that only mark what stands behind them.
_MARKS = frozenset(variants("JALAN NO NOMOR NOMER NMR RT RW KEL KELURAHAN KEC KECAMATAN", ""))
#: `RT3RW5`, where blanks are missing.
_CRAMPED = re.compile(r"(?<=[0-9])(?=R[TW](?![A-Z]))|(?:(?<![A-Z])R[TW](?=[0-9]))")
_NUMBER = re.compile(r"\b(?:NOMOR|NOMER|NMR|NO)\b[\s.:]*([0-9]+(?:\s*[A-Z]\b)?(?:\s*[/-]\s*[0-9]+)?)")
_BOTH = re.compile(r"\bRT\s*[./-]\s*RW\b[\s.:]*([0-9]{1,4})\s*[/-]\s*([0-9]{1,4})\b")
_RT = re.compile(r"\bRT[\s.:]*([0-9]{1,4})(?![0-9])")
_RW = re.compile(r"(?<![A-Z])RW[\s.:]*([0-9]{1,4})(?![0-9])")
_NEXT = r"(?=,|\b(?:KEL|KELURAHAN|KEC|KECAMATAN|KAB|KABUPATEN|RT|RW|NO|KODE POS)\b|$)"
_VILLAGE = re.compile(r"\b(?:KELURAHAN|KEL)\b[\s.:]*([A-Z][A-Z .'-]*?)\s*" + _NEXT)
_DISTRICT = re.compile(r"\b(?:KECAMATAN|KEC)\b[\s.:]*([A-Z][A-Z .'-]*?)\s*" + _NEXT)

#: How much each element weighs where both addresses have it; the names and the house decide.
_WEIGHTS = {"number": 20, "rt": 8, "rw": 8, "village": 10, "district": 6}
_STREET = 60
#: What it costs that one address lacks an element which the other has.
_LACKING = 2


@dataclass(frozen=True)
class Address:
    """An address taken apart. It is personal: the repr shows nothing of it."""

    #: The words of street, lane, complex and block, in order, abbreviations written out, without `JALAN`.
    words: tuple[str, ...] = field(repr=False)
    #: The house: `12`, `12A`, `12-14`; empty when there is none.
    number: str = field(default="", repr=False)
    rt: str = field(default="", repr=False)
    rw: str = field(default="", repr=False)
    #: Names written as one word: SUNGAIJAWI for Sungai Jawi.
    village: str = field(default="", repr=False)
    district: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """The elements in one order; the normal form."""
        named = (("NO", "number"), ("RT", "rt"), ("RW", "rw"), ("KEL", "village"), ("KEC", "district"))
        marked = [f"{mark} {getattr(self, name)}" for mark, name in named if getattr(self, name)]
        return " ".join([*self.words, *marked])


def address_of(text: str) -> Address:
    """The address that somebody wrote, taken apart. Never raises."""
    rest = " ".join(_CRAMPED.sub(r" \g<0> ", plain(text)).split())
    found = {}
    if both := _BOTH.search(rest):
        found["rt"], found["rw"] = (_element("rt", digits) for digits in both.groups())
        rest = rest[: both.start()] + "," + rest[both.end() :]
    patterns = {"rt": _RT, "rw": _RW, "village": _VILLAGE, "district": _DISTRICT, "number": _NUMBER}
    for name, pattern in patterns.items():
        match = None if name in found else pattern.search(rest)
        if match:
            found[name] = _element(name, match[1])
            rest = f"{rest[: match.start()]},{rest[match.end() :]}"
    written = (_SHORT.get(word, word) for word in re.findall(r"[^\W_]+", rest))
    words = [word for word in written if word not in _MARKS]
    if not found.get("number") and len(words) > 1 and re.fullmatch("0*[1-9][0-9]{0,3}[A-Z]?", words[-1]):
        found["number"] = _element("number", words.pop())
    return Address(tuple(words), **found)


def normal_address(text: str) -> str:
    """The normal form as one text: `Jln. Apel no 012, RT.03/RW.5` is `APEL NO 12 RT 3 RW 5`."""
    return address_of(text).text


def similarity(a: str, b: str) -> int:
    """How alike two addresses are: 0..100, the same either way round, 100 for equal normal forms.

    What only one of them says costs little; another house number in the same street is another address
    (less than 80). Addresses without any word or number are like nothing.
    """
    left, right = sorted((address_of(a), address_of(b)), key=lambda one: (len(one.words), one.text))
    if left == right:
        return 100 if left.text else 0
    weighted = [(_STREET, _of_words(left.words, right.words))] if left.words and right.words else []
    lacking = int(bool(left.words) != bool(right.words))
    for name, weight in _WEIGHTS.items():
        one, other = getattr(left, name), getattr(right, name)
        if one and other:
            weighted.append((weight, 100 if one == other else 0))
        lacking += bool(one) != bool(other)
    if not weighted:
        return 0
    mean = sum(weight * score for weight, score in weighted) / sum(weight for weight, _ in weighted)
    # Without a street on both sides only the surroundings agree.
    most = 99 if weighted[0][0] == _STREET else 50
    return max(0, min(most, round(mean) - _LACKING * lacking))


def _of_words(short: tuple[str, ...], long: tuple[str, ...]) -> int:
    if "".join(short) == "".join(long):
        return 100
    few, many = sorted((bounded(short), bounded(long)), key=lambda words: (len(words), words))
    chosen = pairs(few, many, lambda a, b: part_score(a, b)[0])
    agreeing = sum(part_score(few[i], many[j])[0] * (len(few[i]) + len(many[j])) for i, j in chosen)
    return agreeing // sum(map(len, (*few, *many)))


def _element(name: str, text: str) -> str:
    """A number without leading zeros (000 and 0A are none), a name as one word."""
    if name in ("village", "district"):
        return re.sub(r"[\s.'-]", "", text)
    number = re.sub("^0+(?=[0-9])", "", re.sub(r"\s", "", text))
    return "" if number.startswith("0") else number
