"""NIB, NPWP, NITKU and KBLI as texts write them. The NPWPs are published examples, of nobody in the city."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.businesses.numbers import Npwp, kbli_of, nib_of, npwp_of

DAY = date(2026, 9, 15)


@pytest.mark.parametrize(
    ("written", "nib"),
    [
        ("8120010201234", "8120010201234"),
        (" 8120 0102 01234 ", "8120010201234"),
        ("0220103120512", "0220103120512"),
        ("220103120512", None),
        ("8.12001E+12", None),
        ("0000000000000", None),
        ("-", None),
        (None, None),
    ],
)
def test_a_nib_has_thirteen_digits(written: str | None, nib: str | None) -> None:
    assert nib_of(written) == nib


@pytest.mark.parametrize("written", ["01.300.066.6-091.000", "013000666091000", "0013000666091000"])
def test_the_forms_of_15_and_16_digits_are_one_number(written: str) -> None:
    npwp = npwp_of(written, DAY)
    assert npwp == Npwp("0013000666091000")
    assert (npwp.old, npwp.taxpayer) == ("013000666091000", "013000666")
    assert not (npwp.is_person or npwp.is_branch or npwp.is_doubtful)


def test_a_resident_s_number_is_the_nik() -> None:
    npwp = npwp_of("6171010101900020", DAY)
    assert npwp
    assert (npwp.is_person, npwp.taxpayer, npwp.old) == (True, "6171010101900020", "")
    assert "6171010101900020" not in repr(npwp)


def test_branches_share_the_taxpayer() -> None:
    branch, place, seat = (
        npwp_of(text, DAY)
        for text in ("01.300.066.6-701.001", "0013000666091000000003", "0013000666091000000000")
    )
    assert branch and place and seat
    assert [one.is_branch for one in (branch, place, seat)] == [True, True, False]
    assert {one.taxpayer for one in (branch, place, seat)} == {"013000666"}


def test_a_wrong_check_digit_is_doubtful_and_no_more() -> None:
    npwp = npwp_of("01.300.066.7-091.000", DAY)
    assert npwp and npwp.is_doubtful


@pytest.mark.parametrize(
    "written",
    [
        "",
        None,
        "6.17101E+15",
        "000000000000000",
        "6171013201900020",
        "6171010101900000",
        "12345",
        "01.300.066.6",
    ],
)
def test_what_is_no_taxpayer_s_number(written: str | None) -> None:
    assert npwp_of(written, DAY) is None


@given(st.from_regex(r"[0-9]{9}[0-9]{6}", fullmatch=True).filter(lambda digits: digits[:9].strip("0")))
def test_one_changed_digit_is_always_noticed(digits: str) -> None:
    """Luhn finds every single wrong digit."""
    sound = next(
        npwp
        for last in range(10)
        if (npwp := npwp_of(f"{digits[:8]}{last}{digits[9:]}", DAY)) and not npwp.is_doubtful
    )
    for at in range(9):
        old = sound.old
        wrong = npwp_of(f"{old[:at]}{(int(old[at]) + 1) % 10}{old[at + 1 :]}", DAY)
        assert wrong is None or wrong.is_doubtful


@pytest.mark.parametrize(
    ("written", "kbli"),
    [
        ("1111", "01111"),
        ("01111", "01111"),
        ("47.111", "47111"),
        ("4711", None),
        ("111", None),
        ("00111", None),
        ("padi", None),
    ],
)
def test_a_kbli_gets_its_zero_back(written: str, kbli: str | None) -> None:
    assert kbli_of(written) == kbli
