"""No withheld count of people follows from what is shown: by subtraction over rows, columns and totals.

Each published table of people is built by its own SELECT from random cities; then every equation that the
shown counts and totals make is solved for the withheld ones.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import psycopg
import pytest

from demo.model import PROJECT

AS_OF = date(2023, 3, 31)
POPULATION = PROJECT / "warehouse" / "published" / "population"
PLACES = [f"61.71.01.10{number:02}" for number in range(1, 8)]
SIZES = ("1", "2", "3", "4", "5", "6+")
TABLES = """
CREATE SCHEMA IF NOT EXISTS integrated;
CREATE TABLE integrated.region AS SELECT p AS region_code, 'kelurahan' AS region_level_code, p AS region_name,
  p AS kelurahan_code, p AS kelurahan_name, '61.71.01' AS kecamatan_code, 'A' AS kecamatan_name,
  1::bigint AS district_code, right(p, 4)::bigint AS village_code FROM unnest(%s::text[]) p;
CREATE TABLE integrated.household (household_id int, kelurahan_code text, valid_from date, valid_to date,
  recorded_to timestamptz);
CREATE TABLE integrated.household_member (household_id int, valid_from date, valid_to date,
  recorded_to timestamptz);
CREATE TABLE integrated.population_event (kelurahan_code text, event_date date, kind_code text);
CREATE TABLE current.siak__residents (district_code int, village_code int, sex_code text, birth_date date);
"""


@pytest.fixture
def hub(warehouse_url: str) -> Iterable[psycopg.Connection[Any]]:
    with psycopg.connect(warehouse_url) as link:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                link.execute(statement.encode(), [PLACES] if "%s" in statement else None)
        yield link
        link.rollback()


def published(link: psycopg.Connection[Any], table: str) -> list[dict[str, Any]]:
    text = (POPULATION / f"{table}.sql").read_text("utf-8").replace(":as_of_date", f"DATE '{AS_OF}'")
    cursor = link.execute(text.encode())
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def found_out(lines: Sequence[Sequence[object]], counts: dict[object, int | None]) -> set[object]:
    """Withheld counts that can be computed. In each line the first count is the total of the others."""
    unknown = [name for name, count in counts.items() if count is None]
    if not unknown:
        return set()
    rows = [[1.0 if n in line[1:] else -1.0 if n == line[0] else 0.0 for n in unknown] for line in lines]
    _, sizes, directions = np.linalg.svd(np.array(rows))
    free = directions[int((sizes > 1e-9).sum()) :]
    # A count is known when no solution of the equations differs in it.
    return {name for place, name in enumerate(unknown) if np.abs(free[:, place]).max(initial=0) < 1e-9}


def test_the_solver_finds_what_a_total_tells() -> None:
    lines = [("t", "a", "b"), ("u", "a", "c")]
    assert found_out(lines, {"t": 9, "a": None, "b": 6, "u": None, "c": 5}) == {"a", "u"}
    assert found_out(lines, {"t": 9, "a": None, "b": None, "u": None, "c": 5}) == set()


def cities() -> list[tuple[int, float]]:
    """Seeds, and how many times larger than the smallest each city is."""
    return [(seed, scale) for seed in range(4) for scale in (1, 6, 15)]


@pytest.mark.parametrize(("seed", "scale"), cities())
def test_households(hub: psycopg.Connection[Any], seed: int, scale: float) -> None:
    rng, number = Random(seed), 0
    for place in PLACES:
        for size in range(1, 8):
            for _ in range(int(rng.uniform(0, 6) * scale * (0.15 if size > 5 else 1))):
                number += 1
                hub.execute(
                    "INSERT INTO integrated.household VALUES (%s, %s, '2020-01-01', 'infinity', 'infinity')",
                    [number, place],
                )
                hub.execute(
                    "INSERT INTO integrated.household_member SELECT %s, '2020-01-01', 'infinity', 'infinity' "
                    "FROM generate_series(1, %s)",
                    [number, size],
                )
    rows = published(hub, "households_by_kelurahan")
    counts = {(r["region_code"], r["household_size_code"]): r["household_count"] for r in rows}
    assert len(counts) == 8 * 7
    assert min(count for count in counts.values() if count is not None) >= 5
    assert counts["61.71", "all"] == number
    lines = [[(place, "all"), *((place, size) for size in SIZES)] for place in [*PLACES, "61.71"]]
    lines += [[("61.71", size), *((place, size) for place in PLACES)] for size in [*SIZES, "all"]]
    assert found_out(lines, dict(counts)) == set()
    for total, *others in lines:
        hidden = [name for name in others if counts[name] is None]
        known = [counts[name] or 0 for name in others]
        if hidden and counts[total] is not None:
            assert counts[total] - sum(known) >= 5, total


@pytest.mark.parametrize(("seed", "scale"), cities())
def test_population_change(hub: psycopg.Connection[Any], seed: int, scale: float) -> None:
    rng = Random(seed)
    kinds = ("birth", "death", "moved_in", "moved_out")
    for place in [*PLACES, None]:
        for kind in kinds:
            for _ in range(int(rng.uniform(0, 9) * scale)):
                on = date(2023, 1, 1) + timedelta(days=rng.randrange(90))
                hub.execute("INSERT INTO integrated.population_event VALUES (%s, %s, %s)", [place, on, kind])
    rows = published(hub, "population_change")
    assert len(rows) == 3 * 8
    for month in (1, 2, 3):
        for kind in kinds:
            counts: dict[object, int | None] = {
                r["region_code"]: r[f"{kind}_count"] for r in rows if r["month_number"] == month
            }
            assert all(count >= 5 for count in counts.values() if count is not None)
            assert found_out([["61.71", *PLACES]], counts) == set()


@pytest.mark.parametrize("children", [[1], [3, 1], [0, 0, 4], []])
def test_residents(hub: psycopg.Connection[Any], children: list[int]) -> None:
    """Each place has so many children in its first cells, 20 residents in all others; its total is known."""
    for band in range(16):
        for sex in ("1", "2"):
            cell = band * 2 + int(sex) - 1
            hub.execute(
                "INSERT INTO current.siak__residents SELECT 1, right(p, 4)::int, %s, %s "
                "FROM unnest(%s::text[]) p, generate_series(1, %s)",
                [sex, date(2022 - band * 5, 1, 1), PLACES, children[cell] if cell < len(children) else 20],
            )
    rows = published(hub, "residents_by_kelurahan")
    for place in PLACES:
        counts: dict[object, int | None] = {
            (r["age_band"], r["sex_code"]): r["resident_count"] for r in rows if r["kelurahan_code"] == place
        }
        assert found_out([["all", *counts]], counts | {"all": 20 * 32}) == set()
        withheld = sum(count is None for count in counts.values())
        assert withheld == (0 if not children else max(2, len(children) + (sum(children) < 5)))
