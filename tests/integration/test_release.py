"""Releases: planned, built, shown all at once, gone back on, compared, dropped."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from lumbung.compare import TableDifference, diff
from lumbung.errors import ModelError, ReleaseRefused, ReleaseSuperseded, ReleaseUnready
from lumbung.release import build, plan, rollback
from lumbung.releases import end_release, list_releases, mark_checked, unchecked_tables
from lumbung.retention import retain
from lumbung.views import swap
from lumbung.warehouse import Warehouse
from tests.release_project import DAY, History, Project, make, publish, rows

SOURCE = "siak.residents"


@pytest.fixture
def warehouse(warehouse_url: str) -> Warehouse:
    return Warehouse(warehouse_url)


@pytest.fixture
def history(warehouse: Warehouse) -> History:
    return History(warehouse)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two published tables over one entity over one dataset."""
    project = Project(tmp_path)
    project.source(SOURCE, "id bigint, label text")
    project.integrated("person", "SELECT id, label FROM current.siak__residents")
    project.table("one", "id bigint, label text", "SELECT id, label FROM integrated.person")
    project.table(
        "two",
        "label text, n bigint",
        "SELECT label, count(*) AS n FROM published.one GROUP BY 1",
        key="label",
    )
    return project


@pytest.fixture
def role(warehouse: Warehouse, warehouse_admin_url: str) -> Iterator[str]:
    """A role of the city that reads what it is granted."""
    with psycopg.connect(warehouse_admin_url, autocommit=True) as admin:
        admin.execute('CREATE ROLE "bappeda-Reader"')
        yield "bappeda-Reader"
        admin.execute('DROP OWNED BY "bappeda-Reader"')
        admin.execute('DROP ROLE "bappeda-Reader"')


def tables(outcome_tables: object) -> dict[str, tuple[object, ...]]:
    return {t.name: (t.row_count, t.is_reused, t.check_state) for t in outcome_tables}  # type: ignore[attr-defined]


def test_a_release_shows_all_tables(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a"), (2, "a"), (3, "b")])
    outcome = publish(warehouse, project.load())
    assert (outcome.release_id, outcome.state, outcome.is_current) == (1, "released", True)
    assert outcome.release.pins == {SOURCE: 1}
    assert tables(outcome.tables) == {
        "integrated.person": (3, False, "passed"),
        "published.one": (3, False, "passed"),
        "published.two": (2, False, "passed"),
    }
    assert rows(warehouse, "SELECT * FROM published.two ORDER BY 1") == [("a", 2), ("b", 1)]
    assert rows(warehouse, "SELECT * FROM integrated.person ORDER BY 1") == [(1, "a"), (2, "a"), (3, "b")]


def test_relations_are_logged_described_and_analysed(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(n, "a") for n in range(500)])
    publish(warehouse, project.load())
    facts = rows(
        warehouse,
        "SELECT relpersistence, reltuples::int, obj_description(c.oid, 'pg_class') FROM pg_class c "
        "WHERE relnamespace = 'release'::regnamespace AND relname LIKE 'one%'",
    )
    assert facts == [("p", 500, "published.one")]
    views = rows(
        warehouse,
        "SELECT reloptions, obj_description(oid, 'pg_class') FROM pg_class "
        "WHERE oid = 'published.one'::regclass",
    )
    assert views == [(["security_barrier=true"], "published.one")]


def test_a_release_reads_the_pinned_load(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "old"), (2, "old")])
    models = project.load()
    release_id = plan(warehouse, models, DAY)
    history.apply(project.sources[SOURCE], [(1, "new")])
    for model in models:
        build(warehouse, models, release_id, model.name)
    for table in unchecked_tables(warehouse, release_id):
        mark_checked(warehouse, release_id, table.name, "flagged")
    outcome = swap(warehouse, release_id)
    assert tables(outcome.tables)["published.two"] == (1, False, "flagged")
    assert rows(warehouse, "SELECT * FROM published.one ORDER BY 1") == [(1, "old"), (2, "old")]


def test_what_did_not_change_is_used_again(warehouse: Warehouse, history: History, project: Project) -> None:
    other = "simda.sp2d"
    project.source(other, "id bigint")
    project.table("three", "id bigint", "SELECT id FROM current.simda__sp2d WHERE :as_of_date > '2000-01-01'")
    history.apply(project.sources[SOURCE], [(1, "a")])
    history.apply(project.sources[other], [(1,)])
    first = publish(warehouse, project.load())
    history.apply(project.sources[SOURCE], None)
    history.apply(project.sources[other], [(1,), (2,)])
    second = publish(warehouse, project.load())
    assert tables(second.tables) == {
        "integrated.person": (1, True, "passed"),
        "published.one": (1, True, "passed"),
        "published.two": (1, True, "passed"),
        "published.three": (2, False, "passed"),
    }
    assert {t.name: t.view_release_id for t in second.tables} == {
        "integrated.person": 1,
        "published.one": 1,
        "published.two": 1,
        "published.three": 2,
    }
    third = publish(warehouse, project.load())
    assert [t.is_reused for t in third.tables] == [True] * 4
    assert [t.relation for t in third.tables] == [t.relation for t in second.tables]
    assert {t.relation for t in third.tables} & {t.relation for t in first.tables}
    fourth = publish(warehouse, project.load(), as_of_date=date(2024, 8, 8))
    assert [t.name for t in fourth.tables if not t.is_reused] == ["published.three"]


def test_a_load_under_another_contract_counts_as_a_change(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    history.apply(project.sources[SOURCE], None, fingerprint="new columns were filled in place")
    assert not any(t.is_reused for t in publish(warehouse, project.load()).tables)


def test_a_table_that_failed_is_never_used_again(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    models = project.load()
    failing = make(warehouse, models)
    mark_checked(warehouse, failing, "published.one", "failed")
    with pytest.raises(ReleaseRefused, match=r"published\.one failed the checks"):
        swap(warehouse, failing)
    assert list_releases(warehouse)[0].state == "refused"
    # The same fingerprints: nothing of a release that nobody saw is used again.
    assert not any(t.is_reused for t in list_releases(warehouse)[0].tables)
    again = plan(warehouse, models, DAY)
    build(warehouse, models, again, "integrated.person")
    before = rows(warehouse, "SELECT oid FROM pg_class WHERE relname LIKE 'one\\_\\_%'")
    build(warehouse, models, again, "published.one")
    assert rows(warehouse, "SELECT oid FROM pg_class WHERE relname LIKE 'one\\_\\_%'") != before
    assert [t.name for t in unchecked_tables(warehouse, again)] == ["published.one"]


def test_a_table_shown_by_one_release_and_failed_in_another_is_checked_again(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    models = project.load()
    shown, doubted = make(warehouse, models), make(warehouse, models)
    swap(warehouse, shown)
    mark_checked(warehouse, doubted, "published.one", "failed")
    with pytest.raises(ReleaseRefused):
        swap(warehouse, doubted)
    third = plan(warehouse, models, DAY)
    for model in models:
        build(warehouse, models, third, model.name)
    assert [t.name for t in unchecked_tables(warehouse, third)] == ["published.one"]


def test_unready_releases_stay(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    models = project.load()
    release_id = plan(warehouse, models, DAY)
    with pytest.raises(ReleaseRefused, match=r"reads integrated\.person; build that first"):
        build(warehouse, models, release_id, "published.one")
    with pytest.raises(ReleaseUnready, match=r"published\.one, published\.two first"):
        swap(warehouse, release_id)
    for model in models:
        build(warehouse, models, release_id, model.name)
    with pytest.raises(ReleaseUnready, match=r"build and check published\.one, published\.two first"):
        swap(warehouse, release_id)
    assert list_releases(warehouse)[0].state == "building"


def test_a_dataset_never_synced_is_named(warehouse: Warehouse, project: Project) -> None:
    with pytest.raises(ReleaseRefused, match=r"integrated\.person: .* `lumbung sync siak\.residents` first"):
        plan(warehouse, project.load(), DAY)
    assert list_releases(warehouse) == []


def test_a_model_changed_since_it_was_planned(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    release_id = plan(warehouse, project.load(), DAY)
    project.integrated("person", "SELECT id, upper(label) AS label FROM current.siak__residents")
    with pytest.raises(ReleaseRefused, match=r"integrated\.person has changed since release 1 was planned"):
        build(warehouse, project.load(), release_id, "integrated.person")


@pytest.mark.parametrize(
    ("select", "reason"),
    [
        ("SELECT id FROM integrated.person", "column 2: the contract expects 'label', found 'nothing'"),
        ("SELECT label, id FROM integrated.person", "column 1: the contract expects 'id', found 'label'"),
        ("SELECT id, label, 1 AS more FROM integrated.person", "column 'more' is not in the contract"),
        (
            "SELECT id::int, label FROM integrated.person",
            "column 'id': the contract expects bigint, found integer",
        ),
        ("SELECT id, label::varchar(9) FROM integrated.person", "expects text, found character varying(9)"),
        ("SELECT id, labl FROM integrated.person", 'column "labl" does not exist'),
        ("SELECT id, f(label) FROM integrated.person", "function f(text) does not exist"),
        ("SELECT id, (1 / (id - id))::text AS label FROM integrated.person", "DivisionByZero"),
    ],
)
def test_columns_must_be_the_contracts(
    warehouse: Warehouse, history: History, project: Project, select: str, reason: str
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    file = project.model("one", select)
    models = project.load()
    release_id = plan(warehouse, models, DAY)
    build(warehouse, models, release_id, "integrated.person")
    with pytest.raises(ModelError) as error:
        build(warehouse, models, release_id, "published.one")
    assert str(error.value).startswith(f"{file}: ")
    assert reason in str(error.value)


def test_a_value_that_fails_is_not_told(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "6171012345670001x")])
    project.integrated("person", "SELECT label::bigint AS id, label FROM current.siak__residents")
    models = project.load()
    release_id = plan(warehouse, models, DAY)
    with pytest.raises(ModelError, match="InvalidTextRepresentation") as error:
        build(warehouse, models, release_id, "integrated.person")
    assert "6171" not in str(error.value)


def test_numeric_precision_is_part_of_the_type(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    select = "SELECT id, {} AS pct FROM integrated.person"
    project.table("sums", "id bigint, pct numeric(5)", select.format("1::numeric(6)"))
    models = project.load()
    release_id = plan(warehouse, models, DAY)
    build(warehouse, models, release_id, "integrated.person")
    with pytest.raises(ModelError, match=r"expects numeric\(5\), found numeric\(6,0\)"):
        build(warehouse, models, release_id, "published.sums")
    project.table("sums", "id bigint, pct decimal(5)", select.format("1::numeric(5)"))
    assert publish(warehouse, project.load()).state == "released"


def test_everything_twice_changes_nothing(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    models = project.load()
    release_id = make(warehouse, models)
    before = rows(warehouse, "SELECT oid, relname FROM pg_class WHERE relnamespace = 'release'::regnamespace")
    for model in models:
        build(warehouse, models, release_id, model.name)
    first = swap(warehouse, release_id)
    views = rows(warehouse, "SELECT xmin::text, oid FROM pg_class WHERE relname IN ('one', 'two', 'person')")
    assert swap(warehouse, release_id) == first
    assert (
        rows(warehouse, "SELECT xmin::text, oid FROM pg_class WHERE relname IN ('one', 'two', 'person')")
        == views
    )
    after = rows(warehouse, "SELECT oid, relname FROM pg_class WHERE relnamespace = 'release'::regnamespace")
    assert sorted(after) == sorted(before)
    with pytest.raises(ReleaseRefused, match="is released, not being built"):
        project.integrated("person", "SELECT id, label FROM current.siak__residents WHERE true")
        again = plan(warehouse, project.load(), DAY)
        end_release(warehouse, release_id, "too late")
        assert list_releases(warehouse)[1].state == "released"
        end_release(warehouse, again, "given up")
        with warehouse.connect() as session:
            session.execute("UPDATE ops.release SET state = 'released' WHERE release_id = %s", [again])
        build(warehouse, project.load(), again, "integrated.person")


def test_an_older_release_never_replaces_a_newer(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "old")])
    models = project.load()
    older = make(warehouse, models)
    history.apply(project.sources[SOURCE], [(1, "new")])
    newer = make(warehouse, models)
    swap(warehouse, newer)
    with pytest.raises(ReleaseSuperseded, match="superseded: release 2 is newer than 1"):
        swap(warehouse, older)
    assert rows(warehouse, "SELECT label FROM published.one") == [("new",)]
    by_id = {r.release_id: r for r in list_releases(warehouse)}
    assert (by_id[older].state, by_id[newer].state) == ("refused", "released")
    assert by_id[newer].is_current
    assert not by_id[older].is_current
    assert (by_id[older].release.reason or "").startswith("superseded")


def test_added_columns_go_last(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    project.table(
        "one", "id bigint, added text, label text", "SELECT id, 'x' AS added, label FROM integrated.person"
    )
    publish(warehouse, project.load())
    assert rows(warehouse, "SELECT * FROM published.one") == [(1, "a", "x")]
    # The view now has its columns in another order than its relation, and that is no change of places.
    history.apply(project.sources[SOURCE], [(2, "b")])
    publish(warehouse, project.load())
    assert rows(warehouse, "SELECT * FROM published.one") == [(2, "b", "x")]


@pytest.mark.parametrize(
    ("columns", "values", "reason"),
    [
        ("id bigint", "id", "label goes"),
        ("id bigint, name text", "id, label AS name", "label goes"),
        ("id bigint, label date", "id, NULL::date AS label", "label changes from text to date"),
        ("label text, id bigint", "label, id", "its columns change places"),
    ],
)
@pytest.mark.usefixtures("role")
def test_other_changes_need_breaking(
    history: History, project: Project, columns: str, values: str, reason: str
) -> None:
    warehouse = history.warehouse
    history.apply(project.sources[SOURCE], [(1, "a")])
    project.model("two", "SELECT label, count(*) AS n FROM integrated.person GROUP BY 1")
    publish(warehouse, project.load())
    with warehouse.connect() as session:
        session.execute('GRANT SELECT ON published.one TO "bappeda-Reader" WITH GRANT OPTION')
        session.execute("GRANT SELECT (id, label) ON published.one TO PUBLIC")
        session.execute("CREATE VIEW public.mine AS SELECT id FROM published.one")
        session.execute("CREATE VIEW public.theirs AS SELECT id FROM public.mine")
        session.execute("CREATE FUNCTION public.f(x published.one) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    project.table("one", columns, f"SELECT {values} FROM integrated.person")
    with pytest.raises(ReleaseRefused) as error:
        publish(warehouse, project.load())
    assert reason in str(error.value)
    assert "function public.f(published.one), view public.mine, view public.theirs depend on it" in str(
        error.value
    )
    assert rows(warehouse, "SELECT * FROM public.theirs") == [(1,)]
    assert rows(warehouse, "SELECT * FROM published.one") == [(1, "a")]

    outcome = publish(warehouse, project.load(), breaking=True)
    assert "published.one made anew" in (outcome.release.reason or "")
    assert "view public.theirs dropped with published.one" in (outcome.release.reason or "")
    assert rows(warehouse, "SELECT to_regclass('public.mine')") == [(None,)]
    names = [c.split()[0] for c in columns.split(", ")]
    found = rows(
        warehouse,
        "SELECT attname FROM pg_attribute WHERE attrelid = 'published.one'::regclass "
        "AND attnum > 0 ORDER BY attnum",
    )
    assert [name for (name,) in found] == names
    grants = rows(
        warehouse,
        "SELECT has_table_privilege('bappeda-Reader', 'published.one', 'SELECT WITH GRANT OPTION'), "
        "array(SELECT attname::text FROM pg_attribute WHERE attrelid = 'published.one'::regclass "
        "AND attacl IS NOT NULL ORDER BY 1), reloptions FROM pg_class WHERE oid = 'published.one'::regclass",
    )
    assert grants == [(True, sorted({"id", "label"} & set(names)), ["security_barrier=true"])]


@pytest.mark.usefixtures("role")
def test_grants_and_dependents_outlive_an_ordinary_swap(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    with warehouse.connect() as session:
        session.execute('GRANT SELECT ON published.one TO "bappeda-Reader"')
        session.execute("CREATE VIEW public.mine AS SELECT id FROM published.one")
    history.apply(project.sources[SOURCE], [(2, "a")])
    publish(warehouse, project.load())
    assert rows(warehouse, "SELECT * FROM public.mine") == [(2,)]
    assert rows(warehouse, "SELECT has_table_privilege('bappeda-Reader', 'published.one', 'SELECT')") == [
        (True,)
    ]


def test_a_table_that_goes_needs_breaking(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    project.published.pop("two")
    (project.folder / "warehouse" / "published" / "city" / "two.sql").unlink()
    with pytest.raises(ReleaseRefused, match=r"published\.two goes"):
        publish(warehouse, project.load())
    assert rows(warehouse, "SELECT * FROM published.two") == [("a", 1)]
    outcome = publish(warehouse, project.load(), breaking=True)
    assert outcome.release.reason == "published.two dropped"
    assert rows(warehouse, "SELECT to_regclass('published.two')") == [(None,)]


def test_integrated_entities_may_change_while_nothing_is_built_on_them(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    project.integrated("person", "SELECT label, id FROM current.siak__residents")
    publish(warehouse, project.load())
    assert rows(warehouse, "SELECT * FROM integrated.person") == [("a", 1)]
    with warehouse.connect() as session:
        session.execute("CREATE VIEW public.mine AS SELECT id FROM integrated.person")
    project.integrated("person", "SELECT id, label FROM current.siak__residents")
    with pytest.raises(ReleaseRefused, match=r"integrated\.person: .*view public\.mine depend"):
        publish(warehouse, project.load())


def test_a_name_taken_by_something_else(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    with warehouse.connect() as session:
        session.execute("CREATE TABLE published.one (id int)")
    with pytest.raises(ReleaseRefused, match=r"published\.one is not a view"):
        publish(warehouse, project.load())


def test_a_view_dropped_by_hand_comes_back(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    with warehouse.connect() as session:
        session.execute("DROP VIEW published.one")
    outcome = publish(warehouse, project.load())
    assert {t.name: t.view_release_id for t in outcome.tables}["published.one"] == 2
    assert rows(warehouse, "SELECT * FROM published.one") == [(1, "a")]


def test_rollback_and_forward_again(warehouse: Warehouse, history: History, project: Project) -> None:
    for label in ("old", "new"):
        history.apply(project.sources[SOURCE], [(1, label)])
        publish(warehouse, project.load())
    outcome = rollback(warehouse, 1)
    assert (outcome.release_id, outcome.release.rollback_of, outcome.is_current) == (3, 1, True)
    assert outcome.release.pins == {SOURCE: 1}
    assert {t.view_release_id for t in outcome.tables} == {3}
    assert rows(warehouse, "SELECT label FROM published.one") == [("old",)]
    assert rollback(warehouse, 1) == outcome
    assert rollback(warehouse, 3) == outcome
    forward = publish(warehouse, project.load())
    assert all(t.is_reused for t in forward.tables)
    assert rows(warehouse, "SELECT label FROM published.one") == [("new",)]


def test_rollback_refuses_what_nobody_saw(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    unseen = make(warehouse, project.load())
    with pytest.raises(ReleaseRefused, match="is building; only a released one"):
        rollback(warehouse, unseen)
    with pytest.raises(ReleaseRefused, match="no release 99"):
        rollback(warehouse, 99)


def test_a_release_being_made_does_not_undo_a_rollback(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    for label in ("old", "new"):
        history.apply(project.sources[SOURCE], [(1, label)])
        publish(warehouse, project.load())
    history.apply(project.sources[SOURCE], [(1, "newest")])
    running = make(warehouse, project.load())
    rollback(warehouse, 1)
    with pytest.raises(ReleaseSuperseded):
        swap(warehouse, running)
    assert rows(warehouse, "SELECT label FROM published.one") == [("old",)]


def test_diff_by_key_and_by_row(warehouse: Warehouse, history: History, project: Project) -> None:
    models = project.load()
    history.apply(project.sources[SOURCE], [(1, "a"), (2, None), (3, "c"), (4, None)])
    publish(warehouse, models)
    history.apply(project.sources[SOURCE], [(2, "b"), (3, "c"), (4, None), (5, "e"), (6, "e")])
    publish(warehouse, models)
    assert diff(warehouse, models, 1, 2) == [
        TableDifference("integrated.person", 4, 5, added=3, removed=2, changed=0),
        TableDifference("published.one", 4, 5, added=2, removed=1, changed=1),
        # Two labels came and one went; the key of the rows without a label is NULL, equal to none.
        TableDifference("published.two", 3, 4, added=3, removed=2, changed=0),
    ]
    assert diff(warehouse, models, 2, 2)[1] == TableDifference("published.one", 5, 5, 0, 0, 0)


def test_diff_when_columns_or_tables_differ(warehouse: Warehouse, history: History, project: Project) -> None:
    history.apply(project.sources[SOURCE], [(1, "a")])
    publish(warehouse, project.load())
    project.table(
        "one", "id bigint, label text, more text", "SELECT id, label, label AS more FROM integrated.person"
    )
    project.table("extra", "id bigint", "SELECT id FROM integrated.person")
    models = project.load()
    publish(warehouse, models)
    found = {d.table: d for d in diff(warehouse, models, 1, 2)}
    assert found["published.extra"] == TableDifference(
        "published.extra", None, 1, note="only in one of the two releases"
    )
    assert found["published.one"] == TableDifference(
        "published.one", 1, 1, 0, 0, 0, note="columns in one of the two only: more"
    )


def test_retention_drops_what_no_kept_or_running_release_names(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    models = project.load()
    for label in ("first", "second", "third"):
        history.apply(project.sources[SOURCE], [(1, label)])
        publish(warehouse, models)
    history.apply(project.sources[SOURCE], [(1, "running")])
    running = make(warehouse, models)
    dropped = retain(warehouse, keep=2)
    by_id = {r.release_id: {t.relation for t in r.tables} for r in list_releases(warehouse)}
    assert set(dropped) == by_id[1]
    assert retain(warehouse, keep=2) == []
    with pytest.raises(
        ReleaseRefused, match=r"integrated\.person, published\.one, published\.two was dropped"
    ):
        rollback(warehouse, 1)
    rollback(warehouse, 2)
    assert rows(warehouse, "SELECT label FROM published.one") == [("second",)]
    # The rollback is the newest release now, so the running one can't win any more.
    assert set(retain(warehouse, keep=1)) == by_id[3] | by_id[running]
    assert list_releases(warehouse)[1].state == "failed"
    assert rows(warehouse, "SELECT label FROM published.one") == [("second",)]
    assert next(d for d in diff(warehouse, models, 3, 5)).note == "its rows were dropped since"


def test_retention_spares_what_is_being_read_or_built_on(
    warehouse: Warehouse, history: History, project: Project
) -> None:
    for label in ("first", "second"):
        history.apply(project.sources[SOURCE], [(1, label)])
        publish(warehouse, project.load())
    old = {t.name: t.relation for t in list_releases(warehouse)[1].tables}
    with warehouse.connect() as reader:
        reader.execute(f"SELECT * FROM release.{old['published.one']}".encode())
        with warehouse.connect() as owner:
            owner.execute(f"CREATE VIEW public.mine AS SELECT * FROM release.{old['published.two']}".encode())
        assert retain(warehouse, keep=1) == [old["integrated.person"]]
    assert retain(warehouse, keep=1) == [old["published.one"]]


def test_nothing_published_yet(warehouse: Warehouse) -> None:
    assert retain(warehouse, keep=1) == []
    with pytest.raises(ReleaseRefused, match="no release 1"):
        rollback(warehouse, 1)
