"""Small pieces of SQL around a text: is it valid for a type, and what value is it."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql


@dataclass(frozen=True)
class Reading:
    """How a text becomes a value, in two steps so that nothing is computed twice.

    `guess` is SQL over the text: a quick cast that may be too lenient, or None. `value` is SQL over the
    text and the guess: the guess where it is proven, else whatever a slower way finds.
    """

    guess: sql.Composable | None
    value: sql.Composable


NOTHING = sql.SQL("NULL")


def proven(
    guess: sql.Composable, proof: sql.Composable, otherwise: sql.Composable = NOTHING
) -> sql.Composable:
    """The guess where the proof holds, else the other value."""
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(proof, guess, otherwise)


def first_of(values: Sequence[sql.Composable]) -> sql.Composable:
    """The first of these values that is not NULL."""
    return values[0] if len(values) == 1 else sql.SQL("coalesce({})").format(sql.SQL(", ").join(values))


def prints_as(value: sql.Composable, text: sql.Composable) -> sql.Composable:
    """Whether PostgreSQL prints the value as exactly this text.

    As strict as a regular expression and several times quicker: each character stands for itself.
    """
    return sql.SQL("{}::text = {}").format(value, text)


def cast(text: sql.Composable, pg_type: str) -> sql.Composable:
    """The text as the type; raises in PostgreSQL unless a CASE has made sure that it is valid."""
    return sql.SQL("({})::{}").format(text, sql.SQL(pg_type))


def guarded(text: sql.Composable, guard: str, pg_type: str) -> sql.Composable:
    """The value where the text matches the regular expression and is valid, else NULL."""
    value = valid(text, pg_type)
    return sql.SQL("CASE WHEN {} ~ {} THEN {} END").format(text, sql.Literal(guard), value)


def valid(text: sql.Composable, pg_type: str) -> sql.Composable:
    """The value where the text is valid, else NULL."""
    return sql.SQL("CASE WHEN pg_input_is_valid({}, {}) THEN {} END").format(
        text, sql.Literal(pg_type), cast(text, pg_type)
    )
