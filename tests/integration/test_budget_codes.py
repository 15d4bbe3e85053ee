"""Lists of budget codes: every row accounted for, versions kept, old codes find what stands for them now."""

import csv
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from demo.agencies import ACCOUNTS, REVENUES, SALARY, SUPPORT, UNUSED
from lumbung.budget_codes.codes import account, sub_activity
from tests.cli_project import CliProject, assert_one_line, shield
from tests.codes_project import CodesProject, made
from tests.conftest import TEMPLATE, Servers
from tests.services import corpus

NOMENCLATURE = "kepmendagri-900.1-861-2026"
HEADER = (
    "JENIS PEMDA", "BIDANG", "PROGRAM", "KEGIATAN", "SUBKEGIATAN", "KINERJA", "INDIKATOR", "SATUAN", "TAG",
    "DEFINISI OPERASIONAL", "PELAKSANA", "SPM", "JENIS", "SUBKEGIATAN SEBELUMNYA",
)  # fmt: skip
LINE = {"budget_year": 2022, "skpd_id": 1, "skpd_code": "1", "pagu_amount": 1}

#: How a line of any year finds its account and its sub-activity.
JOINED = """
SELECT a.account_code, a.account_name, s.sub_activity_code, s.regulation_code
FROM integrated.budget AS b
LEFT JOIN integrated.account_mapping AS am ON am.from_code = b.account_code
LEFT JOIN integrated.account AS a
    ON a.account_code = coalesce(am.to_code, b.account_code) AND a.is_latest
LEFT JOIN integrated.sub_activity_mapping AS sm
    ON sm.from_code = b.sub_activity_code AND sm.government_code = 'city'
LEFT JOIN integrated.sub_activity AS s
    ON s.sub_activity_code = coalesce(sm.to_code, b.sub_activity_code)
    AND s.government_code = 'city' AND s.is_latest
ORDER BY b.sub_activity_code, b.account_code
"""


def budgeted(project: CodesProject, *lines: tuple[str, str]) -> None:
    """Let SIPD have these lines, of sub-activity and account, and nothing else."""
    rows = [
        {**LINE, "sbl_code": str(number), "sub_activity_code": activity, "account_code": code}
        for number, (activity, code) in enumerate(lines)
    ]
    project.says("sipd/budget_lines", rows)
    project.says(
        "sipd/sub_activities", [{"sub_activity_code": "8.01.09.2.01.0001", "sub_activity_name": "?"}]
    )
    paid = {"sp2d_number": "1", "sp2d_date": "2022-02-01", "sp2d_kind_code": "LS", "skpd_code": "1"}
    first = {"sub_activity_code": lines[0][0], "account_code": lines[0][1], "sp2d_amount": 1}
    project.says("simda/sp2d", [paid | first])


def found(project: CodesProject) -> Counter[tuple[str, str]]:
    """How many findings there are of each kind."""
    rows = project.query(
        "SELECT dimension_code, finding_code, count(*) FROM integrated.budget_code_finding GROUP BY 1, 2"
    )
    return Counter({(dimension, finding): count for dimension, finding, count in rows})


@pytest.fixture(scope="module")
def official(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodesProject]:
    """The corpus's lists instead of the demo's, synced and built."""
    lists = corpus() / "codes"
    with embedded_servers.database(18, TEMPLATE) as url:
        project = made(tmp_path_factory.mktemp("official"), url)
        for demo in project.reference.rglob("*demo*"):
            demo.unlink()
        for target, source in (
            ("account_code/kode_rekening_full.csv", "kode_rekening_full.csv"),
            ("sub_activity_code/sub_kegiatan_full.csv", "sub_kegiatan_full.csv"),
            (f"sub_activity_nomenclature/{NOMENCLATURE}.xlsx", "nomenklatur_subkegiatan_2027.xlsx"),
        ):
            shutil.copyfile(lists / source, project.reference / target)
        budgeted(
            project,
            ("2.12.02.2.01.01", "4.1.01.06.01.0001"),
            ("7.01.01.2.06.02", "5.1.02.01.01.0024"),
            ("2.12.02.2.01.0001", "5.1.02.01.01.0024"),
        )
        loads = project.synced()
        counts = {name: (load.read_count, load.quarantined_count) for name, load in loads.items()}
        assert counts["reference.account_code"] == (16_793 + 16, 0)
        assert counts["reference.sub_activity_code"] == (5_263, 0)
        assert counts["reference.sub_activity_nomenclature"] == (7_581, 0)
        project.built()
        yield project


def official_rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the corpus's lists."""
    with (corpus() / "codes" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.corpus
def test_every_row_of_the_official_lists_is_a_version(official: CodesProject) -> None:
    accounts = official.query(
        "SELECT account_code, is_active, account_name, level_number FROM integrated.account "
        "WHERE list_name = 'kode_rekening_full.csv'"
    )
    listed = official_rows("kode_rekening_full.csv")
    assert Counter(accounts) == Counter(
        (row["kode"], row["status_data"] == "0", row["uraian"], int(row["level"])) for row in listed
    )
    activities = official.query(
        "SELECT written_code, government_code, regulation_code, is_active, sub_activity_name "
        "FROM integrated.sub_activity WHERE list_name = 'sub_kegiatan_full.csv'"
    )
    regulations = {"90": "permendagri-90-2019", "50": "kepmendagri-050-3708-2020"}
    governments = {"1": "province", "2": "city"}
    assert Counter(activities) == Counter(
        (
            row["kode"], governments[row["jns_pemda"]], regulations[row["id_hkm"]], row["status_data"] == "0",
            row["sub_kegiatan"],
        )
        for row in official_rows("sub_kegiatan_full.csv")
    )  # fmt: skip
    assert official.query(
        "SELECT count(*), count(DISTINCT (sub_activity_code, government_code)) "
        f"FROM integrated.sub_activity WHERE regulation_code = '{NOMENCLATURE}'"
    ) == [(7_581, 7_581)]


@pytest.mark.corpus
def test_canonical_codes_and_trees_are_those_of_the_rules(official: CodesProject) -> None:
    for written, code, *above in official.query(
        "SELECT written_code, sub_activity_code, affair_group_code, affair_code, program_code, activity_code "
        "FROM integrated.sub_activity"
    ):
        read = sub_activity(written)
        assert (read.value, read.ancestors) == (code, tuple(above))
    for code, level, parent, *above in official.query(
        "SELECT account_code, level_code, parent_code, akun_code, kelompok_code, jenis_code, objek_code, "
        "rincian_objek_code FROM integrated.account"
    ):
        counted = account(code)
        assert (counted.level, counted.parent) == (level, parent or "")
        assert tuple(filter(None, above))[: len(counted.ancestors)] == counted.ancestors


@pytest.mark.corpus
def test_a_line_of_2022_joins_todays_dimensions(official: CodesProject) -> None:
    atk = ("5.1.02.01.01.0024", "Belanja Alat/Bahan untuk Kegiatan Kantor- Alat Tulis Kantor")
    assert official.query(JOINED) == [
        (*atk, "2.12.02.2.01.0001", NOMENCLATURE),
        ("4.1.01.19.03", "PBJT-Jasa Perhotelan", "2.12.02.2.01.0001", NOMENCLATURE),
        (*atk, "X.XX.01.2.06.0002", NOMENCLATURE),
    ]
    old, new = official.query(
        "SELECT valid_from, valid_to, is_latest FROM integrated.sub_activity "
        "WHERE sub_activity_code = '2.12.02.2.01.0001' ORDER BY valid_from"
    )
    assert (old[0].year, old[1], old[2]) == (2021, new[0], False)
    assert (new[0].year, new[1], new[2]) == (2027, None, True)


@pytest.mark.corpus
def test_joins_never_multiply_and_mappings_end_at_codes_that_are_there(official: CodesProject) -> None:
    for keys, table in (
        ("account_code", "integrated.account WHERE is_latest"),
        ("sub_activity_code, government_code", "integrated.sub_activity WHERE is_latest"),
        ("from_code", "integrated.account_mapping"),
        ("from_code, government_code", "integrated.sub_activity_mapping"),
    ):
        assert official.query(f"SELECT {keys} FROM {table} GROUP BY {keys} HAVING count(*) > 1") == []
    assert official.query(
        "SELECT m.from_code FROM integrated.sub_activity_mapping AS m LEFT JOIN integrated.sub_activity AS s "
        "ON s.sub_activity_code = m.to_code AND s.government_code = m.government_code AND s.is_latest "
        "WHERE s.sub_activity_code IS NULL"
    ) == []  # fmt: skip
    written = {row["kode"] for row in official_rows("sub_kegiatan_full.csv")}
    mapped = {code for (code,) in official.query("SELECT from_code FROM integrated.sub_activity_mapping")}
    assert written <= mapped


@pytest.mark.corpus
def test_what_the_official_lists_leave_open_is_listed(official: CodesProject) -> None:
    assert found(official) == {
        ("account", "name_differs"): 330,
        ("account", "regulation_not_stated"): 106,
        ("account", "successor_unknown"): 2,
        ("sub_activity", "name_differs"): 157,
        ("sub_activity", "no_successor"): 2_467,
        ("sub_activity", "not_listed"): 1,
        ("sub_activity", "predecessor_not_listed"): 280,
        ("sub_activity", "predecessor_still_listed"): 11,
    }


def test_the_demos_budget_stands_in_its_lists(tmp_path: Path, warehouse_url: str) -> None:
    project = made(tmp_path, warehouse_url)
    codes = [(SUPPORT[0][0], code) for code, *_ in (*SALARY, *ACCOUNTS)]
    budgeted(project, *codes, *((code, ACCOUNTS[0][0]) for code, _ in (*SUPPORT[1:], *UNUSED)))
    project.synced()
    project.built()
    unlisted = project.query(
        "SELECT code FROM integrated.budget_code_finding WHERE finding_code = 'not_listed'"
    )
    assert unlisted == [("8.01.09.2.01.0001",)]
    listed = {
        code for (code,) in project.query("SELECT account_code FROM integrated.account WHERE is_active")
    }
    assert {code for code, *_ in REVENUES} <= listed


def csv_list(file: Path, columns: str, rows: Iterable[str]) -> Path:
    """A CSV list."""
    file.write_text("\n".join([columns, *rows, ""]), encoding="utf-8")
    return file


def workbook(file: Path, rows: Iterable[Sequence[str | None]]) -> Path:
    """A nomenclature workbook: kind of government, sub-activity and predecessor of each row."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for kind, activity, predecessor in rows:
        code = (activity or "").split(" ")[0]
        above = [f"{code[:cut]} Nama" for cut in (-13, -10, -5)] if code else ["", "", ""]
        sheet.append(
            [kind, *above, activity, "k", "i", "Dokumen", "[null]", "", "", "SPM", "Layanan", predecessor]
        )
    book.save(file)
    return file


@pytest.fixture
def line(
    tmp_path_factory: pytest.TempPathFactory,
    warehouse_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[CodesProject, CliProject]:
    """A project with the repository's lists, and its command line."""
    project = made(tmp_path_factory.mktemp("project"), warehouse_url)
    shield(monkeypatch, warehouse_url, project.folder / "var")
    return project, CliProject(project.folder, capsys)


def imported(cli: CliProject, file: Path, *options: str) -> dict[str, Any]:
    """Import a list; what became of its dataset's rows."""
    ended = cli.run("codes", "import", str(file), *options, "--json")
    assert (ended.code, ended.err) == (0, ""), ended.err
    load: dict[str, Any] = ended.json["load"]
    left = sum(load[f"{name}_count"] or 0 for name in ("staged", "quarantined", "filtered", "superseded"))
    assert load["read_count"] == left
    return load


def test_lists_of_each_shape_with_faults_are_imported(
    line: tuple[CodesProject, CliProject], tmp_path: Path
) -> None:
    project, cli = line
    budgeted(project, ("1.02.02.2.01.07", "5.1.02.99.99.0001"))
    fine = [f"5.1.02.01.01.01{n:02},6,Belanja {n},90,0" for n in range(1, 31)]
    accounts = csv_list(
        tmp_path / "rekening.csv", "kode,level,uraian,id_hkm,status_data",
        [*fine, "5.1.02.1,4,Pendek,90,0", "5.1.02.01.01.0101,6,Lagi,90,0", "5.1.02.01.01.0131,5,Salah,90,0",
         "5.1.02.77.01,5,Yatim,77,0", "5.1.02.01.01.0132,6,,90,1"],
    )  # fmt: skip
    load = imported(cli, accounts)
    # A code that is none, a name that is empty, and both rows of one code, regulation and status.
    assert (load["dataset"], load["quarantined_count"]) == ("reference.account_code", 4)
    activities = csv_list(
        tmp_path / "sub.csv", "kode,jns_pemda,urusan,bidang,program,kegiatan,sub_kegiatan,id_hkm,status_data",
        ["1.02.02.2.01.07,2,U,B,P,K,Lama,90,0", "1.02.02.2.01.08,1,U,B,P,K,Lain,50,1"],
    )  # fmt: skip
    assert imported(cli, activities)["quarantined_count"] == 0
    rows = [("KABKOT", f"1.02.02.2.01.{n:04} Baru {n}", None) for n in range(20, 40)]
    replaced = ("1.02.02.2.01.0007 Lama", "1.02.02.2.01.0008 Dua", "1.02.02.2.01.0020 Baru 20")
    news = [("KABKOT", f"1.02.02.2.01.004{n} Ganti", old) for n, old in enumerate(replaced)]
    news.append(("KABKOT", "1.02.02.2.01.0043 Ganti", "1.02.02.2.01.0008 Dua"))
    broken = [("KABKOT", "tanpa kode", None), ("DESA", "1.02.02.2.01.0050 Lain", None)]
    file = workbook(tmp_path / "nomenklatur.xlsx", [*rows, *news, *broken])
    assert imported(cli, file, "--regulation", NOMENCLATURE)["quarantined_count"] == 2
    project.synced()
    project.built()
    faults = {
        ("account", "regulation_unknown"): 1,
        ("account", "level_differs"): 1,
        ("account", "parent_missing"): 1,
        ("account", "not_listed"): 2,
        ("sub_activity", "government_differs"): 1,
        ("sub_activity", "predecessor_ambiguous"): 2,
        ("sub_activity", "predecessor_still_listed"): 1,
    }
    assert {finding: count for finding, count in found(project).items() if finding in faults} == faults
    assert project.query(JOINED)[0][2:] == ("1.02.02.2.01.0040", NOMENCLATURE)


def test_what_is_no_list_is_refused_and_nothing_copied(
    line: tuple[CodesProject, CliProject], tmp_path: Path
) -> None:
    project, cli = line
    before = sorted(project.reference.rglob("*"))
    other = csv_list(tmp_path / "other.csv", "kode,level,nama", ["1,1,x"])
    book = workbook(tmp_path / "nomenklatur.xlsx", [("KABKOT", "1.02.02.2.01.0001 Satu", None)])
    accounts = csv_list(tmp_path / "a.csv", "kode,level,uraian,id_hkm,status_data", ["1,1,ASET,90,0"])
    for arguments, said in (
        ([other], "it lacks id_hkm, status_data, uraian of reference.account_code"),
        ([book], "does not say which it is of; give --regulation with one of permendagri-90-2019"),
        ([book, "--regulation", "../x"], "there is no regulation '../x'"),
        ([accounts, "--regulation", NOMENCLATURE], "leave --regulation out"),
        ([tmp_path / "none.csv"], "there is no such file"),
        ([csv_list(tmp_path / "a.txt", "kode", [])], "expected a .csv or .xlsx file"),
    ):
        ended = cli.run("codes", "import", *map(str, arguments))
        assert ended.code == 1
        assert_one_line(ended.err, said)
    assert sorted(project.reference.rglob("*")) == before


def test_a_list_of_the_same_name_is_replaced_and_the_others_are_told(
    line: tuple[CodesProject, CliProject], tmp_path: Path
) -> None:
    _, cli = line
    columns = "kode,level,uraian,id_hkm,status_data"
    cli.run("codes", "import", str(csv_list(tmp_path / "kota.csv", columns, ["1,1,ASET,90,0"])))
    ended = cli.run("codes", "import", str(csv_list(tmp_path / "kota.csv", columns, ["1,1,Aset,90,0"])))
    assert ended.code == 0
    assert "Replaced warehouse/reference/account_code/kota.csv." in ended.out
    assert "Codes of demo.csv, pbjt_2024.csv count too" in ended.out
