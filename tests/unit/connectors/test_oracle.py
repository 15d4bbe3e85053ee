"""Oracle as far as it goes without one: the SQL, the texts, the address, the errors."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import oracledb
import pytest

from connectors import oracle
from connectors.base import Connection, Request
from connectors.connection import parse_connection
from connectors.cursor import Field, written
from connectors.errors import SourceError, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from schemas.contract import Column
from tests.integration.connectors.reading import contract

ADDRESS = "oracle://hub:hush-hush@db.example:1522/SIMDA"
COLUMN = Column("v", "v", "string", "text")
MOMENT = "SYYYY-MM-DD HH24:MI:SS"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("number", """TO_CHAR("V", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')"""),
        ("date", f"""LTRIM(TO_CHAR("V", '{MOMENT}'))"""),
        ("timestamp(6)", f"""LTRIM(TO_CHAR("V", '{MOMENT}.FF6'))"""),
        ("timestamp(0)", f"""LTRIM(TO_CHAR("V", '{MOMENT}'))"""),
        ("timestamp_tz(3)", f"""LTRIM(TO_CHAR(SYS_EXTRACT_UTC("V"), '{MOMENT}.FF3"+00"'))"""),
        ("varchar", '"V"'),
        ("clob", '"V"'),
        ("raw", '"V"'),
        ("binary_double", '"V"'),
        ("xmltype", 'XMLSERIALIZE(CONTENT "V" AS CLOB)'),
        ("object", None),
        ("bfile", None),
    ],
)
def test_each_type_is_written_by_the_server_in_a_form_that_loses_nothing(
    kind: str, expected: str | None
) -> None:
    assert oracle.expression('"V"', Field("V", kind), COLUMN) == expected


def test_a_date_shows_a_time_of_day_only_if_it_has_one() -> None:
    written_as = oracle.expression('"V"', Field("V", "date"), replace(COLUMN, logical_type="date")) or ""
    assert written_as.startswith(
        """CASE WHEN "V" = TRUNC("V") THEN LTRIM(TO_CHAR("V", 'SYYYY-MM-DD')) ELSE"""
    )


def test_values_of_the_driver_become_exact_texts() -> None:
    def text(kind: str, value: Any) -> str:
        return (oracle.adapt(Field("V", kind)) or written)(value)

    assert [text("number", v) for v in (".5", "-.25", "0", "-17", "1" * 38)] == [
        "0.5", "-0.25", "0", "-17", "1" * 38,
    ]  # fmt: skip
    assert text("binary_double", 0.1) == "0.1"
    assert text("binary_double", float("-inf")) == "-inf"
    assert text("binary_float", 0.10000000149011612) == "0.1"
    assert text("raw", b"\x00\xff") == r"\x00ff"


@dataclass
class Catalogue:
    """A cursor on a server that has one table, called `known`."""

    known: str
    description: Any = None

    def execute(self, query: str) -> None:
        if f"FROM {self.known} " not in query:
            raise oracledb.DatabaseError(SimpleNamespace(code=942))
        column = {"precision": None, "internal_size": 7, "display_size": 23, "null_ok": True}
        self.description = [
            SimpleNamespace(name="AT", type_code=oracledb.DB_TYPE_TIMESTAMP_TZ, scale=6, **column),
            SimpleNamespace(
                name="ID", type_code=oracledb.DB_TYPE_NUMBER, scale=0, **column | {"null_ok": False}
            ),
        ]


def test_a_name_is_tried_as_written_then_in_capitals() -> None:
    table, fields = oracle.describe(Catalogue('"SIMDA"."SP2D"'), ("simda", "sp2d"))
    assert table == '"SIMDA"."SP2D"'
    assert [(f.name, f.kind, f.nullable) for f in fields] == [
        ("AT", "timestamp_tz(6)", True),
        ("ID", "number", False),
    ]
    assert oracle.describe(Catalogue('"Sp2d"'), ("Sp2d",))[0] == '"Sp2d"'
    with pytest.raises(oracledb.DatabaseError):
        oracle.describe(Catalogue('"OTHER"'), ("sp2d",))


@pytest.mark.parametrize(
    ("kind", "since", "expected"),
    [
        ("date", "2025-01-02 03:04:05.678+00", "TO_DATE('2025-01-02 03:04:05', 'YYYY-MM-DD HH24:MI:SS')"),
        ("date", "2025-01-02", "TO_DATE('2025-01-02', 'YYYY-MM-DD')"),
        ("timestamp(6)", "2025-01-02 03:04:05.6",
         "TO_TIMESTAMP('2025-01-02 03:04:05.6', 'YYYY-MM-DD HH24:MI:SS.FF')"),
        ("timestamp_tz(6)", "2025-01-02 00:00:00+00",
         "TO_TIMESTAMP_TZ('2025-01-02 00:00:00+00:00', 'YYYY-MM-DD HH24:MI:SS.FFTZH:TZM')"),
        ("varchar", "it's", "'it''s'"),
    ],
)  # fmt: skip
def test_watermarks_are_compared_in_the_type_of_their_column(kind: str, since: str, expected: str) -> None:
    assert oracle.literal(since, Field("at", kind)) == expected
    assert oracle.literal(7, Field("id", "number")) == "7"


def test_the_address_names_a_service_or_a_sid() -> None:
    address = oracle.address(parse_connection("x", ADDRESS))
    assert (address["host"], address["port"], address["service_name"]) == ("db.example", 1522, "SIMDA")
    by_sid = oracle.address(parse_connection("x", f"{ADDRESS}?sid=ORCL"))
    assert by_sid["sid"] == "ORCL"
    assert "service_name" not in by_sid


@pytest.mark.parametrize(
    ("number", "said", "error", "words"),
    [
        (1017, "ORA-01017: invalid credential", SourceRefused, "correct AIRFLOW_CONN_X"),
        (942, "ORA-00942: table or view does not exist", SourceRefused, "ask the owner for SELECT"),
        (1555, "ORA-01555: snapshot too old", SourceUnavailable, "ORA-01555"),
        (3113, "ORA-03113: end-of-file on communication channel", SourceUnavailable, "did not answer"),
        (1722, "ORA-01722: invalid number '6171-Rina'", SourceRefused, "ORA-01722"),
        (0, "DPY-4011: the database or network closed the connection", SourceUnavailable, "DPY-4011"),
        (0, "DPY-6001: Service x is not registered", SourceRefused, "correct AIRFLOW_CONN_X"),
    ],
)
def test_errors_are_ours_and_quote_no_data(
    number: int, said: str, error: type[SourceError], words: str
) -> None:
    class Told(SimpleNamespace):
        def __str__(self) -> str:
            return said

    caught = oracle.translate(
        oracledb.DatabaseError(Told(code=number)), parse_connection("x", ADDRESS), "a.b"
    )
    assert type(caught) is error
    assert str(caught).startswith("a.b: connection x: ")
    assert words in str(caught)
    assert "Rina" not in str(caught)
    assert "hush" not in str(caught)


def test_a_closed_port_is_unavailable() -> None:
    of = contract("oracle", "t", ["id"])
    connector = open_connector(of, parse_connection("x", "oracle://u:hush-hush@127.0.0.1:1/x"), Path())
    with (
        pytest.raises(SourceUnavailable, match=r"connection x: 127\.0\.0\.1 did not answer") as caught,
        connector.open(Request(of)),
    ):
        pass
    assert "hush" not in str(caught.value)


def test_a_dataset_may_move_to_oracle_by_its_connection_alone() -> None:
    connector = open_connector(contract("mysql", "t", ["id"]), Connection("x", "oracle"), Path())
    assert connector._dialect is oracle.DIALECT  # type: ignore[attr-defined]
