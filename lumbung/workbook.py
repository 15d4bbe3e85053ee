"""The defect list as a workbook: a sheet that sums it up, then every defect, both made to be printed."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from lumbung.errors import ExportError
from lumbung.feedback_words import HEADINGS, WORDS, load_words, moved, number, refusal

if TYPE_CHECKING:
    from lumbung.exports import Cell, Defect, Listing

#: What a spreadsheet holds at most: rows of a sheet, and characters of a cell.
MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
_A4 = 9
#: So that no text becomes anything else, and memory stays bounded.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
#: Widths in characters.
_LIST_WIDTHS = {
    "file": 21, "row": 8, "key": 21, "column": 20, "value": 21, "problem": 30, "remedy": 38, "found": 12,
}  # fmt: skip
_SUMMARY_WIDTHS = (42, 48, 9, 9, 9, 9, 14)
#: Height of a line of text, and the most that a row may have (points).
_LINE = 15
_MOST_HEIGHT = 409
_HEAD = {"bold": True, "bg_color": "#DDE6EC", "border": 1, "border_color": "#9AA7B0", "text_wrap": True}
_BODY = {"valign": "top", "align": "left", "text_wrap": True, "border": 1, "border_color": "#D5DBDF"}
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15},
    "label": {"valign": "top", "font_color": "#44525C"},
    "said": {"valign": "top", "align": "left", "text_wrap": True, "num_format": "#,##0"},
    "strong": {"bold": True, "align": "left", "valign": "top", "text_wrap": True, "num_format": "#,##0"},
    "head": {**_HEAD, "valign": "vcenter"},
    "cell": _BODY,
    "first": {**_BODY, "top": 2, "top_color": "#7B8A94"},
    "count": {**_BODY, "num_format": "#,##0", "align": "center"},
    "note": {"text_wrap": True, "valign": "top", "italic": True, "font_color": "#44525C"},
}


def write_workbook(path: Path, lines: "Iterable[Defect]", listing: "Listing") -> int:
    """Write summary and list to `path`; returns how many lines the list has.

    Raises `ExportError` when it can't be written or is longer than a sheet.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    words = WORDS[listing.language]
    try:
        with xlsxwriter.Workbook(str(path), OPTIONS) as book:
            book.set_properties({"title": words["title"].format(listing.contract.title)})
            formats = {name: book.add_format(said) for name, said in _FORMATS.items()}
            _Summary(book.add_worksheet(words["summary"]), formats, listing).write()
            return _write_list(book.add_worksheet(words["list"]), formats, lines, listing)
    except FileCreateError as error:
        raise ExportError(f"The workbook can't be written: {error}") from None


class _Summary:
    """The first sheet, written from top to bottom."""

    def __init__(self, sheet: Any, formats: dict[str, Any], listing: "Listing") -> None:
        self.sheet, self.formats, self.listing = sheet, formats, listing
        self.words, self.found = WORDS[listing.language], listing.found
        self.row = 0

    def write(self) -> None:
        """All of it."""
        for place, width in enumerate(_SUMMARY_WIDTHS):
            self.sheet.set_column(place, place, width)
        self._put("title", self.words["title"].format(self.listing.contract.title))
        self.row += 1
        for label, value in self._facts():
            self.sheet.write_string(self.row, 0, self.words[label], self.formats["label"])
            form = self.formats["strong" if label in ("wrong", "state") else "said"]
            _cell(self.sheet, (self.row, 1), value, form)
            self.row += 1
        self.row += 1
        self._rules()
        _printed(self.sheet, self.listing)

    def _facts(self) -> "Iterable[tuple[str, Cell]]":
        contract, load, before = self.listing.contract, self.found.load, self.found.before
        language, timezone = self.listing.language, self.listing.timezone
        yield "dataset", f"{contract.title} ({contract.id})"
        yield "owner", contract.owner_name or contract.owner
        key = (contract.column(name) for name in contract.key)
        yield "key", " | ".join(column.business_name or column.source_name for column in key)
        yield "load", load_words(load, language, timezone)
        if self.found.is_refused:
            yield "state", self.words["load_refused"].format(refusal(self.found, language))
            if language == "en" or refusal(self.found, language) == self.words["other_reason"]:
                yield "detail", str(load["reason"] or "")
        label = "in_force" if self.found.is_refused else "before"
        yield label, load_words(before, language, timezone) if before else self.words["none_before"]
        yield "read", load["read_count"]
        yield "sound" if self.found.is_refused else "accepted", load["staged_count"]
        yield "refused", load["quarantined_count"]
        for name in ("filtered", "superseded"):
            if load[f"{name}_count"] or name == "filtered":
                yield name, load[f"{name}_count"]
        change = moved(self.found.row_count - self.found.before_count, self.found, language)
        yield "wrong", f"{number(self.found.row_count, language)} ({change})"
        if self.found.waived_count:
            yield "waived", self.found.waived_count

    def _rules(self) -> None:
        if not self.found.trends:
            self._put("strong", self.words["no_rows" if self.found.is_refused else "good"])
            return
        self._put("strong", self.words["rules"])
        headings = [HEADINGS[self.listing.language][name] for name in ("problem", "remedy")]
        # What was refused is compared with nothing.
        moves = () if self.found.is_refused else ("new", "still", "mended", "change")
        headings += [self.words[name] for name in ("rows", *moves)]
        widths = _SUMMARY_WIDTHS[: len(headings)]
        _row(self.sheet, self.row, headings, widths, [self.formats["head"]] * len(headings))
        self.row += 1
        for trend in self.found.trends:
            said = self.listing.explained(trend.code)
            counts = (trend.row_count, trend.new_count, trend.still_count, trend.mended_count)
            told = moved(trend.change, self.found, self.listing.language)
            cells: list[str | int] = [said.problem, said.remedy, *counts, told]
            del cells[len(headings) :]
            formats = [self.formats["count" if isinstance(cell, int) else "cell"] for cell in cells]
            _row(self.sheet, self.row, cells, widths, formats)
            self.row += 1
        self.row += 1
        # Merged cells find no height of their own.
        self.sheet.set_row(self.row, 3 * _LINE)
        last = len(_SUMMARY_WIDTHS) - 1
        self.sheet.merge_range(self.row, 0, self.row, last, "", self.formats["note"])
        self.sheet.write_string(self.row, 0, self.words["advice"], self.formats["note"])

    def _put(self, form: str, text: str) -> None:
        self.sheet.write_string(self.row, 0, text, self.formats[form])
        self.row += 1


def _write_list(sheet: Any, formats: dict[str, Any], lines: "Iterable[Defect]", listing: "Listing") -> int:
    fields, count, code = listing.fields, 0, ""
    widths = [_LIST_WIDTHS[name] for name in fields]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    headings = [HEADINGS[listing.language][name] for name in fields]
    _row(sheet, 0, headings, widths, [formats["head"]] * len(fields))
    for count, defect in enumerate(lines, start=1):
        if count >= MOST_ROWS:
            raise ExportError(f"The list has more lines than a sheet's {MOST_ROWS:,}; export it as CSV.")
        # A line above the first defect of each rule.
        form = formats["cell" if defect.code == code else "first"]
        code = defect.code
        _row(sheet, count, defect.cells(fields), widths, [form] * len(fields))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(fields) - 1)
    sheet.repeat_rows(0)
    _printed(sheet, listing)
    return count


def _printed(sheet: Any, listing: "Listing") -> None:
    """On A4 across, as wide as the page, with title and page numbers."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    title = listing.contract.title.replace("&", "&&")[:100]
    sheet.set_footer(f"&L{title}&R{WORDS[listing.language]['page']}")


def _row(
    sheet: Any, row: int, cells: "Sequence[Cell]", widths: Sequence[int], formats: Sequence[Any]
) -> None:
    """Write the cells into a row high enough for the longest: not every spreadsheet finds heights itself."""
    lines = (_lines(str(cell), width - 1) for cell, width in zip(cells, widths, strict=True))
    sheet.set_row(row, min(_LINE * max(1, *lines), _MOST_HEIGHT))
    for place, (cell, form) in enumerate(zip(cells, formats, strict=True)):
        _cell(sheet, (row, place), cell, form)


def _lines(text: str, width: int) -> int:
    """How many lines the text takes."""
    return 1 if len(text) <= width and "\n" not in text else _wrapped(text, width)


@lru_cache(maxsize=4096)
def _wrapped(text: str, width: int) -> int:
    most = _MOST_HEIGHT // _LINE
    return most if len(text) > most * width else sum(len(wrap(part, width)) or 1 for part in text.split("\n"))


def _cell(sheet: Any, place: tuple[int, int], value: "Cell", form: Any) -> None:
    if isinstance(value, int):
        sheet.write_number(*place, value, form)
    else:
        # Always as a string: a sheet runs no formula that it was not given as one.
        sheet.write_string(*place, fitting(value), form)


def fitting(text: str) -> str:
    """The text, cut to what a cell holds."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
