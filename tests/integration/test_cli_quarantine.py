"""Quarantine from the command line: what it shows and hides, the owner's defect list, replay."""

import csv
import stat
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lumbung.cli.exits import ExitCode
from tests.cli_project import (
    BAD,
    FORMULA,
    GOOD,
    PERSONAL,
    CliProject,
    assert_one_line,
    made,
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


def test_quarantine_never_shows_personal_values(project: CliProject) -> None:
    project.rows(GOOD + BAD)
    synced = project.run("sync", "warga")
    shown = [synced, project.run("quarantine", "list"), project.run("quarantine", "list", "--json")]
    entries = shown[-1].json["entries"]
    assert [entry["reasons"] for entry in entries] == [["nik:pattern"], ["amount:minimum"], ["note:enum"]]
    assert entries[1]["key"] == "617101••••••••••"
    for entry in entries:
        shown.append(project.run("quarantine", "show", str(entry["entry_id"])))
        shown.append(project.run("quarantine", "show", str(entry["entry_id"]), "--json"))
    shown.append(project.run("status", "warga.residents"))
    for ended in shown:
        assert ended.code == 0
        for value in PERSONAL:
            assert value not in ended.out + ended.err
    assert FORMULA in shown[-2].out, "what is not personal is shown as it came"
    revealed = project.run("quarantine", "show", str(entries[0]["entry_id"]), "--reveal", "--language", "id")
    assert "6.17101E+15" in revealed.out and "Rina" in revealed.out
    assert "16 angka" in revealed.out


def test_quarantine_list_is_cut_and_says_so(project: CliProject) -> None:
    project.rows(GOOD + BAD)
    project.run("sync", "warga")
    assert "1 of 3 entries" in project.run("quarantine", "list", "--limit", "1").out
    assert project.run("quarantine", "list", "kantor.offices").out == "0 entries.\n"


def test_export_for_the_owner_is_formula_safe(project: CliProject, tmp_path: Path) -> None:
    project.rows([*GOOD, *BAD, '6171010101900022,"  +62812345",1,baik\n', "6171010101900022,Ani,1,baik\n"])
    project.run("sync", "warga")
    target = tmp_path / "kesalahan.csv"
    ended = project.run("quarantine", "export", "warga.residents", "--format", "csv", "--output", str(target))
    assert (ended.code, ended.out) == (0, f"5 defects written to {target}.\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    headings = ["Berkas", "Nomor baris", "Kunci", "Kolom", "Nilai", "Apa yang salah", "Cara memperbaiki"]
    assert rows[0] == [*headings, "Sejak"]
    assert [(row[1], row[4]) for row in rows[1:]] == [
        ("13", "6171010101900022"), ("14", "6171010101900022"), ("11", "-5"), ("10", "6.17101E+15"),
        ("12", f"'{FORMULA}"),
    ]  # fmt: skip
    assert rows[3][3:7] == ["Jumlah", "-5", "Jumlah terlalu kecil.", "Periksa Jumlah: harus 0 atau lebih."]

    book = tmp_path / "kesalahan.xlsx"
    assert (
        project.run("quarantine", "export", "warga.residents", "-o", str(book), "--language", "en").code == 0
    )
    sheet = openpyxl.load_workbook(book)["Defects"]
    cells: list[Any] = [list(row) for row in sheet.iter_rows(min_row=2)]
    assert [row[4].value for row in cells][2:] == ["-5", "6.17101E+15", FORMULA]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}
    assert cells[3][6].value == "Write NIK as 16 digits; in Excel, use the cell format Text."


def test_each_load_leaves_its_lists_for_their_owner_alone(project: CliProject, tmp_path: Path) -> None:
    project.rows(GOOD)
    project.run("sync", "warga")
    folder = tmp_path / "home" / "feedback" / "warga" / "residents"
    assert not folder.exists(), "a load without refusals has nothing to tell"
    project.rows(GOOD + BAD)
    project.run("sync", "warga")
    assert sorted(file.name for file in folder.iterdir()) == [
        "kesalahan-residents-2.csv",
        "kesalahan-residents-2.xlsx",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "home" / "feedback").stat().st_mode) == 0o700
    project.run("sync", "warga")
    assert len(list(folder.iterdir())) == 2, "a load without news writes no list"
    project.rows(GOOD)
    project.run("sync", "warga")
    summary = openpyxl.load_workbook(folder / "kesalahan-residents-4.xlsx")["Ringkasan"]
    assert [row[-1].value for row in summary.iter_rows()].count("turun 1") == 3, "what was mended is told too"


def test_an_export_of_an_older_load_says_what_it_said_then(project: CliProject, tmp_path: Path) -> None:
    project.rows(GOOD + BAD)
    project.run("sync", "warga")
    project.rows(GOOD + BAD[:1])
    project.run("sync", "warga")
    target = tmp_path / "x.csv"
    export = ("quarantine", "export", "warga.residents", "--format", "csv", "-o", str(target))
    assert project.run(*export).out.startswith("1 defect ")
    assert project.run(*export, "--load", "1").out.startswith("3 defects ")
    unknown = project.run(*export, "--load", "99")
    assert unknown.code == ExitCode.ACT
    assert_one_line(unknown.err, "load 99 is no applied or refused load")


def test_what_its_owner_waives_is_told_no_more_until_it_is_reopened(
    project: CliProject, tmp_path: Path
) -> None:
    project.rows(GOOD + BAD)
    project.run("sync", "warga")
    first = str(project.run("quarantine", "list", "--json").json["entries"][0]["entry_id"])
    nobody = project.run("quarantine", "waive", first, "--by", " ", "--reason", "x")
    assert nobody.code == ExitCode.USAGE
    by = ("--by", "Rina (Disdukcapil)", "--reason", "stays out")
    assert project.run("quarantine", "waive", first, *by).out == "1 entry waived.\n"
    project.run("sync", "warga")
    assert project.run("quarantine", "list", "--json").json["total"] == 2
    assert project.run("quarantine", "list", "--state", "waived", "--json").json["total"] == 1
    assert "waived by Rina (Disdukcapil) on " in project.run("quarantine", "show", first).out
    target = tmp_path / "x.csv"
    export = ("quarantine", "export", "warga.residents", "--format", "csv", "-o", str(target))
    assert project.run(*export).out.startswith("2 defects ")
    again = project.run("quarantine", "waive", first, *by)
    assert again.code == ExitCode.ACT
    assert_one_line(again.err, f"{first} is waived")
    assert project.run("quarantine", "reopen", first).out == "1 entry open again.\n"
    assert project.run(*export).out.startswith("3 defects ")


def test_export_to_a_place_that_is_not_there(project: CliProject, tmp_path: Path) -> None:
    project.run("sync", "warga")
    target = tmp_path / "nowhere" / "x.xlsx"
    ended = project.run("quarantine", "export", "warga.residents", "-o", str(target))
    assert ended.code == ExitCode.ACT
    assert_one_line(ended.err, str(target))


def test_replay_under_a_corrected_contract(project: CliProject) -> None:
    project.rows(GOOD + BAD)
    project.run("sync", "warga")
    unchanged = project.run("quarantine", "replay", "warga.residents", "--json").json
    assert unchanged["open_entries"] == {"warga.residents": 3}
    document = residents()
    del document["schema"][0]["properties"][2]["logicalTypeOptions"]
    project.contract("sources/warga/residents", document)
    replayed = project.run("quarantine", "replay", "--json").json
    assert [load["added_count"] for load in replayed["loads"]] == [1]
    assert replayed["open_entries"] == {"warga.residents": 2}
    states = [
        e["state"] for e in project.run("quarantine", "list", "--state", "all", "--json").json["entries"]
    ]
    assert sorted(states) == ["open", "open", "replayed"]
    assert project.run("quarantine", "replay", "kantor.offices").out == "Nothing to replay.\n"
