"""What replaced a code: the stated successor of the code or of the nearest code above it.

Such a table is `warehouse/reference/account_mapping.csv`. Since 2024 hotels, restaurants, entertainment,
parking and electricity are taxed as one tax, PBJT `4.1.01.19` (Kepmendagri 900.1.15.5-1317/2023), with a
code for each. The table names objects of tax: a finer old code finds the same new code, which says less.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lumbung.budget_codes.codes import BudgetCode, account
from lumbung.budget_codes.errors import SuccessorError


@dataclass(frozen=True, slots=True)
class Successor:
    """From `first_budget_year` on `to_code` stands for `from_code` and all below it; nothing does when ""."""

    from_code: str
    to_code: str
    first_budget_year: int
    is_verified: bool = False


Successors = Mapping[str, Successor]


def of_reference(rows: Iterable[Mapping[str, str]]) -> Successors:
    """The table from rows of the reference file; raises `SuccessorError` for a code that is in it twice."""
    found: dict[str, Successor] = {}
    for row in rows:
        code = account(row["from_code"]).value
        if code in found:
            raise SuccessorError(f"account_mapping: {code} is replaced twice; keep one row")
        target = account(row["to_code"]).value if row["to_code"] else ""
        year = int(row["first_budget_year"])
        found[code] = Successor(code, target, year, row["is_verified"] == "true")
    return found


def successor(code: BudgetCode, successors: Successors) -> Successor | None:
    """What is stated of the code, or else of the nearest code above it; None when nothing is."""
    for candidate in (code.value, *reversed(code.ancestors)):
        if candidate in successors:
            return successors[candidate]
    return None


def current(code: BudgetCode, successors: Successors) -> BudgetCode | None:
    """The code that stands for it now: itself, or the end of its successors; None when nothing replaced it.

    Raises `SuccessorError` when the successors go in a circle.
    """
    passed = {code.value}
    while (found := successor(code, successors)) is not None:
        if not found.to_code:
            return None
        if found.to_code in passed:
            raise SuccessorError(f"account_mapping: {found.to_code} is its own successor; mend its rows")
        passed.add(found.to_code)
        code = account(found.to_code)
    return code
