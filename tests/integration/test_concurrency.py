"""Two of everything at once, readers in the way, servers that break off: mended, or one clear line."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from connectors.errors import SourceUnavailable
from lumbung import pipeline
from lumbung.errors import ReleaseSuperseded, WarehouseError
from lumbung.warehouse import Session
from tests.conftest import Servers
from tests.hub_project import DATASET, DAY, TABLES, City, Sight, faults, seen_current, show_day
from tests.hub_world import HUB_SESSIONS, World, a_world, together

LONGEST_WAIT = 3.0


@pytest.fixture(scope="module")
def world(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(embedded_servers, tmp_path_factory.mktemp("project")) as world:
        yield world


@pytest.fixture
def city(world: World) -> Iterator[City]:
    """After its first day; the source shows the second."""
    with world.copy() as city:
        yield city


def publish(city: City, release_id: int | None = None) -> pipeline.ReleaseOutcome:
    """Every step of a release, of the one with this number if given."""
    hub = city.hub()
    release_id = release_id or pipeline.plan_release(hub, DAY)
    for table in ("integrated.person", *TABLES):
        pipeline.build(hub, release_id, table)
    pipeline.check(hub, release_id)
    return pipeline.release(hub, release_id)


def in_background(work: Callable[[], object]) -> "Future[object]":
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    return future


def eventually(city: City, query: str) -> list[tuple[object, ...]]:
    """The rows of the query, as soon as it has any."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := city.query(query):
            return found
        time.sleep(0.01)
    raise AssertionError(f"never found: {query}")


@contextmanager
def holding(url: str, statement: str) -> Iterator[Session]:
    """A session that has done this and not committed yet."""
    with psycopg.connect(url, application_name="someone") as session:
        session.execute(statement.encode())
        yield session


WAITING = f"{HUB_SESSIONS} AND wait_event_type = 'Lock'"


# --- two at once ---------------------------------------------------------------------------------


@pytest.mark.fault(4)
def test_two_loads_of_a_dataset_applied_at_once(city: City, world: World) -> None:
    """They began on the same state: whichever is second is told so and changes nothing."""
    hub = city.hub()
    loads = [pipeline.land(hub, DATASET) for _ in range(2)]
    ended = together(*[lambda load_id=load_id: pipeline.apply(city.hub(), load_id) for load_id in loads])
    assert sorted(ended) == ["applied", "superseded"]
    assert city.query("SELECT reason FROM ops.load WHERE state = 'superseded'") == [
        (f"load {loads[ended.index('applied')]} was applied after this one began",)
    ]
    assert faults(city) == []
    publish(city)
    assert Sight.of(city) == world.after


@pytest.mark.fault(4)
def test_two_syncs_of_a_dataset_at_once(city: City, world: World) -> None:
    """However they come to lie: each is applied or superseded, and the outcome is that of one."""
    for _ in range(3):
        ended = together(
            lambda: pipeline.sync(city.hub(), DATASET), lambda: pipeline.sync(city.hub(), DATASET)
        )
        assert set(ended) <= {"applied", "superseded"}
        assert "applied" in ended
        assert faults(city) == []
    publish(city)
    assert Sight.of(city) == world.after


@pytest.mark.fault(4)
def test_every_stage_of_one_load_twice_at_once(city: City, world: World) -> None:
    """As after a scheduler's crash, when the task that it forgot still runs."""
    load_id = pipeline.land(city.hub(), DATASET)
    validated = together(*[lambda: pipeline.validate(city.hub(), load_id)] * 2)
    assert validated == ["", ""]
    assert together(*[lambda: pipeline.apply(city.hub(), load_id)] * 2) == ["applied", "applied"]
    assert city.query(f"SELECT state FROM ops.load WHERE load_id = {load_id}") == [("applied",)]
    twice = "SELECT rule FROM ops.check_result WHERE load_id = 2 GROUP BY rule HAVING count(*) > 1"
    assert city.query(twice) == []
    release_id = pipeline.plan_release(city.hub(), DAY)
    assert together(*[lambda: publish(city, release_id)] * 2) == ["released", "released"]
    assert faults(city) == []
    assert Sight.of(city) == world.after


def test_an_older_load_applied_last_is_superseded(city: City, world: World) -> None:
    hub = city.hub()
    older = pipeline.land(hub, DATASET)
    pipeline.validate(hub, older)
    assert pipeline.sync(hub, DATASET).state == "applied"
    before = Sight.of(city)
    late = pipeline.apply(hub, older)
    assert (late.state, late.reason) == ("superseded", "load 3 was applied after this one began")
    assert Sight.of(city) == before
    assert pipeline.apply(hub, older) == late


@pytest.mark.fault(4)
def test_two_publishes_at_once(city: City, world: World) -> None:
    pipeline.sync(city.hub(), DATASET)
    ended = together(*[lambda: publish(city)] * 2)
    assert "released" in ended
    assert all(end == "released" or end.startswith("superseded: release") for end in ended)
    assert faults(city) == []
    assert Sight.of(city) == world.after


def test_an_older_release_shown_last_is_superseded(city: City, world: World) -> None:
    older = pipeline.plan_release(city.hub(), DAY)
    pipeline.sync(city.hub(), DATASET)
    publish(city)
    with pytest.raises(ReleaseSuperseded, match=r"superseded: release 3 is newer than 2 and visible"):
        publish(city, older)
    assert Sight.of(city) == world.after


# --- readers -------------------------------------------------------------------------------------


def test_readers_see_the_old_release_or_the_new_one(city: City, world: World) -> None:
    """One in the middle of a view, one with an old snapshot, and others who come meanwhile."""
    pipeline.sync(city.hub(), DATASET)
    others = Readers(city, world)
    with (
        psycopg.connect(city.warehouse_url, application_name="long") as long,
        psycopg.connect(city.warehouse_url, application_name="old") as old,
    ):
        old.isolation_level = IsolationLevel.REPEATABLE_READ
        assert old.execute("SELECT count(*) FROM ops.release").fetchone() == (1,)
        with long.cursor(name="reading") as cursor:
            cursor.execute("SELECT birth_year, residents_count FROM published.by_year")
            rows = cursor.fetchmany(5)
            releasing = in_background(lambda: publish(city))
            assert others.read_until(releasing, patience=4.0) == {"old"}
            assert not releasing.done(), "the release went ahead of a reader"
            rows += cursor.fetchall()
        assert sum(count for _, count in rows) == others.old
        long.commit()
        assert others.read_until(releasing, patience=30.0) <= {"old", "new"}
        releasing.result()
        with pytest.raises(errors.SerializationFailure, match="began before release 2 was published"):
            old.execute("SELECT count(*) FROM published.by_year").fetchall()
    assert others.longest < LONGEST_WAIT
    assert Sight.of(city) == world.after


class Readers:
    """Those who come while a release waits: what they see of both tables, and how long they wait (s)."""

    def __init__(self, city: City, world: World) -> None:
        self.city = city
        self.longest = 0.0
        self.old, self.new = world.before.residents, world.after.residents

    def read_until(self, releasing: "Future[object]", patience: float) -> set[str]:
        """Read until the release is done, or for `patience` (s); which releases were seen."""
        seen, began = set(), time.monotonic()
        known = {(self.old, self.old): "old", (self.new, self.new): "new"}
        while not releasing.done() and time.monotonic() - began < patience:
            started = time.monotonic()
            totals = [f"(SELECT sum(residents_count) FROM {table})" for table in TABLES]
            seen.add(known[self.city.query(f"SELECT {', '.join(totals)}")[0]])
            self.longest = max(self.longest, time.monotonic() - started)
            time.sleep(0.02)
        return seen


# --- servers that break off ----------------------------------------------------------------------


@pytest.mark.fault(23)
def test_a_source_that_dies_while_it_is_read(city: City, world: World) -> None:
    with psycopg.connect(city.source_url, autocommit=True) as administrator:
        administrator.execute(
            "CREATE OR REPLACE VIEW residents AS SELECT * FROM day_2 UNION ALL "
            "SELECT NULL, NULL, NULL, NULL, pg_sleep(60)::text"
        )
        landing = in_background(lambda: pipeline.land(city.hub(), DATASET))
        dying = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while not administrator.execute(dying).fetchall():
            time.sleep(0.01)
    with pytest.raises(
        SourceUnavailable, match=r"siak\.residents: connection siak: .* broke off: term"
    ) as gone:
        landing.result(30)
    show_day(city.source_url, 2)
    state = city.query("SELECT state, reason, read_count FROM ops.load WHERE load_id = 2")
    assert state == [("failed", str(gone.value), None)]
    assert city.query("SELECT 1 FROM pg_class WHERE relnamespace = 'landing'::regnamespace") == []
    assert seen_current(city) == world.before.current
    city.run()
    assert Sight.of(city) == world.after


@pytest.mark.fault(3)
def test_a_session_lost_while_it_waits_is_mended(city: City, world: World) -> None:
    hub = city.hub()
    load_id = pipeline.land(hub, DATASET)
    pipeline.validate(hub, load_id)
    with holding(city.warehouse_url, "SELECT 1 FROM ops.dataset FOR UPDATE"):
        applying = in_background(lambda: pipeline.apply(hub, load_id))
        for _ in range(2):
            waiting = eventually(city, WAITING)[0][0]
            city.query(f"SELECT pg_terminate_backend({waiting})")
        eventually(city, WAITING)
    assert applying.result(30).state == "applied"  # type: ignore[attr-defined]
    publish(city)
    assert Sight.of(city) == world.after


@pytest.mark.fault(3)
def test_tries_come_to_an_end(city: City, world: World) -> None:
    """A warehouse that breaks off again and again: one line, and nothing of it is seen."""
    hub = city.hub()
    load_id = pipeline.land(hub, DATASET)
    pipeline.validate(hub, load_id)
    with holding(city.warehouse_url, "SELECT 1 FROM ops.dataset FOR UPDATE"):
        applying = in_background(lambda: pipeline.apply(hub, load_id))
        while not applying.done():
            for (waiting,) in city.query(WAITING):
                city.query(f"SELECT pg_terminate_backend({waiting})")
            time.sleep(0.05)
    with pytest.raises(WarehouseError, match=r"^The warehouse broke off \(AdminShutdown: [^\n]*\)\.$"):
        applying.result()
    assert seen_current(city) == world.before.current
    assert pipeline.apply(hub, load_id).state == "applied"


@pytest.mark.fault(3)
def test_a_deadlock_is_mended(city: City, world: World) -> None:
    """Somebody locks the hub's books in the other order."""
    hub = city.hub()
    load_id = pipeline.land(hub, DATASET)
    pipeline.validate(hub, load_id)
    with holding(city.warehouse_url, f"SELECT 1 FROM ops.load WHERE load_id = {load_id} FOR UPDATE") as other:
        # The hub has the dataset and waits for the load. It began to wait first, so it is the one who is
        # found to stand in a deadlock.
        applying = in_background(lambda: pipeline.apply(hub, load_id))
        eventually(city, WAITING)
        other.execute("SELECT 1 FROM ops.dataset FOR UPDATE")
    assert applying.result(30).state == "applied"  # type: ignore[attr-defined]
    publish(city)
    assert Sight.of(city) == world.after


@pytest.mark.fault(3)
def test_the_gate_judges_again_when_its_session_is_lost(
    city: City, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that lost its session could not be judged; that refuses nothing."""
    from lumbung import gate

    hub = city.hub()
    load_id = pipeline.land(hub, DATASET)
    evaluate, losses = gate._evaluate, iter([True, True])

    def losing_its_session(engine: Any, rules: Any) -> Any:
        if next(losses, False):
            ended = f"SELECT pg_terminate_backend(pid) FROM ({HUB_SESSIONS}) AS s"
            assert city.query(ended) == [(True,)]
        return evaluate(engine, rules)

    monkeypatch.setattr(gate, "_evaluate", losing_its_session)
    pipeline.validate(hub, load_id)
    assert next(losses, None) is None
    assert pipeline.apply(hub, load_id).state == "applied"
    publish(city)
    assert Sight.of(city) == world.after
