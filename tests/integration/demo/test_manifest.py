"""The hub against the city: it refuses exactly what was planted, and changes exactly what changed."""

import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.connection import from_environment
from demo import DemoUrls, build, connections, serve
from lumbung import pipeline
from lumbung.hub import Hub
from lumbung.settings import Settings
from tests.services import postgres_database

PEOPLE = 1000
AS_OF = date(2026, 9, 30)


@pytest.fixture
def siak() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    serve.start(tmp_path)
    yield tmp_path
    serve.stop(tmp_path)


def live(home: Path, siak: str, warehouse_url: str, day: int) -> tuple[Hub, dict[str, Any]]:
    """The hub on that day of the city, and the day's manifest."""
    build(home, DemoUrls(siak), residents=PEOPLE, day=day)
    environment = {"LUMBUNG_HOME": str(home), "LUMBUNG_WAREHOUSE_URL": warehouse_url}
    settings = Settings.from_environment(environment=environment)
    hub = pipeline.open_hub(settings, partial(from_environment, environment=connections(home)))
    return hub, json.loads((home / "demo" / "manifest" / f"day{day}.json").read_text())


def refused(link: psycopg.Connection) -> set[tuple[Any, ...]]:
    query = (
        "SELECT dataset, CASE WHEN has_key THEN row_key ELSE 'row:' || row_numbers[1] END, unnest(reasons) "
        "FROM quarantine.entry WHERE state = 'open'"
    )
    return set(link.execute(query).fetchall())


def synced(hub: Hub) -> dict[str, dict[str, int | None]]:
    outcomes = {dataset: pipeline.sync(hub, dataset) for dataset in hub.catalogue.sources}
    assert {outcome.state for outcome in outcomes.values()} == {"applied"}
    return {
        dataset: {
            "added": outcome.added_count,
            "changed": outcome.changed_count,
            "removed": outcome.removed_count,
            "after": outcome.after_count,
            "filtered": outcome.filtered_count,
        }
        for dataset, outcome in outcomes.items()
        if not dataset.startswith("reference.")
    }


@pytest.mark.slow
def test_what_is_refused_is_what_was_planted_day_after_day(home: Path, siak: str, warehouse_url: str) -> None:
    for day in (0, 1, 2):
        hub, manifest = live(home, siak, warehouse_url, day)
        assert synced(hub) == manifest["counts"], f"day {day}"
        with psycopg.connect(warehouse_url) as link:
            assert refused(link) == {(f["dataset"], f["key"], f["kind"]) for f in manifest["faults"]}, (
                f"day {day}"
            )
        if day == 1:
            published_reconciles(hub, warehouse_url)


def published_reconciles(hub: Hub, url: str) -> None:
    """No published total differs from its source's; nobody is recognisable."""
    pipeline.publish(hub, AS_OF)
    with psycopg.connect(url) as link:

        def one(query: str) -> Any:
            row = link.execute(query).fetchone()  # type: ignore[arg-type]
            assert row is not None
            return row[0] if len(row) == 1 else row

        assert one("SELECT count(*) FROM published.residents_by_kelurahan") == 29 * 16 * 2
        shown, withheld = one(
            "SELECT sum(resident_count), count(*) FILTER (WHERE is_suppressed)"
            " FROM published.residents_by_kelurahan"
        )
        residents = one("SELECT count(*) FROM current.siak__residents")
        assert 0 < shown <= residents <= shown + 4 * withheld
        assert one("SELECT min(resident_count) FROM published.residents_by_kelurahan") >= 5
        assert one(
            "SELECT sum(pagu_amount), sum(disbursed_amount) FROM published.budget_vs_disbursement"
        ) == (
            one("SELECT sum(pagu_amount) FROM current.sipd__budget_lines WHERE is_active"),
            one("SELECT sum(sp2d_amount) FROM current.simda__sp2d WHERE sp2d_kind_code <> 'UP'"),
        )
        assert (
            one("SELECT count(*) FROM published.budget_vs_disbursement WHERE is_over_budget AND is_budgeted")
            == 1
        )
        assert one("SELECT count(*) FROM published.progress") == one(
            "SELECT count(*) FROM current.emonev__progress"
        )
        assert one("SELECT sum(application_count) FROM published.permits_by_kelurahan") == one(
            "SELECT count(*) FROM current.perizinan__permits"
        )
        # Spellings are resolved: only what names no kelurahan at all is left.
        assert one(
            "SELECT count(*) FROM current.perizinan__permits"
            " WHERE kelurahan_name IS NULL OR kelurahan_name IN"
            " ('PONTIANAK', 'KOTA PONTIANAK', 'SUI RAYA DALAM', 'GG. MELATI')"
        ) == one(
            "SELECT sum(application_count) FROM published.permits_by_kelurahan WHERE kelurahan_code = '61.71'"
        )
        assert one("SELECT sum(realisation_amount) FROM published.revenue_target_vs_realisation") == one(
            "SELECT sum(realisation_amount) FROM current.pendapatan__revenue"
        )
