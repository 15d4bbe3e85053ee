"""A backfill reads again what lies in its interval, and leaves the watermark where it is."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from lumbung import pipeline
from lumbung.airflow_runtime import stages
from lumbung.airflow_runtime.configuration import run_environment
from lumbung.hub import Hub
from lumbung.pipeline import Window
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import load_catalogue
from tests.dags.conftest import KEY, Project, run_script

pytestmark = pytest.mark.airflow

SYNC = "customProperties:\n  - {property: sync, value: {mode: incremental, watermark: %s}}\n"


@pytest.fixture
def hub(project: Project, settings: Settings) -> Hub:
    """Permits by the time they moved, every day; letters by their number; offices as a snapshot."""
    moved, serial = "name: moved_at, logicalType: timestamp", "name: serial, logicalType: integer"
    for name, clock, watermark in (("permits", moved, "moved_at"), ("letters", serial, "serial")):
        file = project.dataset(f"izin.{name}", f"name: permit, {KEY}", clock, cron="0 1 * * *")
        file.write_text(file.read_text() + SYNC % watermark)
    project.dataset("izin.offices", f"name: office, {KEY}", cron="0 1 * * *")
    return Hub(settings, Warehouse(settings.warehouse_url or ""), load_catalogue(project.root))


@dataclass
class Run:
    """What a task is told of its run."""

    run_type: str
    data_interval_start: datetime | None
    data_interval_end: datetime | None


NIGHT = datetime(2024, 1, 9, 18, tzinfo=UTC)
NIGHT_BEFORE = datetime(2024, 1, 8, 18, tzinfo=UTC)
HERE = Window("2024-01-09 01:00:00", "2024-01-10 01:00:00")


def test_which_runs_have_a_window(hub: Hub) -> None:
    found = {
        what: stages.backfill_window(hub, dataset, run)
        for what, dataset, run in (
            ("point", "izin.permits", Run("backfill", NIGHT, NIGHT)),
            ("interval", "izin.permits", Run("backfill", NIGHT_BEFORE, NIGHT)),
            ("scheduled", "izin.permits", Run("scheduled", NIGHT_BEFORE, NIGHT)),
            ("without", "izin.permits", Run("backfill", None, None)),
            ("number", "izin.letters", Run("backfill", NIGHT, NIGHT)),
            ("snapshot", "izin.offices", Run("backfill", NIGHT, NIGHT)),
            ("no run", "izin.permits", None),
        )
    }
    assert {what: window for what, window in found.items() if window} == {"point": HERE, "interval": HERE}


def test_a_backfill_of_a_day(
    hub: Hub, settings: Settings, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(
        tmp_path / "izin.db",
        """
        DROP TABLE permits; CREATE TABLE permits (permit TEXT, moved_at TEXT);
        CREATE TABLE letters (permit TEXT, serial INTEGER); INSERT INTO letters VALUES ('1', 1);
        INSERT INTO permits VALUES ('1', '2024-01-09 12:00:00'), ('2', '2024-02-01 12:00:00');
        """,
    )
    for name, connection in environment.items():
        if name.startswith("AIRFLOW_CONN_"):
            monkeypatch.setenv(name, connection)
    pipeline.sync(hub, "izin.permits")
    run_script(
        tmp_path / "izin.db",
        "INSERT INTO permits VALUES ('3', '2024-01-09 13:00:00'), ('4', '2024-01-10 13:00:00')",
    )
    script = Path(__file__).with_name("backfill.py")
    (tmp_path / "scratch").mkdir()
    ended = subprocess.run(
        [sys.executable, script, "sync_izin", NIGHT.isoformat()],
        env=run_environment(settings, environment, tmp_path / "scratch"), capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with psycopg.connect(settings.warehouse_url or "") as session:
        loads = session.execute(
            "SELECT dataset, since, until, added_count FROM ops.load ORDER BY load_id OFFSET 1"
        ).fetchall()
        kept = session.execute("SELECT watermark FROM ops.dataset WHERE dataset = 'izin.permits'").fetchall()
    assert sorted(loads, key=str) == [
        ("izin.letters", None, None, 1),
        ("izin.offices", None, None, 2),
        ("izin.permits", HERE.since, HERE.until, 1),
    ]
    assert kept == [("2024-02-01 12:00:00",)]
