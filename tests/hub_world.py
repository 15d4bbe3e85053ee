"""A city after its first day on servers that may be killed, and the processes that are killed on it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from schemas.errors import LumbungError
from tests.conftest import TEMPLATE, Servers
from tests.hub_project import (
    GAVE_UP,
    STAGES,
    City,
    Sight,
    faults,
    seen_current,
    seen_published,
    show_day,
    source,
    write_project,
)

HUB_SESSIONS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'lumbung%' AND datname = current_database()"
)
# Forked, so that none pays again for importing the gate.
FORK = multiprocessing.get_context("fork")


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

    def check_whole(self, city: City, where: str) -> bool:
        """Nothing half is to be seen; returns whether the release is the new one."""
        assert faults(city) == [], where
        assert seen_current(city) in (self.before.current, self.after.current), where
        published = seen_published(city)
        assert published in (self.before.published, self.after.published), where
        return published == self.after.published


@contextmanager
def a_world(servers: Servers, folder: Path) -> Iterator[World]:
    """A city of which the first day has passed; its source shows the second."""
    from lumbung import gate  # noqa: F401 - once, for all processes to come

    with source() as source_url, servers.database(18, TEMPLATE) as url:
        city = City(write_project(folder), url, source_url)
        city.run()
        show_day(source_url, 2)
        world = World(servers, city, Sight.of(city), Sight.of(city), {})
        with world.copy() as undisturbed:
            seconds = _times(undisturbed)
            after = Sight.of(undisturbed)
        assert after.published != world.before.published
        yield replace(world, after=after, seconds=seconds)


def _times(city: City) -> dict[str, float]:
    """How long each stage takes in a client (s)."""
    process = Process(city.run)
    began = {stage: process.until(stage) for stage in STAGES}
    assert process.end() == 0, process.words
    ends = [*list(began.values())[1:], time.monotonic()]
    return {stage: end - start for (stage, start), end in zip(began.items(), ends, strict=True)}


class Process:
    """A forked process at `work`, which is given a function by which to tell what it has reached."""

    def __init__(
        self,
        work: Callable[[Callable[[str], None]], Any],
        on_term: Callable[[int, object], None] | None = None,
    ) -> None:
        self._pipe, theirs = FORK.Pipe(duplex=False)
        self.words = ""
        self.process = FORK.Process(target=_work, args=(work, theirs, on_term), daemon=True)
        self.process.start()
        theirs.close()

    def until(self, stage: str) -> float:
        """Wait for it to reach `stage`; when it did."""
        while self._pipe.poll(60):
            kind, text = self._pipe.recv()
            if kind == "reached" and text == stage:
                return time.monotonic()
        raise AssertionError(f"the process never reached {stage}")

    def end(self) -> int:
        """Wait for its end: the exit code, negative for a signal. What it came to is then in `words`."""
        try:
            while True:
                kind, text = self._pipe.recv()
                self.words = text if kind == "said" else self.words
        except EOFError:
            self.process.join(60)
        assert self.process.exitcode is not None, "the process hangs"
        return self.process.exitcode


def _work(
    work: Callable[[Callable[[str], None]], Any], pipe: Pipe, on_term: Callable[[int, object], None] | None
) -> None:
    """Exits by `GAVE_UP` when the hub itself says why it can't go on; other errors are tracebacks."""
    signal.signal(signal.SIGTERM, on_term or signal.SIG_DFL)
    try:
        outcome = work(lambda stage: pipe.send(("reached", stage)))
    except LumbungError as error:
        pipe.send(("said", str(error)))
        raise SystemExit(GAVE_UP) from None
    pipe.send(("said", getattr(outcome, "state", "")))


def together(*works: Callable[[], Any]) -> list[str]:
    """Do all of this at the same time, each in a process; the states that they came to, or what they said."""
    start = FORK.Barrier(len(works))

    def wait_and(work: Callable[[], Any]) -> Callable[[object], Any]:
        return lambda reached: (start.wait(), work())[1]

    processes = [Process(wait_and(work)) for work in works]
    codes = [process.end() for process in processes]
    assert set(codes) <= {0, GAVE_UP}, codes
    return [process.words for process in processes]


def kill_server_process(city: City) -> None:
    """kill -9 of one server process that works for the hub, else of any; it takes all others with it."""
    with closing(
        psycopg.connect(city.warehouse_url, autocommit=True, application_name="observer")
    ) as watching:
        found = watching.execute(HUB_SESSIONS.encode()).fetchone()
        try:
            os.kill(found[0] if found else watching.info.backend_pid, signal.SIGKILL)
        except ProcessLookupError:
            # It ended between the question and the kill.
            os.kill(watching.info.backend_pid, signal.SIGKILL)
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
