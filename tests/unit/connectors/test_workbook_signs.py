"""No sign in a piece of a workbook's XML means that closer looks find nothing either."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.workbook_signs import Sieve

#: What each sign stands for, sought slowly.
SOUGHT = {
    "far": rb"""\br\s*=\s*["'](?:[A-Za-z]*\d{6}|[A-Za-z]{3}|[O-Zo-z][A-Za-z])""",
    "odd_rows": rb"""<(?:\w+:)?row(?! r=)[\s/>]""",
    "odd_cells": rb"""<(?:\w+:)?c(?! r=)[\s/>]""",
    "error": rb"""\bt\s*=\s*["']e["']""",
    "formula": rb"""</(?:\w+:)?f>|<(?:\w+:)?f\b""",
}
PARTS = b"""<row <x:row <c <x:c <cols <f </f> <x:f <v> </v>
    /> > r = " ' t e A NZ o XFD 1 99999 123456 7:c"""


@given(st.lists(st.sampled_from([b" ", b"\n", b" r", *PARTS.split()]), max_size=40).map(b"".join))
@example(b'<row r="1"><c r="A1" t="e"/></row>')
@example(b"<c r = 'XFD1'>")
def test_what_is_there_has_its_sign(piece: bytes) -> None:
    whole = piece + b" " * 8  # what is cut at the end is whole in the next piece
    for name, sought in SOUGHT.items():
        assert getattr(Sieve().signs_of(whole), name) or not re.search(sought, whole), name


@pytest.mark.parametrize("end", range(60))
def test_a_usual_sheet_has_no_signs_wherever_it_is_cut(end: int) -> None:
    usual = (
        b'<cols/><row r="99999" spans="1:20"><c r="NZ99999" s="2" t="s"><v>1234567</v></c><c r="B2"/></row>'
    )
    assert not any(Sieve().signs_of(usual[: -end or None])), end
    assert not any(Sieve().signs_of(usual[end:])), end


@pytest.mark.parametrize("before", [131_060, 131_066, 131_072, 262_120])
def test_a_sign_is_seen_where_two_windows_meet(before: int) -> None:
    for found, name in (
        (b'r="XFD1"', "far"),
        (b"<row ", "odd_rows"),
        (b"<c>", "odd_cells"),
        (b'"e"', "error"),
    ):
        assert getattr(Sieve().signs_of(b"_" * before + found + b"_" * 200_000), name), name
