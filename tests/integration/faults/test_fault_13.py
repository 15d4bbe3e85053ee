"""A file that was there before."""

import shutil
from pathlib import Path

from lumbung import pipeline
from schemas.contract import Contract, Read, Sync
from tests.loads_project import column, counts
from tests.piped import Piped
from tests.sourced import dataset

FAULT = 13


def letters(folder: Path, sync: Sync, read: Read) -> Contract:
    folder.mkdir()
    described = dataset(
        "csv", column("id", "integer", key=1), column("name"), path=folder, sync=sync, read=read
    )
    (folder / "may.csv").write_text("id,name\n1,a\n2,b\n", encoding="utf-8")
    return described


APPEND = Sync("append")
NEW = Read(files="*.csv", pick="new")


def test_the_same_content_under_another_name(warehouse_url: str, tmp_path: Path) -> None:
    """A file is dropped again under another name: it is known by its content, and 0 rows are read."""
    source = Piped(warehouse_url, tmp_path, letters(tmp_path / "in", APPEND, NEW))
    assert counts(source.sync()) == {"added": 2}
    shutil.copy(tmp_path / "in" / "may.csv", tmp_path / "in" / "may (2).csv")
    again = source.sync()
    assert (again.state, again.read_count, counts(again)) == ("applied", 0, {})
    (tmp_path / "in" / "june.csv").write_text("id,name\n3,c\n", encoding="utf-8")
    june = source.sync()
    assert (june.read_count, counts(june)) == (1, {"added": 1})
    assert source.current() == [(1, "a"), (2, "b"), (3, "c")]


def test_two_runs_take_the_same_file(warehouse_url: str, tmp_path: Path) -> None:
    """Two runs read the same new file at once: one is applied, the other superseded, the file known."""
    source = Piped(warehouse_url, tmp_path, letters(tmp_path / "in", APPEND, NEW))
    loads = [pipeline.land(source.hub, source.first) for _ in range(2)]
    states = [pipeline.apply(source.hub, load_id).state for load_id in loads]
    assert states == ["applied", "superseded"]
    assert source.sync().read_count == 0
    assert len(source.current()) == 2


def test_a_snapshot_read_again(warehouse_url: str, tmp_path: Path) -> None:
    """A file that is read whole every day did not change: every row is confirmed and nothing is written."""
    source = Piped(warehouse_url, tmp_path, letters(tmp_path / "in", Sync(), Read(files="may.csv")))
    first = source.sync()
    assert counts(source.sync()) == {"confirmed": 2}
    assert source.query("SELECT last_changed_load_id FROM ops.dataset") == [(first.load_id,)]
    assert source.query("SELECT count(*) FROM history.test__data") == [(2,)]
