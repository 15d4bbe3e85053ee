"""A source whose columns change."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors.errors import ColumnsMissing
from lumbung import drift_watch, pipeline
from lumbung.cli.exits import ExitCode
from lumbung.errors import LoadRefused
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Contract, OnDrift, Sync
from schemas.loading import load_contract
from tests.cli_project import CliProject, shield
from tests.loads_project import catalogue, counts

FAULT = 21

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: warga.people
version: 1.0.0
status: active
servers: [{server: warga, type: custom, format: sqlite, path: people.db}]
schema:
  - name: people
    properties:
      - {name: id, logicalType: integer, primaryKey: true}
      # as on the identity card
      - {name: full_name, physicalName: nama_lengkap, logicalType: string}
      - {name: kelurahan, logicalType: string}
customProperties:
  - {property: sync, value: {onDrift: POLICY, maxRefusedPct: 100}}
"""
BEFORE = "id integer primary key, nama_lengkap text, kelurahan text"
ROWS = [(1, "A", "Akcaya"), (2, "B", "Parit Tokaya")]


@dataclass
class Source:
    """A project of one SQLite file, and its hub."""

    folder: Path
    url: str

    def holds(self, columns: str, rows: Sequence[Sequence[object]] = ROWS) -> None:
        """What the source has from now on."""
        file = self.folder / "people.db"
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as link, link:
            link.execute(f"CREATE TABLE people ({columns})")
            marks = ", ".join("?" * len(rows[0]))
            link.executemany(f"INSERT INTO people VALUES ({marks})", rows)

    def writes(self, policy: OnDrift) -> Contract:
        """The contract's file, with this policy."""
        file = self.folder / "schemas" / "sources" / "warga" / "people.odcs.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(CONTRACT.replace("POLICY", policy), encoding="utf-8")
        return load_contract(file)

    def hub(self, policy: OnDrift) -> Hub:
        """The hub under this policy."""
        contract = self.writes(policy)
        return Hub(Settings(self.folder, self.folder / "home"), Warehouse(self.url), catalogue(contract))


@pytest.fixture
def source(tmp_path: Path, warehouse_url: str) -> Source:
    models = tmp_path / "warehouse" / "integrated"
    models.mkdir(parents=True)
    (models / "person.sql").write_text("SELECT id, upper(full_name) AS name FROM current.warga__people\n")
    made = Source(tmp_path, warehouse_url)
    made.holds(BEFORE)
    assert counts(pipeline.sync(made.hub("ignore"), "warga.people")) == {"added": 2}
    return made


def current(hub: Hub) -> list[tuple[object, ...]]:
    with hub.warehouse.connect() as session:
        return session.execute("SELECT * FROM current.warga__people ORDER BY id").fetchall()


@pytest.mark.parametrize("policy", ["fail", "ignore"])
def test_renamed(source: Source, policy: OnDrift) -> None:
    """A renamed column refuses the load, naming the new name and the models that read it; the data stays"""
    source.holds("id integer primary key, nama_lengkap_baru text, kelurahan text")
    hub = source.hub(policy)
    with pytest.raises(ColumnsMissing) as refused:
        pipeline.sync(hub, "warga.people")
    assert "nama_lengkap is gone, and nama_lengkap_baru looks like it" in str(refused.value)
    assert "read by integrated.person.name" in str(refused.value)
    assert current(hub) == ROWS


def test_dropped_and_quarantined(source: Source) -> None:
    """Under `quarantine` the rows that lack a dropped column are refused with that reason; versions stay"""
    source.holds("id integer primary key, kelurahan text", [(1, "Akcaya"), (3, "Mariana")])
    hub = source.hub("quarantine")
    with pytest.raises(LoadRefused, match="at least one row") as refused:
        pipeline.sync(hub, "warga.people")
    load = pipeline.accept(hub, refused.value.load_id, by="test", reason="known")
    assert counts(load) == {"removed": 1, "quarantined": 2}
    with hub.warehouse.connect() as session:
        entries = session.execute("SELECT row_key, reasons FROM quarantine.entry ORDER BY 1").fetchall()
    assert entries == [("1", ["full_name:dropped"]), ("3", ["full_name:dropped"])]
    assert current(hub) == ROWS[:1]


def test_a_dropped_column_comes_back(source: Source) -> None:
    """Rows that lacked a column are not replayed without it; incremental syncs read them again with it"""
    known = source.hub("quarantine")
    sync = Sync("incremental", ("id",), max_refused_pct=100, on_drift="quarantine")
    contract = replace(known.dataset("warga.people"), sync=sync)
    hub = replace(known, catalogue=catalogue(contract))
    pipeline.sync(hub, "warga.people")
    source.holds("id integer primary key, kelurahan text", [(2, "Parit Tokaya"), (3, "Mariana")])
    assert counts(pipeline.sync(hub, "warga.people"))["quarantined"] == 2
    assert pipeline.replay(hub, "warga.people") is None
    assert current(hub) == ROWS
    source.holds(BEFORE, [*ROWS, (3, "C", "Mariana"), (4, "D", "Mariana")])
    pipeline.sync(hub, "warga.people")
    assert current(hub) == [*ROWS, (3, "C", "Mariana"), (4, "D", "Mariana")]


def test_a_dropped_key(source: Source) -> None:
    """A key that is gone refuses the load whatever the policy"""
    source.holds("nama_lengkap text, kelurahan text", [("A", "Akcaya")])
    with pytest.raises(ColumnsMissing, match="id is gone"):
        pipeline.sync(source.hub("quarantine"), "warga.people")


def test_added(source: Source) -> None:
    """A new column is noted under `ignore` and refuses the load under `fail`; no value of it is taken"""
    source.holds(f"{BEFORE}, telepon text", [(1, "A", "Akcaya", "0811"), (2, "B", "Parit Tokaya", None)])
    load = pipeline.sync(source.hub("ignore"), "warga.people")
    assert counts(load) == {"confirmed": 2}
    with Warehouse(source.url).connect() as session:
        noted = session.execute("SELECT drift FROM ops.load WHERE load_id = %s", [load.load_id]).fetchone()
    assert noted == ({"added": ["telepon"]},)
    with pytest.raises(LoadRefused, match=r"telepon is new \(TEXT\)"):
        pipeline.sync(source.hub("fail"), "warga.people")


def test_retyped(source: Source) -> None:
    """A retyped column refuses the load under `fail`; under `ignore` rows that don't fit are refused"""
    source.holds(
        "id text primary key, nama_lengkap text, kelurahan text", [("1", "A", "Akcaya"), ("x", "B", "C")]
    )
    with pytest.raises(LoadRefused, match="id was INTEGER and is TEXT"):
        pipeline.sync(source.hub("fail"), "warga.people")
    load = pipeline.sync(source.hub("ignore"), "warga.people")
    assert counts(load) == {"confirmed": 1, "quarantined": 1}


def test_accepted(
    source: Source, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`contract drift` tells all, `contract accept` writes it into the contract, and the sync goes on"""
    source.writes("fail")
    source.holds("id integer primary key, nama_lgkp text, kelurahan text, telepon varchar(20)",
                 [(1, "A", "Akcaya", "0811"), (2, "B", "Parit Tokaya", None)])  # fmt: skip
    shield(monkeypatch, source.url, source.folder / "home")
    project = CliProject(source.folder, capsys)
    told = project.run("contract", "drift")
    assert told.code == ExitCode.ACT
    assert "nama_lgkp looks like it; read by integrated.person.name" in told.out
    assert project.run("contract", "accept", "warga.people").code == 0
    text = (source.folder / "schemas/sources/warga/people.odcs.yaml").read_text()
    assert "# as on the identity card" in text
    assert "version: 1.1.0" in text
    assert project.run("contract", "drift").code == 0
    assert project.run("sync", "warga.people").code == 0
    with Warehouse(source.url).connect() as session:
        rows = session.execute("SELECT full_name, telepon FROM current.warga__people ORDER BY id").fetchall()
    assert rows == [("A", "0811"), ("B", None)]


def test_one_of_two_changes_is_accepted(
    source: Source, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `--only` leaves out is told as before; a model that is broken is no reason not to land"""
    source.holds("id integer primary key, nama_lengkap blob, kelurahan varchar", [(1, "A", "Akcaya")])
    source.writes("fail")
    shield(monkeypatch, source.url, source.folder / "home")
    project = CliProject(source.folder, capsys)
    assert project.run("contract", "accept", "warga.people", "--only", "kelurahan").code == 0
    told = project.run("contract", "drift").out
    assert "nama_lengkap was TEXT and is BLOB" in told
    assert "kelurahan" not in told
    (source.folder / "warehouse" / "integrated" / "person.sql").write_text("SELECT FROM WHERE")
    with pytest.raises(LoadRefused, match="nama_lengkap was TEXT and is BLOB"):
        pipeline.sync(source.hub("fail"), "warga.people")


def test_nothing_changed(source: Source) -> None:
    """A source as before is no drift, whatever the order of its columns"""
    source.holds("kelurahan text, nama_lengkap text, id integer primary key", [("Akcaya", "A", 1)])
    hub = source.hub("fail")
    assert drift_watch.look(hub, hub.dataset("warga.people")) == []


def test_columns_that_the_contract_never_named(source: Source) -> None:
    """What changes in a column that the contract doesn't read is nobody's drift after it was accepted"""
    source.holds(f"{BEFORE}, telepon text", [(1, "A", "Akcaya", "0811")])
    hub = source.hub("ignore")
    kept = replace(hub.dataset("warga.people"), columns=hub.dataset("warga.people").columns[:2])
    assert [c.column for c in drift_watch.look(hub, kept)] == ["kelurahan", "telepon"]


def test_accepting_what_another_contract_needs(
    source: Source, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A change that another contract does not fit is refused, and the contract's file stays as it was"""
    other = CONTRACT.replace("warga.people", "warga.cards").replace("name: people", "name: cards")
    refers = "[{from: [cards.kelurahan], to: [warga.people.kelurahan]}]"
    link = f"schema:\n  - name: cards\n    relationships: {refers}"
    other = other.replace("schema:\n  - name: cards", link).replace("POLICY", "ignore")
    source.writes("ignore")
    file = source.folder / "schemas/sources/warga/people.odcs.yaml"
    text = file.read_text().replace("name: kelurahan,", "name: kelurahan, unique: true,")
    file.write_text(text)
    (file.parent / "cards.odcs.yaml").write_text(other)
    source.holds("id integer primary key, nama_lengkap text", [(1, "A")])
    shield(monkeypatch, source.url, source.folder / "home")
    ended = CliProject(source.folder, capsys).run("contract", "accept", "warga.people")
    assert (ended.code, file.read_text()) == (ExitCode.ACT, text)
    assert "warga.people" in ended.err
