"""What Airflow is told when a stage fails, and the connections it gives."""

from collections.abc import Callable
from typing import Any, NoReturn

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from connectors.connection import from_environment
from connectors.errors import SourceRefused, SourceUnavailable
from lumbung import pipeline
from lumbung.airflow_runtime import stages
from lumbung.airflow_runtime.events import StageFailed
from lumbung.errors import LoadRefused, ReleaseBusy, ReleaseSuperseded, WarehouseError
from schemas.errors import LumbungError

Raising = Callable[[str, Exception], None]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Raising:
    """Make a function of the pipeline raise an error."""
    monkeypatch.setattr(stages, "open_hub", lambda: None)
    monkeypatch.setattr(pipeline, "notify", lambda hub, load_id: None)

    def make(name: str, error: Exception) -> None:
        def refuse(*given: object) -> NoReturn:
            raise error

        monkeypatch.setattr(pipeline, name, refuse)

    return make


@pytest.mark.parametrize(
    "error",
    [
        SourceUnavailable("siak.residents: no answer"),
        WarehouseError("gone"),
        ReleaseBusy(1, "published.progress", "process 7 holds"),
    ],
)
def test_what_another_try_may_mend_is_left_to_airflow_s_retries(
    raising: Raising, error: LumbungError
) -> None:
    raising("land", error)
    with pytest.raises(AirflowException) as told:
        stages.land("siak.residents")
    assert not isinstance(told.value, AirflowFailException)
    assert str(told.value) == str(error)


@pytest.mark.parametrize(
    "error", [SourceRefused("siak.residents: wrong password"), LoadRefused("a.b", 7, "empty")]
)
def test_what_no_retry_mends_fails_at_once(raising: Raising, error: LumbungError) -> None:
    raising("validate", error)
    with pytest.raises(AirflowFailException, match=str(error)):
        stages.validate(7)


@pytest.mark.parametrize("stage", ["validate", "apply"])
def test_a_refusal_is_told_once_and_stays_what_failed_the_task(raising: Raising, stage: str) -> None:
    told: list[object] = []

    def lost(hub: object, load_id: int) -> NoReturn:
        told.append(load_id)
        raise psycopg.OperationalError("Key (nik)=(6171011203900001) ...")

    raising(stage, LoadRefused("a.b", 7, "too many"))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(AirflowFailException) as failed:
        patch.setattr(pipeline, "notify", lost)
        stages.validate(7) if stage == "validate" else stages.apply(7, "a.b")
    assert (str(failed.value), told) == ("a.b: load 7 refused: too many", [7])


def test_a_lost_warehouse_is_tried_again_without_telling_what_it_said(raising: Raising) -> None:
    raising("validate", psycopg.OperationalError("Key (nik)=(6171011203900001) ..."))
    with pytest.raises(AirflowException) as told:
        stages.validate(7)
    assert "6171" not in str(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__


def test_a_release_that_was_overtaken_is_a_success(raising: Raising) -> None:
    raising("release", ReleaseSuperseded("superseded: release 9 is newer"))
    stages.release(8)


def test_observers_hear_of_failures_without_the_text_of_unknown_errors() -> None:
    class Task:
        dag_id, task_id = "sync_siak", "residents.land"

    heard: list[Any] = []
    with stages.observed(heard.append):
        stages.failed({"exception": AirflowFailException("siak.residents: refused"), "ti": Task})
        stages.failed({"exception": ValueError("6171011203900001"), "ti": Task})
    stages.failed({"exception": ValueError("nobody listens"), "ti": Task})
    assert heard[0] == StageFailed("sync_siak", "residents.land", "siak.residents: refused")
    assert heard[1].message == "unexpected ValueError; the log says where"
    assert len(heard) == 2


@pytest.mark.parametrize(
    "text",
    [
        "postgres://lumbung:pa%40ss%2Fword@127.0.0.1:15432/siak",
        "postgresql://u:p@db/siak?sslmode=require",
        "mysql://root:x@127.0.0.1:3306/simda",
        "sqlite:////tmp/perizinan.db",
        '{"conn_type": "http", "host": "http://127.0.0.1:8123/api", "login": "i", "extra": {"a": "b"}}',
        '{"conn_type": "sqlite", "schema": "perizinan.db"}',
    ],
)
def test_a_connection_is_the_same_through_airflow_as_without(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SIAK", text)
    assert stages.resolve("siak") == from_environment("siak")


def test_a_connection_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_NOWHERE", raising=False)
    with pytest.raises(SourceRefused, match="set AIRFLOW_CONN_NOWHERE"):
        stages.resolve("nowhere")
