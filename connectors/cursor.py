"""Databases with a DB-API driver: one read through a server-side cursor, told apart by a `Dialect`.

Texts are made by the database itself where its SQL can write a value exactly; `written` writes the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.base import Connection, Extract, Request
from connectors.bounds import Value, Wording, condition
from connectors.columns import positions
from connectors.errors import SourceError, SourceMalformed, SourceRefused, place
from connectors.records import Record, encode_records
from schemas.contract import Column

#: At most so many rows, and so many bytes of the widest rows that the columns' types allow, at a time.
ROWS, WIDEST = 1000, 1 << 24

#: A table's name in its parts: (table) or (schema, table).
Parts = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """A column of the source's table: its type in lower case; the most bytes a value is likely to have."""

    name: str
    kind: str
    nullable: bool = True
    width: int = 64


@dataclass(frozen=True)
class Dialect:
    """What one kind of database does its own way.

    `connect` opens a session; `begin` gives a cursor whose SELECT sees one consistent state of the database,
    with pinned formats. `describe` gives the table as SQL writes it and its columns, none when it
    isn't there. `expression` is SQL whose value is the column's exact text, or what `written` makes one of;
    None when a type has no text. `literal` writes a watermark for a comparison with a column; `absent` gives
    the conditions under which a column says nothing. `errors` are what the driver raises, `translate` what
    we raise instead.
    """

    connect: Callable[[Connection], Any]
    begin: Callable[[Any, Connection], Any]
    describe: Callable[[Any, Parts], tuple[str, Sequence[Field]]]
    quoted: Callable[[str], str]
    expression: Callable[[str, Field, Column], str | None]
    literal: Callable[[Value, Field], str]
    absent: Callable[[str, Field], Sequence[str]]
    errors: tuple[type[Exception], ...]
    translate: Callable[[Exception, Connection, str], SourceError]
    close: Callable[[Any, Any, Connection], None] = lambda link, cursor, _: _close(link, cursor)
    adapt: Callable[[Field], Callable[[Any], str] | None] = lambda _: None


class CursorConnector:
    """Reads one table or view as its dialect says."""

    def __init__(self, dialect: Dialect, connection: Connection) -> None:
        self._dialect = dialect
        self._connection = connection

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Open a snapshot of the contract's table; raises `SourceError`."""
        with self._translated(request):
            link = self._dialect.connect(self._connection)
        cursor = None
        try:
            with self._translated(request):
                cursor = self._dialect.begin(link, self._connection)
                table, found = self._dialect.describe(cursor, parts(request))
            fields = self._fields(request, found)
            records = self._records(cursor, request, table, fields)
            columns = tuple(field.name for field in found)
            yield Extract(request.names, columns, encode_records(records, request.names), numbered=True)
        finally:
            with suppress(*self._dialect.errors):
                self._dialect.close(link, cursor, self._connection)

    def _fields(self, request: Request, found: Sequence[Field]) -> dict[str, Field]:
        """The table's columns by their names in the contract."""
        contract = request.contract
        if not found:
            raise SourceRefused(
                f"{place(self._connection.id, contract.id)}: no table {contract.physical_name}; "
                "correct physicalName or the server's schema in the contract"
            )
        where = f"table {contract.physical_name}"
        places = positions(contract, [field.name for field in found], str.casefold, where=where)
        return {name: found[at] for name, at in zip(contract.names, places, strict=True)}

    def _records(
        self, cursor: Any, request: Request, table: str, fields: Mapping[str, Field]
    ) -> Iterator[Record]:
        chosen = [fields[name] for name in request.names]
        writers = [self._dialect.adapt(field) or written for field in chosen]
        size = max(1, min(ROWS, WIDEST // max(1, sum(field.width for field in chosen))))
        query, first = statement(self._dialect, request, table, fields), 1
        with self._translated(request):
            cursor.arraysize = size
            cursor.execute(query)
            while rows := cursor.fetchmany(size):
                for number, row in enumerate(rows, first):
                    pairs = zip(row, writers, strict=True)
                    yield Record(number, [None if v is None else write(v) for v, write in pairs])
                first += len(rows)

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        """Turn the driver's errors into ours, without values from the data and without secrets."""
        dataset = request.contract.id
        try:
            yield
        except self._dialect.errors as error:
            raise self._dialect.translate(error, self._connection, dataset) from None
        except UnicodeDecodeError:
            raise SourceMalformed(
                f"{place(self._connection.id, dataset)}: a text is not in the encoding that the database "
                "declares; ask its owner to mend it, or to offer a view without it"
            ) from None


def _close(link: Any, cursor: Any) -> None:
    try:
        if cursor is not None:
            cursor.close()
    finally:
        link.close()


def parts(request: Request) -> Parts:
    """The table's name, with the schema that it or the contract's server names."""
    contract = request.contract
    schema, dot, table = contract.physical_name.partition(".")
    if dot:
        return schema, table
    declared = contract.server.settings.get("schema") if contract.server else None
    return (str(declared), schema) if declared else (schema,)


def statement(dialect: Dialect, request: Request, table: str, fields: Mapping[str, Field]) -> str:
    """What reads the rows; `fields` are the table's columns by the contract's names.

    Refuses columns whose type has no text.
    """
    known = {column.source_name: fields[column.name] for column in request.contract.columns}
    texts = []
    for column in request.columns:
        field = fields[column.name]
        text = dialect.expression(dialect.quoted(field.name), field, column)
        if text is None:
            raise SourceRefused(
                f"{request.contract.id}: column {field.name} is of type {field.kind}, which has no text; "
                "leave it out of the contract, or ask the owner for a view that converts it"
            )
        texts.append(text)
    wording = Wording(
        quoted=lambda name: dialect.quoted(known[name].name),
        bound=lambda value, name: dialect.literal(value, known[name]),
        absent=lambda name: dialect.absent(dialect.quoted(known[name].name), known[name]),
    )
    query = " ".join(("SELECT", ", ".join(texts), "FROM", table))
    where = condition(request, wording)
    return f"{query} WHERE {where}" if where else query


def written(value: Any) -> str:
    """The exact text of a value that a driver gives: bytes as PostgreSQL writes them, times in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
