"""kill -9 and SIGTERM at any instant of a sync and a release: nothing half is seen, the next run mends it.

The clients are forked, so that none pays again for importing the gate. Each begins on its own copy of a
warehouse that has the first day; what it leaves is compared with a run that nobody disturbed.
"""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from urllib.parse import urlsplit

import psycopg
import pytest

from lumbung import pipeline
from tests.conftest import TEMPLATE, Servers
from tests.hub_project import (
    DATASET,
    DAY,
    GAVE_UP,
    STAGES,
    TABLES,
    City,
    Sight,
    client,
    faults,
    seen_current,
    seen_published,
    show_day,
    source,
    write_project,
)

INSTANTS = 20
HUB_SESSIONS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'lumbung%' AND datname = current_database()"
)
FORK = multiprocessing.get_context("fork")
SEEDED = random.Random(20240807)


@dataclass(frozen=True)
class World:
    """The servers, a city after its first day, and how its second day goes when nobody disturbs it."""

    servers: Servers
    city: City
    before: Sight
    after: Sight
    seconds: dict[str, float]

    @contextmanager
    def copy(self) -> Iterator[City]:
        """The city on a warehouse of its own."""
        with self.servers.database(18, urlsplit(self.city.warehouse_url).path.removeprefix("/")) as url:
            city = replace(self.city, warehouse_url=url)
            # PostgreSQL takes the sequences of a copied database back to where they were copied, if it
            # crashes before they are logged again.
            city.query(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, last_value) "
                "FROM pg_sequences WHERE last_value IS NOT NULL"
            )
            yield city


@pytest.fixture(scope="module")
def world(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from lumbung import gate  # noqa: F401 - once, for all clients to come

    project = write_project(tmp_path_factory.mktemp("project"))
    with source() as source_url, embedded_servers.database(18, TEMPLATE) as url:
        city = City(project, url, source_url)
        city.run()
        show_day(source_url, 2)
        world = World(embedded_servers, city, Sight.of(city), Sight.of(city), {})
        with world.copy() as undisturbed:
            seconds = _times(undisturbed)
            yield replace(world, after=Sight.of(undisturbed), seconds=seconds)


def _times(city: City) -> dict[str, float]:
    """How long each stage takes in a client (s)."""
    process = Client(city)
    began = {stage: process.until(stage) for stage in STAGES}
    assert process.end() == 0, process.words
    ends = [*list(began.values())[1:], time.monotonic()]
    return {stage: end - start for (stage, start), end in zip(began.items(), ends, strict=True)}


class Client:
    """A process that runs the city's day and tells which stage it has reached."""

    def __init__(self, city: City, on_term: Callable[[int, object], None] | None = None) -> None:
        self._pipe, theirs = FORK.Pipe(duplex=False)
        self.words = ""
        self.process = FORK.Process(target=_work, args=(city, theirs, on_term))
        self.process.start()
        theirs.close()

    def until(self, stage: str) -> float:
        """Wait for it to begin `stage`; when it did."""
        while self._pipe.poll(60):
            kind, text = self._pipe.recv()
            if kind == "reached" and text == stage:
                return time.monotonic()
        raise AssertionError(f"the client never reached {stage}")

    def end(self) -> int:
        """Wait for its end: the exit code, negative for a signal."""
        try:
            while True:
                kind, text = self._pipe.recv()
                self.words = text if kind == "said" else self.words
        except EOFError:
            self.process.join(60)
        assert self.process.exitcode is not None, "the client hangs"
        return self.process.exitcode


def _work(city: City, pipe: "Pipe", on_term: Callable[[int, object], None] | None) -> None:
    signal.signal(signal.SIGTERM, on_term or signal.SIG_DFL)
    client(city, lambda stage: pipe.send(("reached", stage)), lambda text: pipe.send(("said", text)))


def instants(count: int) -> list[tuple[str, float]]:
    """Stages, each as often as any other, and how far into them (as a part of the time they take)."""
    return [(STAGES[n % len(STAGES)], SEEDED.uniform(0.0, 1.1)) for n in range(count)]


def kill_server_process(city: City) -> None:
    """kill -9 of one server process that works for the hub, else of any; it takes all others with it."""
    watching = psycopg.connect(city.warehouse_url, autocommit=True, application_name="observer")
    found = watching.execute(HUB_SESSIONS.encode()).fetchone()
    os.kill(found[0] if found else watching.info.backend_pid, signal.SIGKILL)
    watching.close()
    time.sleep(0.01)


def await_quiet(city: City) -> None:
    """Until the server answers and nobody works for the hub: a killed client's session ends by itself."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if not city.query(HUB_SESSIONS):
                return
        except psycopg.OperationalError:
            pass
        time.sleep(0.02)
    raise AssertionError("the server did not come to rest")


def check_whole(city: City, world: World, where: str) -> bool:
    """Nothing half is to be seen; returns whether the release is the new one."""
    assert faults(city) == [], where
    assert seen_current(city) in (world.before.current, world.after.current), where
    published = seen_published(city)
    assert published in (world.before.published, world.after.published), where
    return published == world.after.published


def mend(city: City, *, resuming: bool) -> None:
    """The run after: a new one, or the steps of the old one anew, as of a scheduler that lost track."""
    hub = city.hub()
    loads = city.query("SELECT load_id, state FROM ops.load ORDER BY load_id DESC LIMIT 1")
    load_id, state = loads[0]
    if resuming and state not in ("landing", "failed"):
        pipeline.validate(hub, load_id)
        assert pipeline.apply(hub, load_id).state == "applied"
    else:
        assert pipeline.sync(hub, DATASET).state == "applied"
    release_id, state = city.query("SELECT release_id, state FROM ops.release ORDER BY 1 DESC LIMIT 1")[0]
    if not resuming or release_id == 1:
        release_id = pipeline.plan_release(hub, DAY)
    for table in ("integrated.person", *TABLES):
        pipeline.build(hub, release_id, table)
    pipeline.check(hub, release_id)
    assert pipeline.release(hub, release_id).is_current


def check_mended(city: City, world: World, where: str) -> None:
    """As if nobody had disturbed anything, and nothing is left lying about."""
    assert Sight.of(city) == world.after, where
    assert faults(city) == [], where
    hub = city.hub()
    pipeline.retain(hub)
    left = city.query(
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace IN ('landing'::regnamespace, 'staging'::regnamespace)"
    )
    assert left == [], where


def test_clients_killed_at_seeded_instants(world: World) -> None:
    released = []
    for number, (stage, part) in enumerate(instants(INSTANTS)):
        where = f"killed {part:.2f} into {stage}"
        with world.copy() as city:
            running = Client(city)
            running.until(stage)
            time.sleep(part * world.seconds[stage])
            running.process.kill()
            assert running.end() in (-signal.SIGKILL, 0), where
            check_whole(city, world, where)
            await_quiet(city)
            released.append(check_whole(city, world, where))
            mend(city, resuming=number % 2 == 1)
            check_mended(city, world, where)
    assert released.count(False) > INSTANTS // 2, "most kills came too late"


def test_server_processes_killed_at_seeded_instants(world: World) -> None:
    """The client mends what it can by itself, or says in one line that it could not."""
    ended = []
    for number, (stage, part) in enumerate(instants(INSTANTS)):
        where = f"server process killed {part:.2f} into {stage}"
        with world.copy() as city:
            running = Client(city)
            running.until(stage)
            time.sleep(part * world.seconds[stage])
            kill_server_process(city)
            code = running.end()
            assert code in (0, GAVE_UP), f"{where}: {running.words}"
            assert "\n" not in running.words, where
            await_quiet(city)
            assert check_whole(city, world, where) or code == GAVE_UP, where
            ended.append(code)
            mend(city, resuming=number % 2 == 1)
            check_mended(city, world, where)
    assert ended.count(0) > INSTANTS // 2, "the clients mended next to nothing"


def _give_in(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


@pytest.mark.parametrize(("on_term", "code"), [(None, -signal.SIGTERM), (_give_in, 128 + signal.SIGTERM)])
def test_sigterm_in_every_stage(
    world: World, on_term: Callable[[int, object], None] | None, code: int
) -> None:
    """Whether the process just ends, or unwinds as where a scheduler makes the signal an exception."""
    for stage in STAGES:
        with world.copy() as city:
            running = Client(city, on_term)
            running.until(stage)
            time.sleep(0.5 * world.seconds[stage])
            running.process.terminate()
            assert running.end() in (code, 0), stage
            await_quiet(city)
            check_whole(city, world, stage)
            mend(city, resuming=stage in ("gate", "check"))
            check_mended(city, world, stage)
