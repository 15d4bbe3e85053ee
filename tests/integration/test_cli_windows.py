"""Windows and keys alone from the command line."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lumbung.cli.exits import ExitCode
from tests.cli_project import CliProject, assert_one_line, made, offices, shield


@pytest.fixture
def project(
    tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CliProject:
    """The small project, whose offices are read by the day that they changed."""
    shield(monkeypatch, warehouse_url, tmp_path / "home")
    project = made(tmp_path / "project", capsys)
    document = offices()
    document["schema"][0]["properties"] += [
        {"name": "changed_on", "physicalName": "tanggal", "logicalType": "date"}
    ]
    sync = {"mode": "incremental", "watermark": "changed_on", "maxDeletePct": 60}
    document["customProperties"] = [{"property": "sync", "value": sync}]
    project.contract("sources/kantor/offices", document)
    change(project, "ALTER TABLE kantor ADD COLUMN tanggal; UPDATE kantor SET tanggal = '2024-02-01'")
    assert project.run("sync", "kantor").code == 0
    return project


def change(project: CliProject, script: str) -> None:
    """Change the offices at their source."""
    with closing(sqlite3.connect(project.folder / "data" / "kantor.db")) as link:
        link.executescript(script)


def test_a_window(project: CliProject) -> None:
    change(project, "INSERT INTO kantor VALUES ('C3', 'Timur', '2024-01-31'), ('D4', 'Utara', '2024-01-01')")
    (load,) = project.run("sync", "kantor", "--json").json["loads"]
    assert load["added_count"] == 0
    (load,) = project.run("sync", "kantor", "--from", "2024-01-15", "--to", "2024-02-01", "--json").json[
        "loads"
    ]
    assert (load["since"], load["until"], load["added_count"]) == ("2024-01-15", "2024-02-01", 1)


def test_keys_alone(project: CliProject) -> None:
    change(project, "DELETE FROM kantor WHERE kode = 'A1'")
    ended = project.run("sync", "kantor.offices", "--reconcile")
    assert (ended.code, ended.err) == (0, "")
    assert project.run("status", "kantor.offices").out.count("by keys alone") == 1
    change(project, "INSERT INTO kantor VALUES ('C3', 'Timur', '2024-03-01')")
    change(project, "UPDATE kantor SET kode = NULL WHERE kode = 'B2'")
    held = project.run("sync", "kantor.offices", "--reconcile").out
    assert (
        "kantor.offices: 1 removals held: 1 keys can't be read; 1 new keys are left to the next load" in held
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["kantor", "--from", "2024-01-01"], "--from and --to go together"),
        (["kantor", "--from", "2024-01-01", "--to", "2024-02-01", "--reconcile"], "give one of"),
        (["--accept", "1", "--reconcile"], "give one of"),
    ],
)
def test_misuse(project: CliProject, arguments: list[str], said: str) -> None:
    ended = project.run("sync", *arguments)
    assert ended.code == ExitCode.USAGE
    assert said in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["kantor", "--from", "2024-02-01", "--to", "2024-01-01"],
            "the window from 2024-02-01 to 2024-01-01 is empty",
        ),
        (["kantor", "--from", "Januari", "--to", "2024-01-01"], "'Januari' is no bound of a window"),
        (
            ["warga", "--from", "2024-01-01", "--to", "2024-02-01"],
            "warga.residents: --from and --to need mode",
        ),
        (["warga", "--reconcile"], "warga.residents: mode snapshot reads all keys in every load"),
    ],
)
def test_datasets_that_have_none(project: CliProject, arguments: list[str], said: str) -> None:
    ended = project.run("sync", *arguments)
    assert ended.code == ExitCode.ACT
    assert_one_line(ended.err, said)
