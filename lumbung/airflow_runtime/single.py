"""One live Airflow per home: who runs it, and how another process ends it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO

from lumbung.errors import RuntimeRefused
from lumbung.settings import Settings

_STOP_SECONDS = 120.0


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the service's lock, with this process's id in it. Raises `RuntimeRefused` when another holds it.

    The kernel frees the lock when the process ends, however it ends, so a stale file means nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with _file(folder).open("a+") as file:
        if not _taken(file):
            raise RuntimeRefused(f"Airflow runs already (process {_holder(file)}); `lumbung stop` ends it.")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def stop(settings: Settings) -> bool:
    """End the live Airflow of this home and wait until it has; False when none was running.

    Raises `RuntimeRefused` when it doesn't end.
    """
    path = _file(settings.home / "airflow")
    if not path.exists():
        return False
    with path.open("a+") as file:
        if _taken(file):
            return False
        pid = _holder(file)
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while not _taken(file):
            if time.monotonic() > deadline:
                raise RuntimeRefused(f"Airflow (process {pid}) did not end in {_STOP_SECONDS:.0f} s.")
            time.sleep(0.1)
    return True


def _file(folder: Path) -> Path:
    return folder / "supervisor.lock"


def _taken(file: IO[str]) -> bool:
    """Whether this process now holds the lock."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> int:
    file.seek(0)
    return int(file.read())
