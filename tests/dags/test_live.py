"""Airflow live: a sync triggered by REST, the release triggered by its Assets, nothing left afterwards."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from lumbung import embedded
from tests.dags.conftest import Project

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

# What `lumbung up` does, with its events as lines that a test can read.
UP = """
import sys
from lumbung.airflow_runtime import AirflowReady, up
from lumbung.settings import Settings
def tell(event):
    print("ready" if isinstance(event, AirflowReady) else event, flush=True)
sys.exit(up(Settings.from_environment(), on_event=tell))
"""
STOP = """
from lumbung.airflow_runtime import stop
from lumbung.settings import Settings
print(stop(Settings.from_environment()))
"""


class Live:
    """A live Airflow of a home, and its API."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home, self.port = home, free_port()
        self.env = {**environment, "LUMBUNG_HOME": str(home), "LUMBUNG_AIRFLOW_PORT": str(self.port)}
        self.process = self.python(UP)
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def python(self, code: str) -> "subprocess.Popen[str]":
        """A process with this home's settings."""
        return subprocess.Popen([sys.executable, "-c", code], env=self.env, stdout=subprocess.PIPE, text=True)

    def await_line(self, wanted: str) -> None:
        """Wait until it says so."""
        assert self.process.stdout
        assert any(wanted in line for line in self.process.stdout), f"it ended without saying {wanted!r}"

    def log_in(self) -> None:
        """With the password that it made."""
        passwords = json.loads((self.home / "airflow/passwords.json").read_text())
        answer = self.api.post("/auth/token", json={"username": "admin", "password": passwords["admin"]})
        self.api.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    def get(self, path: str, **parameters: Any) -> Any:
        """What the API answers."""
        return self.api.get(f"/api/v2/{path}", params=parameters).raise_for_status().json()

    def trigger(self, dag_id: str) -> None:
        """Start a run of the DAG, once Airflow knows it."""
        eventually(lambda: self.api.get(f"/api/v2/dags/{dag_id}").status_code == 200)
        self.api.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}).raise_for_status()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse; none before the first release."""
        with psycopg.connect(embedded.admin_url(self.home, "lumbung")) as session:
            try:
                return session.execute(sql.encode()).fetchall()
            except psycopg.errors.UndefinedTable:
                return []

    def family(self) -> list[psutil.Process]:
        """Every process of it; the warehouse's server is nobody's child."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the embedded server's own user can reach."""
    with tempfile.TemporaryDirectory(prefix="lumbung-live-") as folder:
        Path(folder).chmod(0o755)
        try:
            yield Path(folder)
        finally:
            embedded.remove(Path(folder))


@contextmanager
def live(home: Path, environment: dict[str, str]) -> Iterator[Live]:
    """A live Airflow, killed at the end with all that it started, if the test has not ended it."""
    started = Live(home, environment)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.communicate()
        started.api.close()


@pytest.fixture
def city(environment: dict[str, str], project: Project) -> dict[str, str]:
    """The environment of the small project."""
    return {**environment, "LUMBUNG_PROJECT": str(project.root)}


def test_a_triggered_sync_runs_to_a_release_and_ctrl_c_leaves_nothing(
    home: Path, city: dict[str, str]
) -> None:
    with live(home, city) as airflow:
        airflow.await_line("ready")
        airflow.log_in()
        assert listens_beyond_loopback(airflow.family()) == []
        airflow.trigger("sync_izin")
        counted = "SELECT * FROM published.permits_by_office ORDER BY 1"
        assert eventually(lambda: airflow.rows(counted)) == [("A", 2), ("B", 1)]
        runs = airflow.get("dags/publish/dagRuns")["dag_runs"]
        assert {run["run_type"] for run in runs} == {"asset_triggered"}
        events = airflow.get("assets/events", source_dag_id="sync_izin")["asset_events"]
        counts = {event["source_task_id"]: event["extra"]["added_count"] for event in events}
        assert counts == {"offices.apply": 2, "permits.apply": 3}

        family = airflow.family()
        assert len(family) > 4
        airflow.process.send_signal(signal.SIGINT)
        assert airflow.process.wait(60) == 0
        assert survivors(family) == []
        assert not embedded.is_running(home)


def test_a_killed_supervisor_takes_all_with_it_and_stop_ends_a_start(
    home: Path, city: dict[str, str]
) -> None:
    with live(home, city) as airflow:
        airflow.await_line("ready")
        family = airflow.family()
        os.kill(airflow.process.pid, signal.SIGKILL)
        assert eventually(lambda: not survivors(family))
        # The server of the warehouse is meant to outlast whoever uses it.
        assert embedded.is_running(home)
    with live(home, city) as airflow:
        airflow.await_line("starting Airflow")
        family = airflow.family()
        with airflow.python(STOP) as stopping:
            assert stopping.stdout
            assert stopping.stdout.read().strip() == "True"
        assert airflow.process.wait(10) == 0
        assert survivors(family) == []


def eventually(question: Callable[[], Any], seconds: float = 150) -> Any:
    """The first answer that is not empty, or the last one."""
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer


def survivors(family: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def listens_beyond_loopback(family: list[psutil.Process]) -> list[Any]:
    sockets = [socket for process in family for socket in process.net_connections("inet")]
    return [s.laddr for s in sockets if s.status == psutil.CONN_LISTEN and s.laddr.ip != "127.0.0.1"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
