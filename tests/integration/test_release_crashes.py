"""kill -9, of the client and of its server process, while a release is built and shown.

A killed server process takes its whole server through crash recovery, so these tests have their own.
"""

import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from lumbung import embedded, migrate
from lumbung.models import Models
from lumbung.release import build
from lumbung.releases import list_releases, mark_checked, unchecked_tables
from lumbung.retention import retain
from lumbung.views import swap
from lumbung.warehouse import Warehouse
from tests.release_project import History, Project, make, publish, rows
from tests.services import with_database

SOURCE = "siak.residents"
VIEWS = [f"published.t{number}" for number in range(5)]
ROWS = 60_000
TAGS = " UNION ".join(f"SELECT tag, count(*) FROM {view} GROUP BY tag" for view in VIEWS)

pytestmark = pytest.mark.parametrize("victim", ["client", "server process"])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The home of a server that may be killed."""
    with tempfile.TemporaryDirectory(prefix="lumbung-crash-") as folder:
        Path(folder).chmod(0o755)
        embedded.start(Path(folder))
        try:
            yield Path(folder)
        finally:
            embedded.remove(Path(folder))


@pytest.fixture
def warehouse(home: Path) -> Warehouse:
    """A fresh warehouse on it."""
    name = f"crash_{uuid4().hex[:12]}"
    with psycopg.connect(embedded.admin_url(home), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER lumbung".encode())
    url = with_database(embedded.start(home), name)
    migrate.upgrade(url)
    return Warehouse(url)


class City:
    """A project whose tables take a while to make; each row carries the number of its load."""

    def __init__(self, warehouse: Warehouse, folder: Path) -> None:
        self.warehouse = warehouse
        self.project = Project(folder)
        self.project.source(SOURCE, "id bigint, tag bigint")
        self.project.integrated(
            "person",
            "SELECT id * 100000 + n AS id, tag "
            f"FROM current.siak__residents, generate_series(1, {ROWS}) AS n",
        )
        for view in VIEWS:
            self.project.table(
                view.removeprefix("published."),
                "id bigint, tag bigint",
                "SELECT id, tag FROM integrated.person",
            )
        self.models: Models = self.project.load()
        self.tag = 0

    def load(self) -> None:
        """The next load, of a single row."""
        self.tag += 1
        History(self.warehouse).apply(self.project.sources[SOURCE], [(1, self.tag)])

    def publish(self) -> None:
        publish(self.warehouse, self.models)

    def resume(self) -> None:
        """What a scheduler does that knows the release's number: every step again."""
        release = list_releases(self.warehouse, limit=1)[0]
        if release.state != "building":
            self.publish()
            return
        for model in self.models:
            build(self.warehouse, self.models, release.release_id, model.name)
        for table in unchecked_tables(self.warehouse, release.release_id):
            mark_checked(self.warehouse, release.release_id, table.name, "passed")
        swap(self.warehouse, release.release_id)

    def shown(self) -> list[tuple[object, ...]]:
        """The tags and numbers of rows that a reader finds over all tables: one pair, or it is a mixture."""
        return rows(self.warehouse, TAGS)


@pytest.fixture
def city(warehouse: Warehouse, tmp_path: Path) -> City:
    city = City(warehouse, tmp_path)
    city.load()
    city.publish()
    return city


def started(work: Callable[[], object]) -> BaseProcess:
    """`work` in a process of its own."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    return process


def sessions(warehouse: Warehouse, condition: str = "true") -> list[int]:
    """The server processes of the hub's sessions."""
    with psycopg.connect(warehouse.url, application_name="observer") as session:
        query = (
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'lumbung' "
            f"AND datname = current_database() AND {condition}"
        )
        return [pid for (pid,) in session.execute(query.encode()).fetchall()]


def kill(city: City, process: BaseProcess, victim: str) -> None:
    """kill -9, then wait until the client is gone and the server answers again."""
    if victim == "client":
        process.kill()
    else:
        for pid in sessions(city.warehouse):
            # The first one's death may have ended the others by now.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.join(timeout=60)
    deadline = time.monotonic() + 60
    while True:
        try:
            rows(city.warehouse, "SELECT 1")
            return
        except Exception:  # noqa: BLE001 - the server is in recovery, and says so in several ways
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.fault(1)
def test_killed_at_seeded_instants(city: City, victim: str) -> None:
    instants = random.Random(f"release {victim}")
    city.load()
    began = time.monotonic()
    city.publish()
    undisturbed = time.monotonic() - began
    outcomes = set()
    for turn in range(6):
        before = (city.tag, ROWS)
        city.load()
        process = started(city.publish)
        time.sleep(instants.uniform(0.0, 1.2 * undisturbed))
        kill(city, process, victim)
        shown = city.shown()
        assert shown in ([before], [(city.tag, ROWS)])
        outcomes.add(shown == [before])
        (city.resume if turn % 2 else city.publish)()
        assert city.shown() == [(city.tag, ROWS)]
    assert True in outcomes, "no kill came in time"
    as_if_undisturbed(city)


@pytest.mark.fault(1)
def test_killed_between_the_views_and_the_commit(city: City, victim: str) -> None:
    """All views are repointed, nothing is committed: the widest open that a swap ever is."""
    with city.warehouse.connect() as session:
        session.execute(
            "CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END'"
        )
        session.execute(
            "CREATE TRIGGER dawdle BEFORE UPDATE OF released_at ON ops.release "
            "FOR EACH ROW EXECUTE FUNCTION public.dawdle()"
        )
    city.load()
    release_id = make(city.warehouse, city.models)
    process = started(lambda: swap(city.warehouse, release_id))
    deadline = time.monotonic() + 20
    while not sessions(city.warehouse, "wait_event = 'PgSleep'"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    kill(city, process, victim)
    began = time.monotonic()
    assert city.shown() == [(city.tag - 1, ROWS)]
    assert time.monotonic() - began < 3.0
    assert list_releases(city.warehouse, limit=1)[0].state == "building"
    with city.warehouse.connect() as session:
        session.execute("DROP TRIGGER dawdle ON ops.release")
    assert swap(city.warehouse, release_id).is_current
    assert city.shown() == [(city.tag, ROWS)]
    as_if_undisturbed(city)


def as_if_undisturbed(city: City) -> None:
    """After retention only what the visible release uses is left, and a further publish makes nothing."""
    retain(city.warehouse, keep=1)
    current = next(release for release in list_releases(city.warehouse) if release.is_current)
    left = rows(city.warehouse, "SELECT relname FROM pg_class WHERE relnamespace = 'release'::regnamespace")
    assert {name for (name,) in left} == {table.relation for table in current.tables}
    assert not [r for r in list_releases(city.warehouse) if r.state == "building"]
    city.publish()
    assert all(table.is_reused for table in list_releases(city.warehouse, limit=1)[0].tables)
    assert city.shown() == [(city.tag, ROWS)]
