"""Looking into an XLSX file before the reader opens it: is it one, will it fit, and where are its errors?

The reader (calamine) unpacks whatever it is given, allots a cell for every place between the first and
last used one, and reads an error such as `#N/A` as an empty cell. So the archive is gone through once
in bounded memory: sizes are counted, not believed, and errors are noted.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from connectors.errors import SourceMalformed

#: The most that a workbook may unpack to (bytes), and the most cells its sheet may span.
MAX_UNPACKED = 1 << 29
MAX_CELLS = 40_000_000
CHUNK = 1 << 20

Errors = dict[tuple[int, int], str]

# Want of memory in the reader ends the whole process, so any place that is mentioned counts.
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)\d""")
_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]*(\d{1,20})""")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def is_archive(path: Path) -> bool:
    """Whether the file is of the zipped formats; older .xls files are not."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def survey(path: Path, where: str) -> frozenset[str]:
    """Go through the whole archive; the names of the worksheet parts that hold error cells.

    Raises `SourceMalformed` when it is damaged or no workbook, when it unpacks to more than
    `MAX_UNPACKED`, when a sheet spans more than `MAX_CELLS`, or when its XML declares entities.
    """
    faulty = set()
    unpacked = 0
    with archive_of(path, where) as archive:
        archive.getinfo("xl/workbook.xml")
        for info in archive.infolist():
            span = _Span()
            for chunk in _chunks(archive, info):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED:
                    raise SourceMalformed(f"{where} unpacks to more than {MAX_UNPACKED >> 20} MiB; split it")
                _refuse_entities(chunk, info, where)
                span.widen(chunk, where)
                faulty |= {info.filename} if _ERROR.search(chunk) else set()
    return frozenset(faulty)


def error_cells(path: Path, sheet: str, faulty: frozenset[str], where: str) -> Errors:
    """The error texts of the sheet's cells by (row, column) from 0, if its part is among `faulty`."""
    if not faulty:
        return {}
    with archive_of(path, where) as archive:
        part = _part(archive, sheet)
        return _errors(archive, part) if part in faulty else {}


@contextmanager
def archive_of(path: Path, where: str, kind: str = "XLSX") -> Iterator[zipfile.ZipFile]:
    """The file as an archive; raises `SourceMalformed` wherever it turns out to be damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError):
        raise SourceMalformed(f"{where} is damaged or no {kind} workbook; ask for the file again") from None
    except ElementTree.ParseError:
        raise SourceMalformed(f"{where}: the XML inside is damaged; ask for the file again") from None


class _Span:
    """How far a part's rows and cells reach, as they say themselves."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0

    def widen(self, chunk: bytes, where: str) -> None:
        """Take in more of the sheet; raises `SourceMalformed` when it spans too much."""
        self.rows = max(self.rows, *map(int, set(_ROW.findall(chunk))), 0)
        self.columns = max(self.columns, *map(_index, set(_COLUMN.findall(chunk))), 0)
        if self.rows * self.columns > MAX_CELLS:
            raise SourceMalformed(
                f"{where} spans {self.rows} rows and {self.columns} columns; delete what stands far outside"
            )


def _refuse_entities(chunk: bytes, info: zipfile.ZipInfo, where: str) -> None:
    is_drawing = info.filename.endswith(".svg")
    if (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk) and not is_drawing:
        raise SourceMalformed(f"{where} declares XML entities, which no spreadsheet program writes")


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked part, piece by piece; each repeats the end of the one before, lest a tag be cut."""
    # The reader stops at the size that the archive claims; a bomb claims little.
    info.file_size = MAX_UNPACKED + 2 * CHUNK
    tail = b""
    with archive.open(info) as part:
        while chunk := part.read(CHUNK):
            yield tail + chunk
            tail = chunk[-256:]


def _index(letters: bytes) -> int:
    """1 of A, 27 of AA."""
    number = 0
    for letter in letters[:9].upper():
        number = number * 26 + letter - 64
    return number


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The path in the archive of the sheet's part; "" when the workbook doesn't list it."""
    book = ElementTree.parse(archive.open("xl/workbook.xml"))
    ids = [s.get(_ID) for s in book.iter(f"{_MAIN}sheet") if s.get("name") == sheet]
    links = ElementTree.parse(archive.open("xl/_rels/workbook.xml.rels"))
    targets = [str(link.get("Target")) for link in links.iter() if link.get("Id") in ids]
    return next((t.lstrip("/") if t.startswith("/") else f"xl/{t}" for t in targets), "")


def _errors(archive: zipfile.ZipFile, part: str) -> Errors:
    found: Errors = {}
    with archive.open(part) as xml:
        for _, element in ElementTree.iterparse(xml):
            if element.tag == f"{_MAIN}c" and element.get("t") == "e":
                match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", element.get("r", ""))
                if match:
                    place = int(match[2]) - 1, _index(match[1].encode()) - 1
                    found[place] = element.findtext(f"{_MAIN}v") or "#ERROR"
            if element.tag == f"{_MAIN}row":
                element.clear()
    return found
