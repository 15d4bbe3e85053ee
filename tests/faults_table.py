"""The faults that the hub must survive, and the tests that try each: `docs/faults.md` is made from it.

A test belongs to a fault by the marker `fault(number)`, or by a constant `FAULT` of its module.
`python -m tests.faults_table` writes the page anew.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "faults.md"

ERROR, QUARANTINED, RETRIED, ATOMIC = "E", "Q", "R", "A"
#: Number -> what goes wrong, and what comes of it.
FAULTS = {
    1: ("kill -9 while extracting, copying, validating, applying, releasing", "A"),
    2: ("kill -9 after the commit, before the scheduler learns of it", "a re-run changes nothing"),
    3: ("a session of the database is killed; deadlock; serialization failure", "R"),
    4: ("the same sync twice at once, by hand or after a crash of the scheduler", "one load; the other ends"),
    5: ("a full disk; a limit of memory", "E, A"),
    6: ("SIGTERM", "A"),
    7: ("a ragged CSV row; a quote that never ends; a huge field; 10,000 columns", "Q or E"),
    8: ("an empty file, a header only, no file; a header with a name twice or none", "E"),
    9: ("fewer rows than a manifest says; a sheet that ends where its format ends", "E"),
    10: ("a NIK as a spreadsheet's number: rounded, in scientific form, without its zero", "Q"),
    11: ("zip bomb; XML entities; corrupt workbook; wrong extension; `../` in a name; endless JSON", "E"),
    12: ("NUL bytes; other encodings; byte order marks; mojibake", "decoded as declared, else Q or E"),
    13: ("the same file dropped again", "a re-run changes nothing"),
    14: ("report-shaped sheets: titles, merged headers, subtotals, footers", "as declared, else Q"),
    15: ("numbers and dates in local forms", "as declared, else Q"),
    16: ("HTTP 429 with Retry-After; a storm of 5xx; a slow drip; a hang", "R"),
    17: ("an error in the middle of pages; truncated JSON; HTML with status 200", "E"),
    18: ("a page that repeats for ever; rows that shift between pages", "E"),
    19: ("a redirect to another host or to a private address", "E"),
    20: ("clocks that go wrong: a watermark in the future, a late commit", "Q, or caught by the lookback"),
    21: ("a column dropped, added, renamed, retyped at the source", "by onDrift"),
    22: ("0000-00-00; BIGINT UNSIGNED; numeric of 40 digits; infinity, NaN", "exact or Q"),
    23: ("the source dies while it is read; it writes while it is read", "A, R; one snapshot"),
    24: ("the source deletes rows; it returns nothing, or far less", "recorded; E above maxDeletePct"),
    25: ("one key twice in a load", "Q, unless the contract says which wins"),
    26: ("a foreign key to nothing", "Q within a source, a finding across"),
    27: ("a spreadsheet formula in a value", "kept as is, harmless in exports"),
    28: ("wrong password; unreachable host; missing table; missing permission", "E"),
}


class Case(NamedTuple):
    """One test of a fault: what it tries, in words, and where it stands."""

    fault: int
    words: str
    place: str


def cases() -> list[Case]:
    """Every marked test, by fault, then by file."""
    found = [case for file in sorted(TESTS.rglob("test_*.py")) for case in _cases_of(file)]
    return sorted(found, key=lambda case: (case.fault, case.place))


def page() -> str:
    """The Markdown page."""
    tried = cases()
    lines = [
        "# Faults",
        "",
        "What may go wrong at a source, on the way and in the warehouse, what comes of it, and the tests",
        f"that try it on real servers and files: {len(FAULTS)} faults, {len(tried)} tests. Made by",
        "`python -m tests.faults_table` from the tests themselves.",
        "",
        "**E**: a clear error that names file, row or column and what to do, the data before untouched.",
        "**Q**: the row is quarantined with its reason. **R**: tried again within bounds, then E. **A**:",
        "nothing of the load is seen, and a re-run succeeds.",
        "",
    ]
    for number, (fault, outcome) in FAULTS.items():
        lines += [f"## {number}. {fault}", "", f"Comes of it: {outcome}.", ""]
        lines += [f"- {case.words} (`{case.place}`)" for case in tried if case.fault == number]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _cases_of(file: Path) -> Iterator[Case]:
    tree = ast.parse(file.read_text("utf-8"))
    place = file.relative_to(TESTS.parent).as_posix()
    general = next((_number(node.value) for node in tree.body if _names_fault(node)), None)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marked = [_number(d.args[0]) for d in node.decorator_list if _is_mark(d)]
            for number in marked or ([general] if general else []):
                yield Case(number, _words(node), place)


def _names_fault(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == ["FAULT"]


def _is_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault"


def _number(node: ast.expr) -> int:
    value = ast.literal_eval(node)
    assert value in FAULTS, f"there is no fault {value}"
    return int(value)


def _words(node: ast.FunctionDef) -> str:
    """The test's first line of words, or else its name."""
    said = (ast.get_docstring(node) or "").partition("\n")[0].rstrip(".")
    said = said or node.name.removeprefix("test_").replace("_", " ")
    return said[0].upper() + said[1:]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
