"""The change feed: who follows whom is told of changes in order, none twice and none never."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg import sql

from lumbung.hub import Hub
from lumbung.resolution import feed
from lumbung.resolution.feed import changes_since, follow, unfollow
from lumbung.resolution.run import Run
from lumbung.resolution.stage import identify
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue
from tests.cli_project import CliProject, shield

ANI, BUDI, CICI = uuid4(), uuid4(), uuid4()


@pytest.fixture
def hub(warehouse_url: str, tmp_path: Path) -> Hub:
    """A hub of no datasets: the steps of a run are the tests' own."""
    return Hub(Settings(tmp_path, tmp_path, warehouse_url), Warehouse(warehouse_url), Catalogue({}, {}))


def changed(hub: Hub, *people: UUID, into: UUID | None = None, before_end: Callable[[], None] = int) -> None:
    """A run that finds something about each of these people."""

    def step(run: Run) -> None:
        rows = sql.SQL(", ").join(sql.SQL("({}::uuid)").format(str(person)) for person in people)
        merged = sql.SQL("{}::uuid").format(str(into) if into else None)
        found = sql.SQL(
            "SELECT id AS person_id, ARRAY['moved'] AS kinds, {} AS merged_into FROM {} AS v (id)"
        )
        feed.record(run.session, run.run_id, found.format(merged, sql.SQL("(VALUES {})").format(rows)))
        before_end()

    # Something has to be decided, or the stage takes no step.
    with hub.warehouse.connect() as session:
        session.execute(
            "INSERT INTO identity.decision (kind, subject, decided_by, reason) "
            "VALUES ('none', '{}', 'me', 'test')"
        )
    identify(hub, (step,))


def read(hub: Hub, principal: str, cursor: int = 0, limit: int = 1000) -> tuple[list[UUID], int]:
    with hub.warehouse.connect() as session:
        changes, cursor = changes_since(session, principal, cursor, limit)
    return [change.person_id for change in changes], cursor


def test_followers_see_whom_they_follow_while_they_do(hub: Hub) -> None:
    changed(hub, ANI, BUDI)
    with hub.warehouse.connect() as session:
        follow(session, "dinsos", ANI)
        follow(session, "dinsos", BUDI, until=datetime.now(UTC) + timedelta(hours=1))
        follow(session, "bappeda", CICI)
        assert changes_since(session, "dinsos") == ([], 2)
    changed(hub, ANI, CICI)
    changed(hub, BUDI)
    everyone, cursor = read(hub, "dinsos", 2)
    assert sorted(everyone[:1] + everyone[1:]) == sorted([ANI, BUDI])
    assert read(hub, "dinsos", 2) == (everyone, cursor)
    assert read(hub, "dinsos", cursor) == ([], cursor)
    assert read(hub, "bappeda")[0] == [CICI]
    assert read(hub, "nobody")[0] == []
    with hub.warehouse.connect() as session:
        assert unfollow(session, "dinsos", ANI)
        assert not unfollow(session, "dinsos", CICI)
    changed(hub, ANI, BUDI)
    assert read(hub, "dinsos", cursor)[0] == [BUDI]


def test_pages_follow_each_other_without_a_gap(hub: Hub) -> None:
    people = sorted(uuid4() for _ in range(7))
    with hub.warehouse.connect() as session:
        for person in people[:5]:
            follow(session, "dinsos", person)
    changed(hub, *people)
    seen: list[UUID] = []
    cursor = 0
    while len(seen) < 5:
        page, cursor = read(hub, "dinsos", cursor, limit=2)
        assert page
        seen += page
    assert seen == people[:5]
    assert read(hub, "dinsos", cursor, limit=2) == ([], 7)


def test_following_goes_on_when_a_person_turns_out_to_be_another(hub: Hub) -> None:
    with hub.warehouse.connect() as session:
        follow(session, "dinsos", ANI)
    changed(hub, ANI, into=BUDI)
    changed(hub, BUDI)
    changed(hub, CICI)
    assert read(hub, "dinsos")[0] == [ANI, BUDI]


def test_runs_wait_for_each_other_so_that_no_lower_number_comes_later(hub: Hub) -> None:
    with hub.warehouse.connect() as session:
        follow(session, "dinsos", ANI)
        follow(session, "dinsos", BUDI)
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        assert go_on.wait(30)

    first = threading.Thread(target=changed, args=(hub, ANI), kwargs={"before_end": hold})
    second = threading.Thread(target=changed, args=(hub, BUDI))
    first.start()
    assert reached.wait(30)
    # Its number is taken and not yet to be seen; were the second run not to wait, BUDI's would be seen first.
    second.start()
    second.join(0.5)
    assert second.is_alive()
    assert read(hub, "dinsos") == ([], 0)
    go_on.set()
    first.join(30)
    second.join(30)
    people, cursor = read(hub, "dinsos")
    assert people == [ANI, BUDI]
    assert cursor == 2


def test_the_commands(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shield(monkeypatch, hub.warehouse.url, tmp_path / "home")
    (tmp_path / "schemas").mkdir()
    project = CliProject(tmp_path, capsys)
    assert "follows" in project.run("changes", "follow", "dinsos", str(ANI)).out
    changed(hub, ANI, BUDI)
    found = project.run("changes", "list", "dinsos", "--json").json
    assert [(one["person_id"], one["kinds"]) for one in found["changes"]] == [(str(ANI), ["moved"])]
    after = project.run("changes", "list", "dinsos", "--after", str(found["cursor"]))
    assert (after.code, str(ANI) in after.out) == (0, False)
    assert "no more" in project.run("changes", "unfollow", "dinsos", str(ANI)).out
    assert project.run("changes", "follow", "dinsos", "no id").code == 2
