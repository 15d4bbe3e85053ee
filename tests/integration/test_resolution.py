"""The stage of entity resolution: versions by comparing, runs that pin loads, models that read both."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from lumbung.errors import WarehouseError
from lumbung.models import TableRead
from lumbung.rendering import Pins, render
from lumbung.resolution import books, versions
from lumbung.resolution.tables import PERSON_ORIGIN, IdentityTable
from lumbung.resolution.versions import Settled
from lumbung.warehouse import Session, Warehouse
from tests.release_project import DAY, History, Project

TABLE = IdentityTable("pairing", (("key", "text"), ("kind", "text"), ("note", "jsonb")), ("key",))


def wanted(*rows: tuple[str, str | None]) -> sql.Composable:
    """A SELECT of these rows."""
    values = sql.SQL(", ").join(
        sql.SQL("({}, {}, '{{}}'::jsonb)").format(sql.Literal(key), sql.Literal(kind)) for key, kind in rows
    )
    return sql.SQL("SELECT key, kind, note FROM (VALUES {}) AS v (key, kind, note)").format(values)


def rows(session: Session, run_id: int) -> set[tuple[str, str | None]]:
    """What the run left."""
    return {(key, kind) for key, kind, _ in session.execute(versions.as_of(TABLE, run_id)).fetchall()}


def test_versions_are_kept_by_comparing(warehouse_url: str) -> None:
    with Warehouse(warehouse_url).connect() as session:
        versions.ensure(session, TABLE, 1)
        assert versions.settle(session, TABLE, 1, wanted(("a", "x"), ("b", None))) == Settled(2, 0)
        versions.ensure(session, TABLE, 2)
        assert versions.settle(session, TABLE, 2, wanted(("a", "x"), ("b", None))) == Settled(0, 0)
        assert versions.settle(session, TABLE, 3, wanted(("a", "y"), ("c", "x"))) == Settled(2, 2)
        assert rows(session, 2) == {("a", "x"), ("b", None)}
        assert rows(session, 3) == {("a", "y"), ("c", "x")}
        assert versions.settle(session, TABLE, 4, wanted(("a", "x"), ("b", None))) == Settled(2, 2)
        assert rows(session, 4) == rows(session, 1)
        assert rows(session, 3) == {("a", "y"), ("c", "x")}


def test_a_scope_leaves_the_rest_alone(warehouse_url: str) -> None:
    with Warehouse(warehouse_url).connect() as session:
        versions.ensure(session, TABLE, 1)
        versions.settle(session, TABLE, 1, wanted(("a", "x"), ("b", "x"), ("c", "x")))
        scope = sql.SQL("SELECT * FROM (VALUES ('a'), ('b')) AS s (key)")
        assert versions.settle(session, TABLE, 2, wanted(("a", "y")), scope) == Settled(1, 2)
        assert rows(session, 2) == {("a", "y"), ("c", "x")}


def test_two_settlements_of_one_run_leave_one_version(warehouse_url: str) -> None:
    with Warehouse(warehouse_url).connect() as session:
        versions.ensure(session, TABLE, 1)
        versions.settle(session, TABLE, 1, wanted(("a", "x")))
        versions.settle(session, TABLE, 1, wanted(("a", "y")))
        assert session.execute("SELECT kind, to_run_id FROM identity.pairing").fetchall() == [("y", None)]


def test_a_key_wanted_twice_is_refused(warehouse_url: str) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation), Warehouse(warehouse_url).connect() as session:
        versions.ensure(session, TABLE, 1)
        versions.settle(session, TABLE, 1, wanted(("a", "x"), ("a", "y")))


def test_a_table_of_another_shape_is_set_aside(warehouse_url: str) -> None:
    with Warehouse(warehouse_url).connect() as session:
        versions.ensure(session, TABLE, 1)
        versions.settle(session, TABLE, 1, wanted(("a", "x")))
        versions.ensure(session, replace(TABLE, columns=TABLE.columns[:2]), 2)
        assert session.execute("SELECT count(*) FROM identity.pairing").fetchone() == (0,)
        assert session.execute("SELECT key FROM identity.pairing__until_r2").fetchall() == [("a",)]


def test_ids_that_were_drawn_are_never_set_aside(warehouse_url: str) -> None:
    with Warehouse(warehouse_url).connect() as session:
        versions.ensure(session, PERSON_ORIGIN, 1)
        with pytest.raises(WarehouseError, match=r"identity\.person_origin has other columns"):
            versions.ensure(session, replace(PERSON_ORIGIN, columns=PERSON_ORIGIN.columns[:2]), 2)


def test_models_read_versions_as_of_the_pins(warehouse_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.source("siak.residents", "id bigint, label text")
    project.integrated(
        "person",
        "SELECT h.id, h.label, k.person_id FROM history.siak__residents AS h "
        "LEFT JOIN identity.person_key AS k ON k.key = h.label",
    )
    models = project.load()
    model = models["integrated.person"]
    assert model.datasets == ("siak.residents",)
    assert model.identity == ("person_key",)
    assert isinstance(model.table_reads[0], TableRead)
    warehouse, person = Warehouse(warehouse_url), uuid4()
    history = History(warehouse)
    first = history.apply(project.sources["siak.residents"], [(1, "a")])
    history.apply(project.sources["siak.residents"], [(1, "b")])
    with warehouse.connect() as session:
        session.execute("ALTER TABLE history.siak__residents ADD recorded_from timestamptz DEFAULT now()")
        session.execute("ALTER TABLE history.siak__residents ADD recorded_to timestamptz DEFAULT 'infinity'")
        table = IdentityTable(
            "person_key", (("source", "text"), ("key", "text"), ("person_id", "uuid")), ("source", "key")
        )
        versions.ensure(session, table, 1)
        versions.settle(session, table, 1, sql.SQL("SELECT 's', 'a', {}::uuid").format(str(person)))
        versions.settle(session, table, 2, sql.SQL("SELECT 's', 'a', gen_random_uuid()"))
        pins = Pins({"siak.residents": first}, {}, DAY, run_id=1)
        found = session.execute(render(model, models.catalogue, pins, {}).encode()).fetchall()
        assert found == [(1, "a", person)]
        assert books.applied_loads(session) == {"siak.residents": first + 1}
