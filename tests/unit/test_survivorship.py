"""Which value stands by the rules, and what a project may change of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lumbung.errors import SettingsError
from lumbung.resolution.disagreement import Statement, judge
from lumbung.resolution.survivorship import ABSTAINED, CHOSEN, Rule, Said, choose, rules_of

FIRST, THEN = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
REGISTER_FIRST = Rule(("register", "dinsos.clients", "*"), "agree")


def said(dataset: str, value: str, since: datetime = FIRST) -> Said:
    return Said(dataset, value, value, since)


def test_the_first_source_that_speaks_is_asked_alone() -> None:
    found = choose(
        REGISTER_FIRST, [said("izin.permits", "c"), said("dinsos.clients", "b"), said("register", "a")]
    )
    assert found and (found.outcome, found.value, found.dataset) == (CHOSEN, "a", "register")
    found = choose(REGISTER_FIRST, [said("izin.permits", "c"), said("dinsos.clients", "b")])
    assert found and found.dataset == "dinsos.clients"


def test_agree_abstains_where_latest_chooses() -> None:
    two = [said("a.b", "x"), said("c.d", "y", THEN)]
    agree, latest = (choose(Rule(("*",), among), two) for among in ("agree", "latest"))
    assert agree and (agree.outcome, agree.value, agree.dataset) == (ABSTAINED, None, None)
    assert latest and (latest.outcome, latest.value) == (CHOSEN, "y")
    at_once = choose(Rule(("*",), "latest"), [said("a.b", "x"), said("c.d", "y")])
    assert at_once and at_once.outcome == ABSTAINED


def test_who_is_not_asked_is_not_heard() -> None:
    assert choose(Rule(("register",), "agree"), [said("a.b", "x")]) is None
    assert choose(Rule(("*",), "agree"), [said("register", "x")]) is None
    assert choose(Rule(("a",), "agree"), [said("a.b", "x")]) is not None


def test_everyone_who_says_otherwise_is_told_even_if_nobody_stands() -> None:
    three = [
        Statement(name, name, "r", "[1]", value, FIRST)
        for name, value in (("a.b", "1"), ("c.d", "2"), ("e.f", "1"))
    ]
    choice, found = judge("kk_number", Rule(("*",), "agree"), three)
    assert choice and choice.outcome == ABSTAINED
    assert [(one.one.source, one.other.source) for one in found] == [("c.d", "a.b")]
    choice, found = judge("kk_number", Rule(("c.d", "*"), "agree"), three)
    assert choice and choice.value == "2"
    assert {one.one.source for one in found} == {"a.b", "e.f"}


@pytest.mark.parametrize(
    ("field", "one", "other", "differ"),
    [
        ("name", "Hj. Rina Lestari, S.Pd", "RINA LESTARI", False),
        ("name", "RINA LESTARI", "RINI ASTUTI", True),
        ("sex", "Perempuan", "2", False),
        ("birth_place", "Kota Pontianak", "PONTIANAK", False),
        ("birth_place", "SAMBAS", "PONTIANAK", True),
        ("npwp", "01.300.066.6-091.000", "0013000666091000", False),
        ("business_name", "PT Sinar", "CV Sinar", True),
        ("birth_date", "1990-01-05", "1990-05-01", True),
    ],
)
def test_what_is_the_same(field: str, one: str, other: str, differ: bool) -> None:
    statements = [
        Statement(name, name, "r", "[1]", value, FIRST) for name, value in (("a.b", one), ("c.d", other))
    ]
    _, found = judge(field, Rule(("*",), "agree"), statements)
    assert bool(found) == differ
    assert one not in repr(statements)


def test_a_project_changes_single_fields(tmp_path: Path) -> None:
    file = tmp_path / "warehouse" / "survivorship.yaml"
    file.parent.mkdir()
    file.write_text("person:\n  address: {sources: [dinsos, register], among: agree}\n")
    rules = rules_of(tmp_path)
    assert rules["person"]["address"] == Rule(("dinsos", "register"), "agree")
    assert rules["person"]["name"].sources == ("register", "*")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("people: {}", "people"),
        ("person: {shoe: {sources: [register], among: agree}}", "person.shoe"),
        ("person: {name: {sources: [], among: agree}}", "person.name"),
        ("person: {name: {sources: [register], among: vote}}", "person.name"),
        ("- person", "expected the sections"),
        ("person: [", "can't be read"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_by_file_and_place(
    tmp_path: Path, text: str, wrong: str
) -> None:
    file = tmp_path / "warehouse" / "survivorship.yaml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(SettingsError, match=f"survivorship.yaml.*{wrong}"):
        rules_of(tmp_path)
