"""Names of businesses: the legal form, the words, and how alike two are.

`PT. Sumber Rejeki, Tbk`, `SUMBER REZEKI PT` and `Perseroan Terbatas Sumber Redjeki` are one name. Unlike the
names of people, the order of words tells (Maju Jaya, Jaya Maju), and so does a number (Indah 2).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from lumbung.identity.distance import bounded, edits, pairs
from lumbung.identity.likeness import Likeness, part_score
from lumbung.identity.spelling import plain, respelled, variants

SAME, NO_NAME = "same normal form", "no name to compare"
FORM, NO_FORM, NUMBER = "legal form differs", "legal form on one side", "number differs"
ORDER, MISSING, DIFFERENT = "words in another order", "a word is missing", "a word differs"
SPELLING, TOGETHER = "spelling", "written together"

#: What a form is written as; the longest that fits is taken. PT perorangan is a PT (UU 6/2023).
_FORMS = {
    **variants("PT PERSEROAN_TERBATAS PERSEROAN_PERORANGAN PT_PERORANGAN", "PT"),
    **variants("CV PERSEKUTUAN_KOMANDITER COMMANDITAIRE_VENNOOTSCHAP", "CV"),
    **variants("FA FIRMA", "FIRMA"),
    **variants("UD USAHA_DAGANG PD PERUSAHAAN_DAGANG", "UD"),
    **variants("TOKO TK", "TOKO"),
    **variants("KOPERASI KOP KSP KUD KSU KOPERASI_SIMPAN_PINJAM KOPERASI_SERBA_USAHA", "KOPERASI"),
    **variants("YAYASAN YAY YYS", "YAYASAN"),
    **variants("PERUMDA PERUSAHAAN_UMUM_DAERAH PERUSAHAAN_DAERAH", "PERUMDA"),
    **variants("PERUM PERUSAHAAN_UMUM", "PERUM"),
    **variants("PERSEROAN_DAERAH PERSERODA", "PERSERODA"),
    **variants("PERKUMPULAN", "PERKUMPULAN"),
}
#: Forms that people use for one another: a person's trade, with no body of its own in law.
_TRADES = frozenset({"UD", "TOKO", ""})
_LISTED = frozenset({"TBK", "PERSERO"})
_SPELT = {
    **variants("REJEKI REDJEKI REZKI REJEKY RIZKI RIZKY RISKI", "REZEKI"),
    **variants("JAJA", "JAYA"),
    **variants("MODEREN MODEREND", "MODERN"),
    **variants("APOTIK APOTEKE", "APOTEK"),
    **variants("SENTAUSA", "SENTOSA"),
    **variants("RM", "RUMAH_MAKAN"),
    **variants("WR WRG", "WARUNG"),
    **variants("CO COMPANY", "COMPANY"),
    "&": "DAN",
}
#: `P.T.` and `C. V.` as PT and CV.
_DOTTED = re.compile(r"\b([A-Z])\.\s?(?=[A-Z]\b)")
_LONGEST_FORM = 3
_MOST = 99
_NO_FORM_COSTS, _TRADE_COSTS, _ORDER_COSTS = 4, 2, 15
_MISSING_COSTS, _OTHER_FORM_AT_MOST, _OTHER_NUMBER_AT_MOST = 22, 55, 60


@dataclass(frozen=True)
class BusinessName:
    """A name's normal form. The name of a trade may be its owner's: the repr shows nothing of it."""

    #: PT, CV, FIRMA, UD, TOKO, KOPERASI, YAYASAN, ...; empty where the name says none.
    form: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)

    @property
    def text(self) -> str:
        """Form and words, a blank between."""
        return " ".join(filter(None, (self.form, *self.words)))

    @property
    def key(self) -> str:
        """The words as one, without blanks or form: for blocking."""
        return "".join(self.words)


def name_of(text: str) -> BusinessName:
    """The normal form of a name as somebody wrote it. Never raises; of a form alone there are no words."""
    written = _DOTTED.sub(r"\1", plain(text))
    words = [word for word in re.findall(r"[^\W_]+|&", written) if word not in _LISTED]
    form, rest = _form_at(words, at_end=False)
    if not form:
        form, rest = _form_at(words, at_end=True)
    spelt = [part for word in rest for part in _SPELT.get(word, _spelt(word)).split("_")]
    return BusinessName(form, tuple(spelt))


def normal_name(text: str) -> str:
    """The normal form as one text: `Sinar Abadi, C.V.` is `CV SINAR ABADI`."""
    return name_of(text).text


def similarity(a: str, b: str) -> int:
    """How alike two names are: 0..100, the same either way round, 100 exactly for equal normal forms."""
    return likeness(name_of(a), name_of(b)).score


def likeness(a: BusinessName, b: BusinessName) -> Likeness:
    """As `similarity`, of normal forms, with the evidence in words that hold nothing of the names.

    A PT and a CV of one name are two businesses (55 at most); so are Indah 1 and Indah 2 (60 at most).
    """
    if not a.words or not b.words:
        return Likeness(0, (NO_NAME,))
    if a == b:
        return Likeness(100, (SAME,))
    score, evidence = _of_words(*sorted((a.words, b.words), key=lambda words: (len(words), words)))
    if _numbers(a) != _numbers(b):
        score, evidence = min(score, _OTHER_NUMBER_AT_MOST), evidence | {NUMBER}
    if a.form != b.form:
        score, why = _with_forms(score, {a.form, b.form})
        evidence |= {why}
    return Likeness(max(0, min(_MOST, round(score))), tuple(sorted(evidence)))


def _with_forms(score: float, forms: set[str]) -> tuple[float, str]:
    if "" in forms:
        return score - _NO_FORM_COSTS, NO_FORM
    if forms <= _TRADES:
        return score - _TRADE_COSTS, FORM
    return min(score, _OTHER_FORM_AT_MOST), FORM


def _of_words(short: tuple[str, ...], long: tuple[str, ...]) -> tuple[float, set[str]]:
    """Words against words, `short` having no more of them."""
    if short == long:
        return 100, set()
    one, other = "".join(short), "".join(long)
    if one == other:
        return 98, {TOGETHER}
    if len(short) != len(long) and min(len(one), len(other)) > 7 and edits(one, other) == 1:
        return 92, {TOGETHER}
    short, long = bounded(short), bounded(long)
    chosen = pairs(short, long, _word_score)
    scores = [_word_score(short[i], long[j]) for i, j in chosen]
    total = (sum(scores) / len(scores) + 2 * min(scores)) / 3
    evidence = {DIFFERENT} if min(scores) < 80 else {SPELLING} if min(scores) < 100 else set()
    if [j for _, j in chosen] != sorted(j for _, j in chosen):
        total, evidence = total - _ORDER_COSTS, evidence | {ORDER}
    if missing := len(long) - len(short):
        total, evidence = total - _MISSING_COSTS * missing, evidence | {MISSING}
    return total, evidence


@lru_cache(maxsize=100_000)
def _word_score(one: str, other: str) -> int:
    """Names of businesses are made of few words, compared again and again."""
    return part_score(one, other)[0]


def _form_at(words: list[str], *, at_end: bool) -> tuple[str, list[str]]:
    """The form with which the words begin, or end, and the words without it."""
    for size in range(min(_LONGEST_FORM, len(words)), 0, -1):
        piece = words[-size:] if at_end else words[:size]
        if form := _FORMS.get("_".join(piece)):
            return form, words[:-size] if at_end else words[size:]
    return "", words


def _spelt(word: str) -> str:
    spelt = respelled(word)
    return _SPELT.get(spelt, spelt)


def _numbers(name: BusinessName) -> tuple[str, ...]:
    """Numbers among the words, roman ones too, in order."""
    return tuple(word for word in name.words if re.fullmatch(r"[0-9]+|I{1,3}|IV|VI{0,3}|IX|X", word))
