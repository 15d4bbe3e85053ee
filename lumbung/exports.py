"""The defect list of a dataset, for the OPD that owns it: what is wrong in which row, and how to mend it.

Values come from a source that nobody vouches for, and the list is opened in a spreadsheet: a text that a
spreadsheet would run as a formula is written so that it can't. The list shows personal values, for its
reader owns them; the file is readable by whoever exports it alone.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.registry import DATABASES
from lumbung.errors import ExportError
from lumbung.feedback import Feedback, Line
from lumbung.feedback_words import HEADINGS, fault_words
from lumbung.reasons import Explanation, Language, explain
from lumbung.workbook import write_workbook
from schemas.contract import Contract

Format = Literal["csv", "xlsx"]
Cell = str | int

#: Sources whose rows do not come from files.
_WITHOUT_FILES = (*DATABASES, "api")
#: Full-width signs count as formula signs in some spreadsheets.
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_BLANK = r"[\s\x00-\x20\ufeff\u200b]*"
_STARTS_FORMULA = re.compile(rf"{_BLANK}{_SIGN}|{_BLANK}[\t\r]")
# A spreadsheet that takes another separator than the comma splits inside quoted fields too.
_INNER_FORMULA = re.compile(rf"([;\t\r\n]\s*)(?={_SIGN})")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*")


@dataclass(frozen=True)
class Listing:
    """A defect list to be written: what it tells of, in which language, by which clock."""

    found: Feedback
    language: Language
    timezone: ZoneInfo

    @property
    def contract(self) -> Contract:
        """The dataset's contract."""
        return self.found.contract

    @property
    def fields(self) -> tuple[str, ...]:
        """What a line has, from left to right; files only when the source has any."""
        server = self.contract.server
        has_files = server is not None and server.kind not in _WITHOUT_FILES
        return tuple(name for name in HEADINGS[self.language] if has_files or name != "file")

    def explained(self, code: str) -> Explanation:
        """The words for a reason's code."""
        return explain(code, self.contract, self.language)


@dataclass(frozen=True)
class Defect:
    """One line of the list: one reason of one refused row, each field as its heading says."""

    file: str
    row: Cell
    key: str
    column: str
    value: str
    problem: str
    remedy: str
    found: str
    code: str
    is_number: bool

    def cells(self, fields: Iterable[str]) -> list[Cell]:
        """These fields of it."""
        return [getattr(self, name) for name in fields]


def defects(lines: Iterable[Line], listing: Listing) -> Iterator[Defect]:
    """The lines as the owner reads them."""
    contract = listing.contract
    words = {trend.code: listing.explained(trend.code) for trend in listing.found.trends}
    for line in lines:
        said = words.get(line.code) or listing.explained(line.code)
        yield Defect(
            file=line.file,
            row=_row(line),
            key=line.row_key if line.has_key else "",
            column=said.column,
            value=_value(line.code, line.row, listing),
            problem=said.problem,
            remedy=said.remedy,
            found=line.opened_at.astimezone(listing.timezone).strftime("%Y-%m-%d %H:%M"),
            code=line.code,
            is_number=_is_number(line.code, contract),
        )


def write(path: Path, kind: Format, lines: Iterable[Defect], listing: Listing) -> int:
    """Write the list to `path`, in place of what was there; returns how many lines it has.

    A workbook begins with a summary. Raises `ExportError` when the file can't be written, or is longer than
    a sheet.
    """
    with replacing(path) as draft:
        return (_write_csv if kind == "csv" else write_workbook)(draft, lines, listing)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write, for this user's eyes alone, that takes the place of `path` once it is whole.

    Raises `ExportError` when that can't be.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        yield draft
        draft.replace(path)
    except OSError as error:
        raise ExportError(f"{path} can't be written: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)


def harmless(text: str, *, is_number: bool = False) -> str:
    """The text with `'` before whatever a spreadsheet would run as a formula.

    `is_number` says that the value belongs to a column of numbers, where `-5` is what it looks like.
    """
    if is_number and _PLAIN_NUMBER.fullmatch(text):
        return text
    safe = _INNER_FORMULA.sub(r"\1'", text)
    return f"'{safe}" if _STARTS_FORMULA.match(text) else safe


def _row(line: Line) -> Cell:
    """The row at the source; of a further file whose name nobody knows `2:17`, row 17 of the second."""
    if line.row_number is None:
        return ""
    return (
        f"{line.file_place + 1}:{line.row_number}" if line.file_place and not line.file else line.row_number
    )


def _value(code: str, row: dict[str, str], listing: Listing) -> str:
    contract = listing.contract
    name, _, rule = code.partition(":")
    if rule == "malformed":
        return fault_words(row.get("row_fault", ""), listing.language)
    names = [name] if name else list(contract.key)
    if rule == "reference":
        names = next((list(r.columns) for r in contract.references if r.columns[0] == name), names)
    return " | ".join(row.get(n, "") for n in names)


def _is_number(code: str, contract: Contract) -> bool:
    name = code.partition(":")[0]
    return any(c.name == name and c.logical_type in ("integer", "number") for c in contract.columns)


def _write_csv(path: Path, lines: Iterable[Defect], listing: Listing) -> int:
    count, fields = 0, listing.fields
    # The mark at the start tells Excel that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([HEADINGS[listing.language][name] for name in fields])
        for defect in lines:
            count += 1
            writer.writerow(
                harmless(str(cell), is_number=defect.is_number and name == "value")
                for name, cell in zip(fields, defect.cells(fields), strict=True)
            )
    return count
