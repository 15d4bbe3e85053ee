"""A warehouse whose disk is full: one clear line, nothing half to be seen, and it works again with space."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumbung import embedded, migrate
from lumbung.errors import WarehouseError
from tests.hub_project import City, Sight, faults, show_day, source, write_project
from tests.hub_world import await_quiet

SIZE = 400 << 20
#: What is left when the disk is "full" (bytes): too little to land, and enough for that but no more.
LEFT = (1 << 20, 16 << 20)


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
    for parent in (folder, folder.parent, folder.parent.parent, folder.parent.parent.parent):
        # The server runs as another user.
        parent.chmod(0o755)
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
            reached = [
                _last_stage_on_a_full(disk, city, left, day) for left, day in zip(LEFT, (2, 1), strict=True)
            ]
            assert reached == ["land", "validate"]
    finally:
        embedded.stop(disk)


def _last_stage_on_a_full(disk: Path, city: City, left: int, day: int) -> str:
    """Run the city's day with so little space, and again with space; where the first run ended."""
    show_day(city.source_url, day)
    before, stages = Sight.of(city), list[str]()
    stuffing = fill(disk, left)
    with pytest.raises(
        WarehouseError, match=r"^The warehouse's disk is full; free space there and run again\.$"
    ):
        city.run(stages.append)
    stuffing.unlink()
    # Without room for its journal PostgreSQL restarts, and recovers once there is some.
    await_quiet(city)
    assert Sight.of(city) == before
    city.run()
    assert faults(city) == []
    assert Sight.of(city) != before
    return stages[-1]
