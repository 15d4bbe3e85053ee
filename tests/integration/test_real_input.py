"""Data that nobody made for the hub, synced by contract alone and held against independent readings of it."""

import csv
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import mysql.connector
import openpyxl
import psycopg
import pytest
from psycopg import sql

from connectors.base import Connection
from connectors.connection import parse_connection
from lumbung.ledger import Load
from lumbung.pipeline import Hub, open_hub, sync
from lumbung.settings import Settings
from schemas.contract import Contract
from tests.services import corpus, mariadb_database, postgres_database

pytestmark = pytest.mark.corpus

PROJECT = Path(__file__).parent / "real_input"
Rows = list[tuple[str | None, ...]]
OpenHub = Callable[[Connection], Hub]


@pytest.fixture(scope="module")
def northwind() -> Iterator[str]:
    """URL of a PostgreSQL database that psql filled with Northwind."""
    with postgres_database() as url:
        script = corpus() / "sql" / "northwind_psql.sql"
        psql = ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", script, url]
        subprocess.run(psql, check=True, stdout=subprocess.DEVNULL)
        yield url


@pytest.fixture(scope="module")
def chinook() -> Iterator[str]:
    """URL of a MariaDB database filled with Chinook."""
    script = (corpus() / "sql" / "Chinook_MySql.sql").read_text("utf-8-sig")
    # The dump would drop and make a database of its own name: only what fills one is run.
    script = re.sub(r"(?mi)^(DROP DATABASE|CREATE DATABASE|USE) .*;$", "", script)
    assert "`Chinook`" not in script
    with mariadb_database() as url:
        with closing(_mariadb(url)) as link, link.cursor() as cursor:
            cursor.execute(script)
            while cursor.nextset():
                pass
            link.commit()
        yield url


@pytest.fixture
def open_on(warehouse_url: str, tmp_path: Path) -> OpenHub:
    """The hub of `real_input` on a fresh warehouse, every source of it at the given connection."""
    settings = Settings(project=PROJECT, home=tmp_path, warehouse_url=warehouse_url)
    return lambda connection: open_hub(settings, lambda _: connection)


def test_northwind_from_postgresql(open_on: OpenHub, northwind: str) -> None:
    hub = open_on(parse_connection("northwind", northwind))
    with psycopg.connect(northwind) as link:
        for dataset, count in (("customers", 91), ("orders", 830), ("order_details", 2155)):
            contract = hub.dataset(f"northwind.{dataset}")
            rows = link.execute(_select(contract, '"')).fetchall()
            assert len(rows) == count
            _syncs_exactly(hub, contract, rows)
    assert _current(hub, "northwind__order_details", "order_id = 10248 AND product_id = 42") == [
        (10248, 42, Decimal("9.80"), 10, Decimal("0.00"))
    ]
    (order,) = _current(hub, "northwind__orders", "order_id = 10250")
    assert order[3:8] == (date(1996, 7, 8), date(1996, 8, 5), date(1996, 7, 12), 2, Decimal("65.83"))
    (customer,) = _current(hub, "northwind__customers", "customer_id = 'BLONP'")
    assert customer[1:5] == (
        "Blondesddsl père et fils", "Frédérique Citeaux", "Marketing Manager", "24, place Kléber"
    )  # fmt: skip


def test_chinook_from_mariadb(open_on: OpenHub, chinook: str) -> None:
    hub = open_on(parse_connection("chinook", chinook))
    with closing(_mariadb(chinook)) as link, link.cursor() as cursor:
        for dataset, count in (("tracks", 3503), ("invoice_lines", 2240)):
            contract = hub.dataset(f"chinook.{dataset}")
            cursor.execute(_select(contract, "`"))
            rows = cursor.fetchall()
            assert len(rows) == count
            _syncs_exactly(hub, contract, rows)
    _has_the_track_with_accents(hub, "chinook__tracks")


def test_chinook_from_sqlite(open_on: OpenHub) -> None:
    file = corpus() / "sql" / "Chinook_Sqlite.sqlite"
    hub = open_on(Connection("chinook_file", "sqlite", database=str(file)))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as link:
        for dataset, count in (("tracks", 3503), ("invoice_lines", 2240), ("customers", 59)):
            contract = hub.dataset(f"chinook_file.{dataset}")
            rows = link.execute(_select(contract, '"')).fetchall()
            assert len(rows) == count
            _syncs_exactly(hub, contract, rows)
    _has_the_track_with_accents(hub, "chinook_file__tracks")
    (customer,) = _current(hub, "chinook_file__customers", "customer_id = 1")
    assert customer[1:6] == (
        "Luís", "Gonçalves", "Embraer - Empresa Brasileira de Aeronáutica S.A.",
        "Av. Brigadeiro Faria Lima, 2170", "São José dos Campos",
    )  # fmt: skip


def test_budgets_from_csv(open_on: OpenHub) -> None:
    hub = open_on(Connection("apbd", "file", database=str(corpus() / "tabular")))
    contract = hub.dataset("apbd.budgets")
    with (corpus() / "tabular" / "apbd_2023_all_pemda.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    rows = [
        tuple(None if row[c.source_name] == "-" else row[c.source_name] for c in contract.columns)
        for row in found
    ]
    assert len(rows) == 11743
    _syncs_exactly(hub, contract, rows, refused_if=lambda row: "#N/A" in row)
    assert _reasons(hub, contract) == {":duplicate_key", "account_code:pattern", "region_code:pattern"}
    assert len(_query(hub, "SELECT FROM history.apbd__budgets WHERE region_code = '6171'")) == 23
    (pajak_daerah,) = _current(hub, "apbd__budgets", "government_code = '14.09' AND account_code = '4101'")
    assert pajak_daerah == (
        "6171", "14.09", 2023, "4101", Decimal("418100000000.00"), date(2023, 5, 12), None, None, None
    )  # fmt: skip


def test_budgets_from_the_workbook(open_on: OpenHub) -> None:
    hub = open_on(Connection("apbd", "file", database=str(corpus() / "tabular")))
    contract = hub.dataset("apbd.template")
    book = openpyxl.load_workbook(
        corpus() / "tabular" / "contoh_template_apbd.xlsx", read_only=True, data_only=True
    )
    names, *found = book["nilai APBD"].iter_rows(values_only=True)
    book.close()
    places = [names.index(column.source_name) for column in contract.columns]
    rows = [tuple(row[place] for place in places) for row in found]
    assert len(rows) == 11743
    # Four budgets have fractions of a sen, which rounding would hide: 62383231773.5063.
    amount = contract.names.index("budget_amount")
    _syncs_exactly(
        hub, contract, rows, lambda row: "#N/A" in row or len((row[amount] or "").partition(".")[2]) > 2
    )
    assert _reasons(hub, contract) == {
        ":duplicate_key", "account_code:pattern", "region_code:pattern", "budget_amount:scale"
    }  # fmt: skip
    (belanja,) = _current(hub, "apbd__template", "government_code = '14.09' AND account_code = '5101'")
    assert belanja[2:6] == ("Kota Pontianak", "5101", "5101. Belanja Pegawai", "51")
    assert belanja[9:] == (Decimal("642824524724.00"), 2023, None)
    assert _current(hub, "apbd__template", "version_date IS NOT NULL")[0][-1] == date(2023, 8, 12)


def _syncs_exactly(
    hub: Hub,
    contract: Contract,
    rows: list[Any],
    refused_if: Callable[[tuple[str | None, ...]], bool] = lambda row: False,
) -> None:
    """History then holds the source's `rows`, quarantine those refused; a second sync changes nothing."""
    texts: Rows = [tuple(map(_text, row)) for row in rows]
    good = [row for row in texts if not refused_if(row)]
    # The header is row 1 of a file; databases have no refused rows here.
    refused = [number for number, row in enumerate(texts, 2) if refused_if(row)]
    first = sync(hub, contract.id)
    assert (first.state, first.added_count) == ("applied", len(good))
    _adds_up(hub, first, len(rows), len(refused))
    _holds(hub, contract, good, refused)
    second = sync(hub, contract.id)
    changes = (second.added_count, second.changed_count, second.removed_count, second.removals_held_count)
    assert (second.state, changes, second.confirmed_count) == ("applied", (0, 0, 0, 0), len(good))
    _adds_up(hub, second, len(rows), len(refused))
    _holds(hub, contract, good, refused)


def _adds_up(hub: Hub, load: Load, read: int, refused: int) -> None:
    ((total, *parts),) = _query(
        hub,
        "SELECT read_count, staged_count, quarantined_count, filtered_count, superseded_count "
        f"FROM ops.load WHERE load_id = {load.load_id}",
    )
    assert total == read == sum(parts)
    assert parts == [read - refused, refused, 0, 0]


def _holds(hub: Hub, contract: Contract, good: Rows, refused: list[int]) -> None:
    """Whole content, value by value: nothing lost, nothing changed on the way."""
    held = [tuple(map(_text, row)) for row in _current(hub, contract.table)]
    assert sorted(held, key=str) == sorted(good, key=str)
    versions = _query(hub, f"SELECT count(*) FROM history.{contract.table}")
    assert versions == [(len(good),)]
    numbers = _query(
        hub,
        "SELECT unnest(row_numbers) FROM quarantine.entry "
        f"WHERE dataset = '{contract.id}' AND state = 'open' ORDER BY 1",
    )
    assert [number for (number,) in numbers] == refused


def _reasons(hub: Hub, contract: Contract) -> set[str]:
    found = _query(hub, f"SELECT unnest(reasons) FROM quarantine.entry WHERE dataset = '{contract.id}'")
    return {reason for (reason,) in found}


def _has_the_track_with_accents(hub: Hub, table: str) -> None:
    (track,) = _current(hub, table, "track_id = 3496")
    assert track[1] == "Étude 1, In C Major - Preludio (Presto) - Liszt"
    (track,) = _current(hub, table, "track_id = 3451")
    assert (track[1], track[5]) == (
        'Die Zauberflöte, K.620: "Der Hölle Rache Kocht in Meinem Herze"', "Wolfgang Amadeus Mozart"
    )  # fmt: skip
    assert track[8] == Decimal("0.99")


def _text(value: object) -> str | None:
    """Any driver's value as one spelling, so that what two of them read can be compared."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float | Decimal):
        return format(Decimal(str(value)).normalize(), "f")
    if isinstance(value, datetime):
        value = value.date()
    return str(value)


def _select(contract: Contract, quote: str) -> str:
    columns = ", ".join(f"{quote}{column.source_name}{quote}" for column in contract.columns)
    return f"SELECT {columns} FROM {quote}{contract.physical_name}{quote}"


def _current(hub: Hub, table: str, where: str = "true") -> list[tuple[Any, ...]]:
    return _query(hub, f"SELECT * FROM current.{table} WHERE {where}")


def _query(hub: Hub, query: str) -> list[tuple[Any, ...]]:
    with hub.warehouse.connect() as session:
        return session.execute(sql.SQL(query)).fetchall()


def _mariadb(url: str) -> Any:
    c = parse_connection("chinook", url)
    return mysql.connector.connect(
        host=c.host, port=c.port or 3306, user=c.user, password=c.password, database=c.database,
        charset="utf8mb4", collation="utf8mb4_general_ci",
    )  # fmt: skip
