"""*Data balikan*: an agency's own data back to it, with what the hub knows of each row attached.

The columns are the agency's, under its own names; beside them `hub_status` (accepted or not), `hub_reasons`
in words, and the keys that the hub has corrected, as `hub_<column>`: of each dataset that the contract
refers to the matched key and name, and what `warehouse/balikan/<source>/<dataset>.sql` gives, a SELECT of
the dataset's key and more columns (such as the code behind the spelling of a name).
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from lumbung.errors import ExportError, ModelError
from lumbung.exports import Format, harmless, replacing
from lumbung.hub import Hub
from lumbung.quarantine import key_text
from lumbung.reason_words import Language
from lumbung.reasons import explain
from lumbung.warehouse import Session
from lumbung.workbook import MOST_ROWS, OPTIONS, fitting
from schemas.contract import Contract, Reference

STATUS: dict[Language, dict[str, str]] = {
    "id": {
        "accepted": "diterima",
        "older": "versi lama, baris baru ditolak",
        "open": "ditolak",
        "waived": "ditolak, disetujui tetap di luar",
    },
    "en": {
        "accepted": "accepted",
        "older": "older version, new row refused",
        "open": "refused",
        "waived": "refused, to stay out",
    },
}
_STREAM = 1000
_REFUSED = sql.SQL(
    "SELECT e.state, e.reasons, r.verbatim "
    "FROM quarantine.entry AS e, jsonb_array_elements(e.rows) AS r (verbatim) "
    "WHERE e.dataset = {} AND e.state IN ('open', 'waived') ORDER BY e.entry_id"
)


@dataclass(frozen=True)
class Balikan:
    """The columns' names and the rows, every value as text; `numbers` are the places of numbers."""

    names: tuple[str, ...]
    numbers: frozenset[int]
    rows: Iterator[list[str]]


def write(path: Path, kind: Format, found: Balikan) -> int:
    """Write it to `path`, in place of what was there; returns how many rows it has.

    No text in it can run as a formula. Raises `ExportError` when the file can't be written, or is longer
    than a sheet.
    """
    with replacing(path) as draft:
        return (_write_csv if kind == "csv" else _write_xlsx)(draft, found)


def _write_csv(path: Path, found: Balikan) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(map(harmless, found.names))
        for row in found.rows:
            count += 1
            writer.writerow(
                harmless(text, is_number=place in found.numbers) for place, text in enumerate(row)
            )
    return count


def _write_xlsx(path: Path, found: Balikan) -> int:
    import xlsxwriter

    count = 0
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        sheet = book.add_worksheet("Data balikan")
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(found.names) - 1, 20)
        for place, name in enumerate(found.names):
            sheet.write_string(0, place, name, bold)
        for count, row in enumerate(found.rows, start=1):
            if count >= MOST_ROWS:
                raise ExportError(f"There are more rows than a sheet's {MOST_ROWS:,}; choose --format csv.")
            for place, text in enumerate(row):
                sheet.write_string(count, place, fitting(text))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(found.names) - 1)
    return count


@dataclass(frozen=True)
class _Attached:
    """One relation joined to the agency's rows: its alias, how it is joined, and columns by hub name."""

    join: sql.Composed
    columns: dict[str, sql.Composable]


def balikan(hub: Hub, session: Session, contract: Contract, language: Language) -> Balikan:
    """What goes back to the agency: its accepted rows, then those refused, as they came.

    The rows are read from `session` while they are used. Raises `ModelError` when the dataset was never
    home or its SELECT can't be used.
    """
    session.execute("SET TRANSACTION READ ONLY")
    attached = [_referred(place, r, hub) for place, r in enumerate(contract.references)]
    file = hub.settings.project / "warehouse" / "balikan" / contract.source / f"{contract.name}.sql"
    if file.exists():
        attached.append(_selected(session, contract, file))
    columns = _together(attached)
    names = tuple(c.source_name for c in contract.columns)
    numbers = frozenset(
        place for place, c in enumerate(contract.columns) if c.logical_type in ("integer", "number")
    )
    told = _Telling(contract, language)
    rows = _rows(session, _accepted(contract, attached, columns), told, len(columns))
    return Balikan((*names, "hub_status", "hub_reasons", *columns), numbers, rows)


def _together(attached: Sequence[_Attached]) -> dict[str, sql.Composable]:
    """All attached columns. Of two of one name, or of one the hub has itself, the later is numbered."""
    found: dict[str, sql.Composable] = {}
    for name, column in (item for one in attached for item in one.columns.items()):
        free, number = name, 2
        while free in found or free in ("hub_status", "hub_reasons"):
            free, number = f"{name}_{number}", number + 1
        found[free] = column
    return found


def _rows(session: Session, accepted: sql.Composed, told: "_Telling", more: int) -> Iterator[list[str]]:
    width = len(told.contract.columns)
    for row in _streamed(session, accepted, told.contract):
        values = ["" if value is None else value for value in row]
        reasons = row[width]
        state = "accepted" if reasons is None else "older"
        yield [*values[:width], told.status[state], told.words(reasons or ()), *values[width + 1 :]]
    refused = _REFUSED.format(sql.Literal(told.contract.id))
    for state, reasons, verbatim in _streamed(session, refused, told.contract):
        values = [verbatim.get(name) or "" for name in told.contract.names]
        yield [*values, told.status[state], told.words(reasons), *[""] * more]


def _streamed(session: Session, query: sql.Composed, contract: Contract) -> Iterator[Any]:
    with session.cursor("balikan") as cursor:
        cursor.itersize = _STREAM
        yield from _run(cursor, query, contract)


class _Telling:
    """Statuses and reasons in words; each code is put into words once."""

    def __init__(self, contract: Contract, language: Language) -> None:
        self.contract, self.language, self.status = contract, language, STATUS[language]
        self._known: dict[str, str] = {}

    def words(self, codes: Sequence[str]) -> str:
        """What is wrong and how to mend it, of each code."""
        return " ".join(map(self._word, codes))

    def _word(self, code: str) -> str:
        if code not in self._known:
            said = explain(code, self.contract, self.language)
            self._known[code] = f"{said.problem} {said.remedy}"
        return self._known[code]


def _accepted(
    contract: Contract, attached: Sequence[_Attached], columns: dict[str, sql.Composable]
) -> sql.Composed:
    """The rows in use: the agency's columns, why a newer row of the key was refused, the hub's columns."""
    own = [sql.SQL("c.{}::text").format(sql.Identifier(name)) for name in contract.names]
    return sql.SQL(
        "SELECT {} FROM {} AS c {} LEFT JOIN quarantine.entry AS e ON e.dataset = {} AND e.has_key "
        "AND e.state IN ('open', 'waived') AND e.row_key = {} ORDER BY {}"
    ).format(
        sql.SQL(", ").join([*own, sql.SQL("e.reasons"), *columns.values()]),
        sql.Identifier("current", contract.table),
        sql.SQL(" ").join(one.join for one in attached),
        sql.Literal(contract.id),
        key_text(contract, "c"),
        sql.SQL(", ").join(sql.Identifier("c", name) for name in contract.key),
    )


def _referred(place: int, reference: Reference, hub: Hub) -> _Attached:
    """What a reference of the contract leads to: the key, when it is there, and its name."""
    alias, target = f"r{place}", hub.dataset(reference.dataset)
    pairs = list(zip(reference.columns, reference.target, strict=True))
    columns: dict[str, sql.Composable] = {
        f"hub_{own}": sql.SQL("{}::text").format(sql.Identifier(alias, other)) for own, other in pairs
    }
    name = next((c for c in target.columns if c.name.endswith("_name") and not c.is_personal), None)
    if name is not None:
        columns[f"hub_{name.name}"] = sql.SQL("{}::text").format(sql.Identifier(alias, name.name))
    join = sql.SQL("LEFT JOIN LATERAL (SELECT * FROM {} AS t WHERE {} LIMIT 1) AS {} ON true").format(
        sql.Identifier("current", target.table),
        sql.SQL(" AND ").join(
            sql.SQL("t.{} = c.{}").format(sql.Identifier(other), sql.Identifier(own)) for own, other in pairs
        ),
        sql.Identifier(alias),
    )
    return _Attached(join, columns)


def _selected(session: Session, contract: Contract, file: Path) -> _Attached:
    """What the project's own SELECT gives for each key of the dataset, one row each."""
    text = sql.SQL(file.read_text("utf-8").rstrip().rstrip(";"))
    key = sql.SQL(", ").join(map(sql.Identifier, contract.key))
    counted = sql.SQL("SELECT count(*), count(DISTINCT ({})) FROM ({}\n) AS q").format(key, text)
    rows, keys = _run(session.cursor(), counted, contract, file).fetchone()
    if rows != keys:
        raise ModelError(f"{file}: gives {rows} rows for {keys} keys; expected one row for each key")
    shape = _run(session.cursor(), sql.SQL("SELECT * FROM ({}\n) AS q LIMIT 0").format(text), contract, file)
    found = [column.name for column in shape.description if column.name not in contract.key]
    same = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier("q", name), sql.Identifier("c", name))
        for name in contract.key
    )
    return _Attached(
        sql.SQL("LEFT JOIN ({}\n) AS q ON {}").format(text, same),
        {f"hub_{name}": sql.SQL("{}::text").format(sql.Identifier("q", name)) for name in found},
    )


def _run(cursor: Any, query: sql.Composed, contract: Contract, file: Path | None = None) -> Any:
    try:
        return cursor.execute(query)
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.SyntaxError,
    ) as error:
        said = error.diag.message_primary
        raise ModelError(
            f"{file or contract.id}: {said}; a dataset has to be home (`lumbung sync {contract.id}`), "
            "and what is integrated to be published (`lumbung publish`)"
        ) from None
