"""Models: what is found in them, what is refused, what they become."""

from datetime import date
from pathlib import Path

import pytest
import sqlglot

from lumbung.errors import ModelError
from lumbung.lineage import columns_read, readers
from lumbung.rendering import Pins, fingerprints, relation_name, render
from tests.release_project import DAY, Project

PINS = Pins(loads={"siak.residents": 7, "siak.cards": 8}, changed={"siak.residents": 5}, as_of_date=DAY)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.source("siak.residents", "id bigint, label text, born date")
    project.source("siak.cards", "id bigint, head text")
    return project


def refused(project: Project, select: str) -> str:
    file = project.table("progress", "id bigint", select)
    with pytest.raises(ModelError) as error:
        project.load()
    assert str(error.value).startswith(str(file))
    return str(error.value)


def test_models_come_after_what_they_read(project: Project) -> None:
    project.integrated("zebra", "SELECT id FROM current.siak__residents")
    project.integrated("ant", "SELECT id FROM integrated.zebra")
    project.table("bee", "id bigint", "SELECT id FROM published.cow")
    project.table(
        "cow", "id bigint", "SELECT a.id FROM integrated.ant a JOIN current.siak__cards c USING (id)"
    )
    models = project.load()
    assert [m.name for m in models] == [
        "integrated.zebra",
        "integrated.ant",
        "published.cow",
        "published.bee",
    ]
    cow = models["published.cow"]
    assert cow.datasets == ("siak.cards",)
    assert cow.models == ("integrated.ant",)
    assert models["integrated.zebra"].datasets == ("siak.residents",)


def test_cte_names_functions_and_subselects_are_no_tables(project: Project) -> None:
    select = """
        WITH RECURSIVE person AS (
                SELECT id FROM current.siak__residents UNION SELECT id + 1 FROM person WHERE id < 5),
             progress AS (SELECT id FROM person)
        SELECT p.id
        FROM progress p, generate_series(1, 3) AS g, LATERAL (SELECT p.id) AS l, unnest(ARRAY[1]) AS u
        WHERE EXISTS (SELECT FROM current.siak__cards AS person WHERE person.id = p.id)
    """
    project.table("progress", "id bigint", select)
    model = project.load()["published.progress"]
    assert model.datasets == ("siak.cards", "siak.residents")
    assert model.models == ()


@pytest.mark.parametrize(
    ("select", "reason"),
    [
        ("SELECT 1; SELECT 2", "expected a single SELECT"),
        ("", "expected a single SELECT"),
        ("INSERT INTO current.siak__cards SELECT 1", "expected a single SELECT"),
        ("VALUES (1)", "expected a single SELECT"),
        ("TABLE current.siak__cards", "starts with 'TABLE'"),
        ("SELEC id FROM", "can't be read"),
        ("SELECT FROM WHERE", "can't be read"),
        ("SELECT 'open", "can't be read"),
        ("WITH gone AS (DELETE FROM current.siak__cards RETURNING id) SELECT id FROM gone", "changes data"),
        ("SELECT id INTO other FROM current.siak__cards", "SELECT INTO"),
        ("SELECT id FROM current.siak__cards FOR UPDATE", "locks rows"),
        ("SELECT id FROM current.siak__cards TABLESAMPLE system (10)", "TABLESAMPLE"),
        ("SELECT id FROM history.siak__residents", "reads history.siak__residents"),
        ("SELECT id FROM landing.siak__residents", "reads landing.siak__residents"),
        ("SELECT id FROM ops.load", "reads ops.load"),
        ("SELECT id FROM other.current.siak__cards", "reads other.current.siak__cards"),
        ("SELECT id FROM ONLY current.siak__cards", "siak__cards; models in published may read"),
        ("SELECT id FROM siak__cards", "reads siak__cards"),
        ("SELECT id FROM pg_class", "reads pg_class"),
        ("SELECT (SELECT max(id) FROM public.x)", "reads public.x"),
        ("SELECT * FROM api.anything(1)", "may read"),
        ("SELECT id FROM current.siak__resident", "no such dataset (did you mean siak__residents?)"),
        ("SELECT id FROM integrated.person", "no such model"),
        ("SELECT id FROM published.progress", "circle: published.progress -> published.progress"),
        ("SELECT current.siak__cards.id FROM current.siak__cards", "give the table an alias"),
        ("SELECT public.f(id) FROM current.siak__cards", "PostgreSQL's own functions only"),
        ("SELECT $1", "parameter"),
        ("SELECT :other", "parameter"),
        ("SELECT age(born) FROM current.siak__residents", "age(:as_of_date, x)"),
    ],
)
def test_refused_with_file_and_reason(project: Project, select: str, reason: str) -> None:
    assert reason in refused(project, select)


@pytest.mark.parametrize(
    "expression",
    [
        "now()", "NOW ( )", '"now"()', "pg_catalog.now()", "current_date", "CURRENT_TIMESTAMP",
        "current_time(0)", "localtime", "localtimestamp", "clock_timestamp()", "statement_timestamp()",
        "timeofday()",
        "random()", "pg_catalog.random()", "random_normal()", "gen_random_uuid()", "uuidv7()", "nextval('s')",
        "pg_sleep(1)",
        "pg_sleep_for('1s')", "txid_current()", "set_config('a', 'b', true)", "current_setting('a')",
        "current_user", "session_user", "user", "date 'today'", "'now'::timestamp", "DATE 'Tomorrow'",
        "CAST('yesterday 10:00' AS timestamp)", "timestamp '12:00 today'", "E'now'::date", "$$now$$::date",
        "query_to_xml('select 1', true, true, '')", "array_shuffle(ARRAY[1, 2])", "version()",
        "(SELECT max(x) FROM (SELECT now() AS x) AS y)",
    ],
)  # fmt: skip
def test_what_differs_from_run_to_run_is_refused(project: Project, expression: str) -> None:
    message = refused(project, f"SELECT id FROM current.siak__cards WHERE {expression} IS NOT NULL")
    assert "differs from run to run" in message or "means the present date" in message


def test_words_that_only_look_unrepeatable_are_fine(project: Project) -> None:
    select = """
        -- now() and random() in a comment, then a quoted name and a text
        SELECT r.id, 'now()' AS now, 'random' AS "random", label AS user, r.label AS version,
               pg_input_is_valid(label, 'date') AS is_date, age(:as_of_date, born) AS age,
               'it is due today' AS note
        FROM current.siak__residents AS r;
    """
    project.integrated("fine", select)
    assert project.load()["integrated.fine"].date_spans


def test_layers(project: Project) -> None:
    project.table("progress", "id bigint", "SELECT id FROM current.siak__cards")
    file = project.integrated("person", "SELECT id FROM published.progress")
    with pytest.raises(
        ModelError,
        match=r"models in integrated may read current\.\*, history\.\*, identity\.\*, integrated\.\*",
    ) as error:
        project.load()
    assert str(file) in str(error.value)


def test_circle(project: Project) -> None:
    project.integrated("a", "SELECT id FROM integrated.b")
    project.integrated("b", "SELECT id FROM integrated.a")
    with pytest.raises(ModelError, match=r"circle: integrated\.(a -> integrated\.b|b -> integrated\.a)"):
        project.load()


def test_contract_and_model_need_each_other(project: Project) -> None:
    project.model("lonely", "SELECT id FROM current.siak__cards")
    with pytest.raises(ModelError, match=r"write schemas/published/city/lonely\.odcs\.yaml"):
        project.load()
    project.table("lonely", "id bigint", "SELECT id FROM current.siak__cards")
    project.table("promised", "id bigint", "").unlink()
    with pytest.raises(ModelError, match=r"no model; write warehouse/published/city/promised\.sql"):
        project.load()


def test_contract_in_another_subject(project: Project) -> None:
    file = project.table("progress", "id bigint", "SELECT id FROM current.siak__cards")
    other = file.parent.parent / "village" / file.name
    other.parent.mkdir()
    file.rename(other)
    with pytest.raises(ModelError, match=r"expected it at schemas/published/village/progress\.odcs\.yaml"):
        project.load()


def test_same_table_twice(project: Project) -> None:
    file = project.table("progress", "id bigint", "SELECT id FROM current.siak__cards")
    other = file.parent.parent / "village" / file.name
    other.parent.mkdir()
    other.write_text("SELECT id FROM current.siak__cards")
    with pytest.raises(ModelError, match=r"published\.progress is also made by"):
        project.load()


@pytest.mark.parametrize(
    ("schema", "length", "is_fine"),
    [("published", 49, True), ("published", 50, False), ("integrated", 38, True), ("integrated", 39, False)],
)
def test_names_leave_room_for_the_fingerprint(
    project: Project, schema: str, length: int, is_fine: bool
) -> None:
    name, select = "a" * length, "SELECT id FROM current.siak__cards"
    if schema == "published":
        project.table(name, "id bigint", select)
    else:
        project.integrated(name, select)
    if is_fine:
        model = project.load()[f"{schema}.{name}"]
        assert len(relation_name(model, "0" * 12)) == 63
    else:
        with pytest.raises(ModelError, match="too long"):
            project.load()


def test_odd_file_name(project: Project) -> None:
    project.integrated("Person-2", "SELECT id FROM current.siak__cards")
    with pytest.raises(ModelError, match="small letters"):
        project.load()


def test_every_fault_is_told_at_once(project: Project) -> None:
    project.integrated("a", "SELECT now()")
    project.integrated("b", "SELECT random(), id FROM current.nothing")
    with pytest.raises(ModelError) as error:
        project.load()
    assert len(str(error.value).splitlines()) == 3


def test_rendering_replaces_names_and_date_only(project: Project) -> None:
    project.integrated("person", "SELECT id FROM current.siak__residents")
    project.table(
        "progress",
        "id bigint",
        "SELECT 'é: current.siak__cards :as_of_date' AS \"ñ\", x.*  -- current.siak__cards\n"
        'FROM current . "siak__cards"\n JOIN CURRENT.SIAK__RESIDENTS AS x ON x.born <= :as_of_date::date\n'
        " JOIN integrated.person USING (id);\n",
    )
    models = project.load()
    text = render(
        models["published.progress"], models.catalogue, PINS, {"integrated.person": "integrated_person__0"}
    )
    assert text == (
        "SELECT 'é: current.siak__cards :as_of_date' AS \"ñ\", x.*  -- current.siak__cards\n"
        'FROM (SELECT "id", "head" FROM "history"."siak__cards" WHERE from_load_id <= 8 '
        'AND (to_load_id IS NULL OR to_load_id > 8)) AS "siak__cards"\n'
        ' JOIN (SELECT "id", "label", "born" FROM "history"."siak__residents" WHERE from_load_id <= 7 '
        "AND (to_load_id IS NULL OR to_load_id > 7)) AS x ON x.born <= DATE '2024-08-07'::date\n"
        ' JOIN "release"."integrated_person__0" AS "person" USING (id)'
    )
    sqlglot.parse_one(text, dialect="postgres")


def test_fingerprint_changes_with_what_can_change_the_table(project: Project) -> None:
    def write(born: str = "born") -> None:
        project.integrated("person", f"SELECT id, {born} FROM current.siak__residents")
        project.table("progress", "id bigint", "SELECT id FROM integrated.person")
        project.table(
            "dated", "id bigint", "SELECT id FROM current.siak__cards WHERE :as_of_date > '2020-01-01'"
        )

    def now(pins: Pins = PINS) -> dict[str, str]:
        return fingerprints(project.load(), pins)

    def differing(other: dict[str, str]) -> set[str]:
        return {name for name in before if before[name] != other[name]}

    write()
    before = now()
    assert all(len(f) == 12 and int(f, 16) >= 0 for f in before.values())
    assert differing(now()) == set()
    # A later pin whose loads changed no row, and another date where none is asked for: the same table.
    assert differing(now(Pins({**PINS.loads, "siak.residents": 9}, PINS.changed, DAY))) == set()
    assert differing(now(Pins(PINS.loads, PINS.changed, date(2024, 8, 8)))) == {"published.dated"}
    changed = Pins(PINS.loads, {"siak.residents": 6}, DAY)
    assert differing(now(changed)) == {"integrated.person", "published.progress"}
    write(born="label")
    assert differing(now()) == {"integrated.person", "published.progress"}
    write()
    project.source("siak.cards", "id numeric, head text")
    assert differing(now()) == {"published.dated"}
    project.source("siak.cards", "id bigint, head text")
    project.table("progress", "id bigint", "SELECT id FROM integrated.person", key="none")
    assert differing(now()) == {"published.progress"}
    write()
    suite = project.folder / "expectations" / "published" / "dated.py"
    suite.parent.mkdir(parents=True)
    suite.write_text("def rules(context): return []")
    assert differing(now()) == {"published.dated"}


def test_unknown_model_is_named(project: Project) -> None:
    project.integrated("person", "SELECT id FROM current.siak__residents")
    with pytest.raises(ModelError, match=r"integrated\.persn: there is no such model .did you mean"):
        project.load()["integrated.persn"]


def test_lineage_to_the_column(project: Project) -> None:
    project.integrated("person", "SELECT id, label AS name, born FROM current.siak__residents")
    project.table(
        "progress",
        "id bigint, name text, cards bigint, mixed text, one bigint",
        """
        WITH heads AS (SELECT id, head, count(*) AS n FROM current.siak__cards GROUP BY id, head)
        SELECT h.id, name, n AS cards, head || p.name AS mixed, 1 AS one
        FROM heads h JOIN integrated.person p USING (id) WHERE born < :as_of_date
        """,
    )
    assert columns_read(project.load(), "published.progress") == {
        "id": [("current.siak__cards", "id")],
        "name": [("integrated.person", "name")],
        "cards": [],
        "mixed": [("current.siak__cards", "head"), ("integrated.person", "name")],
        "one": [],
    }


def test_lineage_of_a_star(project: Project) -> None:
    project.integrated("person", "SELECT * FROM current.siak__cards")
    project.integrated("copy", "SELECT * FROM integrated.person")
    assert columns_read(project.load(), "integrated.copy") == {
        "id": [("integrated.person", "id")],
        "head": [("integrated.person", "head")],
    }


def test_readers_of_a_column_through_every_model(project: Project) -> None:
    project.integrated(
        "person", "SELECT id, label AS name FROM current.siak__residents WHERE born > '1900-01-01'"
    )
    project.table(
        "progress", "id bigint, heading text", "SELECT id, upper(name) AS heading FROM integrated.person"
    )
    project.table("count", "n bigint", "SELECT count(*) AS n FROM integrated.person WHERE name <> ''")
    models = project.load()
    assert readers(models, "current.siak__residents", "label") == [
        "integrated.person.name",
        "published.count (condition)",
        "published.progress.heading",
    ]
    assert readers(models, "current.siak__residents", "born") == ["integrated.person (condition)"]
    assert readers(models, "current.siak__cards", "head") == []
