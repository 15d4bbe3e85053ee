"""Looking into an .ods file before the reader opens it: will it fit, and where are its errors?

OpenDocument repeats cells and rows by number, so that a few bytes may stand for millions of cells; and
the reader reads an error such as `#N/A` or `Err:502` as an empty cell. So the content is gone through once
in bounded memory.
"""

import re
import zipfile
from collections import defaultdict
from pathlib import Path
from xml.parsers import expat

from connectors.errors import SourceMalformed
from connectors.workbook_guard import CHUNK, MAX_CELLS, MAX_UNPACKED, Errors, archive_of

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_EXTENDED = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
_CELLS = (f"{_TABLE} table-cell", f"{_TABLE} covered-table-cell")
_NOTE = f"{_OFFICE} annotation"
_ERROR = re.compile(r"Err:\d{3}|#[A-Z]+(/[A0]!?|[!?])")
#: So many errors are told apart.
MAX_ERRORS = 1_000_000
#: The longest error that is told apart (characters).
_LONGEST = 16


def survey_ods(path: Path, where: str) -> dict[str, Errors]:
    """Go through the whole archive; for each sheet the error texts of its cells by (row, column) from 0.

    Raises `SourceMalformed` when it is damaged or locked by a password, when it unpacks to more than
    `MAX_UNPACKED`, when a sheet spans more than `MAX_CELLS`, or when its XML declares entities.
    """
    content = _Content(where)
    with archive_of(path, where, "ODS") as archive:
        if _is_locked(archive, where):
            raise SourceMalformed(f"{where} is locked by a password; ask for it without")
        info = archive.getinfo("content.xml")
        # The reader stops at the size that the archive claims; a bomb claims little.
        info.file_size = MAX_UNPACKED + 2 * CHUNK
        unpacked = 0
        try:
            with archive.open(info) as part:
                while chunk := part.read(CHUNK):
                    unpacked += len(chunk)
                    if unpacked > MAX_UNPACKED:
                        raise SourceMalformed(
                            f"{where} unpacks to more than {MAX_UNPACKED >> 20} MiB; split it"
                        )
                    content.parser.Parse(chunk, False)
                content.parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError):
            # The last two: an encoding that there isn't, or that the parser can't read.
            raise SourceMalformed(f"{where}: the XML inside is damaged; ask for the file again") from None
    return content.errors


def _is_locked(archive: zipfile.ZipFile, where: str) -> bool:
    if "META-INF/manifest.xml" not in archive.namelist():
        return False
    with archive.open("META-INF/manifest.xml") as manifest:
        start = manifest.read(CHUNK)
    return b"encryption-data" in start


class _Content:
    """What the parser calls while it goes through content.xml."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.errors: dict[str, Errors] = defaultdict(dict)
        self._sheet = ""
        self._row = self._column = self._rows = self._columns = 0
        self._last_rows = 1
        self._count = self._notes = 0
        self._cell: tuple[int, bool, bool] | None = None
        self._text = ""
        self._is_full = self._row_is_full = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self.parser.StartDoctypeDeclHandler = self._declaration

    def _declaration(self, *_: object) -> None:
        raise SourceMalformed(f"{self._where} declares XML entities, which no spreadsheet program writes")

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name in _CELLS:
            kind = said.get(f"{_OFFICE} value-type", "")
            is_error = said.get(f"{_EXTENDED} value-type") == "error"
            may_be = is_error or f"{_TABLE} formula" in said
            self._cell = (self._repeated(said, "columns"), is_error, may_be)
            self._text, self._is_full = "", bool(kind)
        elif name == f"{_TABLE} table-row":
            self._column, self._row_is_full = 0, False
            self._last_rows = self._repeated(said, "rows")
        elif name == _NOTE:
            self._notes += 1
        elif name == f"{_TABLE} table":
            self._sheet = said.get(f"{_TABLE} name", "")
            self._row = self._rows = self._columns = 0

    def _repeated(self, said: dict[str, str], what: str) -> int:
        text = said.get(f"{_TABLE} number-{what}-repeated", "1")
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise SourceMalformed(
                f"{self._where}: {what} are repeated {text[:20]!r} times; ask for the file again"
            )
        return max(1, int(text))

    def _characters(self, text: str) -> None:
        if self._cell is not None and not self._notes:
            self._is_full = True
            if len(self._text) < _LONGEST:
                self._text += text

    def _end(self, name: str) -> None:
        if name in _CELLS and self._cell is not None:
            self._end_cell(*self._cell)
            self._cell = None
        elif name == _NOTE:
            self._notes -= 1
        elif name == f"{_TABLE} table-row":
            self._row += self._last_rows
            if self._row_is_full:
                self._rows = self._row
                self._refuse_bombs()

    def _end_cell(self, repeated: int, is_error: bool, may_be: bool) -> None:
        if may_be and (is_error or _ERROR.fullmatch(self._text)):
            self._count += repeated * self._last_rows
            if self._count > MAX_ERRORS:
                raise SourceMalformed(f"{self._where}: more than {MAX_ERRORS} cells are in error; mend them")
            for row in range(self._row, self._row + self._last_rows):
                for column in range(self._column, self._column + repeated):
                    self.errors[self._sheet][row, column] = self._text or "#ERROR"
        self._column += repeated
        if self._is_full:
            self._row_is_full = True
            self._columns = max(self._columns, self._column)
            self._refuse_bombs()

    def _refuse_bombs(self) -> None:
        rows = max(self._rows, self._row + self._last_rows)
        if rows * self._columns > MAX_CELLS:
            raise SourceMalformed(
                f"{self._where} spans {rows} rows and {self._columns} columns; delete what stands far outside"
            )
