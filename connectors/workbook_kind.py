"""What a file is that was declared a spreadsheet: its content decides, not its name."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from connectors.errors import SourceMalformed
from connectors.ods_guard import MIMETYPE, survey_ods
from connectors.workbook_guard import Errors, error_cells, survey
from connectors.workbook_trial import try_open
from connectors.xls_guard import MAGIC, survey_xls

#: A sheet that ends in its format's last row was probably cut off there.
LAST_ROW = {"xlsx": 1_048_576, "xls": 65_536, "ods": 1_048_576}

_LOOKED_AT = 4096
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SAVED_AS = "ask for a workbook saved as XLSX"


class Workbook(NamedTuple):
    """A file that has been looked into: its `kind`, and the error cells of a sheet by index and name."""

    kind: str
    errors: Callable[[int, str], Errors]


def looked_into(path: Path, where: str) -> Workbook:
    """Go through the file before the reader does; raises `SourceMalformed` when it is no sound workbook."""
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if start.startswith(MAGIC):
        sheets = survey_xls(path, where)
        try_open(path, where)
        return Workbook("xls", lambda index, _: sheets[index] if index < len(sheets) else {})
    if not start.startswith(b"PK\x03\x04"):
        raise SourceMalformed(f"{where} {_what(start)}")
    if _is_ods(path):
        tables = survey_ods(path, where)
        return Workbook("ods", lambda _, name: tables.get(name, {}))
    faulty = survey(path, where)
    return Workbook("xlsx", lambda _, name: error_cells(path, name, faulty, where))


def _is_ods(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive, archive.open("mimetype") as part:
            return part.read(len(MIMETYPE)).decode("ascii", "replace") == MIMETYPE
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError):
        # No OpenDocument; the next to look says what it is instead.
        return False


def _what(start: bytes) -> str:
    """What the file is instead of a spreadsheet, as far as its start shows, and what to do."""
    if not start:
        return "is empty; ask for the file again"
    text = _decoded(start)
    low = text.lstrip().lower()
    if low.startswith(("<html", "<!doctype html", "<table", "<div", "<meta", "<style", "<body", "<head")):
        return f"is an HTML page, as some applications export for Excel; {_SAVED_AS}, or for CSV"
    if "urn:schemas-microsoft-com:office:spreadsheet" in low:
        return f"is XML Spreadsheet 2003, not a workbook; {_SAVED_AS}"
    if low.startswith("<?xml") or low.startswith("<"):
        return "is XML; declare format xml, or ask for a workbook saved as XLSX"
    if low.startswith("%pdf"):
        return f"is a PDF; {_SAVED_AS}"
    if start[:1] == b"\x09" and start[1:2] in (b"\x00", b"\x02", b"\x04", b"\x08"):
        return f"is a workbook of Excel before 97; {_SAVED_AS}"
    return _delimited(text) or f"is damaged or no spreadsheet; {_SAVED_AS}"


def _decoded(start: bytes) -> str:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return start[len(mark) :].decode(encoding, "replace")
    return start.decode("utf-8", "replace")


def _delimited(text: str) -> str:
    """The format to declare for a text of lines with delimiters; '' when it isn't one."""
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        return ""
    line = text.splitlines()[0] if text.splitlines() else ""
    delimiter = max("\t;,|", key=line.count)
    if delimiter not in line:
        return ""
    if delimiter == "\t":
        return "is tab-separated text, not a workbook; declare format tsv"
    also = "" if delimiter == "," else f" with delimiter '{delimiter}'"
    return f"is delimited text, not a workbook; declare format csv{also}"
