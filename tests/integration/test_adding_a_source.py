"""The walk of docs/adding-a-source.md, with its own file, draft, edits and figures."""

import re
from pathlib import Path

import pytest

from tests.cli_project import CliProject, shield

WALK = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", WALK, re.DOTALL)
    return str(found)


def edited(draft: str) -> str:
    """The draft with the page's edits: each run of lines with - becomes the run with + below it."""
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", block("diff"), re.MULTILINE):
        before, after = (re.sub(r"^.", "", text, flags=re.MULTILINE).rstrip("\n") for text in (old, new))
        assert draft.count(before) == 1, before
        draft = draft.replace(before, after)
    return draft


def test_the_walk_goes_as_it_says(
    warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shield(monkeypatch, warehouse_url, tmp_path / "home")
    file = tmp_path / "incoming" / "izin.csv"
    file.parent.mkdir()
    file.write_text(block("csv"), encoding="utf-8")
    monkeypatch.setenv("AIRFLOW_CONN_REKLAME", f"file://{file.parent}")
    project = CliProject(tmp_path / "project", capsys)
    (project.folder / "schemas").mkdir(parents=True)

    assert project.run("contract", "draft", "reklame").code == 0
    contract = project.folder / "schemas/sources/reklame/izin.odcs.yaml"
    draft = contract.read_text("utf-8")
    assert [line for line in block("yaml").splitlines() if line not in draft.splitlines()] == []
    again = project.run("contract", "draft", "reklame")
    assert again.code == 1
    assert "izin.odcs.yaml is there already" in again.err
    contract.write_text(edited(draft), encoding="utf-8")

    assert project.run("contract", "check").out == "1 contract fine.\n"
    tried = project.run("contract", "try", "reklame.izin")
    assert tried.code == 1
    assert tried.out.startswith(block("text"))
    assert re.search(r"berlaku_s_d:type +1 +4 ", tried.out)
    counts = ("read_count", "added_count", "confirmed_count", "quarantined_count", "filtered_count")
    for expected in ((5, 3, 0, 1, 1), (5, 0, 3, 1, 1)):
        (load,) = project.run("sync", "reklame.izin", "--json").json["loads"]
        assert tuple(load[name] for name in counts) == expected
    (entry,) = project.run("quarantine", "list", "--json").json["entries"]
    assert entry["reasons"] == ["berlaku_s_d:type"]
