"""The command line takes connections from the secrets backend that Airflow is told of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lumbung.cli.exits import ExitCode
from tests.cli_project import assert_one_line, made, postgres_offices

BACKEND = "airflow.secrets.local_filesystem.LocalFilesystemBackend"


def test_connections_come_from_the_secrets_backend_and_nothing_is_left_at_home(
    tmp_path: Path, warehouse_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project = made(tmp_path / "project", capsys)
    project.contract("sources/kantor/offices", postgres_offices())
    user, secrets = tmp_path / "user", tmp_path / "connections.json"
    user.mkdir()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "LUMBUNG_"))
    } | {
        "HOME": str(user),
        "LUMBUNG_HOME": str(tmp_path / "hub"),
        "LUMBUNG_WAREHOUSE_URL": warehouse_url,
        "AIRFLOW__SECRETS__BACKEND": BACKEND,
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(secrets)}),
    }

    def sync() -> "subprocess.CompletedProcess[str]":
        command = "from lumbung.cli import main; main()"
        arguments = ["--project", str(project.folder), "sync", "kantor.offices"]
        return subprocess.run(
            [sys.executable, "-c", command, *arguments], env=environment, capture_output=True, text=True
        )

    secrets.write_text("{}")
    ended = sync()
    assert ended.returncode == ExitCode.ACT
    assert_one_line(ended.stderr, "AIRFLOW_CONN_KANTOR")
    database = project.folder / "data" / "kantor.db"
    secrets.write_text(json.dumps({"kantor": {"conn_type": "sqlite", "host": str(database)}}))
    ended = sync()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "kantor.offices" in ended.stdout
    assert list(user.iterdir()) == []
