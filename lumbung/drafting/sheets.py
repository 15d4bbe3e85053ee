"""The sheets of a workbook: their names, their first rows, and where the header is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.errors import SourceMalformed
from lumbung.drafting.layout import Layout, Row, find

#: Rows of each sheet that are looked at for its layout.
DEPTH = 400


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds something: its name, its layout, its first rows from row 1 and column A on."""

    name: str
    layout: Layout
    rows: tuple[Row, ...]


def sheets(path: Path) -> Iterator[Sheet]:
    """Every sheet of the workbook that has rows; raises `SourceMalformed` when it can't be read."""
    import python_calamine

    from connectors.workbook_guard import is_archive, survey

    if is_archive(path) and path.suffix.lower() in (".xlsx", ".xlsm"):
        # Before the reader unpacks it: is it a workbook, and will it fit?
        survey(path, path.name)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            left: list[str | None] = [None] * sheet.start[1]
            rows = [left + [_text(cell) for cell in row] for row in islice(sheet.iter_rows(), DEPTH)]
            yield Sheet(name, find(rows, sheet.merged_cell_ranges or ()), tuple(rows))
    except python_calamine.PasswordError:
        raise SourceMalformed(f"{path.name} is locked by a password; ask for it without") from None
    except python_calamine.CalamineError as error:
        raise SourceMalformed(f"{path.name} can't be read as a spreadsheet: {error}") from None


def _text(cell: object) -> str | None:
    """The cell as far as its layout goes: figures, dates and truths are no names."""
    if isinstance(cell, bool):
        return "1"
    if isinstance(cell, str):
        return cell or None
    return f"{cell:g}" if isinstance(cell, float | int) else "1-1"
