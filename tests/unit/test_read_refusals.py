"""Layouts that can't work are refused, with the place and the reason."""

from pathlib import Path
from typing import Any

import pytest

from schemas.contract import Column, Contract, Filter, Read, Server, Unpivot
from schemas.refusals import refusals

MONTHS = Unpivot({"Jan": "1", "Feb": "2"}, "month", "amount")
LETTERS = {"key": "A", "name": "B", "place": "@file"}


def said(kind: str, sources: dict[str, str] | None = None, **read: Any) -> dict[str, str]:
    """What is refused, and why, of a contract with columns key, name, place, month, amount."""
    names = ("key", "name", "place", "month", "amount")
    contract = Contract(
        id="city.report", kind="source", version="1", status="active", title="", description="", owner="",
        tags=(), file=Path("report.odcs.yaml"), physical_name="report",
        columns=tuple(
            Column(n, (sources or {}).get(n, n), "string", "text", key_position=1 if n == "key" else None)
            for n in names
        ),
        server=Server("city", kind, {"path": "x"}), read=Read(**read),
    )  # fmt: skip
    return dict(refusals(contract))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xls", "ods"])
def test_what_can_work_is_taken(kind: str) -> None:
    assert said(kind, unpivot=MONTHS, fill_down=("key", "name"), header_find=("Key", "Name")) == {}
    letters = Unpivot({"C": "1", "AA": "2"}, "month", "amount")
    assert said(kind, LETTERS, unpivot=letters, header_by="position", header_row=0) == {}


@pytest.mark.parametrize(
    ("kind", "read", "where", "reason"),
    [
        ("csv", {"header_row": 0}, "read.headerRow", "set headerBy to position"),
        ("csv", {"header_row": 0, "header_rows": 2}, "read.headerRows", "no header"),
        ("xlsx", {"header_find": ("a",), "header_row": 3}, "read.headerFind", "take headerRow out"),
        ("xlsx", {"sheet": "A", "sheets": "*"}, "read.sheets", "says already"),
        ("csv", {"sheets": "*"}, "read.sheets", "is for spreadsheets"),
        ("postgres", {"header_find": ("a",)}, "read.headerFind", "is for sources of kind csv"),
        ("postgres", {"unpivot": MONTHS}, "read.unpivot", "is for sources of kind csv"),
        ("csv", {"fill_down": ("group",)}, "read.fillDown", "'group' that isn't there"),
        ("csv", {"fill_down": ("amount",), "unpivot": MONTHS}, "read.fillDown", "no cells of its own"),
        ("csv", {"fill_down": ("key",), "filters": (Filter("key", blank=True),)}, "read.fillDown", "blank"),
        ("csv", {"unpivot": Unpivot({"Jan": "1"}, "moon", "amount")}, "unpivot.into", "'moon' that isn't"),
        ("csv", {"unpivot": Unpivot({"Jan": "1"}, "month", "month")}, "unpivot.value", "name another"),
        ("csv", {"unpivot": Unpivot({"a": "1", "b": "1"}, "month", "amount")}, "unpivot.columns", "label"),
        ("csv", {"unpivot": Unpivot({"a": "1", " A": "2"}, "month", "amount")}, "unpivot.columns", "twice"),
        ("csv", {"header_by": "position"}, "properties.key", "letters, as A or AA"),
        ("csv", {"header_by": "position", "unpivot": MONTHS}, "unpivot.columns", "'Feb': expected"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(kind: str, read: dict[str, Any], where: str, reason: str) -> None:
    found = said(kind, **read)
    assert any(place.endswith(where) and reason in why for place, why in found.items()), found


def test_pseudo_columns_and_unpivoted_ones_are_no_columns_of_the_source() -> None:
    assert "@sheet is for spreadsheets" in said("csv", {"name": "@sheet"})["schema.report.properties.name"]
    assert (
        "take physicalName out"
        in said("csv", {"month": "Bulan"}, unpivot=MONTHS)["schema.report.properties.month"]
    )
