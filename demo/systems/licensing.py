"""Systems around licensing: the OSS export, the building register, old licences, signed letters, archive."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

from demo.model import Row
from demo.systems import sqlite
from demo.systems.files import replace


def write_oss(folder: Path, rows: Sequence[Row]) -> None:
    """`proyek_oss.xlsx`, as exported from OSS: a header and the projects."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        # The moment of writing would make each copy different.
        book.set_properties({"created": datetime(2026, 1, 2)})
        sheet = book.add_worksheet("Proyek")
        header: Row = {name: name for name in rows[0]}
        for number, row in enumerate([header, *rows]):
            for column, value in enumerate(row.values()):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)
    replace(folder / "proyek_oss.xlsx", content.getvalue())


def write_trade_licences(folder: Path, rows: Sequence[Row]) -> None:
    """`siup.csv`, taken from the trade office's Access file: semicolons, Windows-1252."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    replace(folder / "siup.csv", text.getvalue().encode("cp1252"))


def write_table(file: Path, table: str, rows: Sequence[Row]) -> None:
    """The one table of an application's own database; all but the number is text."""
    columns = {name: "INTEGER" if name.startswith("id") else "TEXT" for name in rows[0]}
    sqlite.write(file, {table: (columns, rows)})
