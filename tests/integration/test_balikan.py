"""Data balikan: an agency's rows back to it, with their state and what the hub knows of their keys."""

import csv
import stat
from pathlib import Path

import pytest

from lumbung.cli.exits import ExitCode
from tests.cli_project import CliProject, assert_one_line, made, residents, shield

ROWS = ["6171010101900001,Ani,1.0,A1\n", "6171010101900002,Budi,2.0,ZZ\n", "6171010101900003,Cici,3.0,B2\n"]
KNOWN = """
SELECT r.nik, CASE r.note WHEN 'A1' THEN '61.71.01' END AS region_code
FROM current.warga__residents AS r
"""


@pytest.fixture
def project(
    tmp_path: Path,
    warehouse_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CliProject:
    """The small project; a resident's note is the code of an office of another source."""
    shield(monkeypatch, warehouse_url, tmp_path / "home")
    project = made(tmp_path / "project", capsys)
    document = residents()
    note = document["schema"][0]["properties"][3]
    note |= {"relationships": [{"to": "kantor.offices.office_code"}]}
    del note["enum"]
    project.contract("sources/warga/residents", document)
    project.rows(ROWS)
    return project


def known(project: CliProject, text: str) -> None:
    """Write the project's own SELECT."""
    file = project.folder / "warehouse" / "balikan" / "warga" / "residents.sql"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def returned(project: CliProject, target: Path, *more: str) -> list[dict[str, str]]:
    ended = project.run("balikan", "warga.residents", "--format", "csv", "--out", str(target), *more)
    assert ended.code == 0, ended.err
    assert "personal data" in ended.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_go_back_with_their_state_and_the_keys_that_are_known(
    project: CliProject, tmp_path: Path
) -> None:
    assert project.run("sync", "kantor", "warga").code == 0
    known(project, KNOWN)
    project.rows([ROWS[0], "6171010101900002,Budi,-2,ZZ\n", *ROWS[2:], "x,Dodi,1.0,A1\n"])
    project.run("sync", "warga")
    rows = returned(project, tmp_path / "x.csv")
    assert list(rows[0]) == [
        "NIK", "Nama", "Jumlah", "Catatan", "hub_status", "hub_reasons", "hub_note", "hub_office_name",
        "hub_region_code",
    ]  # fmt: skip
    assert [list(row.values())[1:5] for row in rows] == [
        ["Ani", "1.00", "A1", "diterima"],
        ["Budi", "2.00", "ZZ", "versi lama, baris baru ditolak"],
        ["Cici", "3.00", "B2", "diterima"],
        ["Budi", "-2", "ZZ", "ditolak"],
        ["Dodi", "1.0", "A1", "ditolak"],
    ]
    assert [list(row.values())[6:] for row in rows] == [
        ["A1", "Pusat", "61.71.01"], ["", "", ""], ["B2", "Barat", ""], ["", "", ""], ["", "", ""],
    ]  # fmt: skip
    assert rows[1]["hub_reasons"] == "Jumlah terlalu kecil. Periksa Jumlah: harus 0 atau lebih."
    assert rows[3]["hub_reasons"] == rows[1]["hub_reasons"]
    assert returned(project, tmp_path / "y.csv", "--language", "en")[0]["hub_status"] == "accepted"


def test_a_select_that_can_t_be_used_is_refused(project: CliProject, tmp_path: Path) -> None:
    command = ("balikan", "warga.residents", "--out", str(tmp_path / "x.xlsx"))
    early = project.run(*command)
    assert early.code == ExitCode.ACT
    assert_one_line(early.err, "a dataset has to be home")
    project.run("sync", "kantor", "warga")
    known(project, "SELECT nik, 1 AS one FROM current.warga__residents, generate_series(1, 2)")
    assert_one_line(project.run(*command).err, "residents.sql: gives 6 rows for 3 keys")
    known(project, "SELECT nik FROM integrated.nowhere")
    assert_one_line(
        project.run(*command).err, "residents.sql: ", 'relation "integrated.nowhere" does not exist'
    )
    assert list(tmp_path.glob("*.xlsx")) == []
