"""What a NIK says, and what is wrong with one. All numbers are made up."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.identity.nik import disagreements, faults, is_placeholder, parse

TODAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("nik", "sex", "born"),
    [
        ("6171012905850001", "1", date(1985, 5, 29)),
        ("6171016905850002", "2", date(1985, 5, 29)),
        ("6171010107260003", "1", date(2026, 7, 1)),
        ("6171010207260003", "1", date(1926, 7, 2)),
        ("6171012902000001", "1", date(2000, 2, 29)),
        ("6171017112991234", "2", date(1999, 12, 31)),
    ],
)
def test_parts(nik: str, sex: str, born: date) -> None:
    parts = parse(nik)
    assert parts is not None
    assert (parts.region_code, parts.sex_code, parts.birth_date(TODAY)) == ("617101", sex, born)
    assert parts.serial == nik[12:]
    assert faults(nik, TODAY) == ()
    assert not is_placeholder(nik)
    assert repr(parts) == "Nik()"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("617101290585001", ("length",)),
        ("61710129058500011", ("length",)),
        ("6.17101E+15", ("digits",)),
        ("617101290585000O", ("digits",)),
        ("\u0666171012905850001", ("digits",)),
        (6171012905850001, ("digits",)),
        (6.171012905850001e15, ("digits",)),
        (b"6171012905850001", ("digits",)),
        ("6171012905850000", ("serial",)),
        ("6171013202850001", ("birth_date",)),
        ("6171017202850001", ("birth_date",)),
        ("6171013002850001", ("birth_date",)),
        ("6171012902850001", ("birth_date",)),
        ("6171010013850000", ("birth_date", "serial")),
        ("1071012905850001", ("region",)),
        ("6171002905850001", ("region",)),
    ],
)
def test_faults(value: object, found: tuple[str, ...]) -> None:
    assert faults(value, TODAY) == found


@pytest.mark.parametrize(
    "value",
    [None, "", "  ", "-", "--", "0", 0, 0.0, "0000000000000000", "0617101100200001", "n/a", "Tidak ada", "."],
)
def test_placeholders_say_no_nik(value: object) -> None:
    assert is_placeholder(value)
    assert faults(value, TODAY) == ("placeholder",)


def test_a_nik_outlives_moves_and_corrections() -> None:
    nik = parse("6112016905850001")
    assert nik is not None
    known: dict[str, Any] = {"birth_date": date(1985, 5, 28), "sex_code": "1", "region_code": "61.71.01.1002"}
    assert disagreements(nik, on=TODAY, **known) == ("birth_date", "sex", "region")
    assert disagreements(nik, on=TODAY) == ()
    same: dict[str, Any] = {"birth_date": date(1985, 5, 29), "sex_code": "2", "region_code": "61.12.01"}
    assert disagreements(nik, on=TODAY, **same) == ()


@given(
    st.one_of(
        st.text(), st.from_regex(r"[0-9]{16}", fullmatch=True), st.integers(), st.floats(), st.binary()
    ),
    st.dates(),
)
def test_no_input_raises(value: object, on: date) -> None:
    found = faults(value, on)
    parts = parse(value)
    if parts is None:
        assert found
    elif not found:
        born = parts.birth_date(on)
        assert born is not None
        assert born <= on
        assert born.year % 100 == parts.year
