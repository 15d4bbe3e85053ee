"""From landed text to typed values, in SQL, without ever raising and without ever guessing wrong.

Each column compiles to: text with null tokens taken out; a quick cast where `pg_input_is_valid` says that
the text is valid; and proof that the text is written as the contract declares: PostgreSQL prints the value
as the same text, or a guard regex matches. Validity alone lets wrong data in: PostgreSQL accepts
`yesterday`, `infinity`, `J2460000`, `1_000`, `0x1F` and `NaN`, rounds `1.555` into numeric(5,2), and reads
`07/08/2023` by the session's DateStyle.
"""

from dataclasses import dataclass

from psycopg import sql

from lumbung.dates import temporal
from lumbung.numerals import is_plain, number_guard, plain_number
from lumbung.sqltext import Reading, guarded, prints_as, proven, valid
from schemas.contract import Column, Contract, Read

#: Kinds of source whose date cells arrive in ISO form, whatever format the texts beside them have.
SPREADSHEETS = ("xlsx", "xls", "ods")
#: Texts that are truth values, in any case.
TRUE = ("true", "t", "1", "y", "yes", "ya")
FALSE = ("false", "f", "0", "n", "no", "tidak")


@dataclass(frozen=True)
class Typed:
    """How one column is typed: `text` over the landed row (null tokens out), then `guess` and `value`.

    Strings are their own text and have neither. `unmatched` is, for a column that is a part of its source's
    text, whether a landed text has no such part.
    """

    text: sql.Composable
    reading: Reading | None
    unmatched: sql.Composable | None = None


def typed(column: Column, contract: Contract, text: sql.Identifier, guess: sql.Identifier) -> Typed:
    """The column's SQL. `text` and `guess` are how its text and its guess are called in later steps."""
    landed: sql.Composable = sql.Identifier(column.name)
    tokens = contract.read.null_tokens
    if tokens:
        landed = sql.SQL("CASE WHEN {0} <> ALL ({1}) THEN {0} END").format(landed, sql.Literal(list(tokens)))
    reading = None if column.logical_type == "string" else _reading(column, contract, text, guess)
    pattern = contract.read.extract.get(column.name)
    if pattern is None:
        return Typed(landed, reading)
    part = sql.SQL("substring({} from {})").format(landed, sql.Literal(pattern))
    unmatched = sql.SQL("{} IS NOT NULL AND {} IS NULL").format(landed, part)
    return Typed(part, reading, unmatched)


def _reading(column: Column, contract: Contract, text: sql.Identifier, guess: sql.Identifier) -> Reading:
    # Padding (CHAR columns, spreadsheet habits) carries no meaning in anything but strings.
    trimmed = sql.SQL("btrim({})").format(text)
    if column.logical_type == "boolean":
        return _boolean(text, trimmed, guess)
    if column.logical_type in ("object", "array"):
        return Reading(None, valid(trimmed, "jsonb"))
    if column.logical_type in ("integer", "number"):
        return _number(column, contract.read, text, guess)
    has_cells = contract.server is not None and contract.server.kind in SPREADSHEETS
    return temporal(column, text, guess, has_cells)


def _number(column: Column, read: Read, text: sql.Identifier, guess: sql.Identifier) -> Reading:
    if not is_plain(read):
        # The guess is the plain number's text, so that it is made once.
        return Reading(plain_number(text, read), guarded(guess, number_guard(column), column.pg_type))
    slow = guarded(plain_number(text, read), number_guard(column), column.pg_type)
    proof = prints_as(guess, text)
    if column.logical_type == "number":
        # Infinity and NaN print as themselves too; NaN sorts above infinity.
        proof = sql.SQL("{0} AND {1} < 'Infinity' AND {1} > '-Infinity'").format(proof, guess)
    return Reading(valid(text, column.pg_type), proven(guess, proof, slow))


def _boolean(text: sql.Identifier, trimmed: sql.Composable, guess: sql.Identifier) -> Reading:
    slow = sql.SQL("CASE WHEN lower({0}) = ANY ({1}) THEN true WHEN lower({0}) = ANY ({2}) THEN false END")
    slow_sql = slow.format(trimmed, sql.Literal(list(TRUE)), sql.Literal(list(FALSE)))
    quick = sql.SQL("CASE {} WHEN 't' THEN true WHEN 'f' THEN false END").format(text)
    return Reading(quick, sql.SQL("coalesce({}, {})").format(guess, slow_sql))
