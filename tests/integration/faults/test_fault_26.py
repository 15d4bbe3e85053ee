"""Foreign keys to nothing."""

from dataclasses import replace
from pathlib import Path

from schemas.contract import Deleted, Reference, Sync
from tests.loads_project import column, counts
from tests.piped import Piped, run_sql
from tests.sourced import dataset

FAULT = 26

GUARDS = Sync(max_delete_pct=100, max_refused_pct=80)
OFFICE = column("office", "integer", key=1)
PERMIT = (column("permit", "integer", key=1), column("office", "integer"))
SCHEMA = """
CREATE TABLE offices (office, closed); INSERT INTO offices VALUES (1, 0), (2, 0);
CREATE TABLE permits (permit, office); INSERT INTO permits VALUES (10, 1), (11, 2), (12, 9), (13, NULL);
"""


def city(warehouse_url: str, folder: Path, parent: str = "izin.offices") -> tuple[Piped, Path]:
    """Permits, each at an office, of the same source or of another."""
    file = folder / "in.db"
    run_sql(file, SCHEMA)
    closed = column("closed", "boolean")
    sync = replace(GUARDS, deleted=Deleted("closed"))
    offices = dataset("sqlite", OFFICE, closed, path=file, name=parent, sync=sync)
    permits = dataset(
        "sqlite", *PERMIT, path=file, name="izin.permits", sync=GUARDS,
        references=(Reference(("office",), parent, ("office",)),),
    )  # fmt: skip
    named = (replace(permits, physical_name="permits"), replace(offices, physical_name="offices"))
    return Piped(warehouse_url, folder, *named), file


def test_within_a_source(warehouse_url: str, tmp_path: Path) -> None:
    """A row names a parent of the same source that isn't there: it is quarantined, until the parent comes."""
    source, file = city(warehouse_url, tmp_path)
    source.sync("izin.offices")
    assert counts(source.sync()) == {"added": 3, "quarantined": 1}
    assert source.refused() == {"12": ["office:reference"]}
    run_sql(file, "INSERT INTO offices VALUES (9, 0)")
    source.sync("izin.offices")
    assert counts(source.sync()) == {"added": 1, "confirmed": 3}
    assert source.refused() == {}


def test_between_sources(warehouse_url: str, tmp_path: Path) -> None:
    """A row names a parent of another source that isn't there: the gate warns, and the row is taken."""
    source, _ = city(warehouse_url, tmp_path, "kantor.offices")
    source.sync("kantor.offices")
    load = source.sync()
    assert (load.state, load.is_flagged, counts(load)) == ("applied", True, {"added": 4})
    found = source.query("SELECT rule, severity FROM ops.check_result WHERE outcome = 'failed'")
    assert found == [("office in kantor.offices", "warning")]


def test_a_parent_that_is_marked_as_deleted(warehouse_url: str, tmp_path: Path) -> None:
    """A parent is marked as deleted at the source: its children, unchanged as they are, are quarantined."""
    source, file = city(warehouse_url, tmp_path)
    source.sync("izin.offices")
    source.sync()
    run_sql(file, "UPDATE offices SET closed = 1 WHERE office = 2")
    assert counts(source.sync("izin.offices")) == {"confirmed": 1, "filtered": 1, "removed": 1}
    assert counts(source.sync()) == {"confirmed": 2, "quarantined": 2}
    assert source.refused() == {key: ["office:reference"] for key in ("11", "12")}
