"""What can't work in how a contract lays out the rows of files: headers, report shapes, sheets."""

import re
from collections.abc import Iterable, Iterator

from schemas.contract import PSEUDO, Contract

Refusal = tuple[str, str]

#: Kinds of source whose rows stand in lines or sheets.
SPREADSHEETS = ("xlsx", "xls", "ods")
TABULAR = ("csv", "tsv", *SPREADSHEETS)

_LETTERS = re.compile(r"[A-Z]{1,3}")
_WHERE = "customProperties.read"


def read_refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the contract's rows can't be laid out as it says."""
    if contract.server is None:
        return
    yield from _misplaced(contract, contract.server.kind)
    yield from _header(contract)
    yield from _sheets(contract)
    yield from _fill_down(contract)
    yield from _unpivot(contract)
    if contract.read.header_by == "position":
        yield from _positions(contract)


def _misplaced(contract: Contract, kind: str) -> Iterator[Refusal]:
    """What the kind of source doesn't have would be ignored in silence."""
    read = contract.read
    said = {
        "headerRow": read.header_row != 1,
        "headerRows": read.header_rows != 1,
        "headerBy": read.header_by != "names",
        "headerFind": bool(read.header_find),
        "fillDown": bool(read.fill_down),
        "unpivot": read.unpivot is not None,
    }
    for name in [name for name, is_said in said.items() if is_said and kind not in TABULAR]:
        yield f"{_WHERE}.{name}", f"is for sources of kind {', '.join(TABULAR)}; this one is {kind}"
    for name in [name for name in ("sheet", "sheets") if getattr(read, name) and kind not in SPREADSHEETS]:
        yield f"{_WHERE}.{name}", f"is for spreadsheets; this source is of kind {kind}"
    for column in contract.columns:
        if column.source_name == "@sheet" and kind in TABULAR and kind not in SPREADSHEETS:
            yield _place(contract, column.name), f"@sheet is for spreadsheets; this source is of kind {kind}"


def _header(contract: Contract) -> Iterator[Refusal]:
    read = contract.read
    if read.header_row == 0 and read.header_by != "position":
        yield f"{_WHERE}.headerRow", "0 leaves the columns without names; set headerBy to position"
    if read.header_row == 0 and read.header_rows != 1:
        yield f"{_WHERE}.headerRows", "there is no header: headerRow is 0"
    if read.header_find and read.header_row != 1:
        yield f"{_WHERE}.headerFind", "finds the header wherever it is; take headerRow out"


def _sheets(contract: Contract) -> Iterator[Refusal]:
    if contract.read.sheet and contract.read.sheets:
        yield f"{_WHERE}.sheets", "says what sheet says already; take one of them out"


def _fill_down(contract: Contract) -> Iterator[Refusal]:
    read, where = contract.read, f"{_WHERE}.fillDown"
    made = _made(contract)
    for name in read.fill_down:
        if name not in contract.names:
            yield where, f"names a column {name!r} that isn't there"
        elif name in made or contract.column(name).source_name in PSEUDO:
            yield where, f"{name!r} has no cells of its own to be filled"
        elif any(item.column == name and item.blank for item in read.filters):
            yield where, f"{name!r} is never empty then; take its filter with blank out"


def _unpivot(contract: Contract) -> Iterator[Refusal]:
    unpivot, where = contract.read.unpivot, f"{_WHERE}.unpivot"
    if unpivot is None:
        return
    for part, name in (("into", unpivot.into), ("value", unpivot.value)):
        if name not in contract.names:
            yield f"{where}.{part}", f"names a column {name!r} that isn't there"
        elif contract.column(name).source_name != name:
            yield _place(contract, name), "comes from unpivot, not from a column; take physicalName out"
    if unpivot.into == unpivot.value:
        yield f"{where}.value", f"{unpivot.value!r} takes the label already; name another column"
    for label in _twice(unpivot.columns.values()):
        yield f"{where}.columns", f"two columns have the label {label!r}"
    for name in _twice(" ".join(name.split()).casefold() for name in unpivot.columns):
        yield f"{where}.columns", f"{name!r} stands twice"


def _positions(contract: Contract) -> Iterator[Refusal]:
    expected = "expected the column's letters, as A or AA, since headerBy is position"
    made = _made(contract)
    for column in contract.columns:
        name = column.source_name
        if column.name not in made and name not in PSEUDO and not _LETTERS.fullmatch(name):
            yield _place(contract, column.name), f"physicalName {name!r}: {expected}"
    for name in contract.read.unpivot.columns if contract.read.unpivot else ():
        if not _LETTERS.fullmatch(name):
            yield f"{_WHERE}.unpivot.columns", f"{name!r}: {expected}"


def _made(contract: Contract) -> set[str]:
    """The columns that unpivot makes."""
    unpivot = contract.read.unpivot
    return {unpivot.into, unpivot.value} if unpivot else set()


def _place(contract: Contract, column: str) -> str:
    return f"schema.{contract.name}.properties.{column}"


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
