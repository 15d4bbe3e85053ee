"""Two columns of a contract are two parts of one cell, whatever kind of source it comes from."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import xlsxwriter

from schemas.contract import Column, Read
from tests.loads_project import column
from tests.services import mariadb_database, postgres_database, run_mariadb
from tests.sourced import Sourced, dataset

CELLS = ["1.02 Dinas Kesehatan", "1.03 Dinas PU", "tanpa kode"]
EXTRACT = {"code": "^([0-9.]+) ", "name": "^[0-9.]+ (.+)$"}
HEADER = "Kode dan Nama"


def columns() -> tuple[Column, Column]:
    code, name = column("code", key=1), column("name", required=True)
    return _at_source(code), _at_source(name)


def _at_source(of: Column) -> Column:
    return Column(**{**vars(of), "source_name": HEADER})


@contextmanager
def source(kind: str, folder: Path) -> Iterator[tuple[Path | None, str]]:
    """A source of this kind with the cells; its file, or its URL."""
    insert = ", ".join(f"('{cell}')" for cell in CELLS)
    with ExitStack() as stack:
        url = ""
        path: Path | None = folder / f"in.{kind}"
        assert path is not None
        if kind == "csv":
            path.write_text("\n".join([HEADER, *CELLS]), encoding="utf-8")
        elif kind == "json":
            path.write_text(json.dumps([{HEADER: cell} for cell in CELLS]), encoding="utf-8")
        elif kind == "xlsx":
            with xlsxwriter.Workbook(path) as book:
                book.add_worksheet().write_column(0, 0, [HEADER, *CELLS])
        elif kind == "sqlite":
            with closing(sqlite3.connect(path)) as link, link:
                link.execute(f'CREATE TABLE data ("{HEADER}" text)')
                link.execute(f"INSERT INTO data VALUES {insert}")
        elif kind == "postgres":
            path, url = None, stack.enter_context(postgres_database())
            with psycopg.connect(url) as server:
                server.execute(f'CREATE TABLE data ("{HEADER}" text)'.encode())
                server.execute(f"INSERT INTO data VALUES {insert}".encode())
        else:
            path, url = None, stack.enter_context(mariadb_database())
            run_mariadb(url, f"CREATE TABLE data (`{HEADER}` text)", f"INSERT INTO data VALUES {insert}")
        yield path, url


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json", "sqlite", "postgres", "mysql"])
def test_code_and_name_of_one_cell(warehouse_url: str, tmp_path: Path, kind: str) -> None:
    with source(kind, tmp_path) as (path, url):
        of = dataset(kind, *columns(), path=path, read=Read(extract=EXTRACT))
        one = Sourced(warehouse_url, of, url)
        load = one.sync()
    assert one.accepted() == [("1.02", "Dinas Kesehatan"), ("1.03", "Dinas PU")]
    (reasons,) = one.refused().values()
    assert reasons == ["code:extract", "name:extract"]
    assert (load.read_count, load.quarantined_count) == (3, 1)
    drift: list[Any] = one.loads.query("SELECT drift FROM ops.load ORDER BY load_id DESC LIMIT 1")
    assert not drift[0][0]
