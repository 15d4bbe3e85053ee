"""Catalogues of SQL Server and Oracle, from rows as their servers give them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors import oracle, sqlserver
from connectors.base import Connection
from connectors.cursor import Dialect
from connectors.inspection import ForeignKey, SourceColumn, SourceTable, inspect

Answers = dict[str, list[tuple[Any, ...]]]


class Server:
    """A link and its cursor, on a server that gives these answers."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.rows: list[tuple[Any, ...]] = []

    def cursor(self) -> "Server":
        return self

    def execute(self, query: str) -> "Server":
        assert "{" not in query
        self.rows = next((rows for mark, rows in self.answers.items() if mark in query), [])
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows

    def close(self) -> None:
        pass


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[SourceTable]]:
    def inspected(module: Any, answers: Answers, *only: str) -> list[SourceTable]:
        def connect(_: Connection) -> Server:
            return Server(answers)

        kind = module.__name__.rpartition(".")[2]
        own: Dialect = module.DIALECT
        monkeypatch.setattr(module, "DIALECT", replace(own, connect=connect))
        return inspect(Connection("x", kind), Path(), kind, only)

    return inspected


SQLSERVER: Answers = {
    "SELECT SCHEMA_NAME()": [("dbo",)],
    "FROM sys.foreign_keys": [("dbo.izin", "fk", "jenis_id", "ref.jenis", "id")],
    "FROM sys.indexes": [
        ("dbo.izin", "pk", True, "nomor"), ("dbo.izin", "uq", False, "nik"),
        ("dbo.izin", "uq", False, "tahun"),
    ],
    "FROM sys.columns": [
        ("dbo.izin", "nomor", "nvarchar", "nvarchar", 60, 0, 0, False, "Nomor izin", None),
        ("dbo.izin", "biaya", "decimal", "rupiah", 9, 18, 2, True, None, "((0))"),
        ("dbo.izin", "catatan", "varchar", "varchar", -1, 0, 0, True, None, None),
        ("dbo.izin", "at", "datetimeoffset", "datetimeoffset", 10, 34, 7, True, None, None),
        ("ref.jenis", "id", "int", "int", 4, 10, 0, False, None, None),
    ],
    "FROM sys.objects": [("dbo.izin", 0, "Permohonan", 1200), ("dbo.lihat", 1, None, None),
                         ("ref.jenis", 0, None, 5)],
}  # fmt: skip
ORACLE: Answers = {
    "FROM dual": [("SIMDA",)],
    "'R'": [("SIMDA.SP2D", "FK", "UNIT", "REF.UNIT", "KODE")],
    "IN ('P', 'U')": [("SIMDA.SP2D", "PK", 1, "TAHUN"), ("SIMDA.SP2D", "PK", 1, "NOMOR")],
    "FROM all_tab_columns": [
        ("SIMDA.SP2D", "NOMOR", "VARCHAR2", 30, 120, None, None, "N", "Nomor", None),
        ("SIMDA.SP2D", "TAHUN", "NUMBER", 0, 22, 4, 0, "N", None, None),
        ("SIMDA.SP2D", "NILAI", "NUMBER", 0, 22, None, None, "Y", None, "0 "),
        ("SIMDA.SP2D", "TANDA", "RAW", 0, 16, None, None, "Y", None, None),
    ],
    "FROM all_objects": [("SIMDA.SP2D", 0, "Pencairan", 900)],
}


def test_sql_server_tells_types_keys_and_schemas(inspected: Callable[..., list[SourceTable]]) -> None:
    permits, view, kinds = inspected(sqlserver, SQLSERVER)
    assert [(t.name, t.kind, t.row_count) for t in (permits, view, kinds)] == [
        ("izin", "table", 1200), ("lihat", "view", None), ("ref.jenis", "table", 5),
    ]  # fmt: skip
    assert permits.columns[0] == SourceColumn("nomor", "nvarchar(30)", False, "Nomor izin", 1)
    assert [c.native_type for c in permits.columns[1:]] == [
        "decimal(18,2)",
        "varchar(max)",
        "datetimeoffset(7)",
    ]
    assert permits.columns[1].default == "((0))"
    assert permits.foreign_keys == (ForeignKey(("jenis_id",), "ref.jenis", ("id",)),)
    assert permits.unique == (("nik", "tahun"),)


def test_oracle_tells_types_and_keys(inspected: Callable[..., list[SourceTable]]) -> None:
    (table,) = inspected(oracle, ORACLE, "simda.sp2d", "gone")
    assert (table.name, table.comment, table.row_count) == ("simda.sp2d", "Pencairan", 900)
    assert [(c.name, c.native_type, c.nullable, c.key_position) for c in table.columns] == [
        ("NOMOR", "VARCHAR2(30)", False, 2), ("TAHUN", "NUMBER(4,0)", False, 1),
        ("NILAI", "NUMBER", True, None), ("TANDA", "RAW(16)", True, None),
    ]  # fmt: skip
    assert table.columns[2].default == "0"
    assert table.foreign_keys == (ForeignKey(("UNIT",), "REF.UNIT", ("KODE",)),)
