"""Drafts from databases with every type, from documents and from an API; and what a trial leaves behind."""

import json
import sqlite3
import threading
import zipfile
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from connectors.base import Connection
from connectors.connection import parse_connection
from lumbung.drafting.drafts import DraftRefused, Wanted, Written, draft
from lumbung.drafting.trial import Trial, tried
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import load_catalogue
from schemas.contract import Contract
from tests.cli_project import CliProject, shield
from tests.services import mariadb_database, postgres_database, run_mariadb

POSTGRES = """
CREATE TYPE suasana AS ENUM ('baik', 'rusak');
CREATE TABLE jenis (kode varchar(3) PRIMARY KEY, nama text NOT NULL UNIQUE);
CREATE TABLE induk (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE aneka (
  id bigint PRIMARY KEY, jenis varchar(3) REFERENCES jenis, a int, b int, atas bigint REFERENCES aneka,
  nilai numeric(12,2), bebas numeric, kecil real, besar double precision, ya boolean, tgl date, jam time,
  pukul timestamp, zona timestamptz NOT NULL, larik int[], isi jsonb, biner bytea, lama interval, kunci uuid,
  suasana suasana, alamat inet, FOREIGN KEY (a, b) REFERENCES induk);
COMMENT ON COLUMN aneka.nilai IS 'Nilai: dalam rupiah';
INSERT INTO jenis VALUES ('A', 'Satu'), ('B', 'Dua');
INSERT INTO induk VALUES (1, 2);
INSERT INTO aneka VALUES (1, 'A', 1, 2, NULL, -1.50, 1e20, 1.5, 1e300, true, '2024-02-29', '23:59:59.5',
  '2024-02-29 12:00:00.123456', '2024-02-29 12:00:00+07', '{1,2}', '{"a": [1]}', '\\xdeadbeef',
  '1 day 2 hours', gen_random_uuid(), 'baik', '10.0.0.1'), (2, 'B', NULL, NULL, 1, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, '1999-01-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW pandangan AS SELECT id, nilai FROM aneka;
CREATE TABLE "Tabel Ganjil" ("Nomor Urut" int, "select" text, "SELECT" text, "Ü" char(4));
INSERT INTO "Tabel Ganjil" VALUES (1, 'a', 'b', 'x'), (2, 'a\\nb', E'tab\\there', NULL);
"""
MARIADB = (
    "SET sql_mode = ''",
    "CREATE TABLE aneka (id bigint unsigned PRIMARY KEY, jenis enum('baik','ra''gu') NOT NULL, "
    "bendera tinyint(1), tahun year, nilai decimal(15,2), pecah double, tgl date, pukul datetime, "
    "ubah timestamp NULL, jam time, isi json, teks longtext, biner varbinary(4), bit1 bit(1), "
    "pilih set('a','b'), UNIQUE (nilai))",
    "INSERT INTO aneka VALUES (18446744073709551615, 'baik', 2, 2024, 1.50, 0.1, '2024-02-29', "
    "'2024-02-29 12:00:00', '2024-02-29 12:00:00', '23:00:00', '{\"a\": 1}', 'x', 0xDEAD, b'1', 'a,b'), "
    "(1, 'ra''gu', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
)


class Project:
    """A project whose contracts are drafted, on a warehouse of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.warehouse = Warehouse(url)
        (folder / "schemas").mkdir(parents=True)

    def drafted(self, target: str, *only: str, connection: Connection | None = None) -> dict[str, Contract]:
        """The drafts' contracts by dataset."""
        made = list(draft(Wanted(target, only), self.folder, lambda _: connection or pytest.fail(target)))
        assert all(isinstance(item, Written) for item in made), made
        return load_catalogue(self.folder).sources

    def tried(self, contract: Contract, connection: Connection | None = None) -> Trial:
        """What a sync would make of the dataset."""
        settings = Settings(self.folder, self.folder / "var")
        hub = Hub(
            settings, self.warehouse, load_catalogue(self.folder), lambda _: connection or pytest.fail()
        )
        return tried(self.warehouse, contract, hub.connector(contract))


@pytest.fixture
def project(tmp_path: Path, warehouse_url: str) -> Project:
    """An empty project."""
    return Project(tmp_path / "project", warehouse_url)


def test_every_type_of_postgresql(project: Project) -> None:
    with postgres_database() as url:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(POSTGRES)
        connection = parse_connection("sumber", url)
        found = project.drafted("sumber", connection=connection)
        assert len(found) == 5
        aneka = found["sumber.aneka"]
        types = {column.name: column.pg_type for column in aneka.columns}
        assert types["nilai"] == "numeric(12,2)" and types["besar"] == "double precision"
        assert types["zona"] == "timestamp with time zone" and types["isi"] == "jsonb"
        assert {r.dataset for r in aneka.references} == {"sumber.jenis", "sumber.induk", "sumber.aneka"}
        assert aneka.column("nilai").description == "Nilai: dalam rupiah"
        assert aneka.column("zona").required and not aneka.column("tgl").required
        assert found["sumber.tabel_ganjil"].names == ("nomor_urut", "select", "select_2", "u")
        for contract in found.values():
            trial = project.tried(contract, connection)
            _is_whole(trial)
            assert set(trial.unjudged) == {r.dataset for r in contract.references} - {contract.id}


def test_every_type_of_mariadb(project: Project) -> None:
    with mariadb_database() as url:
        run_mariadb(url, *MARIADB)
        connection = parse_connection("sumber", url)
        aneka = project.drafted("sumber", connection=connection)["sumber.aneka"]
        assert aneka.column("id").pg_type == "numeric(20,0)"
        assert aneka.column("jenis").enum == ("baik", "ra'gu")
        assert aneka.column("nilai").unique
        _is_whole(project.tried(aneka, connection))


def test_sqlite_is_believed_only_as_far_as_its_values_go(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "data.db"
    with closing(sqlite3.connect(file)) as link:
        link.execute("CREATE TABLE log (kode VARCHAR(2), jumlah INTEGER, nilai NUMERIC(5,2), hari DATE)")
        link.executemany(
            "INSERT INTO log VALUES (?, ?, ?, ?)",
            [
                ("abc", 1, 1.5, "2024-01-01"),
                ("abd", "banyak", 2.125, "kemarin"),
                ("abc", 1, 1.5, "2024-01-01"),
            ],
        )
        link.commit()
    (log,) = project.drafted(str(file)).values()
    assert [c.logical_type for c in log.columns] == ["string", "string", "number", "string"]
    trial = project.tried(log, Connection("x", "sqlite", database=str(file)))
    assert (trial.read, trial.staged, trial.superseded, trial.quarantined) == (3, 2, 1, 0)


API = {
    "meta": {"total": 3},
    "data": [
        {"id": n, "nik": f"617101{n}10190000{n}", "izin": {"nomor": f"I-0{n}"}, "nilai": n / 2, "ubah": None}
        for n in (1, 2, 3)
    ],
}


class Handler(BaseHTTPRequestHandler):
    """Answers every GET with the API's one page."""

    def do_GET(self) -> None:
        body = json.dumps(API).encode()
        self.send_response(200 if urlsplit(self.path).path == "/v1/izin" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: tests are quiet."""


def test_an_api_from_its_first_page(project: Project) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = parse_connection("oss", f"http://127.0.0.1:{server.server_port}/v1")
        izin = project.drafted("oss", "izin", connection=connection)["oss.izin"]
        assert (izin.read.records_path, izin.read.paging.total_path) == ("data", "meta.total")
        assert {c.source_name: c.logical_type for c in izin.columns} == {
            "id": "integer", "nik": "string", "izin.nomor": "string", "nilai": "number", "ubah": "string"
        }  # fmt: skip
        _is_whole(project.tried(izin, connection))
        server.shutdown()


XML = """<?xml version="1.0"?><Ekspor><Info><Tanggal>2024-01-01</Tanggal></Info><Data>
<Baris kode="A1"><Nama>Satu</Nama><Nilai mata="IDR">1.5</Nilai></Baris>
<Baris kode="A2"><Nama>Dua</Nama><Nilai mata="IDR">2</Nilai></Baris></Data></Ekspor>"""


def test_documents_and_tables_of_a_folder(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "kiriman"
    folder.mkdir()
    (folder / "dokumen.json").write_text(json.dumps(API), "utf-8")
    (folder / "baris.jsonl").write_text("\n".join(map(json.dumps, API["data"])), "utf-8")
    (folder / "ekspor.xml").write_text(XML, "utf-8")
    (folder / "tabel.tsv").write_text("kode\tnama\n01\tSatu\n02\tDua\n", "utf-8")
    with zipfile.ZipFile(folder / "arsip.zip", "w") as archive:
        archive.writestr("2024/izin.csv", "kode;nilai\n01;1,5\n02;2,25\n")
        archive.writestr("BACA.md", "x")
    found = project.drafted(str(folder))
    assert found["kiriman.izin"].column("nilai").logical_type == "number"
    assert sorted(set(found) - {"kiriman.izin"}) == [
        "kiriman.baris",
        "kiriman.dokumen",
        "kiriman.ekspor",
        "kiriman.tabel",
    ]
    assert [c.source_name for c in found["kiriman.ekspor"].columns] == [
        "@kode",
        "Nama",
        "Nilai/@mata",
        "Nilai",
    ]
    for contract in found.values():
        _is_whole(project.tried(contract))


def test_what_somebody_wrote_is_not_replaced(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a" / "izin.csv"
    file.parent.mkdir()
    file.write_text("kode,nama\n1,a\n", "utf-8")
    (contract,) = project.drafted(str(file)).values()
    contract.file.write_text("mine", "utf-8")
    with pytest.raises(DraftRefused, match=r"izin\.odcs\.yaml is there already; --force"):
        project.drafted(str(file))
    assert contract.file.read_text("utf-8") == "mine"
    for nothing in ("none.csv", str(tmp_path / "none.csv")):
        with pytest.raises(DraftRefused, match=r"none\.csv: there is no such file or folder"):
            project.drafted(nothing)


def test_a_trial_keeps_nothing_and_shows_no_value(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shield(monkeypatch, project.warehouse.url, tmp_path / "home")
    cli = CliProject(project.folder, capsys)
    rows = [f"61710101019000{n:02d},Warga {n},{n}" for n in range(10, 60)]
    file = project.folder / "warga.csv"
    file.write_text("\n".join(["nik,nama,jumlah", *rows]), "utf-8")
    assert cli.run("contract", "draft", str(file), "--source", "warga").code == 0
    (drafted,) = (project.folder / "schemas/sources/warga").iterdir()
    assert "Warga 1" not in drafted.read_text("utf-8") and "617101010190" not in drafted.read_text("utf-8")
    assert cli.run("contract", "try", "warga.warga").code == 0
    file.write_text("\n".join(["nik,nama,jumlah", *rows, "6.17E+15,Warga X,1", rows[0], "salah"]), "utf-8")
    before = _state(project)
    ended = cli.run("contract", "try", str(drafted), "--json", "--language", "id")
    assert (ended.code, _state(project)) == (1, before)
    found = {reason["code"]: (reason["rows"], reason["places"]) for reason in ended.json["reasons"]}
    assert found == {
        ":duplicate_key": (2, ["2", "53"]), ":malformed": (1, ["54"]), "nik:pattern": (1, ["52"])
    }  # fmt: skip
    assert ended.json["read"] == ended.json["staged"] + ended.json["quarantined"] == 53
    shown = cli.run("contract", "try", "warga.warga", "--rows", "20")
    assert (shown.code, shown.out.splitlines()[0]) == (
        0, "warga.warga: 20 read = 20 staged + 0 quarantined + 0 filtered (the source has more)"
    )  # fmt: skip
    for told in (ended.out, cli.run("contract", "try", "warga.warga").out):
        assert "Warga" not in told.replace("warga", "") and "E+15" not in told
    assert cli.run("contract", "try", "warga.none").code == 2


def _state(project: Project) -> list[tuple[Any, ...]]:
    query = (
        "SELECT (SELECT count(*) FROM ops.load), (SELECT count(*) FROM ops.dataset), count(*) "
        "FROM pg_class AS c "
        "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE nspname IN ('landing', 'staging', 'history')"
    )
    with project.warehouse.connect() as session:
        return session.execute(query).fetchall()


def _is_whole(trial: Trial) -> None:
    assert trial.is_whole and trial.read == trial.staged > 0, trial
    assert not trial.unknown


def test_columns_that_yaml_takes_for_truths(tmp_path: Path) -> None:
    """`No` heads half of all sheets; unquoted it is no text in YAML"""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "usaha.csv").write_text("No,Nama Usaha,Null,Y\n1,Toko A,x,2\n2,Toko B,y,3\n", "utf-8")
    wanted = Wanted(str(tmp_path / "usaha.csv"), source="usaha")
    (made,) = draft(wanted, tmp_path, lambda _: pytest.fail("a file needs no connection"))
    assert isinstance(made, Written)
    assert load_catalogue(tmp_path).sources["usaha.usaha"].names == ("no", "nama_usaha", "null", "y")
