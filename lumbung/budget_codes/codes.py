"""Account and sub-activity codes: reading a text as a code, its canonical form, the tree above it.

The structure is that of Permendagri 90/2019 and the decrees that renew its lists:

- account (kode rekening): akun.kelompok.jenis.objek.rincian.sub-rincian, 1+1+2+2+2+4 digits, as in
  `5.1.02.01.01.0024`;
- sub-activity: urusan.bidang.program.kegiatan.sub-kegiatan, `1.01.02.2.01.0001`. The kegiatan has two parts,
  of which the first is the level of government: 1 a province, 2 a regency or city; later lists also have 3
  to 8 for regions with a special status. Urusan and bidang `X.XX`, programme 01, are the supporting programme
  of every agency. Agencies also write it with their own bidang: `7.01.01.2.06.0002`. Zeros in a
  part, `4.02.00.1.01.01`, stand in rows of 2020.

Lists of 2019 and 2020 end in two digits, later ones in four: `2.12.02.2.01.01` and `2.12.02.2.01.0001` are
the same code. Spreadsheets and applications drop zeros (`5.1.2.1.1.24`), add some (`5.1.02.01.001.00024`) or
leave out the dots. All of these are read. What a code *means* may differ between regulations; that is for the
lists to say.

Before 2021 budgets had codes of Permendagri 13/2006, some of which look like these with zeros dropped
(`5.2.2.01.01`), and mean something else. Nothing in a code tells: `BudgetCode.is_padded` says where zeros
were put in.
"""

import re
import unicodedata
from dataclasses import dataclass

from lumbung.budget_codes.errors import BudgetCodeError


@dataclass(frozen=True, slots=True)
class Scheme:
    """How codes of one kind are built: the digits of each part, and the levels by their number of parts.

    The first `counted` parts are never zero. `wildcard` may stand for the first two.
    """

    title: str
    widths: tuple[int, ...]
    levels: dict[int, str]
    example: str
    counted: int
    wildcard: str = ""


ACCOUNT = Scheme(
    "account code", (1, 1, 2, 2, 2, 4),
    {1: "akun", 2: "kelompok", 3: "jenis", 4: "objek", 5: "rincian_objek", 6: "sub_rincian_objek"},
    "5.1.02.01.01.0024", counted=6,
)  # fmt: skip
SUB_ACTIVITY = Scheme(
    "sub-activity code", (1, 2, 2, 1, 2, 4),
    {1: "urusan", 2: "bidang", 3: "program", 5: "kegiatan", 6: "sub_kegiatan"},
    "1.01.02.2.01.0001", counted=2, wildcard="X",
)  # fmt: skip

PROVINCE, CITY = "province", "city"
_GOVERNMENTS = {"1": PROVINCE, "2": CITY}
_MARKS = re.compile(r" *[. ] *")


@dataclass(frozen=True, slots=True)
class BudgetCode:
    """A code in canonical form: `value`, its `level` as the scheme calls it, and its `parts`.

    `is_padded` when the text had fewer digits than the scheme, apart from the two-digit suffix of old lists.
    """

    scheme: Scheme
    parts: tuple[str, ...]
    is_padded: bool = False

    @property
    def value(self) -> str:
        """`5.1.02.01.01.0024`."""
        return ".".join(self.parts)

    @property
    def level(self) -> str:
        """`sub_rincian_objek`."""
        return self.scheme.levels[len(self.parts)]

    @property
    def ancestors(self) -> tuple[str, ...]:
        """The codes above it, the nearest last: `5`, `5.1`, `5.1.02`, ..."""
        return tuple(
            ".".join(self.parts[:count]) for count in sorted(self.scheme.levels) if count < len(self.parts)
        )

    @property
    def parent(self) -> str:
        """The code right above it; "" at the top."""
        return self.ancestors[-1] if self.ancestors else ""

    @property
    def government(self) -> str:
        """Of a kegiatan or sub-kegiatan: `province` or `city`; "" for other digits, and above a kegiatan."""
        if self.scheme is not SUB_ACTIVITY or len(self.parts) < 4:
            return ""
        return _GOVERNMENTS.get(self.parts[3], "")

    @property
    def supporting(self) -> "BudgetCode | None":
        """Of a code in any programme 01: its place in the supporting programme, `X.XX.01...`; else None."""
        if self.scheme is not SUB_ACTIVITY or self.parts[2:3] != ("01",):
            return None
        return BudgetCode(self.scheme, ("X", "XX", *self.parts[2:]), self.is_padded)


def account(text: str) -> BudgetCode:
    """The text as an account code of any level; raises `BudgetCodeError`."""
    return _read(text, ACCOUNT)


def sub_activity(text: str) -> BudgetCode:
    """The text as a code of a sub-activity, or of what is above one; raises `BudgetCodeError`."""
    return _read(text, SUB_ACTIVITY)


def _read(text: str, scheme: Scheme) -> BudgetCode:
    cleaned = unicodedata.normalize("NFKC", text).strip().removeprefix("'").strip().upper()
    parts = _MARKS.split(cleaned) if _MARKS.search(cleaned) else _cut(cleaned, scheme)
    if len(parts) not in scheme.levels:
        raise _refused(text, scheme)
    canonical = [_part(part, width, scheme) for part, width in zip(parts, scheme.widths, strict=False)]
    if None in canonical or not _is_sound(canonical, scheme):
        raise _refused(text, scheme)
    return BudgetCode(scheme, tuple(filter(None, canonical)), _is_padded(parts, scheme))


def _cut(digits: str, scheme: Scheme) -> list[str]:
    """An undotted text in parts, if its length is a level's; two digits at the end are an old suffix."""
    parts, start = [], 0
    for width in scheme.widths:
        if start >= len(digits):
            break
        parts.append(digits[start : start + width])
        start += width
    is_old = scheme is SUB_ACTIVITY and len(parts) == len(scheme.widths) and len(parts[-1]) == 2
    is_whole = start == len(digits) or is_old
    return parts if is_whole else []


def _part(part: str, width: int, scheme: Scheme) -> str | None:
    """One part with the scheme's digits, zeros in front put in or left out; None if it can't have them."""
    if scheme.wildcard and part == scheme.wildcard * width:
        return part
    if not re.fullmatch(r"[0-9]+", part):
        return None
    digits = part.lstrip("0").rjust(width, "0")
    return digits if len(digits) == width else None


def _is_sound(parts: list[str | None], scheme: Scheme) -> bool:
    """Wildcards stand in urusan and bidang only, and in both."""
    if any(part is not None and not part.strip("0") for part in parts[: scheme.counted]):
        return False
    wild = [part is not None and set(part) == {scheme.wildcard} for part in parts]
    return not any(wild[2:]) and len(set(wild[:2])) == 1


def _is_padded(parts: list[str], scheme: Scheme) -> bool:
    old = scheme is SUB_ACTIVITY and len(parts) == len(scheme.widths) and len(parts[-1]) == 2
    checked = parts[:-1] if old else parts
    return any(len(part) < width for part, width in zip(checked, scheme.widths, strict=False))


def _refused(text: str, scheme: Scheme) -> BudgetCodeError:
    return BudgetCodeError(
        f"{text!r} is no {scheme.title}: expected parts of {'+'.join(map(str, scheme.widths))} digits, "
        f"such as {scheme.example}, or the beginning of one"
    )
