"""Small pieces of SQL around a text: is it valid for a type, and what value is it."""

from psycopg import sql


def is_canonical(text: sql.Composable, pg_type: str) -> sql.Composable:
    """Whether the type prints the value as exactly this text: as strict as a regex, several times quicker.

    Not for types that have words for values (`infinity`, `NaN`), which print as themselves too.
    """
    return sql.SQL("CASE WHEN pg_input_is_valid({0}, {1}) THEN {2}::text = {0} END").format(
        text, sql.Literal(pg_type), cast(text, pg_type)
    )


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
