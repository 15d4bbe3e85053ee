"""Budget codes: every way they are written reads as one code; the tree above; what replaced them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.budget_codes.codes import ACCOUNT, SUB_ACTIVITY, Scheme, account, sub_activity
from lumbung.budget_codes.errors import BudgetCodeError, SuccessorError
from lumbung.budget_codes.successors import current, of_reference, successor


def codes(scheme: Scheme, *levels: int) -> st.SearchStrategy[str]:
    """Canonical codes of these numbers of parts, of any by default."""
    parts = [st.integers(1, 10**width - 1).map(f"{{:0{width}}}".format) for width in scheme.widths]
    counts = st.sampled_from(levels or sorted(scheme.levels))
    return st.tuples(st.tuples(*parts), counts).map(lambda drawn: ".".join(drawn[0][: drawn[1]]))


@given(codes(ACCOUNT))
def test_an_account_reads_the_same_however_it_is_written(code: str) -> None:
    parts = code.split(".")
    bare = ".".join(part.lstrip("0") for part in parts)
    long = ".".join([*parts[:4], *(f"0{part}" for part in parts[4:])])
    for written in (code, code.replace(".", ""), bare, long, f" '{code}", code.replace(".", " . ")):
        read = account(written)
        assert read.value == code, written
        assert read.is_padded == (written == bare != code)


@given(codes(SUB_ACTIVITY, 5), st.integers(0, 99))
def test_two_digits_and_four_are_one_sub_activity(kegiatan: str, number: int) -> None:
    old, new = f"{kegiatan}.{number:02}", f"{kegiatan}.{number:04}"
    assert sub_activity(old) == sub_activity(new) == sub_activity(old.replace(".", ""))
    assert sub_activity(old).value == new
    assert not sub_activity(old).is_padded


@given(codes(SUB_ACTIVITY))
def test_each_ancestor_is_a_code_whose_tree_is_the_beginning_of_it(code: str) -> None:
    read = sub_activity(code)
    for place, ancestor in enumerate(read.ancestors):
        assert sub_activity(ancestor).ancestors == read.ancestors[:place]
        assert code.startswith(f"{ancestor}.")


def test_levels_and_governments() -> None:
    read = sub_activity("X.XX.01.2.06.02")
    assert (read.value, read.level, read.government) == ("X.XX.01.2.06.0002", "sub_kegiatan", "city")
    assert read.ancestors == ("X", "X.XX", "X.XX.01", "X.XX.01.2.06")
    assert sub_activity("1.01.02.1.01").government == "province"
    assert sub_activity("9.01.02.7.01.0001").government == ""
    assert account("4.1.01.19.03").level == "rincian_objek"
    assert account("4").parent == ""


def test_an_agencys_own_supporting_programme_is_everyones() -> None:
    own = sub_activity("7.01.01.2.06.0002").supporting
    assert own is not None
    assert own.value == "X.XX.01.2.06.0002"
    assert sub_activity("7.01.02.2.06.0002").supporting is None


@pytest.mark.parametrize(
    "text",
    ["", "5..1", "5.1.02.1.", "0.1", "5.1.02.01.01.12345", "5.1.x2", "51020", "5.1.02.01.01.0024.1", "X"],
)
def test_what_is_no_account_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BudgetCodeError, match=r"is no account code: .*5\.1\.02\.01\.01\.0024"):
        account(text)


@pytest.mark.parametrize("text", ["", "X.01.01.2.01.0001", "1.XX.01", "1.01.02.2", "212022", "1.01.X2"])
def test_what_is_no_sub_activity_is_refused(text: str) -> None:
    with pytest.raises(BudgetCodeError, match="is no sub-activity code"):
        sub_activity(text)


def replaced(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    """Rows of the reference file."""
    return [
        {"from_code": old, "to_code": new, "first_budget_year": "2024", "is_verified": "true"}
        for old, new in pairs
    ]


def test_the_nearest_stated_code_above_decides_what_replaced_a_code() -> None:
    table = of_reference(replaced(("4.1.01.06", "4.1.01.19.03"), ("4.1.01.06.08", "")))
    hotel = current(account("4.1.01.06.01.0001"), table)
    assert hotel is not None
    assert hotel.value == "4.1.01.19.03"
    assert current(account("4.1.01.06.08.0001"), table) is None
    assert current(account("4.1.01.09"), table) == account("4.1.01.09")
    found = successor(account("4.1.01.06"), table)
    assert found is not None
    assert (found.first_budget_year, found.is_verified) == (2024, True)


def test_successors_are_followed_to_the_end_but_not_in_circles() -> None:
    table = of_reference(replaced(("4.1.01", "4.1.02"), ("4.1.02", "4.1.03")))
    assert current(account("4.1.01.01"), table) == account("4.1.03")
    with pytest.raises(SuccessorError, match="its own successor"):
        current(account("4.1.01"), of_reference(replaced(("4.1.01", "4.1.02"), ("4.1.02", "4.1.01"))))
    with pytest.raises(SuccessorError, match="replaced twice"):
        of_reference(replaced(("4.1.1", "4.1.02"), ("4.1.01", "4.1.03")))
