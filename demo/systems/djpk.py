"""The ministry's files: a CSV in long form, and the workbook that it is made from."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

from demo.model import Row
from demo.systems.files import replace

_SHEET = "nilai APBD"


def write(folder: Path, budgets: Sequence[Row], governments: Sequence[Row]) -> None:
    """Replace both files."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(budgets[0]), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(budgets)
    replace(folder / "apbd_2023_all_pemda.csv", text.getvalue().encode())
    replace(folder / "template_apbd_2023.xlsx", _workbook(governments))


def _workbook(rows: Sequence[Row]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        # The moment of writing would make each copy different.
        book.set_properties({"created": datetime(2023, 5, 12)})
        book.add_worksheet("format tabel APBD").write_row(0, 0, ["APBD 2023"])
        sheet = book.add_worksheet(_SHEET)
        sheet.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, list(row.values()))
    return content.getvalue()
