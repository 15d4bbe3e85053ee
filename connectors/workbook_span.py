"""How far a sheet's rows and cells reach: its reader allots a cell for every place up to the last."""

import re

from connectors.errors import SourceMalformed
from connectors.workbook_signs import Signs

# Want of memory in the reader ends the whole process, so any place that is mentioned counts.
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)\d""")
_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]*(\d{1,20})""")
# The same as programs write it, which is found several times as fast.
_USUAL_COLUMN = re.compile(rb' r="([A-Za-z]+)\d')
_USUAL_ROW = re.compile(rb' r="[A-Za-z]*(\d{1,20})')
_BLANK = b" \t\r\n"
_QUOTES = bytes.maketrans(b"'", b'"')
_BLANKS = bytes.maketrans(b"'\t\r\n", b'"   ')
#: A part is gone through closely only where a place is beyond these: 390 columns (NZ), and this row.
_NEAR_ROWS, _NEAR_COLUMNS = 99_999, 390
_FAR = re.compile(rb'r="(?:[A-Za-z]*\d{6}|[A-Za-z]{3}|[O-Zo-z][A-Za-z])')
# Rows and cells need not say where they are: the next one follows.
_ROW_TAG = re.compile(rb"<(?:[^<>/\s:]+:)?row(?=[\s/>])([^<>]*)")
_USUAL_ROW_TAG = re.compile(rb"<row(?=[\s/>])([^<>]*)")
_TAG = re.compile(rb"<(?:[^<>/\s:]+:)?(row|c)(?=[\s/>])([^<>]*)")
_IS_PLACED = re.compile(rb"""(?:\s+[^\s="'<>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*?\s+r\s*=""")


class Span:
    """How far a part's rows and cells reach, as they say themselves, or as they follow one another."""

    def __init__(self, where: str, most_cells: int) -> None:
        self._where = where
        self._most = most_cells
        self._rows = self._columns = 0
        self._odd_cells = False
        self._unplaced_rows = self._unplaced_columns = 0
        self._in_row = 0  # cells of the last row that don't say where they are

    def widen(self, chunk: bytes, signs: Signs) -> None:
        """Take in more of the sheet, closely where a sign says so.

        Raises `SourceMalformed` when the sheet spans too much.
        """
        self._odd_cells |= signs.odd_cells
        if signs.odd_rows:
            tags = (_ROW_TAG if b":row" in chunk else _USUAL_ROW_TAG).findall(chunk)
            self._unplaced_rows += sum(not _IS_PLACED.match(said) for said in tags)
        if signs.far and _FAR.search(chunk.translate(_QUOTES, _BLANK)):
            self._measure_said(chunk)

    @property
    def may_be_too_wide(self) -> bool:
        """Whether what was not measured may make it span too much."""
        rows = max(self._rows, _NEAR_ROWS) + self._unplaced_rows
        return self._odd_cells or rows * max(self._columns, _NEAR_COLUMNS) > self._most

    def measure(self, chunk: bytes) -> None:
        """Take in every place of the chunk, which follows the one before; raises as `widen` does."""
        if self._odd_cells:
            self._count_cells(chunk)
        self._measure_said(chunk)

    def _measure_said(self, chunk: bytes) -> None:
        plain = chunk.translate(_BLANKS)
        is_usual = not any(odd in plain for odd in (b" r ", b" r= ", b'"r'))
        row, column = (_USUAL_ROW, _USUAL_COLUMN) if is_usual else (_ROW, _COLUMN)
        text = plain if is_usual else chunk
        self._rows = max(self._rows, *map(int, set(row.findall(text))), 0)
        self._columns = max(self._columns, *map(column_number, set(column.findall(text))), 0)
        self._refuse_too_wide()

    def _count_cells(self, chunk: bytes) -> None:
        for kind, said in _TAG.findall(chunk):
            if kind == b"row":
                self._in_row = 0
            elif not _IS_PLACED.match(said):
                self._in_row += 1
                self._unplaced_columns = max(self._unplaced_columns, self._in_row)

    def _refuse_too_wide(self) -> None:
        rows, columns = self._rows + self._unplaced_rows, self._columns + self._unplaced_columns
        if rows * columns > self._most:
            raise SourceMalformed(
                f"{self._where} spans {rows} rows and {columns} columns; delete what stands far outside"
            )


def column_number(letters: bytes) -> int:
    """1 of A, 27 of AA."""
    number = 0
    for letter in letters[:9].upper():
        number = number * 26 + letter - 64
    return number
