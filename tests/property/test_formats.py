"""What any program wrote into a format is what lands, and what history has: cell for cell."""

import csv
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mysql.connector
import openpyxl
import psycopg
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from connectors.columns import folded
from connectors.connection import parse_connection
from schemas.contract import Read
from tests.loads_project import column
from tests.services import mariadb_database, postgres_database
from tests.sourced import Sourced, dataset

Cell = str | None
AS_IS = Read()
#: Texts that formats, databases or programs have a meaning of their own for.
SPECIAL = (
    "\\N", "\\.", "\\", "\t", "\n", "\r\n", "\r", '"', '""', "'", ",", ";", " before", "behind ", " ",
    "=1+1", "NULL", "null", "#N/A", "\ufeff", "\u2028", "\x85", "\xa0", "007", "1e5", "2024-01-01",
    "TRUE", "_x0041_", "_x000D_", "&amp;", "<a>", "]]>", "%", "%s", "\U0001f33e", "e\u0301", "\u00e9",
    "@file", "{}", "\x1a", "\x0b", "\x7f",
)  # fmt: skip
#: Each example has a dataset of its own in the one warehouse.
NUMBERS = itertools.count()


@dataclass(frozen=True)
class Table:
    """What is written: the columns' names, and rows of cells. The first column numbers the rows."""

    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Format:
    """How a table is written by an independent program, and which texts it can carry."""

    kind: str
    write: Callable[[str, Path, Table], Path | None]
    exclude: str = "\0"
    categories: tuple[str, ...] = ("Cs",)
    #: What an empty text, and no value, become; `...` where the format keeps them apart.
    empty: Any = ...
    null: Any = ...
    #: Names that columns may have, where they can't be any text.
    named: st.SearchStrategy[str] | None = None
    is_carried: Callable[[str], bool] = lambda text: True
    read: Read = AS_IS

    def texts(self, longest: int) -> st.SearchStrategy[str]:
        """Texts that the format can carry."""
        alphabet = st.characters(exclude_categories=self.categories, exclude_characters=self.exclude)
        carried = [text for text in SPECIAL if not set(text) & set(self.exclude)]
        special = st.sampled_from(carried)
        plain = st.text(alphabet, max_size=longest)
        mixed = st.builds("{}{}{}".format, plain, special, plain)
        return st.one_of(plain, special, mixed).filter(self.is_carried)

    def tables(self) -> st.SearchStrategy[Table]:
        """Tables of one to four columns besides the first."""
        # `@file` and the like are columns that the hub adds.
        named = self.texts(8) if self.named is None else self.named
        named = named.filter(lambda name: folded(name)[:1] not in ("", "@"))
        names = st.lists(named, min_size=1, max_size=4, unique_by=folded)
        return names.filter(lambda found: "id" not in map(folded, found)).flatmap(self._rows)

    def _rows(self, names: list[str]) -> st.SearchStrategy[Table]:
        cells = st.tuples(*[st.none() | self.texts(30)] * len(names))
        return st.lists(cells, min_size=1, max_size=12).map(
            lambda rows: Table(("id", *names), tuple((str(n), *row) for n, row in enumerate(rows, 100)))
        )

    def lands(self, cell: Cell) -> Cell:
        """What is expected to land of a cell."""
        if cell is None:
            return None if self.null is ... else self.null
        return cell if cell or self.empty is ... else self.empty


def write_csv(_: str, folder: Path, table: Table, encoding: str = "utf-8", **how: Any) -> Path:
    path = folder / "in.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, **how).writerows([table.names, *table.rows])
    return path


def write_semicolons(url: str, folder: Path, table: Table) -> Path:
    how = {"delimiter": ";", "quoting": csv.QUOTE_ALL, "lineterminator": "\n"}
    return write_csv(url, folder, table, encoding="utf-16", **how)


def write_with_xlsxwriter(_: str, folder: Path, table: Table) -> Path:
    path = folder / "in.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([table.names, *table.rows]):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write_string(number, place, cell)
    return path


def write_with_openpyxl(_: str, folder: Path, table: Table) -> Path:
    path = folder / "in.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate([table.names, *table.rows], 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place)
            cell.value = value
            if value is not None:
                cell.data_type = "s"
    book.save(path)
    return path


def write_json(_: str, folder: Path, table: Table) -> Path:
    path = folder / "in.json"
    rows = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    path.write_text(json.dumps({"data": {"rows": rows}}, ensure_ascii=len(rows) % 2 == 1), encoding="utf-8")
    return path


def write_lines(_: str, folder: Path, table: Table) -> Path:
    path = folder / "in.jsonl"
    rows = [json.dumps(dict(zip(table.names, row, strict=True)), ensure_ascii=False) for row in table.rows]
    path.write_bytes("\n".join(rows).encode())
    return path


NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def write_xml(_: str, folder: Path, table: Table) -> Path:
    path = folder / "in.xml"
    root = ElementTree.Element("Data")
    for row in table.rows:
        element = ElementTree.SubElement(root, "Row")
        for name, cell in zip(table.names, row, strict=True):
            field = ElementTree.SubElement(element, name, {} if cell is not None else {NIL: "true"})
            field.text = cell
    ElementTree.ElementTree(root).write(path, encoding="utf-8")
    return path


def write_sqlite(_: str, folder: Path, table: Table) -> Path:
    path = folder / "in.sqlite"
    listed = ", ".join('"' + name.replace('"', '""') + '" text' for name in table.names)
    with closing(sqlite3.connect(path)) as link, link:
        link.execute(f"CREATE TABLE data ({listed})")
        link.executemany(f"INSERT INTO data VALUES ({', '.join('?' * len(table.names))})", table.rows)
    return path


def write_postgres(url: str, _: Path, table: Table) -> None:
    listed = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in table.names)
    marks = sql.SQL(", ").join([sql.Placeholder()] * len(table.names))
    with psycopg.connect(url) as link, link.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS data")
        cursor.execute(sql.SQL("CREATE TABLE data ({})").format(listed))
        cursor.executemany(sql.SQL("INSERT INTO data VALUES ({})").format(marks), table.rows)


def write_mariadb(url: str, _: Path, table: Table) -> None:
    listed = ", ".join("`" + name.replace("`", "``") + "` longtext" for name in table.names)
    c = parse_connection("test", url)
    with mysql.connector.connect(
        host=c.host, port=c.port or 3306, user=c.user, password=c.password, database=c.database,
        charset="utf8mb4", collation="utf8mb4_general_ci", autocommit=True,
    ) as link:  # fmt: skip
        cursor = link.cursor()
        cursor.execute(f"CREATE OR REPLACE TABLE data ({listed})")
        marks = ", ".join(["%s"] * len(table.names))
        for row in table.rows:
            cursor.execute(f"INSERT INTO data VALUES ({marks})", row)


#: What XML 1.0 has no characters for.
NO_XML = "".join(map(chr, {*range(32), 0xFFFE, 0xFFFF} - {9, 10, 13}))
NO_SURROGATES = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
FORMATS = {
    "csv": Format("csv", write_csv, null=""),
    "csv-utf16": Format("csv", write_semicolons, null="", read=Read(delimiter=";")),
    "xlsxwriter": Format("xlsx", write_with_xlsxwriter, exclude=NO_XML, empty=None),
    # It writes neither carriage returns, nor _x0041_, nor cells of blanks in the way that the standard wants.
    "openpyxl": Format(
        "xlsx",
        write_with_openpyxl,
        exclude=NO_XML + "\r_",
        empty=None,
        is_carried=lambda t: t == "" or bool(t.strip()),
    ),
    "json": Format("json", write_json, read=Read(records_path="data.rows")),
    "jsonl": Format("jsonl", write_lines),
    # It writes carriage returns as they are, which XML takes for line ends.
    "xml": Format(
        "xml",
        write_xml,
        exclude=NO_XML + "\r",
        named=st.from_regex("[A-Za-z_][A-Za-z0-9_-]{0,7}", fullmatch=True),
        read=Read(records_path="Data/Row"),
    ),
    "sqlite": Format("sqlite", write_sqlite),
    "postgres": Format("postgres", write_postgres, named=st.text(NO_SURROGATES, min_size=1, max_size=15)),
    # It takes letters that differ by an accent alone for one.
    "mysql": Format("mysql", write_mariadb, named=st.text(PRINTABLE, min_size=1, max_size=20).map(str.strip)),
}


@pytest.fixture(scope="module")
def warehouse(embedded_servers: Any) -> Iterator[str]:
    with embedded_servers.database(18, "template_migrated") as url:
        yield url


@pytest.fixture(scope="module")
def urls() -> Iterator[Callable[[str], str]]:
    """The database of each kind that has a server, made when it is first asked for."""
    made: dict[str, str] = {}
    with ExitStack() as stack:

        def url(kind: str) -> str:
            servers = {"postgres": postgres_database, "mysql": mariadb_database}
            if kind in servers and kind not in made:
                made[kind] = stack.enter_context(servers[kind]())
            return made.get(kind, "")

        yield url


def sourced(warehouse: str, url: str, form: Format, path: Path | None, names: tuple[str, ...]) -> Sourced:
    """The dataset of all these columns, in another order than at the source."""
    key = column("id", key=1)
    others = [replace(column(f"c{n}"), source_name=name) for n, name in enumerate(names[1:])]
    of = dataset(
        form.kind, *reversed(others), key, path=path, read=form.read, name=f"formats.t{next(NUMBERS)}"
    )
    return Sourced(warehouse, of, url)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_what_lands(
    warehouse: str, urls: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    form = FORMATS[name]
    url = urls(form.kind)

    @settings(max_examples=8, deadline=None)
    @given(table=form.tables())
    def check(table: Table) -> None:
        path = form.write(url, tmp_path_factory.mktemp(name), table)
        one = sourced(warehouse, url, form, path, table.names)
        expected = [tuple(map(form.lands, [*reversed(row[1:]), row[0]])) for row in table.rows]
        load_id = one.land()
        assert rows_of(one, f"landing.{one.loads.contract.table}__l{load_id}") == expected
        one.loads.validate(load_id)
        one.loads.apply(load_id)
        assert rows_of(one, f"current.{one.loads.contract.table}") == expected

    check()


def rows_of(one: Sourced, relation: str) -> list[tuple[Cell, ...]]:
    """The contract's columns of a relation's rows, in the order in which they were written."""
    return one.loads.query(f"SELECT {', '.join(one.loads.contract.names)} FROM {relation} ORDER BY id")


@pytest.mark.parametrize("name", FORMATS)
def test_the_longest_texts_come_whole(
    warehouse: str, urls: Callable[[str], str], tmp_path: Path, name: str
) -> None:
    form = FORMATS[name]
    text = "\u00e9\\\t\n" * (32_767 // 4 if form.kind == "xlsx" else 500_000)
    path = form.write(urls(form.kind), tmp_path, Table(("id", "text"), (("100", text),)))
    one = sourced(warehouse, urls(form.kind), form, path, ("id", "text"))
    one.sync()
    assert rows_of(one, f"current.{one.loads.contract.table}") == [(text, "100")]


NUL = "a\0b"
#: Texts that PostgreSQL can't hold, by the formats that can carry them.
OUTSIDE = [("csv", NUL), ("json", NUL), ("json", "a\ud800b"), ("jsonl", NUL), ("sqlite", NUL), ("mysql", NUL)]


@pytest.mark.parametrize(("name", "text"), OUTSIDE, ids=lambda value: ascii(value))
def test_a_text_that_nothing_can_hold_refuses_its_row_alone(
    warehouse: str, urls: Callable[[str], str], tmp_path: Path, name: str, text: str
) -> None:
    form = FORMATS[name]
    url = urls(form.kind)
    rows = (("100", "sound", "x"), ("101", text, "y"), ("102", "sound", "z"))
    path = form.write(url, tmp_path, Table(("id", "text", "other"), rows))
    one = sourced(warehouse, url, form, path, ("id", "text", "other"))
    load = one.sync()
    assert rows_of(one, f"current.{one.loads.contract.table}") == [
        ("x", "sound", "100"),
        ("z", "sound", "102"),
    ]
    assert list(one.refused().values()) == [[":malformed"]]
    assert (load.read_count, load.quarantined_count) == (3, 1)


def test_bytes_that_are_no_text_refuse_their_row_alone(warehouse: str, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes("id,text\n100,sound\n101,Ren\u00e9\n102,sound\n".encode("latin-1"))
    one = sourced(warehouse, "", FORMATS["csv"], path, ("id", "text"))
    one.sync()
    assert rows_of(one, f"current.{one.loads.contract.table}") == [("sound", "100"), ("sound", "102")]
    assert one.refused() == {"101": [":malformed"]}
