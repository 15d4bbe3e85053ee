"""kill -9 and SIGTERM at any instant of a sync and a release: nothing half is seen, the next run mends it.

Every client begins on its own copy of a warehouse that has the first day; what it leaves is compared with a
run that nobody disturbed.
"""

import random
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lumbung import pipeline
from lumbung.errors import LandingLost, LoadRefused, ReleaseRefused
from tests.conftest import Servers
from tests.hub_project import DATASET, DAY, GAVE_UP, STAGES, TABLES, City, Sight, faults
from tests.hub_world import Process, World, a_world, await_quiet, kill_server_process

INSTANTS = 20


@pytest.fixture(scope="module")
def world(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(embedded_servers, tmp_path_factory.mktemp("project")) as world:
        yield world


def instants(seed: str) -> list[tuple[str, float]]:
    """Stages, each as often as any other, and how far into them (as a part of the time they take)."""
    drawn = random.Random(seed)
    return [(STAGES[n % len(STAGES)], drawn.uniform(0.0, 1.1)) for n in range(INSTANTS)]


def mend(city: City, *, resuming: bool) -> None:
    """The run after: a new one, or the steps of the old one anew, as of a scheduler that lost track."""
    hub = city.hub()
    load_id, state = city.query("SELECT load_id, state FROM ops.load ORDER BY load_id DESC LIMIT 1")[0]
    if resuming and load_id != 1 and state not in ("landing", "failed"):
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
    pipeline.retain(city.hub())
    assert city.query("SELECT 1 FROM ops.load WHERE state IN ('landing', 'landed', 'validated')") == [], where
    left = city.query(
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace IN ('landing'::regnamespace, 'staging'::regnamespace)"
    )
    assert left == [], where


@pytest.mark.fault(1)
def test_clients_killed_at_seeded_instants(world: World) -> None:
    released = []
    for number, (stage, part) in enumerate(instants("client")):
        where = f"killed {part:.2f} into {stage}"
        with world.copy() as city:
            running = Process(city.run)
            running.until(stage)
            time.sleep(part * world.seconds[stage])
            running.process.kill()
            assert running.end() in (-signal.SIGKILL, 0), where
            world.check_whole(city, where)
            await_quiet(city)
            released.append(world.check_whole(city, where))
            mend(city, resuming=number % 2 == 1)
            check_mended(city, world, where)
    assert released.count(False) > INSTANTS // 2, "most kills came too late"


@pytest.mark.fault(3)
def test_server_processes_killed_at_seeded_instants(world: World) -> None:
    """The client mends what it can by itself, or says in one line that it could not."""
    ended = []
    for number, (stage, part) in enumerate(instants("server")):
        where = f"server process killed {part:.2f} into {stage}"
        with world.copy() as city:
            running = Process(city.run)
            running.until(stage)
            time.sleep(part * world.seconds[stage])
            kill_server_process(city)
            code = running.end()
            assert code in (0, GAVE_UP), f"{where}: {running.words}"
            assert "\n" not in running.words, where
            await_quiet(city)
            assert world.check_whole(city, where) or code == GAVE_UP, where
            ended.append(code)
            mend(city, resuming=number % 2 == 1)
            check_mended(city, world, where)
    assert ended.count(0) > INSTANTS // 2, "the clients mended next to nothing"


def _give_in(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


@pytest.mark.parametrize(
    ("on_term", "code", "stages"),
    [(None, -signal.SIGTERM, ("apply", "release")), (_give_in, 128 + signal.SIGTERM, STAGES)],
    ids=["ends", "unwinds"],
)
@pytest.mark.fault(6)
def test_sigterm_in_every_stage(
    world: World, on_term: Callable[[int, object], None] | None, code: int, stages: tuple[str, ...]
) -> None:
    """Ending at once is like a kill; where a scheduler makes the signal an exception, all unwinds."""
    for stage in stages:
        with world.copy() as city:
            running = Process(city.run, on_term)
            running.until(stage)
            time.sleep(0.5 * world.seconds[stage])
            running.process.terminate()
            assert running.end() in (code, 0), stage
            await_quiet(city)
            world.check_whole(city, stage)
            mend(city, resuming=stage in ("gate", "check"))
            check_mended(city, world, stage)


def crash(city: City) -> None:
    """The server goes through crash recovery, which empties unlogged tables."""
    kill_server_process(city)
    await_quiet(city)


@pytest.mark.fault(1)
def test_rows_lost_in_a_crash_land_again_under_the_same_load(world: World) -> None:
    """After landing, after validation and after the gate: each time all that follows is done anew."""
    with world.copy() as city:
        hub = city.hub()
        load_id = pipeline.land(hub, DATASET)
        crash(city)
        assert city.query(f"SELECT count(*) FROM landing.siak__residents__l{load_id}") == [(0,)]
        pipeline.validate(hub, load_id)
        judged = "SELECT max(checked_at), count(*) FROM ops.check_result WHERE load_id = 2"
        before = city.query(judged)
        crash(city)
        assert pipeline.apply(hub, load_id).state == "applied"
        assert city.query(f"{judged} AND checked_at > '{before[0][0]}'")[0][1] == before[0][1]
        mend(city, resuming=True)
        check_mended(city, world, "landing lost")


def test_the_gate_does_not_judge_what_a_crash_has_emptied(world: World) -> None:
    """Killed between row checks and gate, and the tables lost: that the source sent nothing is not true."""
    with world.copy() as city:
        running = Process(lambda reached: city.run(lambda stage: stop_at("gate", stage, reached)))
        running.until("gate")
        running.process.kill()
        running.end()
        crash(city)
        assert city.query("SELECT state, gate_seconds FROM ops.load WHERE load_id = 2") == [
            ("validated", None)
        ]
        outcome = pipeline.apply(city.hub(), 2)
        assert (outcome.state, outcome.reason) == ("applied", None)
        mend(city, resuming=True)
        check_mended(city, world, "emptied before the gate")


def stop_at(here: str, stage: str, reached: Callable[[str], None]) -> None:
    """Say that the stage is reached, and go no further when it is `here`."""
    reached(stage)
    if stage == here:
        time.sleep(60)


def test_rows_that_somebody_accepted_are_not_replaced_by_others(world: World) -> None:
    with world.copy() as city:
        hub = city.hub()
        load_id = pipeline.land(hub, DATASET)
        pipeline.validate(hub, load_id)
        city.run_sql(
            f"UPDATE ops.load SET state = 'refused', reason = 'too many are gone' WHERE load_id = {load_id}"
        )
        crash(city)
        with pytest.raises(LandingLost, match="landing lost"):
            pipeline.accept(hub, load_id, "Ani", "they moved")
        assert faults(city) == []
        with pytest.raises(
            LoadRefused, match=r"load 2 refused: it never landed \(.*landing lost.*\); sync again"
        ):
            pipeline.apply(hub, load_id)
        assert pipeline.sync(hub, DATASET).state == "applied"


@pytest.mark.fault(2)
def test_what_is_done_stays_done(world: World) -> None:
    """A scheduler killed between a stage's commit and the note that it made of it runs the stage again."""
    with world.copy() as city:
        hub = city.hub()
        load_id = pipeline.land(hub, DATASET)
        again(city, lambda: pipeline.validate(hub, load_id))
        outcome = again(city, lambda: pipeline.apply(hub, load_id))
        pipeline.validate(hub, load_id)
        assert outcome == pipeline.apply(hub, load_id)
        release_id = pipeline.plan_release(hub, DAY)
        for table in ("integrated.person", *TABLES):
            again(city, lambda: pipeline.build(hub, release_id, table))  # noqa: B023 - called at once
        again(city, lambda: pipeline.check(hub, release_id))
        again(city, lambda: pipeline.release(hub, release_id))
        pipeline.check(hub, release_id)
        assert Sight.of(city) == world.after


BOOKS = ("ops.dataset", "ops.load", "ops.release", "ops.release_table", "ops.check_result")


def again(city: City, stage: Callable[[], Any]) -> Any:
    """Do the stage twice; the second time gives the same and writes nothing into any book."""
    first = stage()
    books = [city.query(f"SELECT xmin, ctid, t.* FROM {book} t ORDER BY ctid") for book in BOOKS]
    assert stage() == first
    assert [city.query(f"SELECT xmin, ctid, t.* FROM {book} t ORDER BY ctid") for book in BOOKS] == books
    return first


def test_a_refusal_is_repeated(world: World) -> None:
    """A task that is run again after its load was refused fails again, with the same words."""
    with world.copy() as city:
        hub = city.hub()
        load_id = pipeline.land(hub, DATASET)
        pipeline.validate(hub, load_id)
        city.run_sql("UPDATE ops.load SET quarantined_count = read_count / 2, "
                     f"staged_count = read_count - read_count / 2 WHERE load_id = {load_id}")  # fmt: skip
        words = []
        for stage in (pipeline.apply, pipeline.apply, pipeline.validate):
            with pytest.raises(LoadRefused) as refused:
                stage(hub, load_id)
            words.append(str(refused.value))
        assert len(set(words)) == 1
        assert "maxRefusedPct" in words[0]
        release_id = pipeline.plan_release(hub, DAY)
        city.run_sql(
            f"UPDATE ops.release SET state = 'refused', reason = 'too few' WHERE release_id = {release_id}"
        )
        with pytest.raises(ReleaseRefused, match="too few"):
            pipeline.check(hub, release_id)
