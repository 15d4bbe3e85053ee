"""The command line on a real warehouse: what it does, what it says, how it ends."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from lumbung import pipeline
from lumbung.airflow_runtime import DagStarted, RunResult, StageFailed
from lumbung.cli import main
from lumbung.cli.exits import ExitCode
from lumbung.cli.session import Session
from lumbung.settings import Settings
from tests.cli_project import (
    BAD,
    GOOD,
    PERSONAL,
    SECRET,
    CliProject,
    assert_one_line,
    made,
    postgres_offices,
    residents,
    shield,
)  # fmt: skip


@pytest.fixture
def project(
    tmp_path: Path,
    warehouse_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CliProject:
    """The small project on a fresh warehouse."""
    shield(monkeypatch, warehouse_url, tmp_path / "home")
    return made(tmp_path / "project", capsys)


def test_sync_all_tells_where_every_row_went(project: CliProject) -> None:
    project.rows(GOOD + BAD)
    ended = project.run("sync", "--all")
    assert (ended.code, ended.err) == (0, "")
    lines = {line.split()[0]: line.split()[1:] for line in ended.out.splitlines()}
    assert lines["warga.residents"][:6] == ["11", "8", "0", "0", "0", "3"]
    assert lines["kantor.offices"][:6] == ["2", "2", "0", "0", "0", "0"]
    again = project.run("sync", "warga", "--json").json
    assert [load["dataset"] for load in again["loads"]] == ["warga.residents"]
    counts = {
        name: again["loads"][0][f"{name}_count"] for name in ("read", "added", "confirmed", "quarantined")
    }
    assert counts == {"read": 11, "added": 0, "confirmed": 8, "quarantined": 3}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sync"], "--all"),
        (["sync", "warga.residents", "--all"], "--all"),
        (["sync", "warga.resident"], "did you mean warga.residents?"),
        (["sync", "--accept", "1"], "--by NAME and --reason TEXT"),
        (["sync", "--accept", "7", "--by", "a", "--reason", "b"], "there is no load 7"),
        (["sync", "warga", "--by", "a"], "--accept LOAD"),
        (["quarantine", "show", "9"], "there is no entry 9"),
        (["publish", "--as-of", "31/12/2024"], "31/12/2024"),
        (["harvest"], "harvest"),
    ],
)
def test_misuse_is_told_before_anything_happens(project: CliProject, arguments: list[str], said: str) -> None:
    ended = project.run(*arguments)
    assert ended.code == ExitCode.USAGE
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_contract_with_a_typo(project: CliProject) -> None:
    document = residents()
    document["schema"][0]["properties"][2]["logicalTypo"] = "number"
    file = project.contract("sources/warga/residents", document)
    for command in (["sync", "kantor"], ["status"], ["contract", "show", "kantor.offices"]):
        ended = project.run(*command)
        assert ended.code == ExitCode.ACT
        assert_one_line(ended.err, str(file), "logicalTypo")
    checked = project.run("contract", "check")
    assert checked.code == ExitCode.ACT
    assert str(file) in checked.out
    assert checked.out.splitlines()[-1] == "2 contracts fine, 1 refused."
    assert project.run("contract", "check", str(file), "--json").json["fine"] == 0
    other = project.folder / "schemas" / "sources" / "kantor" / "offices.odcs.yaml"
    assert project.run("contract", "check", str(other)).out == "1 contract fine.\n"


def test_contracts_that_are_fine(project: CliProject, tmp_path: Path) -> None:
    checked = project.run("contract", "check")
    assert (checked.code, checked.out) == (0, "3 contracts fine.\n")
    missing = project.run("contract", "check", str(tmp_path / "none.odcs.yaml"))
    assert missing.code == ExitCode.ACT
    assert "none.odcs.yaml: file: can't be read" in missing.out
    shown = project.run("contract", "show", "warga.residents")
    assert "numeric(10,2)" in shown.out and "one of baik, rusak" in shown.out
    assert project.run("contract", "show", "residents_by_note", "--json").json["table"] == "residents_by_note"


def test_lineage_is_told_down_to_the_source(project: CliProject) -> None:
    told = project.run("lineage", "residents_by_note")
    assert told.code == 0
    assert "published.residents_by_note.note\n" in told.out
    assert "<- warga.residents.note  (" in told.out
    column = project.run("lineage", "published.residents_by_note.note", "--json").json
    assert [origin["column"] for origin in column] == ["note"]
    assert "did you mean" in project.run("lineage", "residents_by_not").err


def test_wrong_password_at_the_source(
    project: CliProject, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = urlsplit(warehouse_url)
    monkeypatch.setenv(
        "AIRFLOW_CONN_KANTOR",
        f"postgresql://{place.username}:{SECRET}@{place.hostname}:{place.port}{place.path}",
    )
    project.contract("sources/kantor/offices", postgres_offices())
    ended = project.run("sync", "kantor.offices")
    assert ended.code == ExitCode.ACT
    assert_one_line(ended.err, "AIRFLOW_CONN_KANTOR", "refused user")


def test_unreachable_source(project: CliProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_KANTOR", f"postgresql://reader:{SECRET}@127.0.0.1:1/kantor")
    project.contract("sources/kantor/offices", postgres_offices())
    ended = project.run("sync", "kantor.offices")
    assert ended.code == ExitCode.UNAVAILABLE
    assert_one_line(ended.err, "kantor", "127.0.0.1")
    assert project.run("sync", "kantor.offices", "--json").json["failures"][0]["exit_code"] == 4


def test_connection_that_nobody_set(project: CliProject) -> None:
    project.contract("sources/kantor/offices", postgres_offices())
    ended = project.run("sync", "kantor.offices")
    assert ended.code == ExitCode.ACT
    assert_one_line(ended.err, "AIRFLOW_CONN_KANTOR")


def test_column_that_the_source_lacks(project: CliProject) -> None:
    document = residents()
    document["schema"][0]["properties"][3]["physicalName"] = "Keterangan"
    project.contract("sources/warga/residents", document)
    ended = project.run("sync", "warga.residents", "kantor")
    assert ended.code == ExitCode.ACT
    assert_one_line(ended.err, "warga.residents", "'Keterangan'" if "'" in ended.err else "Keterangan")
    assert "kantor.offices" in ended.out, "a dataset that fails stops no other"


def test_unreachable_warehouse(project: CliProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_WAREHOUSE_URL", f"postgresql://lumbung:{SECRET}@127.0.0.1:1/lumbung")
    for command in (["status"], ["sync", "warga"], ["uri"]):
        ended = project.run(*command)
        assert ended.code == ExitCode.WAREHOUSE
        assert_one_line(ended.err, "LUMBUNG_WAREHOUSE_URL")
        assert SECRET not in ended.out


def test_guard_refuses_then_somebody_accepts(project: CliProject, warehouse_url: str) -> None:
    assert project.run("sync", "warga").code == 0
    project.rows(GOOD[:2])
    refused = project.run("sync", "warga")
    assert refused.code == ExitCode.REFUSED
    assert_one_line(refused.err, "maxDeletePct", "--accept 2")
    stands = project.run("status", "--json").json["datasets"]
    found = next(one for one in stands if one["dataset"] == "warga.residents")
    assert (found["row_count"], found["last_load"]["state"]) == (8, "refused")
    wrong = project.run("sync", "kantor.offices", "--accept", "2", "--by", "Rina", "--reason", "moved")
    assert wrong.code == ExitCode.USAGE and "warga.residents" in wrong.err
    accepted = project.run(
        "sync", "warga.residents", "--accept", "2", "--by", "Rina", "--reason", "moved away"
    )
    assert accepted.code == 0
    assert "accepted by Rina" in accepted.out
    with psycopg.connect(warehouse_url) as link:
        books = link.execute(
            "SELECT state, removed_count, accepted_by, accepted_reason FROM ops.load WHERE load_id = 2"
        ).fetchone()
    assert books == ("applied", 6, "Rina", "moved away")
    twice = project.run("sync", "--accept", "2", "--by", "Rina", "--reason", "again")
    assert twice.code == ExitCode.REFUSED and "is applied" in twice.err


def test_status(project: CliProject) -> None:
    project.rows(GOOD + BAD)
    project.run("sync", "warga")
    told = project.run("status")
    assert told.code == 0
    lines = {line.split()[0]: line for line in told.out.splitlines() if "." in line.split(" ")[0]}
    assert " yes " in lines["warga.residents"] and "WIB" in lines["warga.residents"]
    assert " never " in lines["kantor.offices"]
    document = project.run("status", "--json").json
    by_name = {one["dataset"]: one for one in document["datasets"]}
    assert by_name["warga.residents"]["open_entries"] == 3
    assert by_name["warga.residents"]["is_late"] is False
    assert by_name["kantor.offices"]["is_late"] is True
    project.run("sync", "kantor")
    one = project.run("status", "warga.residents", "--json").json
    assert [checks["subject"] for checks in one["checks"]] == ["warga.residents"]
    assert one["open_reasons"] == {"amount:minimum": 1, "nik:pattern": 1, "note:enum": 1}
    assert "Loads" in project.run("status", "warga.residents").out


def test_times_are_the_citys(project: CliProject, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run("sync", "warga")
    monkeypatch.setenv("LUMBUNG_TIMEZONE", "Asia/Jayapura")
    assert "WIT" in project.run("status").out


def test_publish_and_releases(project: CliProject, warehouse_url: str) -> None:
    early = project.run("publish")
    assert early.code == ExitCode.ACT
    assert_one_line(early.err, "lumbung sync warga.residents")
    project.run("sync", "warga")
    first = project.run("publish", "--as-of", "2024-12-31", "--json").json
    assert (first["state"], first["as_of_date"], first["is_current"]) == ("released", "2024-12-31", True)
    project.rows(GOOD[1:])
    project.run("sync", "warga")
    assert "1 published table, 1 new" in project.run("publish").out
    listed = project.run("release", "list", "--json").json
    assert [release["is_current"] for release in listed] == [True, False]
    new, old = (str(release["release_id"]) for release in listed)
    difference = project.run("release", "diff", old, new, "--json").json
    assert [(d["table"], d["changed"]) for d in difference] == [("published.residents_by_note", 1)]
    assert "published.residents_by_note" in project.run("release", "diff", old, new).out
    assert f"back to release {old}" in project.run("release", "rollback", old).out
    assert "current" in project.run("release", "list").out
    with psycopg.connect(warehouse_url) as link:
        assert link.execute("SELECT * FROM published.residents_by_note").fetchall() == [("baik", 8)]
    unknown = project.run("release", "rollback", "99")
    assert unknown.code == ExitCode.REFUSED
    assert_one_line(unknown.err, "no release 99")


def _run_once(settings: Settings, on_event: Any = None, env: Mapping[str, str] | None = None) -> RunResult:
    """What the DAGs do, without Airflow: one source fails, the others come home and are published."""
    hub = Session(settings.project).hub
    result = RunResult(log=settings.home / "logs" / "run.log")
    on_event(DagStarted("sync_warga", 1, 2))
    result.loads.append(pipeline.sync(hub, "warga.residents"))
    result.failures.append(StageFailed("sync_kantor", "offices.land", "kantor did not answer"))
    result.release = pipeline.publish(hub)
    for event in (*result.loads, *result.failures, result.release):
        on_event(event)
    return result


def test_run_reports_the_whole_day(project: CliProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbung.airflow_runtime.run_once", _run_once)
    project.rows(GOOD + BAD)
    ended = project.run("run")
    assert ended.code == ExitCode.ACT
    for said in (
        "Datasets", "Checks", "Release", "published.residents_by_note", "The first rows of",
        "What to do next", 'psql "$(lumbung uri --password)"', "kantor did not answer", "quarantine list",
    ):  # fmt: skip
        assert said in ended.out
    assert "warga.residents: applied, 11 read, 8 added, 3 quarantined" in ended.err
    assert "kantor.offices: kantor did not answer" in ended.err
    password = urlsplit(str(Settings.from_environment(project.folder).warehouse_url)).password
    assert password and password not in ended.out + ended.err
    for value in PERSONAL:
        assert value not in ended.out + ended.err
    document = project.run("run", "--json").json
    assert (document["ok"], document["release"]["state"]) == (False, "released")
    assert {checks["subject"] for checks in document["checks"]} == {"warga.residents"}


def test_uri_keeps_the_password_to_itself(project: CliProject, warehouse_url: str) -> None:
    password = urlsplit(warehouse_url).password or ""
    shown = project.run("uri")
    assert shown.code == 0
    assert password and password not in shown.out
    assert project.run("uri", "--password").out.strip() == warehouse_url


def test_unexpected_errors_tell_where_and_not_what(
    project: CliProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise RuntimeError(*PERSONAL, SECRET)

    monkeypatch.setattr("lumbung.pipeline.sync", fail)
    ended = project.run("sync", "warga")
    assert ended.code == ExitCode.BUG
    assert_one_line(ended.err, "unexpected RuntimeError", "cli-errors.log", "LUMBUNG_DEBUG=1")
    log = (Settings.from_environment(project.folder).home / "logs" / "cli-errors.log").read_text()
    assert "in fail" in log and "builtins.RuntimeError" in log
    assert SECRET not in log and PERSONAL[0] not in log
    monkeypatch.setenv("LUMBUNG_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main(["--project", str(project.folder), "sync", "warga"])


def test_interrupted(project: CliProject, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lumbung.pipeline.sync", interrupt)
    assert project.run("sync", "warga").code == ExitCode.INTERRUPTED


def test_not_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = CliProject(tmp_path, capsys).run("status")
    assert ended.code == ExitCode.ACT
    assert_one_line(ended.err, str(tmp_path), "--project")


def test_help_is_quick_and_names_the_exit_codes() -> None:
    code = (
        "import sys\nfrom lumbung.cli import main\n"
        "try:\n    main(['--help'])\n"
        "finally:\n    slow = {'pandas', 'airflow', 'great_expectations', 'sqlalchemy', 'psycopg', 'rich'}\n"
        "    print(sorted(slow & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"{code.value:>3}  " in done.stdout for code in ExitCode)


@pytest.mark.parametrize(
    "command",
    [
        ["run"], ["up"], ["stop"], ["uri"], ["sync"], ["publish"], ["status"], ["contract", "check"],
        ["contract", "show"], ["quarantine", "list"], ["quarantine", "show"], ["quarantine", "export"],
        ["quarantine", "replay"], ["release", "list"], ["release", "diff"], ["release", "rollback"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_examples(command: list[str], project: CliProject) -> None:
    ended = project.run(*command, "--help")
    assert ended.code == 0
    assert "Examples:\n" in ended.out
    assert f"lumbung {' '.join(command)}" in ended.out.partition("Examples:")[2]
