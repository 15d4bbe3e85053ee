"""Values that a spreadsheet would run as formulas."""

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli_project import FORMULA, GOOD, CliProject, made, shield

FAULT = 27

ROWS = [
    *GOOD,
    "6171010101900030,=1+1,1.0,baik\n",
    f'6171010101900031,Agus,1.0,"{FORMULA}"\n',
    '6171010101900032,"\t@SUM(1)",1.0,"a;=1+1"\n',
    "6171010101900033,Joko,-5,baik\n",
]
SIGNS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def project(
    tmp_path: Path,
    warehouse_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CliProject:
    """The small project, of whose rows some hold formulas; one of these is accepted, three are refused."""
    shield(monkeypatch, warehouse_url, tmp_path / "home")
    project = made(tmp_path / "project", capsys)
    project.rows(ROWS)
    project.run("sync", "warga")
    return project


def written(project: CliProject, path: Path, *command: str) -> list[list[Any]]:
    """What the command writes to `path`, row by row; of a workbook, from the last sheet."""
    assert project.run(*command, "--format", path.suffix[1:], "-o", str(path)).code == 0
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    cells = [list(row) for row in openpyxl.load_workbook(path).worksheets[-1].iter_rows()]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}, "no cell is a formula"
    return [[cell.value for cell in row] for row in cells]


def test_a_formula_is_kept_as_it_came(project: CliProject) -> None:
    """A value is `=1+1` or `=cmd|...`: in history and in the quarantine it stands as the source sent it."""
    entries = project.run("quarantine", "list", "--json").json["entries"]
    shown = [
        project.run("quarantine", "show", str(entry["entry_id"]), "--reveal", "--json").json
        for entry in entries
    ]
    kept = [row for entry in shown for row in entry["rows"]]
    assert [row["note"] for row in kept] == [FORMULA, "a;=1+1", "baik"]
    assert kept[1]["full_name"] == "\t@SUM(1)"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_formula_in_a_defect_list(project: CliProject, tmp_path: Path, suffix: str) -> None:
    """A refused value is a formula: in the defect list, CSV or XLSX, no spreadsheet runs it."""
    rows = written(project, tmp_path / f"list{suffix}", "quarantine", "export", "warga.residents")
    values = [row[4] for row in rows[1:]]
    quoted = "'" if suffix == ".csv" else ""
    assert sorted(values) == sorted([f"{quoted}{FORMULA}", f"a;{quoted}=1+1", "-5"]), "a number stays one"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_formula_in_the_data_that_goes_back(project: CliProject, tmp_path: Path, suffix: str) -> None:
    """An agency's own data goes back to it with formulas in it: none of them runs, and none is lost."""
    rows = written(project, tmp_path / f"back{suffix}", "balikan", "warga.residents")
    quoted = "'" if suffix == ".csv" else ""
    names = {row[0]: row[1] for row in rows}
    assert names["6171010101900030"] == f"{quoted}=1+1"
    assert names["6171010101900032"].startswith(f"{quoted}\t")
    assert names["6171010101900032"].replace("'", "") == "\t@SUM(1)"
    if suffix == ".csv":
        risky = [cell for row in rows for cell in row if cell.startswith(SIGNS)]
        assert risky == ["-5"]
