"""A small project of a CSV and a SQLite source and one published table, and the command line run on it."""

import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lumbung.cli import main

FORMULA = "=cmd|' /C calc'!A0"
BAD = [
    "6.17101E+15,Rina,1.0,baik\n",
    "6171010101900020,Joko,-5,baik\n",
    f'6171010101900021,Agus,1.0,"{FORMULA}"\n',
]
PERSONAL = ("6171010101900020", "6171010101900021", "6.17101E+15", "Rina", "Joko", "Agus")
SECRET = "s3cr3t-pw"
HEADER = "NIK,Nama,Jumlah,Catatan\n"
GOOD = [f"61710101019000{n:02d},Warga {n},{n}.50,baik\n" for n in range(1, 9)]
TOTALS = "SELECT note, count(*)::bigint AS resident_count FROM current.warga__residents GROUP BY note"


@dataclass(frozen=True)
class Outcome:
    """How one command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)


def assert_one_line(err: str, *expected: str) -> None:
    """Errors are a line each, say what is wrong, and tell neither secrets nor code."""
    assert len(err.strip().splitlines()) == 1, err
    for text in expected:
        assert text in err
    assert "Traceback" not in err
    assert SECRET not in err


@dataclass
class CliProject:
    """The project's folder, and its command line."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Outcome:
        """Run `lumbung --project FOLDER ARGUMENTS` in this process."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--project", str(self.folder), *arguments])
        said = self.capture.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    def rows(self, lines: list[str]) -> None:
        """What the CSV source has now."""
        (self.folder / "data" / "residents.csv").write_text(HEADER + "".join(lines), encoding="utf-8")

    def contract(self, name: str, document: dict[str, Any]) -> Path:
        """Write the contract `sources/warga/residents` and the like."""
        file = self.folder / "schemas" / f"{name}.odcs.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return file

    def model(self, text: str) -> None:
        """Write the SELECT of the published table."""
        file = self.folder / "warehouse" / "published" / "population" / "residents_by_note.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def made(folder: Path, capture: pytest.CaptureFixture[str]) -> CliProject:
    """The project with its contracts, its sources and its model."""
    project = CliProject(folder, capture)
    (folder / "data").mkdir(parents=True)
    project.contract("sources/warga/residents", residents())
    project.contract("sources/kantor/offices", offices())
    project.contract("published/population/residents_by_note", published())
    project.model(TOTALS)
    project.rows(GOOD)
    with sqlite3.connect(folder / "data" / "kantor.db") as link:
        link.execute("CREATE TABLE kantor (kode TEXT, nama TEXT)")
        link.executemany("INSERT INTO kantor VALUES (?, ?)", [("A1", "Pusat"), ("B2", "Barat")])
    link.close()
    return project


def residents(**sync: Any) -> dict[str, Any]:
    """The contract of the CSV source: personal key and name, a number, a list of values."""
    columns = [
        {
            "name": "nik", "physicalName": "NIK", "logicalType": "string", "primaryKey": True,
            "primaryKeyPosition": 1, "logicalTypeOptions": {"pattern": "^[0-9]{16}$"},
            "classification": "personal",
        },
        {
            "name": "full_name", "physicalName": "Nama", "businessName": "Nama Lengkap",
            "logicalType": "string", "logicalTypeOptions": {"maxLength": 12}, "classification": "personal",
        },
        {
            "name": "amount", "physicalName": "Jumlah", "logicalType": "number",
            "physicalType": "decimal(10,2)", "logicalTypeOptions": {"minimum": 0},
        },
        {
            "name": "note", "physicalName": "Catatan", "logicalType": "string",
            "enum": [{"value": "baik"}, {"value": "rusak"}],
        },
    ]  # fmt: skip
    server = {"server": "warga", "type": "local", "format": "csv", "path": "data"}
    document = _contract("warga.residents", server, "residents", columns)
    document["customProperties"] = [
        {"property": "read", "value": {"files": "residents.csv", "nullTokens": [""]}},
        {"property": "sync", "value": {"mode": "snapshot", "maxRefusedPct": 60, **sync}},
    ]
    return document


def offices() -> dict[str, Any]:
    """The contract of the SQLite source."""
    columns = [
        {"name": "office_code", "physicalName": "kode", "logicalType": "string", "primaryKey": True},
        {"name": "office_name", "physicalName": "nama", "logicalType": "string"},
    ]
    server = {"server": "kantor", "type": "custom", "format": "sqlite", "path": "data/kantor.db"}
    return _contract("kantor.offices", server, "kantor", columns)


def postgres_offices() -> dict[str, Any]:
    """The same dataset, read from a PostgreSQL whose connection is called `kantor`."""
    server = {
        "server": "kantor", "type": "postgres", "host": "kantor.example", "port": 5432,
        "database": "kantor", "schema": "public",
    }  # fmt: skip
    return {**offices(), "servers": [server]}


def published() -> dict[str, Any]:
    """The contract of the published table."""
    columns = [
        {"name": "note", "logicalType": "string", "primaryKey": True},
        {"name": "resident_count", "logicalType": "integer", "required": True},
    ]
    return _contract("published.residents_by_note", None, "residents_by_note", columns)


def _contract(
    identifier: str, server: dict[str, Any] | None, table: str, columns: list[dict[str, Any]]
) -> dict[str, Any]:
    servers = {"servers": [server]} if server else {}
    return {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": identifier,
        "version": "1.0.0",
        "status": "active",
        "name": f"Data {identifier}",
        **servers,
        "schema": [{"name": identifier.split(".")[1], "physicalName": table, "properties": columns}],
        "slaProperties": [{"property": "latency", "value": 26, "unit": "h"}],
    }


def shield(monkeypatch: pytest.MonkeyPatch, warehouse_url: str, home: Path) -> None:
    """This warehouse and this home, and no setting or connection of the machine's own."""
    for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "LUMBUNG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LUMBUNG_WAREHOUSE_URL", warehouse_url)
    monkeypatch.setenv("LUMBUNG_HOME", str(home))
