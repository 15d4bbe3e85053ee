"""Lineage from a published column down to the columns of the sources, through every model between."""

from pathlib import Path

import pytest

from lumbung.errors import ModelError
from lumbung.origins import origins
from tests.release_project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Payments by agency: a published sum over an entity over two datasets and the hub's own crosswalk."""
    project = Project(tmp_path)
    project.source("simda.sp2d", "id bigint, office text, amount numeric")
    project.source("sipd.skpd", "id bigint, label text")
    project.integrated(
        "payment",
        "SELECT d.id, s.label, d.amount, h.recorded_from AS since, k.person_id "
        "FROM current.simda__sp2d d JOIN current.sipd__skpd s ON s.label = d.office "
        "JOIN history.simda__sp2d h ON h.id = d.id JOIN identity.person_key k ON k.key = d.office",
    )
    project.table(
        "paid",
        "label text, total numeric, payments bigint, since text, person text",
        "SELECT p.label, sum(p.amount) AS total, count(*) AS payments, min(p.since)::text AS since, "
        "min(p.person_id::text) AS person FROM integrated.payment p GROUP BY p.label",
        key="label",
    )
    return project


def test_a_column_is_traced_to_its_sources(project: Project) -> None:
    found = {origin.column: origin for origin in origins(project.load(), "published.paid")}
    assert found["total"].sources() == ["simda.sp2d.amount"]
    assert found["label"].sources() == ["sipd.skpd.label"]
    assert found["since"].sources() == ["simda.sp2d.recorded_from"]
    assert found["person"].sources() == ["identity.person_key.person_id"]
    assert [o.relation for o in found["total"].made_from] == ["integrated.payment"]
    assert found["total"].made_from[0].made_from[0].note == "simda.sp2d.amount"
    assert "a count" in found["payments"].note


def test_one_column_may_be_asked_for(project: Project) -> None:
    (origin,) = origins(project.load(), "published.paid", "total")
    assert origin.plain()["made_from"][0]["made_from"][0]["relation"] == "simda.sp2d"
    with pytest.raises(ModelError, match=r"no column 'totl'; did you mean total\?"):
        origins(project.load(), "published.paid", "totl")
    with pytest.raises(ModelError, match=r"no such model \(did you mean published\.paid\?\)"):
        origins(project.load(), "published.payd")
