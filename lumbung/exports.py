"""The defect list of a dataset, for the OPD that owns it: what is wrong in which row, and how to mend it.

Values come from a source that nobody vouches for, and the list is opened in a spreadsheet: a text that a
spreadsheet would run as a formula is written so that it can't. The list shows personal values, for its
reader owns them; the file is readable by whoever exports it alone.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from connectors.files import STRIDE
from lumbung.errors import ExportError
from lumbung.reasons import Explanation, Language, explain
from lumbung.reports import Entry
from schemas.contract import Contract

Format = Literal["csv", "xlsx"]
Cell = str | int

#: What a spreadsheet holds at most: rows of a sheet, and characters of a cell.
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767

_HEADERS: dict[Language, tuple[str, ...]] = {
    "id": ("Nomor baris", "Kunci", "Kolom", "Nilai", "Apa yang salah", "Cara memperbaiki", "Ditemukan"),
    "en": ("Row number", "Key", "Column", "Value", "What is wrong", "How to mend it", "Found"),
}
_SHEETS: dict[Language, str] = {"id": "Daftar kesalahan", "en": "Defects"}
#: Where the value stands in a line.
_VALUE = 3
_XLSX = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = (12, 24, 28, 32, 44, 60, 18)

#: Full-width signs count as formula signs in some spreadsheets.
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_BLANK = r"[\s\x00-\x20\ufeff\u200b]*"
_STARTS_FORMULA = re.compile(rf"{_BLANK}{_SIGN}|{_BLANK}[\t\r]")
# A spreadsheet that takes another separator than the comma splits inside quoted fields too.
_INNER_FORMULA = re.compile(rf"([;\t\r\n]\s*)(?={_SIGN})")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*")


@dataclass(frozen=True)
class Defect:
    """One line of the list: one reason of one refused row."""

    row_number: Cell
    key: str
    value: str
    is_number: bool
    words: Explanation
    found: str


def defects(
    entries: Iterable[Entry], contract: Contract, language: Language, timezone: ZoneInfo
) -> Iterator[Defect]:
    """The lines of these entries of the contract's dataset. An entry may hold several rows of one key."""
    for entry in entries:
        found = entry.opened_at.astimezone(timezone).strftime("%Y-%m-%d %H:%M")
        explained = [(code, explain(code, contract, language)) for code in entry.reasons]
        for number, row in zip(entry.row_numbers, entry.rows, strict=True):
            for code, words in explained:
                yield Defect(
                    row_number=_row_number(number),
                    key=entry.row_key if entry.has_key else "",
                    value=_value(code, row, contract),
                    is_number=_is_number(code, contract),
                    words=words,
                    found=found,
                )


def write(path: Path, kind: Format, lines: Iterable[Defect], language: Language, title: str = "") -> int:
    """Write the list to `path`, in place of what was there; returns how many lines it has.

    Raises `ExportError` when the file can't be written, or is longer than a sheet.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        if kind == "csv":
            count = _write_csv(draft, lines, language)
        else:
            count = _write_xlsx(draft, lines, language, title)
        draft.replace(path)
    except OSError as error:
        raise ExportError(f"{path} can't be written: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)
    return count


def harmless(text: str, *, is_number: bool = False) -> str:
    """The text with `'` before whatever a spreadsheet would run as a formula.

    `is_number` says that the value belongs to a column of numbers, where `-5` is what it looks like.
    """
    if is_number and _PLAIN_NUMBER.fullmatch(text):
        return text
    safe = _INNER_FORMULA.sub(r"\1'", text)
    return f"'{safe}" if _STARTS_FORMULA.match(text) else safe


def _row_number(number: int) -> Cell:
    """The row at the source. Files after the first are numbered apart: `2:17` is row 17 of the second."""
    file, row = divmod(number, STRIDE)
    return f"{file + 1}:{row}" if file else row


def _value(code: str, row: dict[str, str], contract: Contract) -> str:
    name, _, rule = code.partition(":")
    if rule == "malformed":
        return row.get("row_fault", "")
    names = [name] if name else list(contract.key)
    if rule == "reference":
        names = next((list(r.columns) for r in contract.references if r.columns[0] == name), names)
    return " | ".join(row.get(n, "") for n in names)


def _is_number(code: str, contract: Contract) -> bool:
    name = code.partition(":")[0]
    return any(c.name == name and c.logical_type in ("integer", "number") for c in contract.columns)


def _cells(defect: Defect) -> Sequence[Cell]:
    words = defect.words
    return (
        defect.row_number, defect.key, words.column, defect.value, words.problem, words.remedy, defect.found,
    )  # fmt: skip


def _write_csv(path: Path, lines: Iterable[Defect], language: Language) -> int:
    count = 0
    # The mark at the start tells Excel that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(_HEADERS[language])
        for defect in lines:
            cells = [harmless(str(cell)) for cell in _cells(defect)]
            cells[_VALUE] = harmless(defect.value, is_number=defect.is_number)
            writer.writerow(cells)
            count += 1
    return count


def _write_xlsx(path: Path, lines: Iterable[Defect], language: Language, title: str) -> int:
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    count = 0
    try:
        with xlsxwriter.Workbook(str(path), _XLSX) as book:
            book.set_properties({"title": title})
            sheet = book.add_worksheet(_SHEETS[language])
            _head(sheet, language, book.add_format({"bold": True}))
            for count, defect in enumerate(lines, start=1):
                _put(sheet, count, _cells(defect))
    except FileCreateError as error:
        raise ExportError(f"The workbook can't be written: {error}") from None
    return count


def _head(sheet: Any, language: Language, bold: Any) -> None:
    for column, (heading, width) in enumerate(zip(_HEADERS[language], _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, bold)
    sheet.freeze_panes(1, 0)


def _put(sheet: Any, place: int, cells: Sequence[Cell]) -> None:
    if place >= _MOST_ROWS:
        raise ExportError(f"The list has more lines than a sheet's {_MOST_ROWS:,}; export it as CSV.")
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(place, column, cell)
        else:
            # Always as a string: a sheet runs no formula that it was not given as one.
            sheet.write_string(place, column, _fitting(cell))


def _fitting(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
