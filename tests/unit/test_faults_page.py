"""docs/faults.md says what the tests try."""

from tests.faults_table import FAULTS, PAGE, cases, page


def test_every_fault_is_tried() -> None:
    assert sorted({case.fault for case in cases()}) == sorted(FAULTS)


def test_the_page_is_the_tests_own() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it anew: python -m tests.faults_table"
