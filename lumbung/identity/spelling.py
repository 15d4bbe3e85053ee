"""Names and addresses as plain capitals, old spellings as new ones.

Old spellings are those of before 1947 (oe) and before 1972 (dj, tj, sj, nj, ch, j for y), which many people
keep in their names (Ejaan yang Disempurnakan, Kepres 57/1972).
"""

import re
import unicodedata

_APOSTROPHES = re.compile("['`\u00b4\u02bb\u02bc\u02bf\u2018\u2019\u2032]")
#: With one of these a part is in the old spelling, and so is its J.
_OLD = re.compile("OE|DJ|TJ|SJ|^NJ")
#: OE that was never U.
_OE_STAYS = frozenset({"JOEL", "NOEL", "ZOE", "JOE", "CHLOE", "KHLOE", "KLOE", "PHOEBE"})
_MUHAMAD = (
    "MUH MOH MOHD MUHD MHD MOCH MOKH MUCH MUKH MOHAMAD MUHAMAT MOHAMAT MUHAMED MOHAMED MUKHAMAD MOKHAMAD "
    "MUHAMMAD MOHAMMAD MUKHAMMAD MOKHAMMAD"
)


def variants(written: str, meant: str) -> dict[str, str]:
    """Each of the words, a blank between, as a key to what is meant."""
    return dict.fromkeys(written.split(), meant)


#: Parts that are the same name, in what `respelled` has made of them otherwise. Each value stays as it is.
_SAME = {
    **variants(_MUHAMAD, "MUHAMAD"),
    **variants("AKHMAD AHMAT AKHMAT AHMED AMAD", "AHMAD"),
    **variants("RAKHMAT ROKHMAT ROHMAT", "RAHMAT"),
    **variants("JUSUF YUSUP JUSUP YOSUF YUSOF", "YUSUF"),
    **variants("JAHJA JAHYA YAHJA", "YAHYA"),
    "ABD": "ABDUL",
    "ABDOL": "ABDUL",
    "JUNUS": "YUNUS",
    "KHANDRA": "CANDRA",
}


def plain(text: str) -> str:
    """Capitals without accents or apostrophes; letters of other scripts stay what they are."""
    for _ in range(3):
        split = unicodedata.normalize("NFKD", text.upper())
        folded = "".join(c for c in split if not unicodedata.combining(c))
        if folded == text:
            break
        text = folded
    return _APOSTROPHES.sub("", text)


def respelled(part: str) -> str:
    """One part of a name in today's spelling, doubled letters once: SOERJA is SURYA, CHAIRUL is KHAIRUL."""
    while (spelt := _SAME.get(once := _once(part), once)) != part:
        part = spelt
    return part


def _once(part: str) -> str:
    if _OLD.search(part) and part not in _OE_STAYS:
        # What DJ stands for is a J of today, so the old J goes first.
        part = re.sub("(?<![DTSN])J", "Y", part)
        part = part.replace("OE", "U").replace("DJ", "J").replace("TJ", "C").replace("SJ", "SY")
        part = re.sub("^NJ", "NY", part)
    part = part.replace("CHR", "KR").replace("CH", "KH")
    return re.sub(r"([^\W\d])\1+", r"\1", part)


_HEARD = (
    ("KH", "H"), ("SY", "S"), ("SH", "S"), ("TS", "S"), ("DZ", "Z"), ("DH", "D"), ("TH", "T"), ("PH", "P"),
    ("Q", "K"), ("X", "KS"), ("F", "P"), ("V", "P"), ("IE", "I"), ("IY", "I"), ("O", "U"),
)  # fmt: skip
_KEYED = (("NG", "N"), ("NY", "N"), ("Z", "J"), ("D", "T"), ("G", "K"))


def heard(part: str) -> str:
    """How a part of a normal form is spoken: the same for YOGA and YUGA, not for RINA and RINI."""
    for written, spoken in _HEARD:
        part = part.replace(written, spoken)
    part = re.sub("Y$", "I", part)
    return re.sub(r"(.)\1+", r"\1", part[:1] + part[1:].replace("H", ""))


def sound(part: str) -> str:
    """A key that spellings of one name share, for blocking: ZAINAL and JAENAL, SYARIF and SARIP.

    `part` is one part of a normal form. The key has the first sound (any vowel is `A`) and the consonants
    after it, without H, W and Y; for parts of other scripts it is the part.
    """
    if not re.fullmatch("[A-Z]+", part):
        return part
    part = heard(part)
    for spoken, key in _KEYED:
        part = part.replace(spoken, key)
    first = "A" if part[0] in "AEIOU" else part[0]
    return re.sub(r"(.)\1+", r"\1", first + re.sub("[AEIOUHWY]", "", part[1:]))
