"""The hand-made files: revenue as CSV, progress and realisation as XLSX."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from demo.layout import BROKEN, FIRST_ROW, TOTAL
from demo.model import YEAR, Row, Value
from demo.reports import PROGRESS

_REVENUE = ("Tahun", "Bulan", "Kode Rekening", "Uraian", "Target", "Realisasi", "Persentase")
#: Upper and lower line of each report's header; without a lower cell the upper one takes both.
_PROGRESS = (
    ("Tahun", ""),
    ("Bulan", ""),
    ("Kode SKPD", ""),
    ("Kode Sub Kegiatan", ""),
    ("Nama Sub Kegiatan", ""),
    ("Target", "Fisik (%)"),
    ("Target", "Keuangan (%)"),
    ("Realisasi", "Fisik (%)"),
    ("Realisasi", "Keuangan (%)"),
    ("Keterangan", ""),
)
_REALISATION = (
    ("Tahun", ""),
    ("Bulan", ""),
    ("Kode SKPD", ""),
    ("Nama SKPD", ""),
    ("Kode Rekening", ""),
    ("Uraian", ""),
    ("Anggaran", ""),
    ("Realisasi s.d. Bulan Ini", "(Rp)"),
    ("Realisasi s.d. Bulan Ini", "(%)"),
)


@dataclass(frozen=True)
class Report:
    """A sheet with three title rows, a blank one, and a header of two lines."""

    sheet: str
    title: str
    header: tuple[tuple[str, str], ...]


_RFK = Report("RFK", "LAPORAN REALISASI FISIK DAN KEUANGAN", _PROGRESS)
_LRA = Report("LRA", "LAPORAN REALISASI ANGGARAN PENDAPATAN DAN BELANJA DAERAH", _REALISATION)


def write_revenue(folder: Path, rows: Sequence[Row]) -> None:
    """`realisasi_pad_<year>.csv`: semicolons, decimal comma, Windows-1252, CRLF, totals between the rows."""
    for file, listed in _by_year(folder, "realisasi_pad_{}.csv", rows):
        lines = [";".join(_REVENUE), *(_line(row) for row in listed)]
        text = "".join(f"{line}\r\n" for line in lines)
        replace(file, text.encode("windows-1252", "surrogateescape"))


def _by_year(folder: Path, name: str, rows: Sequence[Row]) -> Iterator[tuple[Path, list[Row]]]:
    """The file of each budget year with its rows; a closed year's is written once and for all."""
    folder.mkdir(parents=True, exist_ok=True)
    for year, listed in groupby(rows, key=lambda row: row["Tahun"]):
        file = folder / name.format(year)
        if year == YEAR or not file.exists():
            yield file, list(listed)


def _line(row: Row) -> str:
    cells = [_quoted(row[column]) for column in _REVENUE]
    if TOTAL in row:
        cells = ["", "", "JUMLAH", f"Bulan {row['Bulan']}", "", "", ""]
    if row.get(BROKEN) == "short":
        cells = cells[:3]
    if row.get(BROKEN) == "long":
        cells.insert(4, "lihat catatan")
    return ";".join(cells)


def _quoted(value: Value) -> str:
    text = "" if value is None else str(value)
    return f'"{text}"' if "," in text and not text[-1].isdigit() else text


def replace(file: Path, content: bytes) -> None:
    """Put `content` in place in one step, so that no reader sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.new")
    draft.write_bytes(content)
    draft.replace(file)


def write_progress(folder: Path, rows: Sequence[Row]) -> None:
    """`rfk_<year>.xlsx`, sheet RFK: three title rows, a blank one, a merged header of two, then the rows."""
    for file, listed in _by_year(folder, "rfk_{}.xlsx", rows):
        _write_book(file, listed, _RFK)


def write_realisation(folder: Path, rows: Sequence[Row]) -> None:
    """`lra_<year>.xlsx`, sheet LRA: laid out as the progress report is."""
    for file, listed in _by_year(folder, "lra_{}.xlsx", rows):
        _write_book(file, listed, _LRA)


def _write_book(file: Path, rows: Sequence[Row], report: Report) -> None:
    year = rows[0]["Tahun"]
    draft = file.with_name(f".{file.name}.new")
    with xlsxwriter.Workbook(draft, {"constant_memory": False}) as book:
        # The moment of writing would make each copy different.
        book.set_properties({"created": datetime(int(str(year)), 1, 1)})
        sheet = book.add_worksheet(report.sheet)
        bold = book.add_format({"bold": True, "align": "center", "border": 1})
        _head(sheet, bold, report, year)
        for number, row in enumerate(rows, FIRST_ROW[PROGRESS] - 1):
            _write(sheet, number, row, report)
    draft.replace(file)


def _head(sheet: Worksheet, bold: Format, report: Report, year: Value) -> None:
    last = len(report.header) - 1
    titles = (report.title, "PEMERINTAH KOTA PONTIANAK", f"TAHUN ANGGARAN {year}")
    for number, title in enumerate(titles):
        sheet.merge_range(number, 0, number, last, title, bold)
    for column, (upper, lower) in enumerate(report.header):
        if not lower:
            sheet.merge_range(4, column, 5, column, upper, bold)
        else:
            sheet.write_string(5, column, lower, bold)
            if column < last and report.header[column + 1][0] == upper:
                sheet.merge_range(4, column, 4, column + 1, upper, bold)


def _write(sheet: Worksheet, number: int, row: Row, report: Report) -> None:
    if TOTAL in row:
        sheet.write_string(number, 2, "JUMLAH")
        return
    for column, (upper, lower) in enumerate(report.header):
        value = row[f"{upper} {lower}".strip()]
        if value == "#N/A":
            sheet.write_formula(number, column, "=NA()", None, "#N/A")
        elif isinstance(value, str):
            sheet.write_string(number, column, value)
        elif value is not None:
            sheet.write_number(number, column, value)
