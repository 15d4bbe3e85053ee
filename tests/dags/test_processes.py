"""Nothing outlives those that started it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from lumbung.airflow_runtime.keys import kept_keys, passwords_file
from lumbung.airflow_runtime.live import up
from lumbung.airflow_runtime.processes import end_sessions, members_of
from lumbung.airflow_runtime.single import only_one, stop
from lumbung.errors import RuntimeRefused, SettingsError
from lumbung.settings import Settings
from tests.dags.conftest import REPOSITORY

# A child that promises to end with its parent, forks a grandchild in a group of its own, and waits.
CHILD = """
import os, sys, time
from lumbung.airflow_runtime.processes import die_with
die_with(int(sys.argv[1]))
if os.fork() == 0:
    os.setpgid(0, 0)
os.write(1, b"%d\\n" % os.getpid())  # at once: print writes number and line end apart
time.sleep(600)
"""
PARENT = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
time.sleep(600)
"""


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_children_and_grandchildren_end_with_a_killed_parent() -> None:
    with python(PARENT, CHILD) as parent:
        assert parent.stdout
        family = [int(parent.stdout.readline()) for _ in range(2)]
        os.kill(parent.pid, signal.SIGKILL)
        assert eventually(lambda: all(map(gone, family)))


def test_a_session_ends_with_all_its_groups() -> None:
    with python(CHILD, str(os.getpid())) as leader:
        assert leader.stdout
        family = [int(leader.stdout.readline()) for _ in range(2)]
        assert sorted(members_of({leader.pid})) == sorted(family)
        end_sessions([leader], grace=5)
        assert members_of({leader.pid}) == []
        assert eventually(lambda: all(map(gone, family)))


def test_a_leader_that_ignores_the_request_is_killed() -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    with python(deaf) as leader:
        assert leader.stdout
        leader.stdout.readline()
        end_sessions([leader], grace=0.2)
        assert leader.poll() == -signal.SIGKILL


def test_a_second_service_of_the_same_home_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(RuntimeRefused, match=f"runs already .process {os.getpid()}.")
    with only_one(tmp_path), refused, only_one(tmp_path):
        pass


def test_stopping_what_does_not_run(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path)
    assert stop(settings) is False
    with only_one(tmp_path / "airflow"):
        pass
    assert stop(settings) is False


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(RuntimeRefused, match=f"127.0.0.1:{port} is taken .* LUMBUNG_AIRFLOW_PORT"):
            up(Settings(tmp_path, tmp_path), {"LUMBUNG_AIRFLOW_PORT": port})
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none_is_told(tmp_path: Path, port: str) -> None:
    with pytest.raises(SettingsError, match="LUMBUNG_AIRFLOW_PORT: expected a port"):
        up(Settings(tmp_path, tmp_path), {"LUMBUNG_AIRFLOW_PORT": port})


def test_keys_are_kept_and_private(tmp_path: Path) -> None:
    first, second = kept_keys(tmp_path), kept_keys(tmp_path)
    assert first == second
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys.json", passwords_file(tmp_path))} == {
        0o600
    }
    assert first.password not in repr(first)
