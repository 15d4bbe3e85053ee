"""The city as its systems show it, read with plain drivers."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import mysql.connector
import openpyxl
import psycopg
import pytest

from connectors.connection import parse_connection
from connectors.registry import needs_connection
from demo import DemoUrls, build, connections, serve
from demo.layout import STRIDE
from demo.model import PROJECT, YEAR, YEARS
from schemas.catalogue import load_catalogue
from tests.services import mariadb_database, postgres_database

PEOPLE = 1200


@pytest.fixture
def siak() -> Iterator[str]:
    with postgres_database() as url:
        yield url


def manifest(home: Path, day: int) -> dict[str, Any]:
    return dict(json.loads((home / "demo" / "manifest" / f"day{day}.json").read_text()))


def column(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as link:
        return [row[0] for row in link.execute(query).fetchall()]  # type: ignore[arg-type]


def of_dataset(day: dict[str, Any], dataset: str, kind: str) -> set[str]:
    return {f["key"] for f in day["faults"] if (f["dataset"], f["kind"]) == (dataset, kind)}


def test_siak_shows_the_planted_faults_and_the_next_day(tmp_path: Path, siak: str) -> None:
    build(tmp_path, DemoUrls(siak), seed=3, residents=PEOPLE)
    today = manifest(tmp_path, 0)
    bad_niks = column(siak, """SELECT "NIK" FROM biodata_wni WHERE "NIK" !~ '^[0-9]{12}(?!0000)[0-9]{4}$'""")
    assert set(bad_niks) == of_dataset(today, "siak.residents", "nik:pattern")
    assert "6.17101E+15" in bad_niks
    unborn = column(siak, """SELECT "NIK" FROM biodata_wni WHERE "TGL_LHR" = '00-00-0000'""")
    assert set(unborn) < of_dataset(today, "siak.residents", "birth_date:type")
    twice = column(siak, 'SELECT "NIK" FROM biodata_wni GROUP BY "NIK" HAVING count(*) > 1')
    assert set(twice) == of_dataset(today, "siak.residents", ":duplicate_key")
    lost = column(
        siak,
        'SELECT "NIK" FROM biodata_wni b WHERE "NO_KK" IS NOT NULL'
        ' AND NOT EXISTS (SELECT 1 FROM data_keluarga d WHERE d."NO_KK" = b."NO_KK")',
    )
    # The other three stand on a card that is refused itself.
    assert len(of_dataset(today, "siak.residents", "kk_number:reference") - set(lost)) == 3
    assert not set(lost) - of_dataset(today, "siak.residents", "kk_number:reference")

    before = set(column(siak, 'SELECT "NIK" FROM biodata_wni'))
    build(tmp_path, DemoUrls(siak), seed=3, residents=PEOPLE, day=1)
    after = set(column(siak, 'SELECT "NIK" FROM biodata_wni'))
    assert before - after
    assert after - before
    assert "6.17101E+15" not in after
    assert manifest(tmp_path, 1)["counts"]["siak.residents"]["removed"] == len(
        before - after - of_dataset(today, "siak.residents", "nik:pattern")
    )


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path, siak: str) -> None:
    for name in ("one", "two"):
        build(tmp_path / name, DemoUrls(siak), seed=3, residents=PEOPLE, day=1)
    for path in sorted((tmp_path / "one").rglob("*")):
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        if path.suffix in (".csv", ".xlsx", ".json"):
            assert path.read_bytes() == other.read_bytes(), path.name
        if path.suffix == ".db":
            assert dump(path) == dump(other)


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as link:
        return list(link.iterdump())


def test_the_treasury_holds_the_same_on_mysql_and_sqlite(tmp_path: Path, siak: str) -> None:
    with mariadb_database() as url:
        build(tmp_path / "mysql", DemoUrls(siak, url), seed=3, residents=PEOPLE)
        build(tmp_path / "sqlite", DemoUrls(siak), seed=3, residents=PEOPLE)
        c = parse_connection("simda", connections(tmp_path / "mysql")["AIRFLOW_CONN_SIMDA"])
        with mysql.connector.connect(
            host=c.host, port=c.port or 3306, user=c.user, password=c.password, database=c.database,
            charset="utf8mb4", collation="utf8mb4_general_ci",
        ) as link:  # fmt: skip
            cursor = link.cursor()
            cursor.execute("SELECT no_sp2d, CAST(tgl_sp2d AS char), CAST(nilai AS char) FROM ta_sp2d")
            there = sorted(map(str, cursor.fetchall()))
            cursor.execute("SELECT no_spm, no_spp, CAST(nilai AS char), CAST(tgl_ubah AS char) FROM ta_spm")
            orders = sorted(map(str, cursor.fetchall()))
    with closing(sqlite3.connect(tmp_path / "sqlite" / "demo" / "simda.db")) as file:
        here = sorted(map(str, file.execute("SELECT no_sp2d, tgl_sp2d, nilai FROM ta_sp2d")))
        answered = sorted(map(str, file.execute("SELECT no_spm, no_spp, nilai, tgl_ubah FROM ta_spm")))
    assert there == here
    # A date that is none becomes one of zeros there.
    assert len(orders) == len(answered)
    assert len(set(orders) ^ set(answered)) < 10
    assert any("0000-00-00" in row for row in here)
    assert len(here) > 1000


def test_the_files_look_hand_made(tmp_path: Path, siak: str) -> None:
    build(tmp_path, DemoUrls(siak), seed=3, residents=PEOPLE)
    text = (tmp_path / "demo" / "pendapatan" / f"realisasi_pad_{YEAR}.csv").read_bytes()
    assert b"\x96 Restoran, Kaf\xe9" in text
    lines = list(csv.reader(text.decode("windows-1252", "replace").splitlines(), delimiter=";"))
    first = STRIDE * YEARS.index(YEAR) + 1
    ragged = {f"row:{number}" for number, line in enumerate(lines, first) if len(line) != 7}
    assert ragged < of_dataset(manifest(tmp_path, 0), "pendapatan.revenue", ":malformed")
    assert len(ragged) == 2
    totals = [
        line.split(";")[2] == "JUMLAH"
        for file in (tmp_path / "demo" / "pendapatan").glob("*.csv")
        for line in file.read_text("windows-1252", "replace").splitlines()
        if line.count(";") > 2
    ]
    assert sum(totals) == manifest(tmp_path, 0)["counts"]["pendapatan.revenue"]["filtered"]

    sheet = openpyxl.load_workbook(tmp_path / "demo" / "emonev" / f"rfk_{YEAR}.xlsx")["RFK"]
    assert sheet["F5"].value == "Target"
    assert (sheet["F6"].value, sheet["G6"].value) == ("Fisik (%)", "Keuangan (%)")
    assert "F5:G5" in {str(merged) for merged in sheet.merged_cells.ranges}
    errors = [cell for row in sheet.iter_rows(min_row=7) for cell in row if cell.value == "=NA()"]
    assert len(errors) == 4


def test_only_the_demo_may_read_the_manifest(tmp_path: Path, siak: str) -> None:
    build(tmp_path, DemoUrls(siak), seed=3, residents=PEOPLE)
    assert (tmp_path / "demo").stat().st_mode & 0o077 == 0
    for file in ("manifest/day0.json", "urls.json"):
        assert (tmp_path / "demo" / file).stat().st_mode & 0o077 == 0


def connections_read() -> set[str]:
    """Ids of the connections that the contracts' sources are read through."""
    contracts = [c for c in load_catalogue(PROJECT).sources.values() if needs_connection(c)]
    return {contract.read.connection or contract.server.name for contract in contracts}


def demo(home: Path, siak: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        env=os.environ | {"LUMBUNG_HOME": str(home), "LUMBUNG_DEMO_SIAK_URL": siak},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def test_exec_runs_a_command_in_the_next_day_and_leaves_nothing_running(tmp_path: Path, siak: str) -> None:
    script = (
        "import json, os, urllib.request as u, urllib.parse as p\n"
        "c = json.loads(os.environ['AIRFLOW_CONN_SIPD']); base = f\"http://{c['host']}:{c['port']}\"\n"
        "form = {'grant_type': 'client_credentials', 'client_id': c['login'],"
        " 'client_secret': c['password']}\n"
        "token = json.load(u.urlopen(base + '/oauth/token', p.urlencode(form).encode()))['access_token']\n"
        "page = u.Request(base + '/api/skpd?per_page=2', headers={'Authorization': 'Bearer ' + token})\n"
        "names = sorted(n for n in os.environ if n.startswith('AIRFLOW_CONN_'))\n"
        "print(len(json.load(u.urlopen(page))['data']), *names)\n"
    )
    for day in (0, 1):
        done = demo(tmp_path, siak, "exec", "--residents", str(PEOPLE), "--", sys.executable, "-c", script)
        count, *names = done.stdout.split()
        assert count == "2"
        assert set(names) == {f"AIRFLOW_CONN_{name.upper()}" for name in connections_read()}
        assert (tmp_path / "demo" / "manifest" / f"day{day}.json").exists()
    done = demo(tmp_path, siak, "exec", "--same-day", "--", sys.executable, "-c", "print('again')")
    assert done.stdout == "again\n"
    assert not (tmp_path / "demo" / "manifest" / "day2.json").exists()
    deadline = time.monotonic() + 10
    while serve.running(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert serve.running(tmp_path) is None


def test_the_server_is_shared_and_stopped(tmp_path: Path) -> None:
    first = serve.start(tmp_path)
    try:
        assert serve.start(tmp_path) == first
        assert first.secret not in repr(first)
    finally:
        assert serve.stop(tmp_path)
    assert serve.running(tmp_path) is None
    assert not serve.stop(tmp_path)
