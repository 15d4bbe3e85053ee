"""What readers see while releases come and go: old or new, all or nothing, soon, or error 40001."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from lumbung.errors import ReleaseBusy, ReleaseSuperseded
from lumbung.release import rollback
from lumbung.releases import list_releases
from lumbung.views import swap
from lumbung.warehouse import Session, Warehouse
from tests.release_project import History, Project, make, publish, rows

SOURCE = "siak.residents"
#: Longest that any reader may wait for a release (seconds).
LONGEST_WAIT = 3.0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Tables whose rows carry the number of the load that they came with."""
    project = Project(tmp_path)
    project.source(SOURCE, "id bigint, tag bigint")
    project.integrated("person", "SELECT id, tag FROM current.siak__residents")
    project.table("one", "id bigint, tag bigint", "SELECT id, tag FROM integrated.person")
    project.table(
        "two", "tag bigint, n bigint", "SELECT tag, count(*) AS n FROM integrated.person GROUP BY 1"
    )
    return project


@pytest.fixture
def warehouse(warehouse_url_each: str) -> Warehouse:
    return Warehouse(warehouse_url_each)


class City:
    """A project whose source is loaded and published at will."""

    def __init__(self, warehouse: Warehouse, project: Project) -> None:
        self.warehouse = warehouse
        self.project = project
        self.history = History(warehouse)
        self.tag = 0

    def load(self, size: int = 50) -> None:
        """A new load of `size` rows, every one of them tagged with its number."""
        self.tag += 1
        self.history.apply(self.project.sources[SOURCE], [(n, self.tag) for n in range(size)])

    def publish(self, size: int = 50) -> None:
        """A new load, made visible."""
        self.load(size)
        publish(self.warehouse, self.project.load())


@pytest.fixture
def city(warehouse: Warehouse, project: Project) -> City:
    city = City(warehouse, project)
    city.publish()
    return city


@contextmanager
def reader(city: City, level: IsolationLevel | None = None) -> Iterator[Session]:
    """A session of somebody who reads; with a level, in a transaction whose snapshot is taken now."""
    with psycopg.connect(city.warehouse.url, application_name="reader") as session:
        session.isolation_level = level
        if level is not None:
            session.execute("SELECT 1 FROM ops.release").fetchall()
        yield session


def in_background(work: Callable[[], object]) -> "Future[object]":
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    return future


def wait_until_queued(session: Session, view: str) -> None:
    """Until somebody queues for the view's lock, and doesn't only try it for a moment."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if session.execute(
            "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted "
            "AND waitstart < clock_timestamp() - interval '20 ms'",
            [view],
        ).fetchone():
            return
        time.sleep(0.005)
    raise AssertionError(f"nobody queues for {view}")


SHAPES = {
    "rows": "SELECT * FROM published.one",
    "count": "SELECT count(*) FROM published.one",
    "one row by index": "SELECT * FROM published.one WHERE id = 3",
    "min and max by index": "SELECT min(id), max(id) FROM published.one",
    "first rows in order": "SELECT * FROM published.one ORDER BY id LIMIT 1",
    "join": "SELECT * FROM published.one JOIN published.two USING (tag)",
    "left join": "SELECT * FROM published.one LEFT JOIN published.two USING (tag)",
    "inner side of an outer join": "SELECT * FROM ops.release LEFT JOIN published.one ON id = release_id",
    "full join": "SELECT * FROM ops.release r FULL JOIN published.one o ON o.id = r.release_id",
    "semi-join": "SELECT * FROM ops.release r WHERE r.release_id IN (SELECT id FROM published.one)",
    "anti-join": "SELECT 1 FROM ops.load WHERE NOT EXISTS (SELECT FROM published.one WHERE id = load_id)",
    "subselect": "SELECT (SELECT max(tag) FROM published.one), 1",
    "union": "SELECT tag FROM published.two UNION ALL SELECT tag FROM published.one",
    "cte": "WITH o AS MATERIALIZED (SELECT * FROM published.one) SELECT count(*) FROM o",
    "lateral": "SELECT 1 FROM ops.release, LATERAL (SELECT FROM published.one WHERE id = release_id) AS l",
    "view of the reader's own": "SELECT * FROM public.mine",
    "integrated": "SELECT * FROM integrated.person WHERE id < 5",
    "function": "SELECT public.tags()",
    "copy": "COPY (SELECT * FROM published.one) TO STDOUT",
    "window": "SELECT id, sum(tag) OVER (ORDER BY id) FROM published.one",
    "aggregate of nothing": "SELECT count(*) FROM published.one WHERE id < 0",
}  # fmt: skip


def build_on(city: City) -> None:
    """What readers built on the tables, and indexes on all relations."""
    with city.warehouse.connect() as session:
        session.execute(
            "CREATE OR REPLACE VIEW public.mine AS "
            "SELECT o.id FROM published.one o JOIN published.two USING (tag)"
        )
        session.execute(
            "CREATE OR REPLACE FUNCTION public.tags() RETURNS bigint STABLE LANGUAGE sql "
            "AS 'SELECT max(tag) FROM published.one'"
        )


def index_all(city: City) -> None:
    with city.warehouse.connect() as session:
        for (name,) in session.execute(
            "SELECT relname FROM pg_class c WHERE relnamespace = 'release'::regnamespace AND relkind = 'r' "
            "AND NOT relhasindex AND relname NOT LIKE 'two%'"
        ).fetchall():
            session.execute(f"CREATE INDEX ON release.{name} (id)".encode())


def ask(session: Session, query: str) -> None:
    """Run the query, all of it."""
    if query.startswith("COPY"):
        with session.cursor().copy(query.encode()) as copy:
            list(copy)
    else:
        session.execute(query.encode()).fetchall()


@pytest.mark.parametrize("size", [50, 0], ids=["new rows", "really empty"])
@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_a_snapshot_from_before_the_swap_gets_40001(city: City, level: IsolationLevel, size: int) -> None:
    build_on(city)
    with reader(city, level) as session:
        city.publish(size)
        index_all(city)
        for settings in ("enable_seqscan = on", "enable_seqscan = off", "debug_parallel_query = on"):
            for shape, query in SHAPES.items():
                session.execute("SAVEPOINT before")
                session.execute(f"SET LOCAL {settings}".encode())
                with pytest.raises(errors.SerializationFailure):
                    ask(session, query)
                    pytest.fail(f"{shape} with {settings} gave an answer")
                session.execute("ROLLBACK TO SAVEPOINT before")
    with reader(city, level) as session:
        for query in SHAPES.values():
            ask(session, query)


def test_a_snapshot_from_before_a_rollback_gets_40001(city: City) -> None:
    """Also when it could see the old release's rows: they are of another moment than what it read before."""
    city.publish()
    with reader(city, IsolationLevel.REPEATABLE_READ) as session:
        rollback(city.warehouse, 1)
        with pytest.raises(errors.SerializationFailure, match="start it again"):
            session.execute("SELECT * FROM published.one")
    assert rows(city.warehouse, "SELECT DISTINCT tag FROM published.one") == [(1,)]


def test_a_snapshot_from_before_keeps_what_did_not_change(city: City, project: Project) -> None:
    project.source("other.things", "id bigint")
    project.table("three", "id bigint", "SELECT id FROM current.other__things")
    city.history.apply(project.sources["other.things"], [(1,), (2,)])
    publish(city.warehouse, project.load())
    with reader(city, IsolationLevel.REPEATABLE_READ) as session:
        city.publish()
        assert session.execute("SELECT count(*) FROM published.three").fetchone() == (2,)
        with pytest.raises(errors.SerializationFailure):
            session.execute("SELECT count(*) FROM published.one")


def test_a_prepared_statement_from_before(city: City) -> None:
    with reader(city) as session:
        session.autocommit = True
        ask_twice = "SELECT DISTINCT tag FROM published.one WHERE id < %s"
        for _ in range(6):
            assert session.execute(ask_twice, [10], prepare=True).fetchall() == [(1,)]
        city.publish()
        assert session.execute(ask_twice, [10], prepare=True).fetchall() == [(2,)]


def test_the_first_release_too(warehouse: Warehouse, project: Project) -> None:
    city = City(warehouse, project)
    with reader(city, IsolationLevel.REPEATABLE_READ) as session:
        city.publish()
        with pytest.raises(errors.SerializationFailure):
            session.execute("SELECT * FROM published.one")


def test_a_long_reader_keeps_its_data_and_is_named(city: City) -> None:
    city.load()
    release_id = make(city.warehouse, city.project.load())
    with reader(city) as session:
        assert session.execute("SELECT DISTINCT tag FROM published.two").fetchall() == [(1,)]
        with pytest.raises(ReleaseBusy) as busy:
            swap(city.warehouse, release_id, patience=0.1)
        assert f"published.two, which process {session.info.backend_pid} of lumbung since 20" in str(
            busy.value
        )
        assert session.execute("SELECT DISTINCT tag FROM published.two").fetchall() == [(1,)]
        assert rows(city.warehouse, "SELECT DISTINCT tag FROM published.one") == [(1,)]
    assert list_releases(city.warehouse)[0].state == "building"
    assert swap(city.warehouse, release_id).is_current
    assert rows(city.warehouse, "SELECT DISTINCT tag FROM published.two") == [(2,)]


def test_what_goes_with_a_view_may_be_in_use(city: City, project: Project) -> None:
    with city.warehouse.connect() as session:
        session.execute("CREATE MATERIALIZED VIEW public.mine AS SELECT id FROM published.one")
    project.table("one", "id bigint", "SELECT id FROM integrated.person")
    release_id = make(city.warehouse, project.load())
    with reader(city) as session:
        session.execute("SELECT * FROM public.mine").fetchall()
        with pytest.raises(ReleaseBusy, match=r"published\.one, which readers held"):
            swap(city.warehouse, release_id, breaking=True, patience=0.1)
    assert "materialized view public.mine dropped" in str(
        swap(city.warehouse, release_id, breaking=True).release
    )


def test_others_wait_little_while_a_long_reader_holds_up_the_swap(city: City) -> None:
    city.load()
    release_id = make(city.warehouse, city.project.load())
    waits: list[float] = []
    with reader(city) as long, ThreadPoolExecutor(4) as pool:
        long.execute("SELECT * FROM published.one").fetchall()
        end = time.monotonic() + 7

        def ask_again_and_again(query: str) -> None:
            with reader(city) as session:
                session.autocommit = True
                while time.monotonic() < end:
                    started = time.monotonic()
                    assert session.execute(query.encode()).fetchone() == (1,)
                    waits.append(time.monotonic() - started)
                    time.sleep(0.01)

        asking = [
            pool.submit(ask_again_and_again, f"SELECT max(tag) FROM {view}")
            for view in ("published.one", "published.two", "integrated.person")
        ]
        with pytest.raises(ReleaseBusy):
            swap(city.warehouse, release_id, patience=6)
        for future in asking:
            future.result()
    assert max(waits) < LONGEST_WAIT
    assert max(waits) > 0.5, "nobody ever stood behind the swap"


def test_the_swap_yields_and_no_reader_dies_of_a_deadlock(city: City) -> None:
    city.load()
    release_id = make(city.warehouse, city.project.load())
    with reader(city) as first, reader(city) as second, reader(city) as third, reader(city) as observer:
        observer.autocommit = True
        for session, view in (
            (first, "integrated.person"),
            (second, "published.one"),
            (third, "published.two"),
        ):
            session.execute(f"SELECT * FROM {view}".encode()).fetchall()
        swapping = in_background(lambda: swap(city.warehouse, release_id, patience=30))
        wait_until_queued(observer, "integrated.person")
        first.commit()
        wait_until_queued(observer, "published.one")
        started = time.monotonic()
        asking = in_background(lambda: third.execute("SELECT DISTINCT tag FROM integrated.person").fetchall())
        # The third reader waits for the swap already when the swap comes to wait for it. Whoever of the
        # two has waited for a second looks for a deadlock, and ends itself.
        time.sleep(0.5)
        second.commit()
        assert asking.result(timeout=30) == [(1,)]
        assert 0.5 < time.monotonic() - started < LONGEST_WAIT
        third.commit()
        swapping.result(timeout=30)
    assert rows(city.warehouse, "SELECT DISTINCT tag FROM published.one") == [(2,)]


class Crowd:
    """Readers that compare the tags of two tables in one statement, over and over."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.over = threading.Event()
        self.mixed: list[object] = []
        self.seen: set[object] = set()
        self.longest = 0.0

    def compare(self, query: str, prepare: bool, level: IsolationLevel | None) -> None:
        with psycopg.connect(self.city.warehouse.url, autocommit=level is None) as session:
            session.isolation_level = level
            while not self.over.is_set():
                started = time.monotonic()
                try:
                    self._once(session, query, prepare)
                except errors.SerializationFailure:
                    if level is None:
                        raise
                    session.rollback()
                self.longest = max(self.longest, time.monotonic() - started)
                time.sleep(0.01)

    def _once(self, session: Session, query: str, prepare: bool) -> None:
        found = [session.execute(part.encode(), prepare=prepare).fetchone() for part in query.split(";")]
        session.rollback()
        tags = {tag for row in found for tag in row or (None,)}
        self.seen |= tags
        if len(tags) != 1:
            self.mixed.append(found)


ONE, TWO = "(SELECT max(tag) FROM published.one)", "(SELECT min(tag) FROM published.two)"
CROWD: list[tuple[str, bool, IsolationLevel | None]] = [
    (f"SELECT {ONE}, {TWO}", False, None),
    (f"SELECT {TWO}, {ONE}", True, None),
    (f"SELECT {TWO}, {ONE}, (SELECT max(tag) FROM integrated.person) FROM pg_sleep(0.02)", False, None),
    ("SELECT o.tag, t.tag FROM published.one o JOIN published.two t ON true LIMIT 1", True, None),
    (f"SELECT {ONE};SELECT {TWO};SELECT {ONE}", False, IsolationLevel.REPEATABLE_READ),
]


def test_a_crowd_of_readers_never_sees_a_mixture(city: City) -> None:
    crowd = Crowd(city)
    with ThreadPoolExecutor(len(CROWD)) as pool:
        asking = [pool.submit(crowd.compare, *query) for query in CROWD]
        try:
            for turn in range(12):
                city.publish()
                if turn % 4 == 3:
                    rollback(city.warehouse, list_releases(city.warehouse)[1].release_id, patience=20)
        finally:
            crowd.over.set()
        for future in asking:
            future.result()
    assert crowd.mixed == []
    assert None not in crowd.seen
    assert len(crowd.seen) > 5
    assert crowd.longest < LONGEST_WAIT


def test_two_publishes_at_once(city: City) -> None:
    """One after the other, in either order: the newest data is shown, and the books say who gave way."""
    models = city.project.load()
    for _ in range(5):
        city.load()
        older = make(city.warehouse, models)
        city.load()
        newer = make(city.warehouse, models)
        start = threading.Barrier(2)

        def swap_at_once(release_id: int, start: threading.Barrier = start) -> str:
            start.wait()
            try:
                return swap(city.warehouse, release_id).state
            except ReleaseSuperseded:
                return "superseded"

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(swap_at_once, [older, newer])
        assert second == "released"
        assert first in ("released", "superseded")
        assert rows(city.warehouse, "SELECT DISTINCT tag FROM published.one") == [(city.tag,)]


def test_two_whole_publishes_of_the_same_loads(city: City) -> None:
    """Both make the same relations at the same time: one makes each, the other takes it."""
    models = city.project.load()
    city.load(size=20_000)
    with ThreadPoolExecutor(2) as pool:
        numbers = list(pool.map(lambda _: make(city.warehouse, models), range(2)))
    outcomes = [swap(city.warehouse, release_id) for release_id in sorted(numbers)]
    assert [o.state for o in outcomes] == ["released", "released"]
    assert [t.relation for t in outcomes[0].tables] == [t.relation for t in outcomes[1].tables]
    assert rows(city.warehouse, "SELECT count(*), min(tag), max(tag) FROM published.one") == [(20_000, 2, 2)]
