"""One run of every DAG in a process: from sources to a release, and what it says when something fails."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from lumbung.airflow_runtime import DagStarted, StageFailed, run_once
from lumbung.pipeline import LoadOutcome, ReleaseOutcome
from lumbung.settings import Settings
from schemas.errors import LumbungError
from tests.dags.conftest import KEY, Project, run_script

pytestmark = pytest.mark.airflow


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    assert settings.warehouse_url
    with psycopg.connect(settings.warehouse_url) as session:
        return session.execute(sql.encode()).fetchall()


def test_a_run_brings_every_dataset_home_and_publishes(
    settings: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    events: list[object] = []
    first = run_once(settings, events.append, environment)
    assert first.failures == []
    assert first.ok
    assert [load.dataset for load in first.loads] == ["izin.offices", "izin.permits", "tarif.rates"]
    assert [load.added_count for load in first.loads] == [2, 3, 1]
    assert rows(settings, "SELECT * FROM published.permits_by_office ORDER BY 1") == [("A", 2), ("B", 1)]
    kinds = [type(event) for event in events]
    assert kinds == [
        DagStarted,
        LoadOutcome,
        LoadOutcome,
        DagStarted,
        LoadOutcome,
        DagStarted,
        ReleaseOutcome,
    ]
    lineage_is_told(settings)

    run_script(tmp_path / "izin.db", "INSERT INTO permits VALUES ('4', 'B')")
    second = run_once(settings, env=environment)
    assert second.ok
    assert [(load.added_count, load.confirmed_count) for load in second.loads] == [(0, 2), (1, 3), (0, 1)]
    assert rows(settings, "SELECT * FROM published.permits_by_office ORDER BY 1") == [("A", 2), ("B", 2)]


def lineage_is_told(settings: Settings) -> None:
    """The events name what was read and written, columns too, and hold no values and no secrets."""
    text = (settings.home / "lineage" / "events.jsonl").read_text()
    told = {event["job"]["name"]: event for event in map(json.loads, text.splitlines())}
    assert {"sync.izin.permits", "publish.integrated.office", "publish.published.permits_by_office"} < set(
        told
    )
    assert {event["eventType"] for event in told.values()} == {"COMPLETE"}
    load = told["sync.izin.permits"]["outputs"][0]
    assert load["name"].endswith(".history.izin__permits")
    assert load["outputFacets"]["outputStatistics"]["rowCount"] == 3
    fields = told["publish.published.permits_by_office"]["outputs"][0]["facets"]["columnLineage"]["fields"]
    (origin,) = fields["office"]["inputFields"]
    assert origin["name"].endswith(".integrated.office")
    password = urlsplit(settings.warehouse_url or "").password
    assert password and password not in text


def test_a_source_that_fails_is_told_in_a_line_and_stops_no_other(
    settings: Settings, environment: dict[str, str], project: Project
) -> None:
    project.dataset("tarif.fines", f"name: fine, {KEY}", "name: kind, logicalType: string")
    result = run_once(settings, env=environment)
    assert [failure.subject for failure in result.failures] == ["tarif.fines"]
    message = result.failures[0].message
    assert "fines" in message and "\n" not in message
    assert not result.ok
    assert result.release and result.release.state == "released"


def test_a_wrong_password_is_in_no_message_and_no_log(
    settings: Settings, environment: dict[str, str], project: Project
) -> None:
    assert settings.warehouse_url
    address = settings.warehouse_url.rpartition("@")[2]
    file = project.dataset("luar.people", f"name: person, {KEY}")
    file.write_text(file.read_text().replace("type: custom, format: sqlite", POSTGRES))
    secret = {"AIRFLOW_CONN_LUAR": f"postgres://lumbung:kunci-rahasia@{address}"}
    result = run_once(settings, env={**environment, **secret})
    assert [failure.subject for failure in result.failures] == ["luar.people"]
    assert "AIRFLOW_CONN_LUAR" in result.failures[0].message
    assert "kunci-rahasia" not in result.failures[0].message + result.log.read_text()


POSTGRES = "type: postgres, host: luar.example, port: 5432, database: luar, schema: public"


def test_parents_that_fail_keep_their_children_back(
    settings: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    run_script(tmp_path / "izin.db", "DROP TABLE offices")
    result = run_once(settings, env=environment)
    by_subject = {failure.subject: failure for failure in result.failures}
    assert set(by_subject) == {"izin.offices", "izin.permits", "plan"}
    assert "refers to" in by_subject["izin.permits"].message
    assert "no load of izin.offices" in by_subject["plan"].message
    assert result.release is None
    assert isinstance(result.failures[0], StageFailed)


def test_what_stands_in_a_run_s_way_is_raised(
    settings: Settings, environment: dict[str, str], project: Project
) -> None:
    file = project.dataset("tarif.rates", "name: kind, logicalType: nonsense")
    with pytest.raises(LumbungError, match=f"{file.name}.*nonsense"):
        run_once(settings, env=environment)
