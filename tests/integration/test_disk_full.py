"""A warehouse whose disk is full: one clear line, nothing half to be seen, and it works again with space."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lumbung import embedded, migrate
from lumbung.errors import WarehouseError
from tests.hub_project import City, Sight, catalogue_of, faults, show_day, source, write_project
from tests.hub_world import await_quiet

SIZE = 400 << 20
STUFFING = "stuffing"
#: What is left when the disk is "full" (bytes): too little for the rows of any stage.
LEFT = 1 << 20


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    # Not pytest's own temporary folder: that one is closed to the unprivileged user of the server.
    folder = Path(tempfile.mkdtemp(prefix="lumbung-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def fill(disk: Path, left: int) -> None:
    """Put a file there that leaves so many bytes on the disk."""
    # Files of dropped tables go at the next checkpoint; their room must not come back later.
    with psycopg.connect(embedded.admin_url(disk), autocommit=True) as administrator:
        administrator.execute("CHECKPOINT")
    found = os.statvfs(disk)
    with (disk / STUFFING).open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - left)


@pytest.mark.fault(5)
def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    url = embedded.start(disk)
    try:
        migrate.upgrade(url)
        with source(100_000) as source_url:
            city = City(write_project(tmp_path / "project"), url, source_url)
            city.run()
            _fill_up_at("land", disk, city, day=2)
            _revise_contract(city)
            _fill_up_at("validate", disk, city, day=1)
    finally:
        embedded.stop(disk)


def _revise_contract(city: City) -> None:
    """Another rule in it, under which every row is typed anew, which takes room."""
    (file,) = city.project.glob("schemas/sources/*/*.odcs.yaml")
    plain = "{name: kelurahan, logicalType: string,"
    limited = f"{plain} logicalTypeOptions: {{maxLength: 99}},"
    file.write_text(file.read_text().replace(plain, limited))
    catalogue_of.cache_clear()


def _fill_up_at(stage: str, disk: Path, city: City, day: int) -> None:
    """Run the city's day on a disk that is full from this stage on, and again with space."""
    show_day(city.source_url, day)
    before, stages = Sight.of(city), list[str]()

    def reached(name: str) -> None:
        stages.append(name)
        if name == stage:
            fill(disk, LEFT)

    with pytest.raises(
        WarehouseError, match=r"^The warehouse's disk is full; free space there and run again\.$"
    ):
        city.run(reached)
    assert stages[-1] == stage
    (disk / STUFFING).unlink()
    # Without room for its journal PostgreSQL restarts, and recovers once there is some.
    await_quiet(city)
    assert Sight.of(city) == before
    city.run()
    assert faults(city) == []
    assert Sight.of(city) != before
