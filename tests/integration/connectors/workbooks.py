"""Workbooks in every format that is read, from rows of plain values."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import xlwt

Sheets = Mapping[str, Sequence[Sequence[Any]]]

ODS = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
_ERRORS = {"#N/A": 0x2A, "#DIV/0!": 0x07, "#REF!": 0x17}


class Error(str):
    """An error such as #N/A, which is no text."""


def xlsx(path: Path, sheets: Sheets) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([str(value) if isinstance(value, Error) else value for value in row])
    book.save(path)


def xls(path: Path, sheets: Sheets) -> None:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, Error):
                    sheet.row(number).set_cell_error(place, _ERRORS[value])
                elif value is not None:
                    sheet.write(number, place, value, _style(value))
    book.save(str(path))


def _style(value: Any) -> xlwt.XFStyle:
    form = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd"}.get(type(value), "General")
    return xlwt.easyxf(num_format_str=form)


def ods(path: Path, sheets: Sheets) -> None:
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_row, rows))}'
        # As LibreOffice ends a sheet.
        '<table:table-row table:number-rows-repeated="1048500">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    ods_of(path, tables)


def ods_of(path: Path, tables: str, start: str = "") -> None:
    """An ODS file with these tables as its content."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{start}<office:document-content {_SPACES} {_CALC} '
        f'office:version="1.3"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)


def _row(row: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>"


def _cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Error):
        said = 'table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        said += 'calcext:value-type="error"'
    elif isinstance(value, bool):
        said = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        said = f'office:value-type="float" office:value="{value!r}"'
    elif isinstance(value, date):
        said = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        said = 'office:value-type="string"'
    return f"<table:table-cell {said}><text:p>{escape(str(value))}</text:p></table:table-cell>"


WRITERS: dict[str, Callable[[Path, Sheets], None]] = {"xlsx": xlsx, "xls": xls, "ods": ods}
