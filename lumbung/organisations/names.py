"""Normal form of agencies' names: two ways of writing one name have the same key.

Only words that say what kind of agency it is are written out (Din., Bdn., Kec., Kel.). What Disdukcapil or
BKAD stand for is for a table to say.
"""

import re
import unicodedata

_KINDS = {
    "DIN": "DINAS", "DNS": "DINAS", "BDN": "BADAN", "BAD": "BADAN", "KEC": "KECAMATAN", "KEL": "KELURAHAN",
    "SEKR": "SEKRETARIAT", "KTR": "KANTOR", "UPTD": "UPT",
}  # fmt: skip


def key_of(text: str) -> str:
    """The name's key, in capitals without blanks and marks; empty when the text names nothing.

    Numbers stay apart, so that Puskesmas 1 is not the beginning of Puskesmas 11.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).upper()
    # The mark for an unreadable letter stands for one: it must not vanish.
    words = re.findall(r"[0-9]+|(?:[^\W0-9_]|\ufffd)+", plain.replace("&", " DAN "))
    if len(words) > 1:
        words = [_KINDS.get(words[0], words[0]), *words[1:]]
    return "".join(f"#{word.lstrip('0') or '0'}" if word.isdigit() else word for word in words)
