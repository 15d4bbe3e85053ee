"""Looking into an .xls file before the reader opens it: is it whole, will it fit, and where are its errors?

The file is a compound file (MS-CFB) that holds the workbook as a stream of BIFF records (MS-XLS). The
reader allots a cell for every place between the first and last used one, and reads an error such as
`#N/A` as an empty cell.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from connectors.errors import SourceMalformed
from connectors.workbook_guard import MAX_CELLS, Errors

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: The largest file that is looked at (bytes); a full sheet of the format takes about a tenth.
MAX_FILE = 1 << 29

_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5
_FORMULA, _BOUND_SHEET, _FILE_PASS = 0x0006, 0x0085, 0x002F
_BOF, _EOF, _BOOL_ERROR = 0x0809, 0x000A, 0x0205
#: Records of one cell begin with its row and column; these hold several, and end with the last column.
_CELLS = frozenset({0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E})
_RANGES = frozenset({0x00BD, 0x00BE})
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip

Record = tuple[int, int, int]


def survey_xls(path: Path, where: str) -> list[Errors]:
    """Go through the whole workbook; the error texts of each sheet's cells by (row, column) from 0.

    Raises `SourceMalformed` when the file is damaged or no workbook, is locked by a password, or when a
    sheet spans more than `MAX_CELLS`.
    """
    if path.stat().st_size > MAX_FILE:
        raise SourceMalformed(f"{where} is larger than {MAX_FILE >> 20} MiB; split it")
    try:
        compound = _Compound(path.read_bytes())
        if "encryptedpackage" in compound.entries:
            raise SourceMalformed(f"{where} is locked by a password; ask for it without")
        name = next((name for name in ("workbook", "book") if name in compound.entries), None)
        if name is None:
            raise SourceMalformed(f"{where} holds no workbook, though it is an Office file; ask for XLSX")
        return _sheets(compound.stream(name), where)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise SourceMalformed(f"{where} is damaged; ask for the file again") from None


class _Compound:
    """A compound file: `entries` are its streams' first sectors and sizes by name, in lower case."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise IndexError("no such sectors")
        self._size = 1 << shift
        directory, self._cutoff = struct.unpack_from("<I4xI", data, 48)
        self._table = self._sector_table()
        self.entries: dict[str, tuple[int, int]] = {}
        root = _LAST_SECTOR
        listed = self._chain(directory, self._table)
        for at in range(0, len(listed) - 127, 128):
            length, kind = struct.unpack_from("<HB", listed, at + 64)
            first, size = struct.unpack_from("<II", listed, at + 116)
            if kind == _STREAM:
                name = listed[at : at + max(length - 2, 0)].decode("utf-16-le")
                self.entries[name.casefold()] = first, size
            elif kind == _ROOT:
                root = first
        self._mini = self._chain(root, self._table)
        mini_first = struct.unpack_from("<I", data, 60)[0]
        self._mini_table = self._numbers(self._chain(mini_first, self._table))

    def stream(self, name: str) -> bytes:
        """The stream's content; `IndexError` or `struct.error` when its sectors aren't there."""
        first, size = self.entries[name]
        if size >= self._cutoff:
            content = self._chain(first, self._table)
        else:
            content = b"".join(self._mini[at * 64 : at * 64 + 64] for at in _steps(first, self._mini_table))
        if len(content) < size:
            raise IndexError("cut off")
        return content[:size]

    def _sector_table(self) -> tuple[int, ...]:
        first, count = struct.unpack_from("<II", self._data, 68)
        listed = list(struct.unpack_from("<109I", self._data, 76))
        for _ in range(min(count, len(self._data) // self._size)):
            if first >= _LAST_SECTOR:
                break
            *more, first = self._numbers(self._sector(first))
            listed += more
        sectors = [at for at in listed if at < _LAST_SECTOR]
        if len(sectors) * self._size > len(self._data):
            raise IndexError("more sectors than the file has")
        return self._numbers(b"".join(map(self._sector, sectors)))

    def _sector(self, at: int) -> bytes:
        begin = (at + 1) * self._size
        if begin >= len(self._data):
            raise IndexError("beyond the end")
        return self._data[begin : begin + self._size].ljust(self._size, b"\0")

    def _chain(self, first: int, table: tuple[int, ...]) -> bytes:
        return b"".join(map(self._sector, _steps(first, table)))

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data)


def _steps(first: int, table: tuple[int, ...]) -> Iterator[int]:
    """The sectors of a chain; `IndexError` when it leaves the table or never ends."""
    for _ in range(len(table) + 1):
        if first >= _LAST_SECTOR:
            return
        yield first
        first = table[first]
    raise IndexError("runs in a circle")


def _sheets(data: bytes, where: str) -> list[Errors]:
    begins = []
    for kind, at, length in _records(data, 0):
        if kind == _FILE_PASS:
            raise SourceMalformed(f"{where} is locked by a password; ask for it without")
        if kind == _BOUND_SHEET and length >= 4:
            begins.append(struct.unpack_from("<I", data, at)[0])
    if not begins:
        raise IndexError("no sheets")
    return [_errors(data, begin, where) for begin in begins]


def _records(data: bytes, at: int) -> Iterator[Record]:
    """Each record's kind, place and length, to the end of the part that begins at `at`."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", data, at)
        if at + 4 + length > len(data):
            raise IndexError("cut off")
        yield kind, at + 4, length
        at += 4 + length
        # A chart within a sheet is a part within the part.
        depth += (kind & 0xF0FF == 0x0009) - (kind == _EOF)
        if depth <= 0:
            return


def _errors(data: bytes, begin: int, where: str) -> Errors:
    """The sheet's error cells; refuses a sheet that spans too much."""
    found: Errors = {}
    rows = columns = 0
    for kind, at, length in _records(data, begin):
        if kind not in _CELLS and kind not in _RANGES:
            continue
        row, column = struct.unpack_from("<HH", data, at)
        last = struct.unpack_from("<H", data, at + length - 2)[0] if kind in _RANGES else column
        rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
        code = None
        if kind == _BOOL_ERROR and data[at + 7]:
            code = data[at + 6]
        elif kind == _FORMULA and data[at + 12 : at + 14] == b"\xff\xff" and data[at + 6] == 2:
            code = data[at + 8]
        if code is not None:
            found[row, column] = _ERRORS.get(code, "#ERROR")
    if rows * columns > MAX_CELLS:
        raise SourceMalformed(
            f"{where} spans {rows} rows and {columns} columns; delete what stands far outside"
        )
    return found
