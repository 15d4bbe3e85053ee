"""SIPD's cash plan as it is exported: a workbook a year, the months side by side."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from demo.model import YEAR, Row, Value

#: What a line is told by; what differs in one of these stands on a line of its own.
_LINE = ("tahun_anggaran", "kode_skpd", "nama_skpd", "kode_sub_giat", "nama_sub_giat")
_MONTHS = tuple(f"bulan_{number}" for number in range(1, 13))


def write(folder: Path, rows: Sequence[Row]) -> None:
    """`rak_<year>.xlsx`, sheet RAK: a title row, the header, the lines. A closed year's is written once."""
    folder.mkdir(parents=True, exist_ok=True)
    for year in sorted({int(str(row["tahun_anggaran"])) for row in rows}):
        file = folder / f"rak_{year}.xlsx"
        if year == YEAR or not file.exists():
            _write_book(file, year, [row for row in rows if row["tahun_anggaran"] == year])


def _write_book(file: Path, year: int, rows: Sequence[Row]) -> None:
    draft = file.with_name(f".{file.name}.new")
    with xlsxwriter.Workbook(draft) as book:
        # The moment of writing would make each copy different.
        book.set_properties({"created": datetime(year, 1, 1)})
        sheet = book.add_worksheet("RAK")
        sheet.write_string(0, 0, f"RENCANA ANGGARAN KAS TAHUN {year}")
        for column, name in enumerate((*_LINE, *_MONTHS)):
            sheet.write_string(1, column, name)
        for number, (line, months) in enumerate(_pivoted(rows), 2):
            for column, value in enumerate((*line, *(months.get(n) for n in range(1, 13)))):
                _cell(sheet, number, column, value)
    draft.replace(file)


def _pivoted(rows: Sequence[Row]) -> list[tuple[tuple[Value, ...], dict[int, Value]]]:
    """Lines with their amounts by month; a month that stands there already begins another line."""
    found: list[tuple[tuple[Value, ...], dict[int, Value]]] = []
    open_lines: dict[tuple[Value, ...], dict[int, Value]] = {}
    for row in rows:
        line, month = tuple(row[name] for name in _LINE), int(str(row["month_number"]))
        if line not in open_lines or month in open_lines[line]:
            open_lines[line] = {}
            found.append((line, open_lines[line]))
        open_lines[line][month] = row["planned_amount"]
    return found


def _cell(sheet: Worksheet, row: int, column: int, value: Value) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)
