"""SQL Server as far as it goes without one: the SQL, the texts, the address, the errors."""

import ctypes.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors import sqlserver
from connectors.base import Connection, Request
from connectors.connection import parse_connection
from connectors.cursor import Field, statement, written
from connectors.errors import SourceError, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from schemas.contract import Column
from tests.integration.connectors.reading import contract, incremental

ADDRESS = "mssql://hub:hu;sh}hush@db.example:14330/Perizinan"
COLUMN = Column("v", "v", "string", "text")


def expression(kind: str) -> str | None:
    return sqlserver.expression("[v]", Field("v", kind), COLUMN)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("bigint", "CONVERT(varchar(50), [v])"),
        ("decimal(38,10)", "CONVERT(varchar(50), [v])"),
        ("money", "CONVERT(varchar(40), [v], 2)"),
        ("bit", "CONVERT(varchar(1), [v])"),
        ("date", "CONVERT(varchar(10), [v], 23)"),
        ("datetime2(7)", "CONVERT(varchar(27), [v], 121)"),
        ("datetimeoffset(3)", "CONVERT(varchar(34), [v], 126)"),
        ("uniqueidentifier", "LOWER(CONVERT(varchar(36), [v]))"),
        ("varchar(80)", "CONVERT(nvarchar(80), [v])"),
        ("varchar(8000)", "CONVERT(nvarchar(max), [v])"),
        ("nvarchar(max)", "[v]"),
        ("varbinary(max)", "[v]"),
        ("geography", "[v].ToString()"),
        ("sql_variant", None),
    ],
)
def test_each_type_is_written_by_the_server_in_a_form_that_loses_nothing(
    kind: str, expected: str | None
) -> None:
    assert expression(kind) == expected


def test_values_of_the_driver_become_exact_texts() -> None:
    def text(kind: str, value: Any) -> str:
        return (sqlserver.adapt(Field("v", kind)) or written)(value)

    assert text("float", 0.1) == "0.1"
    assert text("real", 0.10000000149011612) == "0.1"
    assert text("varbinary(8)", b"\x00\xff") == r"\x00ff"
    assert text("nvarchar(9)", "0012") == "0012"


def test_a_column_without_a_text_is_refused_by_name() -> None:
    of = contract("sqlserver", "dbo.t", ["v"])
    with pytest.raises(SourceRefused, match=r"test\.dataset: column V is of type sql_variant"):
        statement(sqlserver.DIALECT, Request(of), "[t]", {"v": Field("V", "sql_variant")})


@pytest.mark.parametrize(
    ("kind", "since", "expected"),
    [
        ("datetime", "2025-01-02 03:04:05.678901+00", "CONVERT(datetime, N'2025-01-02 03:04:05.678', 121)"),
        ("datetime2(7)", "2025-01-02 00:00:00", "CONVERT(datetime2, N'2025-01-02 00:00:00', 121)"),
        ("date", "2025-01-02", "CONVERT(date, N'2025-01-02', 121)"),
        ("datetimeoffset", "2025-01-02 00:00:00+00",
         "CONVERT(datetimeoffset, N'2025-01-02 00:00:00 +00:00', 121)"),
        ("nvarchar(20)", "it's", "N'it''s'"),
    ],
)  # fmt: skip
def test_watermarks_are_compared_in_the_type_of_their_column(kind: str, since: str, expected: str) -> None:
    assert sqlserver.literal(since, Field("at", kind)) == expected


def test_the_whole_statement() -> None:
    of = contract("sqlserver", "t", ["id", "at"], sync=incremental("at", "id"))
    ids, at = (
        replace(c, logical_type=kind) for c, kind in zip(of.columns, ("integer", "timestamp"), strict=True)
    )
    of = replace(of, columns=(replace(ids, key_position=1), at))
    fields = {"id": Field("ID", "int", False), "at": Field("at]", "datetime2(0)")}
    request = Request(of, since_all=("2025-01-02 00:00:00", "7"), until="2025-02-01 00:00:00", keys_only=True)
    moment = "CONVERT(datetime2, N'2025-01-02 00:00:00', 121)"
    assert statement(sqlserver.DIALECT, request, "[t]", fields) == (
        f"SELECT CONVERT(varchar(50), [ID]) FROM [t] WHERE ([at]]] > {moment} OR ([at]]] = {moment} AND "
        "([ID] >= 7))) AND ([at]]] < CONVERT(datetime2, N'2025-02-01 00:00:00', 121))"
    )


def test_the_address_keeps_the_password_whole_and_encrypts() -> None:
    connection = parse_connection("x", ADDRESS)
    assert sqlserver.address(connection) == (
        "Server=tcp:db.example,14330;Database=Perizinan;Encrypt=yes;UID=hub;PWD={hu;sh}}hush};"
    )
    extra = replace(
        connection, host="db\\SQLEXPRESS", extra={"Trust_Server_Certificate": "yes", "charset": "x"}
    )
    assert "Server=tcp:db\\SQLEXPRESS;" in sqlserver.address(extra)
    assert "TrustServerCertificate=yes;" in sqlserver.address(extra)
    assert "Trusted_Connection=yes" in sqlserver.address(Connection("x", "sqlserver", host="h"))


def test_one_state_of_the_database_or_none() -> None:
    plain = Connection("siak", "sqlserver")
    assert sqlserver.isolation((1, False), plain).endswith("SNAPSHOT")
    assert sqlserver.isolation((0, True), plain).endswith("READ COMMITTED")
    with pytest.raises(SourceRefused, match=r"connection siak: .* ALLOW_SNAPSHOT_ISOLATION ON"):
        sqlserver.isolation((0, False), plain)
    told = replace(plain, extra={"isolation": "serializable"})
    assert sqlserver.isolation((0, False), told).endswith("SERIALIZABLE")


class Said(Exception):
    """As the driver's errors are: what kind, and what the server said."""

    def __init__(self, driver_error: str, ddbc_error: str) -> None:
        super().__init__(driver_error)
        self.driver_error, self.ddbc_error = driver_error, ddbc_error


@pytest.mark.parametrize(
    ("kind", "said", "error", "words"),
    [
        ("Client unable to establish connection", "TCP Provider: 0x2749", SourceUnavailable, "did not"),
        ("Communication link failure", "", SourceUnavailable, "did not answer"),
        ("Serialization failure", "(Process ID 52) was deadlocked", SourceUnavailable, "did not answer"),
        ("Invalid authorization specification", "Login failed for user 'hub'.", SourceRefused, "CONN_X"),
        ("Base table or view not found", "Invalid object name 'dbo.t'.", SourceRefused, "'dbo.t'"),
        ("Syntax error or access violation", "The SELECT permission was denied on the object 't'",
         SourceRefused, "ask the owner for SELECT"),
        ("Invalid character value for cast specification", "Conversion failed for value '6171-Rina'",
         SourceRefused, "Invalid character value"),
    ],
)  # fmt: skip
def test_errors_are_ours_and_quote_no_data(
    kind: str, said: str, error: type[SourceError], words: str
) -> None:
    caught = sqlserver.translate(Said(kind, said), parse_connection("x", ADDRESS), "a.b")
    assert type(caught) is error
    assert str(caught).startswith("a.b: connection x: ")
    assert words in str(caught)
    assert "Rina" not in str(caught)
    assert "hush" not in str(caught)


def test_a_closed_port_is_unavailable_or_the_driver_says_what_it_lacks() -> None:
    of = contract("sqlserver", "t", ["id"])
    connector = open_connector(of, parse_connection("x", "mssql://u:hush-hush@127.0.0.1:1/x"), Path())
    able = ctypes.util.find_library("ltdl") is not None
    expected, words = (SourceUnavailable, "did not answer") if able else (SourceRefused, "install libltdl7")
    with pytest.raises(expected, match=words) as caught, connector.open(Request(of)):
        pass
    assert "hush" not in str(caught.value)
