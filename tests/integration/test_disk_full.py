"""A warehouse whose disk is full: one clear line, nothing half to be seen, and it works again with space."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumbung import embedded, migrate, pipeline
from lumbung.errors import WarehouseError
from tests.hub_project import DATASET, City, Sight, faults, show_day, source, write_project

SIZE = 400 << 20
#: What is left when the disk is "full": enough for the server's own small writes, too little for a load.
LEFT = 3 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    for parent in (folder, *folder.parents[:4]):
        parent.chmod(0o755) if parent != Path("/tmp") else None
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path, left: int) -> Path:
    """A file that leaves so many bytes on the disk."""
    stuffing = disk / "stuffing"
    found = os.statvfs(disk)
    with stuffing.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - left)
    return stuffing


def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    url = embedded.start(disk)
    try:
        migrate.upgrade(url)
        with source(100_000) as source_url:
            city = City(write_project(tmp_path / "project"), url, source_url)
            city.run()
            show_day(source_url, 2)
            before = Sight.of(city)
            stuffing = fill(disk, LEFT)
            with pytest.raises(WarehouseError, match=r"^The warehouse's disk is full; free space"):
                pipeline.sync(city.hub(), DATASET)
            assert Sight.of(city) == before
            stuffing.unlink()
            city.run()
            assert faults(city) == []
            assert Sight.of(city) != before
            assert city.query("SELECT state, reason FROM ops.load WHERE load_id = 2") == [
                ("failed", "The warehouse's disk is full; free space there and run again.")
            ]
    finally:
        embedded.stop(disk)
