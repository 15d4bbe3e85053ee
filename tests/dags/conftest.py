"""A small project with two sources and two models, and Airflow kept in processes of its own."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lumbung.airflow_runtime.configuration import dags_folder
from lumbung.settings import Settings

# Importing Airflow writes to its home, which is the user's own unless told otherwise.
_SCRATCH = tempfile.TemporaryDirectory(prefix="lumbung-test-airflow-")
os.environ["AIRFLOW_HOME"] = _SCRATCH.name

REPOSITORY = Path(__file__).resolve().parents[2]

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: {id}
version: 1.0.0
status: active
name: {table}
description: {{purpose: A test.}}
team: {{name: dinas, description: Dinas}}
{servers}schema:
  - name: {table}
    physicalName: {table}
    properties:
{properties}
"""
SLA = "slaProperties:\n  - {{property: frequency, value: 1, unit: d, schedule: '{cron}', scheduler: cron}}\n"
KEY = "logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1"


@dataclass(frozen=True)
class Project:
    """A project folder that tests fill and break."""

    root: Path

    def dataset(self, name: str, *columns: str, cron: str | None = None) -> Path:
        """Write a dataset's contract: columns in YAML flow form without their braces, the key first."""
        source = name.split(".")[0]
        servers = f"servers: [{{server: {source}, type: custom, format: sqlite}}]\n"
        sla = SLA.format(cron=cron) if cron else ""
        return self._contract(self.root / "schemas/sources" / source, name, servers, columns, sla)

    def published(self, subject: str, table: str, sql: str, *columns: str) -> None:
        """Write a published table's contract and its model."""
        self._contract(self.root / "schemas/published" / subject, f"published.{table}", "", columns, "")
        self.model(f"published/{subject}/{table}", sql)

    def model(self, name: str, sql: str) -> None:
        """Write a model's SQL."""
        file = self.root / "warehouse" / f"{name}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sql)

    def _contract(self, folder: Path, name: str, servers: str, columns: tuple[str, ...], sla: str) -> Path:
        table = name.split(".")[1]
        properties = "\n".join(f"      - {{{column}}}" for column in columns)
        file = folder / f"{table}.odcs.yaml"
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(CONTRACT.format(id=name, table=table, servers=servers, properties=properties) + sla)
        return file


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Permits, each at an office; rates of another source; an entity and a published table."""
    project = Project(tmp_path / "project")
    # By hand only: a test says when.
    project.dataset("izin.offices", f"name: office, {KEY}", "name: city, logicalType: string")
    link = "relationships: [{to: izin.offices.office}]"
    project.dataset("izin.permits", f"name: permit, {KEY}", f"name: office, logicalType: string, {link}")
    project.dataset("tarif.rates", f"name: kind, {KEY}", "name: amount, logicalType: integer")
    project.model("integrated/office", "SELECT office, city FROM current.izin__offices")
    counted = (
        "SELECT o.office, count(p.permit) AS permit_count FROM integrated.office o "
        "LEFT JOIN current.izin__permits p ON p.office = o.office GROUP BY o.office"
    )
    project.published(
        "izin",
        "permits_by_office",
        counted,
        f"name: office, {KEY}",
        "name: permit_count, logicalType: integer",
    )
    return project


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    """The sources' databases, as the connections that Airflow knows."""
    izin, tarif = tmp_path / "izin.db", tmp_path / "tarif.db"
    run_script(
        izin,
        """
        CREATE TABLE offices (office TEXT, city TEXT);
        INSERT INTO offices VALUES ('A', 'Pontianak'), ('B', 'Pontianak');
        CREATE TABLE permits (permit TEXT, office TEXT);
        INSERT INTO permits VALUES ('1', 'A'), ('2', 'A'), ('3', 'B');
        """,
    )
    run_script(tarif, "CREATE TABLE rates (kind TEXT, amount INTEGER); INSERT INTO rates VALUES ('x', 5);")
    return {"AIRFLOW_CONN_IZIN": f"sqlite:///{izin}", "AIRFLOW_CONN_TARIF": f"sqlite:///{tarif}"}


def run_script(file: Path, sql: str) -> None:
    """Run SQL on an SQLite file."""
    link = sqlite3.connect(file)
    link.executescript(sql)
    link.close()


@pytest.fixture
def settings(tmp_path: Path, project: Project, warehouse_url: str) -> Settings:
    """The small project on a fresh warehouse."""
    return Settings(project.root, tmp_path / "home", warehouse_url)


@pytest.fixture
def environment(sources: dict[str, str]) -> dict[str, str]:
    """The environment of a caller of the runtime: the sources, and nothing of another Airflow."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(REPOSITORY), **sources}


Inspect = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def inspect_dags(tmp_path_factory: pytest.TempPathFactory) -> Inspect:
    """Parse the DAG files of a project in a fresh process; gives what `inspect_dags.py` prints."""

    def inspect(project: Path, seed: str = "0", **variables: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("parse")
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONHASHSEED": seed,
            "LUMBUNG_PROJECT": str(project),
            "LUMBUNG_HOME": str(folder / "home"),
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder()),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            **variables,
        }
        script, output = Path(__file__).with_name("inspect_dags.py"), folder / "dags.json"
        done = subprocess.run([sys.executable, script, output], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        parsed: dict[str, Any] = json.loads(output.read_text())
        return parsed

    return inspect
