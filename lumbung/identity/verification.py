"""Does this person exist, and do these elements match? Answered without telling what is registered.

The check by element that Dukcapil offers to agencies: the caller sends a NIK and what it knows, and learns
per element `Sesuai` or `Tidak Sesuai`, of names and addresses a score too. Neither answers nor reprs hold a
registered value, and nothing is logged here. A score is a hint all the same: whoever may ask again and again
can guess towards a value, so the caller of this module audits and limits requests per NIK.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from lumbung.identity import addresses, likeness, nik
from lumbung.identity.spelling import plain

MATCHES, DIFFERS = "Sesuai", "Tidak Sesuai"
DEFAULT_THRESHOLD = 80

#: `00` is this hub's; the others are Dukcapil's.
ANSWERED, DECEASED, DUPLICATE, NOT_FOUND, INACTIVE, BAD_FORMAT = "00", "11", "12", "13", "14", "15"
MESSAGES = MappingProxyType(
    {
        ANSWERED: "Data ditemukan",
        DECEASED: "Data ditemukan, status meninggal dunia",
        DUPLICATE: "Data ditemukan, status data ganda",
        NOT_FOUND: "Data tidak ditemukan",
        INACTIVE: "Data ditemukan, status nonaktif",
        BAD_FORMAT: "Format permintaan salah",
    }
)


@dataclass(frozen=True)
class RegisteredPerson:
    """What the register knows; None or empty where it knows nothing. The repr shows none of it."""

    nik: str = field(repr=False)
    full_name: str | None = field(default=None, repr=False)
    birth_place: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    #: `1` male, `2` female.
    sex_code: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    kk_number: str | None = field(default=None, repr=False)
    #: As SIAK numbers them: each within the region above it (61, 71, 1, 1002).
    province_code: str | None = field(default=None, repr=False)
    regency_code: str | None = field(default=None, repr=False)
    district_code: str | None = field(default=None, repr=False)
    village_code: str | None = field(default=None, repr=False)
    is_deceased: bool = field(default=False, repr=False)
    is_duplicate: bool = field(default=False, repr=False)
    is_active: bool = field(default=True, repr=False)


@dataclass(frozen=True)
class Request:
    """A NIK, elements by their SIAK names, and the score (1..100) from which names and addresses match."""

    nik: str = field(repr=False)
    #: Texts; anything else is refused.
    elements: Mapping[str, object] = field(repr=False)
    threshold: int = DEFAULT_THRESHOLD


@dataclass(frozen=True)
class ElementAnswer:
    """`Sesuai` or `Tidak Sesuai`; the score 0..100 of names and addresses, None of others."""

    result: str
    score: int | None = None


@dataclass(frozen=True)
class Answer:
    """The response code; an answer per element asked when it is `00`; what was wrong when it is `15`.

    `refused` has names of elements (and `NIK`, `threshold`), never values.
    """

    response_code: str
    elements: Mapping[str, ElementAnswer] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """As JSON objects: the same keys whatever the answer."""
        elements = {name: {"result": one.result, "score": one.score} for name, one in self.elements.items()}
        return {
            "response_code": self.response_code,
            "message": MESSAGES[self.response_code],
            "elements": elements,
            "refused": list(self.refused),
        }


def verify(person: RegisteredPerson | None, request: Request) -> Answer:
    """Check a request against the person registered under its NIK, or None when there is none.

    Never raises on what a request says. The format is judged first, so that it says nothing of the register;
    who is deceased, duplicate or inactive (the first of these that holds) is not compared.
    """
    refused = _refused(request)
    if refused:
        return Answer(BAD_FORMAT, refused=refused)
    status = _status(person, request.nik.strip())
    if person is None or status != ANSWERED:
        return Answer(status)
    asked = [name for name in ELEMENTS if name in request.elements]
    return Answer(
        ANSWERED,
        {
            name: ELEMENTS[name].answer(person, _text(request.elements[name]), request.threshold)
            for name in asked
        },
    )


def _status(person: RegisteredPerson | None, asked: str) -> str:
    if person is None or person.nik != asked:
        return NOT_FOUND
    statuses = (
        (person.is_deceased, DECEASED),
        (person.is_duplicate, DUPLICATE),
        (not person.is_active, INACTIVE),
    )
    return next((code for holds, code in statuses if holds), ANSWERED)


def _refused(request: Request) -> tuple[str, ...]:
    """What is wrong with a request: names of elements in the order of the request, sound ones left out."""
    wrong = []
    if nik.parse(request.nik) is None or nik.is_placeholder(request.nik):
        wrong.append("NIK")
    if not (isinstance(request.threshold, int) and 1 <= request.threshold <= 100):
        wrong.append("threshold")
    if not request.elements:
        wrong.append("elements")
    for name, value in request.elements.items():
        if name not in ELEMENTS:
            # What is no name at all may be a value in the wrong place.
            wrong.append(name if re.fullmatch("[A-Z][A-Z_]{0,39}", _text(name)) else "(unknown element)")
        elif not ELEMENTS[name].is_sound(_text(value)):
            wrong.append(name)
    return tuple(dict.fromkeys(wrong))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class _Element:
    """How one element is read, and compared: by `read` and equality, or by `score`."""

    column: str
    read: Callable[[str], object]
    score: Callable[[str, str], int] | None = None

    def is_sound(self, value: str) -> bool:
        return bool(self.read(value))

    def answer(self, person: RegisteredPerson, value: str, threshold: int) -> ElementAnswer:
        registered = getattr(person, self.column)
        if self.score is None:
            # An unknown or unreadable registered value matches nothing: a sound one is never empty.
            known = registered if isinstance(registered, date) else self.read(registered or "")
            return ElementAnswer(MATCHES if self.read(value) == known else DIFFERS)
        score = self.score(value, registered or "")
        return ElementAnswer(MATCHES if score >= threshold else DIFFERS, score)


def _birth_date(text: str) -> date | None:
    """`31-12-1990`, `31/12/1990` or `1990-12-31`; None for what is no day."""
    text = text.strip()
    if match := re.fullmatch(r"([0-9]{2})[-/]([0-9]{2})[-/]([0-9]{4})", text):
        text = f"{match[3]}-{match[2]}-{match[1]}"
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _sex(text: str) -> str:
    words = {"1": "1", "L": "1", "LAKILAKI": "1", "2": "2", "P": "2", "PEREMPUAN": "2"}
    return words.get(re.sub(r"[\s-]", "", plain(text)), "")


def _place(text: str) -> str:
    """A birth place, as regency or city or plain: `Kota Pontianak`, `PONTIANAK`."""
    named = re.sub(r"^\s*(?:KOTA|KABUPATEN|KAB)\b", "", plain(text))
    return re.sub(r"[\W_]", "", named) or re.sub(r"[\W_]", "", plain(text))


def _kk(text: str) -> str:
    return text.strip() if re.fullmatch("[0-9]{16}", text.strip()) and text.strip("0 ") else ""


def _code(text: str) -> str:
    """A region's number without leading zeros."""
    return text.strip().lstrip("0") if re.fullmatch("[0-9]{1,4}", text.strip()) else ""


#: What may be asked, by SIAK's names, in the order of answers.
ELEMENTS: Mapping[str, _Element] = MappingProxyType(
    {
        "NAMA_LGKP": _Element("full_name", str.strip, likeness.similarity),
        "TMPT_LHR": _Element("birth_place", _place),
        "TGL_LHR": _Element("birth_date", _birth_date),
        "JENIS_KLMIN": _Element("sex_code", _sex),
        "ALAMAT": _Element("address", str.strip, addresses.similarity),
        "NO_KK": _Element("kk_number", _kk),
        "NO_PROP": _Element("province_code", _code),
        "NO_KAB": _Element("regency_code", _code),
        "NO_KEC": _Element("district_code", _code),
        "NO_KEL": _Element("village_code", _code),
    }
)
