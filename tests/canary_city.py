"""A city of a few people, some with marked numbers, put where numbers belong and where they do not.

The project is the repository's own, as far as SIAK and the licensing system suffice for it. The people are
nobody's: `MARK` begins every number that is looked for afterwards, and `NAME` is in every name.
"""

import contextlib
import io
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import psycopg
from psycopg import sql

from lumbung import adoption
from lumbung.airflow_runtime import run_once
from lumbung.cli import main
from lumbung.models import load_models
from lumbung.settings import Settings
from schemas.catalogue import load_catalogue
from schemas.contract import Contract

PROJECT = Path(__file__).resolve().parents[1]
#: A NIK of a woman born on 25 February 1977, without the last three digits.
MARK = "6171016502777"
#: No name of anybody's and no word of the project's.
NAME = "KENARIWATI"
CARD = f"{MARK[:6]}0101200001"
_PLAIN = "6171010101800{:03}"
_SOURCES = ("siak", "perizinan")
_CODE_LISTS = ("education_levels", "occupations", "religions")
_REGIONS = ("reference.region", "reference.region_alias")

Row = dict[str, object]


def marked(number: int) -> str:
    """A number to be looked for."""
    return f"{MARK}{number:03}"


@dataclass
class CanaryCity:
    """The project, its sources, and everything that was said while it was used."""

    folder: Path
    warehouse_url: str
    siak_url: str
    said: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def airflow(self) -> Path:
        """What the run's Airflow kept: its metadata."""
        return self.folder / "airflow"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "PYTHONPATH": str(PROJECT),
            "LUMBUNG_HOME": str(self.home),
            "LUMBUNG_WAREHOUSE_URL": self.warehouse_url,
            "AIRFLOW_CONN_SIAK": self.siak_url,
            "AIRFLOW_CONN_PERIZINAN": f"sqlite:///{self.folder / 'perizinan.db'}",
        }

    def make(self) -> None:
        """The project and its sources, of the first day."""
        models = load_models(PROJECT, load_catalogue(PROJECT))
        selected = adoption.select(models, _SOURCES)
        # Code lists of money say nothing of people, and each would be a sync of its own.
        contracts = tuple(c for c in selected.contracts if c.source != "reference" or c.id in _REGIONS)
        datasets = {contract.id for contract in contracts}
        kept = tuple(model for model in selected.models if datasets >= set(models.datasets_below(model)))
        adoption.write(replace(selected, contracts=contracts, models=kept), PROJECT, self.project)
        self.show(first_day())

    def show(self, day: dict[str, list[Row]]) -> None:
        """Let the sources have these rows, by dataset, and none of other datasets."""
        for contract in load_catalogue(self.project).sources.values():
            if contract.source == "siak":
                with psycopg.connect(self.siak_url, autocommit=True) as link:
                    link.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_table(contract)))
                    link.execute(_create(contract))
                    for row in day.get(contract.id, []):
                        link.execute(*_insert(contract, row, "%s"))
            elif contract.source == "perizinan":
                with contextlib.closing(sqlite3.connect(self.folder / "perizinan.db")) as link:
                    link.execute(f'DROP TABLE IF EXISTS "{contract.physical_name}"')
                    link.execute(_create(contract).as_string())
                    for row in day.get(contract.id, []):
                        insert, values = _insert(contract, row, "?")
                        link.execute(insert.as_string(), values)
                    link.commit()

    def run(self) -> None:
        """Every DAG once; what Airflow keeps is kept for looking at."""
        self.airflow.mkdir(exist_ok=True)
        keep = patch.object(tempfile, "TemporaryDirectory", lambda **_: contextlib.nullcontext(self.airflow))
        with keep:
            result = run_once(Settings(self.project, self.home, self.warehouse_url), env=self.environment)
        self.said["events of the run"] = repr(result)
        for number, failure in enumerate(result.failures):
            self.said[f"failure {number}"] = failure.message

    def command(self, *arguments: str) -> int:
        """A command; what it says is kept. Returns its exit code."""
        out = io.StringIO()
        with (
            patch.dict(os.environ, self.environment, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            try:
                main(["--project", str(self.project), *arguments])
            except SystemExit as ended:
                code = int(ended.code or 0)
        self.said[f"{len(self.said)}: lumbung {' '.join(arguments)}"] = out.getvalue()
        return code

    def query(self, select: str) -> list[tuple[object, ...]]:
        """What is in the warehouse."""
        with psycopg.connect(self.warehouse_url) as link:
            return link.execute(select.encode()).fetchall()

    def texts(self, schema: str) -> Iterator[tuple[str, str]]:
        """The rows of every table and view of a schema, as texts, with its name."""
        named = self.query(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            f"WHERE relkind IN ('r', 'v', 'm') AND nspname = '{schema}' ORDER BY 1"
        )
        for (name,) in named:
            for (row,) in self.query(f'SELECT t::text FROM {schema}."{name}" AS t'):
                yield f"{schema}.{name}", str(row)

    def accept(self, dataset: str) -> None:
        """Sync; when that is refused, take the load in somebody's name."""
        if self.command("sync", dataset):
            found = self.query(
                f"SELECT max(load_id) FROM ops.load WHERE dataset = '{dataset}' AND state = 'refused'"
            )
            why = ("--by", "Rina", "--reason", "tried")
            assert self.command("sync", dataset, "--accept", str(found[0][0]), *why) == 0, self.said


def first_day() -> dict[str, list[Row]]:
    """People, cards and permits: marked numbers in their places, in refused rows and in wrong columns."""
    residents = [_resident(_PLAIN.format(n), f"WARGA {chr(64 + n)}") for n in range(1, 13)]
    residents += [
        _resident(marked(1), f"{NAME} SATU", NIK_IBU=marked(11), NAMA_LGKP_IBU=f"{NAME} IBU"),
        _resident(marked(2), f"{NAME} DUA", TGL_LHR="00-00-0000"),
        _resident(marked(3), f"{NAME} TIGA", JENIS_KLMIN=marked(3)),
        _resident(marked(4), f"{NAME} EMPAT"),
        _resident(marked(4), f"{NAME} EMPAT LAGI"),
        _resident(f"{marked(5)}9", f"{NAME} LIMA"),
    ]
    permit = {"id_permohonan": 1}
    return {
        "siak.family_cards": [
            {"NO_KK": card, "NAMA_KEP": f"{NAME} SATU", "ALAMAT": "JL. MERDEKA 5", "NO_KEC": 1}
            | {"NO_KEL": 1002}
            for card in (CARD, f"{CARD[:-1]}2")
        ],
        **{f"siak.{name}": [{"NO": 1, "DESCRIP": "LAIN"}] for name in _CODE_LISTS},
        "siak.residents": residents,
        "siak.foreigners": [_foreigner()],
        "siak.events": _events(),
        "perizinan.services": [{"kode": "REK", "nama": "Izin Reklame", "sektor": "Reklame"}],
        "perizinan.permits": _permits(),
        "perizinan.permit_events": [
            {"id": 1, "waktu": "2026-01-05 08:00:00", "kegiatan": "DAFTAR", "catatan": marked(6), **permit},
            {"id": 2, "waktu": marked(6), "kegiatan": "TERBIT", "unit": marked(6), **permit},
        ],
        "perizinan.steps": [
            {"id": 1, "kode_opd": marked(6), "nama_opd": f"Dinas {marked(6)}", "langkah": "SURVEI"}
            | {"mulai": "2026-01-05 08:00:00", "catatan": marked(6), **permit},
            {"id": 2, "kode_opd": "2.18", "langkah": marked(6), "mulai": marked(6), **permit},
        ],
        "perizinan.declarations": [
            {"id": 1, "tgl_pernyataan": "05/01/2026", "kelurahan_domisili": f"Akcaya {marked(9)}"}
            | {"no_bangunan": marked(9), "keterangan": marked(9), **permit},
            {"id": 2, "tgl_pernyataan": marked(9), "nop": marked(9), "investasi": marked(9), **permit},
        ],
    }  # fmt: skip


def _resident(nik: str, name: str, **other: object) -> Row:
    usual: Row = {"NIK": nik, "NO_KK": CARD, "NAMA_LGKP": name, "JENIS_KLMIN": "2", "TMPT_LHR": "PONTIANAK"}
    usual |= {
        "TGL_LHR": "25-02-1977",
        "STAT_HBKEL": "4",
        "NO_PROP": 61,
        "NO_KAB": 71,
        "NO_KEC": 1,
        "NO_KEL": 1002,
    }
    return usual | other


def _foreigner() -> Row:
    return {
        "DOK_IMGR": "2C12345678", "JNS_DOK": "KITAS", "NAMA_PERTMA": "JOHN", "NAMA_KLRGA": NAME,
        "JENIS_KLMIN": "1", "TGL_LHR": "01-01-1980", "KEWARGANEGARAAN": "AUS", "NO_PASPOR": marked(10),
    }  # fmt: skip


def _events() -> list[Row]:
    usual: Row = {"TGL_PERISTIWA": "01-02-2026", "NO_KK_LAMA": CARD}
    return [
        usual
        | {"ID_PERISTIWA": 1, "JENIS": "MATI", "NIK": _PLAIN.format(2), "KETERANGAN": f"ibu {marked(6)}"},
        usual | {"ID_PERISTIWA": 2, "JENIS": "UBAH_NIK", "NIK": marked(1), "NIK_LAMA": marked(7)},
        usual | {"ID_PERISTIWA": 3, "JENIS": marked(7), "NIK": marked(1)},
    ]


def _permits() -> list[Row]:
    usual: Row = {
        "kode_layanan": "REK",
        "tgl_permohonan": "05/01/2026",
        "status": "DIAJUKAN",
        "kelurahan": "Akcaya",
    }
    usual |= {"nik_pemohon": marked(1), "nama_pemohon": f"{NAME} SATU"}
    others: list[Row] = [
        {},
        {"nik_pemohon": marked(8), "nama_pemohon": f"{NAME} SATU"},
        {"nik_pemohon": marked(1), "nama_pemohon": "JOKO WIDADA WIRANATA"},
        {"nik_pemohon": _PLAIN.format(2), "nama_pemohon": "WARGA B", "tgl_permohonan": "05/06/2026"},
        {"nama_usaha": f"UD {marked(1)}", "nib": "8120010201234", "lokasi": f"rumah {marked(1)}"},
        {"nib": marked(9)},
        {"kelurahan": marked(9)},
        {"kelurahan": f"Akcaya {marked(9)}"},
        {"no_izin": marked(9)},
        {"no_pbg": marked(9)},
        {"tgl_permohonan": marked(9)},
        {"status": marked(9)},
        {"kode_layanan": marked(9)},
        {"retribusi": f"{marked(9)}x"},
        {"nik_pemohon": f"{marked(9)}E"},
    ]
    return [{"id": number, **usual, **other} for number, other in enumerate(others, 1)]


def _table(contract: Contract) -> sql.Identifier:
    return sql.Identifier(contract.physical_name)


def _create(contract: Contract) -> sql.Composed:
    """A table of texts: sources are tried to hold anything."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(name)) for name in contract.source_names
    )
    return sql.SQL("CREATE TABLE {} ({})").format(_table(contract), columns)


def _insert(contract: Contract, row: Row, mark: str) -> tuple[sql.Composed, list[object]]:
    columns = sql.SQL(", ").join(map(sql.Identifier, row))
    marks = sql.SQL(", ").join([sql.SQL(mark)] * len(row))
    values = [None if value is None else str(value) for value in row.values()]
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(_table(contract), columns, marks), values
