"""Groups of few taxpayers are taken together: none follows by subtraction, and no rupiah is lost."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

import psycopg
import pytest

from demo.model import PROJECT

PLACES = [f"61.71.01.10{number:02}" for number in range(1, 6)]
TAXES = ("4.1.01.09", "4.1.01.15", "4.1.01.19")
SECTORS = ("housing", "trade", "office")
TABLES = """
CREATE SCHEMA IF NOT EXISTS integrated;
CREATE TABLE integrated.region AS SELECT p AS region_code, 'kelurahan' AS region_level_code,
  p AS kelurahan_code, p AS kelurahan_name, '61.71.01' AS kecamatan_code, 'A' AS kecamatan_name
  FROM unnest(%s::text[]) p;
CREATE TABLE integrated.account (account_code text, account_name text, is_latest boolean);
CREATE TABLE integrated.tax_bill (tax_year bigint, account_code text, region_code text, sector_code text,
  taxpayer_key text, nop text, billed_amount numeric, paid_amount numeric, due_date date)
"""
ARREARS = PROJECT / "warehouse" / "published" / "revenue" / "arrears.sql"


@pytest.fixture
def hub(warehouse_url: str) -> Iterable[psycopg.Connection[Any]]:
    with psycopg.connect(warehouse_url) as link:
        for statement in TABLES.split(";\n"):
            link.execute(statement.encode(), [PLACES] if "%s" in statement else None)
        yield link
        link.rollback()


Bill = tuple[str, str | None, str, str]


def bills(seed: int, scale: float) -> list[Bill]:
    """Tax, place, sector and taxpayer of a year's bills; some taxpayers have several."""
    rng = Random(seed)
    return [
        (tax, place, sector, f"t{rng.randrange(int(40 * scale))}")
        for tax in TAXES
        for place in (*PLACES, None)
        for sector in SECTORS
        for _ in range(int(rng.uniform(0, 5) * scale * rng.choice((0.2, 1, 3))))
    ]


def shown(link: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    text = ARREARS.read_text("utf-8").replace(":as_of_date", "DATE '2026-09-30'")
    cursor = link.execute(text.encode())
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


@pytest.mark.parametrize(("seed", "scale"), [(seed, scale) for seed in range(5) for scale in (0.7, 1.5, 5)])
def test_no_small_group(hub: psycopg.Connection[Any], seed: int, scale: float) -> None:
    given = bills(seed, scale)
    for number, (tax, place, sector, taxpayer) in enumerate(given):
        hub.execute(
            "INSERT INTO integrated.tax_bill VALUES (2025, %s, %s, %s, %s, %s, 100, %s, '2025-08-31')",
            [tax, place, sector, taxpayer, str(number), 40 * (number % 3)],
        )
    rows = shown(hub)
    assert sum(row["billed_amount"] for row in rows) == 100 * len(given)
    assert min(row["taxpayer_count"] for row in rows) >= 5
    assert all(row["overdue_taxpayer_count"] not in range(1, 5) for row in rows)
    for line in (("account_code",), ("account_code", "kelurahan_code")):
        for taxpayers in left_over(given, rows, line):
            assert len(taxpayers) >= 5, (line, len(taxpayers))


def left_over(given: list[Bill], rows: list[dict[str, Any]], line: tuple[str, ...]) -> Iterable[set[str]]:
    """Who is left when from each true total of the line what is shown of it is taken away."""
    cells = {(row["account_code"], row["kelurahan_code"], row["sector_code"]) for row in rows}
    hidden: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for tax, place, sector, taxpayer in given:
        cell = {"account_code": tax, "kelurahan_code": place or "61.71"}
        if (tax, place or "61.71", sector) not in cells:
            hidden[tuple(cell[name] for name in line)].add(taxpayer)
    # Small places and taxes are hidden whole: there is nothing of theirs to take away.
    shown_of = {tuple(row[name] for name in line) for row in rows if row["sector_code"] != "several"}
    return [taxpayers for key, taxpayers in hidden.items() if key in shown_of]


def test_large_groups_are_shown_as_they_are(hub: psycopg.Connection[Any]) -> None:
    for number in range(12):
        hub.execute(
            "INSERT INTO integrated.tax_bill VALUES (2025, %s, %s, %s, %s, %s, 100, 0, '2025-08-31')",
            ["4.1.01.15", PLACES[number % 2], "housing", f"t{number}", str(number)],
        )
    rows = {(row["kelurahan_code"], row["sector_code"]): row["outstanding_amount"] for row in shown(hub)}
    assert rows == {(PLACES[0], "housing"): Decimal(600), (PLACES[1], "housing"): Decimal(600)}
