"""Values at the edge of what databases hold."""

import datetime as dt
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from schemas.contract import Column
from tests.loads_project import column
from tests.services import mariadb_database, postgres_database, run_mariadb
from tests.sourced import Sourced, dataset

FAULT = 22

ID = column("id", key=1)
DATE = column("value", "date")
STAMP = column("value", "timestamp")
NUMBER = column("value", "number")
ZONED = column("value", "timestamp", options={"timezone": True})
MONEY = column("value", "number", "decimal(18,2)")
DOUBLE = column("value", "number", options={"format": "f64"})
LONG = "12345678901234567890123456789012345.123456789012345678901234567891"
DIGITS = "9" * 45 + "." + "1" * 30
UNREADABLE = ["value:type"]


def from_mariadb(warehouse: str, value: Column, kind: str, literals: list[str]) -> list[Any]:
    """What comes of these SQL literals in a lenient MariaDB's column of type `kind`: value or reasons."""
    rows = ", ".join(f"('{number}', {literal})" for number, literal in enumerate(literals))
    with mariadb_database() as url:
        run_mariadb(url, f"CREATE TABLE data (id varchar(9) PRIMARY KEY, value {kind})")
        run_mariadb(url, f"SET STATEMENT sql_mode = '' FOR INSERT INTO data VALUES {rows}")
        return came(Sourced(warehouse, dataset("mysql", ID, value), url), len(literals))


def from_postgres(warehouse: str, value: Column, kind: str, literals: list[str]) -> list[Any]:
    """What comes of these SQL literals in a PostgreSQL column of type `kind`: value or reasons."""
    rows = ", ".join(f"('{number}', {literal})" for number, literal in enumerate(literals))
    with postgres_database() as url:
        with psycopg.connect(url) as link:
            link.execute(f"CREATE TABLE data (id text PRIMARY KEY, value {kind})".encode())
            link.execute(f"INSERT INTO data VALUES {rows}".encode())
        return came(Sourced(warehouse, dataset("postgres", ID, value), url), len(literals))


def came(source: Sourced, count: int) -> list[Any]:
    """What came of each row: the value in history, or the reasons in quarantine. None is missing."""
    source.sync()
    found = dict(source.accepted()) | source.refused()
    return [found[str(number)] for number in range(count)]


@pytest.mark.parametrize(
    ("value", "kind", "literals", "outcomes"),
    [
        (DATE, "date", ["'0000-00-00'", "'2025-00-15'", "'2025-02-00'", "NULL", "'2025-01-15'"],
         [UNREADABLE, UNREADABLE, UNREADABLE, None, dt.date(2025, 1, 15)]),
        (STAMP, "datetime", ["'0000-00-00 00:00:00'", "'2025-00-15 10:00:00'", "'2025-01-15 10:00:00'"],
         [UNREADABLE, UNREADABLE, dt.datetime(2025, 1, 15, 10)]),
        (column("value", "integer", options={"format": "u64"}), "bigint unsigned", ["18446744073709551615"],
         [Decimal(2**64 - 1)]),
        (column("value", "integer"), "bigint unsigned", ["18446744073709551615", "9223372036854775807"],
         [UNREADABLE, 2**63 - 1]),
        (NUMBER, "decimal(65,30)", [LONG, f"-{LONG}"], [Decimal(LONG), Decimal(f"-{LONG}")]),
        (MONEY, "decimal(65,30)", ["1.005", "1.50"], [["value:scale"], Decimal("1.5")]),
        (DOUBLE, "double", ["0.1", "1e300", "2.2250738585072014e-308", "1234567890.1234567"],
         [0.1, 1e300, 2.2250738585072014e-308, 1234567890.1234567]),
        (NUMBER, "double", ["0.1", "1e300"], [Decimal("0.1"), UNREADABLE]),
    ],
    ids=["date", "datetime", "unsigned", "too-wide", "decimal", "scale", "double", "double-as-decimal"],
)  # fmt: skip
def test_values_of_a_lenient_mariadb(
    warehouse_url: str, value: Column, kind: str, literals: list[str], outcomes: list[Any]
) -> None:
    """MariaDB has 0000-00-00, 2025-00-15, BIGINT UNSIGNED, DECIMAL(65,30): exact or quarantined."""
    found = from_mariadb(warehouse_url, value, kind, literals)
    assert found == outcomes
    assert list(map(type, found)) == list(map(type, outcomes))


@pytest.mark.parametrize(
    ("value", "kind", "literals", "outcomes"),
    [
        (NUMBER, "numeric", [DIGITS, f"-{DIGITS}", "'NaN'", "'Infinity'", "'-Infinity'", "1e-40", "NULL"],
         [Decimal(DIGITS), Decimal(f"-{DIGITS}"), *[UNREADABLE] * 3, Decimal("1e-40"), None]),
        (MONEY, "numeric", ["'NaN'", "1.005", "12345678901234567.00", "'Infinity'"],
         [UNREADABLE, ["value:scale"], UNREADABLE, UNREADABLE]),
        (DOUBLE, "double precision", ["'NaN'", "'Infinity'", "'-Infinity'", "0.1", "1e300", "5e-324"],
         [UNREADABLE, UNREADABLE, UNREADABLE, 0.1, 1e300, 5e-324]),
        (DATE, "date", ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'20000-01-01'", "'2025-01-15'"],
         [UNREADABLE, UNREADABLE, UNREADABLE, UNREADABLE, dt.date(2025, 1, 15)]),
        (STAMP, "timestamp", ["'infinity'", "'-infinity'", "'2025-01-15 10:00:00.123456'"],
         [UNREADABLE, UNREADABLE, dt.datetime(2025, 1, 15, 10, 0, 0, 123456)]),
        (ZONED, "timestamptz", ["'infinity'", "'2025-01-15Z'"],
         [UNREADABLE, dt.datetime(2025, 1, 15, tzinfo=dt.UTC)]),
    ],
    ids=["numeric", "numeric-as-decimal", "double", "date", "timestamp", "timestamptz"],
)  # fmt: skip
def test_values_of_postgresql(
    warehouse_url: str, value: Column, kind: str, literals: list[str], outcomes: list[Any]
) -> None:
    """PostgreSQL has numbers of 75 digits, NaN, infinity as number and date: exact, or quarantined."""
    found = from_postgres(warehouse_url, value, kind, literals)
    assert found == outcomes
    assert list(map(type, found)) == list(map(type, outcomes))
