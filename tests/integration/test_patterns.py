"""The regular expressions that contracts may have are those that PostgreSQL can use."""

import psycopg
import pytest

from schemas.patterns import bad_pattern

TAKEN = [
    "", "a|", "^[0-9]{12}(?!0000)[0-9]{4}$", "(?<=a)b", "(?<!a)b", "(?=a)a", "(?:a|b)", "a*?", r"(a)\1",
    "a{255}", r"\Aa\Z", "[[:alpha:]]", r"[\w-]", r"[a\]]", r"[\d.]", r"\yJl\y", r"\mJl\M", r"\\b", r"a\.b",
    "{", r"\{1", "é", "(?i)a",
]  # fmt: skip
REFUSED = [
    "[", "(", "*a", "(?P<y>a)", "(?i:a)", "b(?i)a", "(?>a)b", "a++b", "a{256}", "a{2,1}", "a{1", "a\\",
    r"[a-\d]", r"(a)(?(1)a|b)",
]  # fmt: skip


@pytest.fixture
def link(warehouse_url: str) -> psycopg.Connection:
    return psycopg.connect(warehouse_url, autocommit=True)


def test_those_taken_work(link: psycopg.Connection) -> None:
    with link:
        for pattern in TAKEN:
            assert bad_pattern(pattern) is None, pattern
            link.execute("SELECT 'a' ~ %s", [pattern])


def test_those_that_fail_are_refused(link: psycopg.Connection) -> None:
    with link:
        for pattern in REFUSED:
            assert bad_pattern(pattern), pattern
            with pytest.raises(psycopg.errors.InvalidRegularExpression):
                link.execute("SELECT 'a' ~ %s", [pattern])


def test_those_that_mean_something_else_are_refused(link: psycopg.Connection) -> None:
    with link:
        for pattern, text in ((r"\bJl\b", "Jl"), (r"a\B", "ab"), ("^a{,3}$", "aa")):
            assert bad_pattern(pattern), pattern
            assert link.execute("SELECT %s ~ %s", [text, pattern]).fetchone() == (False,)
