"""Looking into an XLSX file before the reader opens it: is it one, will it fit, and where are its errors?

The reader (calamine) unpacks whatever it is given, allots a cell for every place between the first and
last used one, and reads an error such as `#N/A` as an empty cell. So the archive is gone through once
in bounded memory: sizes are counted, not believed, and errors are noted.
"""

import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from xml.etree import ElementTree

from connectors.errors import SourceMalformed
from connectors.workbook_signs import Sieve, Signs
from connectors.workbook_span import Span, column_number

#: The most that a workbook may unpack to (bytes), and the most cells its sheet may span.
MAX_UNPACKED = 1 << 29
MAX_CELLS = 40_000_000
CHUNK = 1 << 20

Errors = dict[tuple[int, int], str]

_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
#: The end of a cell whose formula has no value beside it: the program that wrote it calculates nothing.
_UNSAVED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
UNSAVED = "#FORMULA"


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
    sieve = Sieve()
    with archive_of(path, where) as archive:
        archive.getinfo("xl/workbook.xml")
        for info in archive.infolist():
            span = Span(where, MAX_CELLS)
            with closing(_ahead(_chunks(archive, info))) as chunks:
                for chunk in chunks:
                    unpacked += len(chunk)
                    if unpacked > MAX_UNPACKED:
                        raise SourceMalformed(
                            f"{where} unpacks to more than {MAX_UNPACKED >> 20} MiB; split it"
                        )
                    _refuse_entities(chunk, info, where)
                    signs = sieve.signs_of(chunk)
                    span.widen(chunk, signs)
                    if _is_faulty(chunk, signs):
                        faulty.add(info.filename)
            if span.may_be_too_wide:
                for chunk in _chunks(archive, info):
                    span.measure(chunk)
    return frozenset(faulty)


def _is_faulty(chunk: bytes, signs: Signs) -> bool:
    return bool((signs.error and _ERROR.search(chunk)) or (signs.formula and _UNSAVED.search(chunk)))


def error_cells(path: Path, sheet: str, faulty: frozenset[str], where: str) -> Errors:
    """The error texts of the sheet's cells by (row, column) from 0, if its part is among `faulty`.

    Raises `SourceMalformed` when it can't be told which part is the sheet's.
    """
    if not faulty:
        return {}
    with archive_of(path, where) as archive:
        part = _part(archive, sheet)
        if part not in archive.namelist():
            raise SourceMalformed(
                f"{where} has cells in error, and it can't be told whether sheet {sheet} holds them; "
                "mend them, or ask for the file saved anew"
            )
        return _errors(archive, part) if part in faulty else {}


@contextmanager
def archive_of(path: Path, where: str, kind: str = "XLSX") -> Iterator[zipfile.ZipFile]:
    """The file as an archive; raises `SourceMalformed` wherever it turns out to be damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            # Other methods unpack a few bytes to gigabytes at one go.
            if any(
                i.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for i in archive.infolist()
            ):
                raise SourceMalformed(
                    f"{where} is packed as no spreadsheet program does; ask for the file again"
                )
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError):
        raise SourceMalformed(f"{where} is damaged or no {kind} workbook; ask for the file again") from None
    except (ElementTree.ParseError, LookupError, ValueError):
        # The last two: an encoding that there isn't, or that the parser can't read.
        raise SourceMalformed(f"{where}: the XML inside is damaged; ask for the file again") from None


def _refuse_entities(chunk: bytes, info: zipfile.ZipInfo, where: str) -> None:
    is_drawing = info.filename.endswith(".svg")
    if b"!" in chunk and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk) and not is_drawing:
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


def _ahead(chunks: Iterator[bytes]) -> Generator[bytes]:
    """The chunks, of which the next is unpacked while one is looked at."""
    with ThreadPoolExecutor(1, "unpack") as beside:
        following = beside.submit(next, chunks, b"")
        while chunk := following.result():
            following = beside.submit(next, chunks, b"")
            yield chunk


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The path in the archive of the sheet's part; "" when the workbook doesn't list it."""
    book = ElementTree.parse(archive.open("xl/workbook.xml"))
    listed = [s.attrib for s in book.iter() if _local(s.tag) == "sheet" and s.get("name") == sheet]
    ids = [value for said in listed for name, value in said.items() if name.endswith("}id")]
    links = ElementTree.parse(archive.open("xl/_rels/workbook.xml.rels"))
    targets = [str(link.get("Target")) for link in links.iter() if link.get("Id") in ids]
    return next((t.lstrip("/") if t.startswith(("/", "xl/")) else f"xl/{t}" for t in targets), "")


def _errors(archive: zipfile.ZipFile, part: str) -> Errors:
    found: Errors = {}
    row = column = -1
    with archive.open(part) as xml:
        for event, element in ElementTree.iterparse(xml, ("start", "end")):
            kind = _local(element.tag)
            if kind == "row" and event == "start":
                # Rows and cells need not say where they are: the next one follows.
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif kind == "c" and event == "end":
                match = re.fullmatch(r"([A-Za-z]{1,3})(\d{1,7})", element.get("r", ""))
                column = column_number(match[1].encode()) - 1 if match else column + 1
                if error := _error(element):
                    found[int(match[2]) - 1 if match else row, column] = error
            elif kind == "row":
                element.clear()
    return found


def _error(cell: ElementTree.Element) -> str:
    """What stands for the cell's value if it has none to be read; "" for a sound one."""
    parts = {_local(child.tag): child.text for child in cell}
    if cell.get("t") == "e":
        return parts.get("v") or "#ERROR"
    # A text that a formula gives may be empty.
    is_unsaved = "f" in parts and not (parts.get("v") or "").strip() and cell.get("t") != "str"
    return UNSAVED if is_unsaved else ""


def _local(tag: str) -> str:
    """The element's name without its namespace, of which strict workbooks have another one."""
    return tag.rpartition("}")[2]
