"""What connectors write, PostgreSQL's COPY reads back unchanged."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.base import BLOCK, encode_rows
from connectors.mysql import escaped, joined
from connectors.records import MAX_RAW, Record, encode_records, legible
from tests.services import require_postgres

Row = tuple[str | None, str | None]

#: Any text that PostgreSQL can hold, with those characters often that mean something to COPY.
TEXTS = st.none() | st.text(
    st.sampled_from("\t\n\r\\N.x") | st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    max_size=20,
)
AWKWARD = [
    ("\\N", None),
    ("\\.", ""),
    ("", "\\"),
    ("\r\n", "\t"),
    (None, None),
    ("\u2028\x85\ufeff", "\U0001f33e"),
]


@pytest.fixture(scope="module")
def link() -> Iterator[psycopg.Connection]:
    with psycopg.connect(require_postgres(), autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE landed (row_number bigint, row_fault text, a text, b text)")
        yield connection


def copied(link: psycopg.Connection, columns: str, blocks: Iterator[bytes]) -> list[tuple[object, ...]]:
    with link.cursor() as cursor:
        cursor.execute("TRUNCATE landed")
        with cursor.copy(f"COPY landed ({columns}) FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        # Heap order is the order of arrival.
        return cursor.execute(f"SELECT {columns} FROM landed").fetchall()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS)))
@example(AWKWARD)
def test_any_text_comes_back_unchanged(link: psycopg.Connection, rows: list[Row]) -> None:
    assert copied(link, "a, b", encode_rows(rows)) == rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
@example(AWKWARD)
def test_the_fast_joining_of_raw_rows_is_never_wrong(link: psycopg.Connection, rows: list[Row]) -> None:
    raw = [[None if value is None else value.encode() for value in row] for row in rows]
    expected = [(number, None, *row) for number, row in enumerate(rows, 7)]
    fast, sure = joined(raw, 7), escaped(raw, 7, ["a", "b"])
    assert fast is None or fast == sure
    assert copied(link, "row_number, row_fault, a, b", iter([sure])) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec=None)),
            st.none() | st.text(st.sampled_from("\0\ud800\udcffx")),
        )
    )
)
def test_what_postgresql_cannot_hold_becomes_a_fault_and_nothing_else_changes(
    link: psycopg.Connection, rows: list[Row]
) -> None:
    records = [Record(number, row) for number, row in enumerate(rows)]
    landed = copied(link, "row_number, row_fault, a, b", encode_records(records, ["a", "b"]))
    assert len(landed) == len(rows)
    for (_, fault, *kept), row in zip(landed, rows, strict=True):
        bad = [
            value is not None and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value) for value in row
        ]
        assert kept == [None if is_bad else value for is_bad, value in zip(bad, row, strict=True)]
        assert (fault is not None) == any(bad)


def test_plain_rows_are_joined_without_being_taken_apart() -> None:
    assert joined([[b"x", None], [b"caf\xc3\xa9", b""]], 1) == b"1\t\\N\tx\t\\N\n2\t\\N\tcaf\xc3\xa9\t\n"


def test_blocks_are_whole_rows_of_bounded_size() -> None:
    blocks = list(encode_rows([("x" * 1000, None)] * 2000))
    assert all(BLOCK <= len(block) < BLOCK + 2000 for block in blocks[:-1])
    assert all(block.endswith(b"\\N\n") for block in blocks)


def test_a_fault_is_cut_before_it_fills_the_memory() -> None:
    assert legible("\0" * 3) == r"\x00\x00\x00"
    assert len(legible("x" * 10 * MAX_RAW)) < MAX_RAW + 40
