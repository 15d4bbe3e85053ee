"""Processes that end with those that started them, however those end."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress

import psutil

_PR_SET_PDEATHSIG = 1


def own_python(module: str) -> list[str]:
    """The command that runs a module of this package as a child that knows its parent.

    The working folder stays off the module path: it may be a project, whose folders are named like packages.
    """
    return [sys.executable, "-P", "-m", f"lumbung.airflow_runtime.{module}", str(os.getpid())]


def die_with(parent: int) -> None:
    """Make this process, and whatever it forks from now on, end when its parent does, even by `kill -9`.

    `parent` is the process id of the caller that started this process. Linux only; elsewhere nothing happens
    and an orderly stop has to do.
    """
    if sys.platform != "linux":
        return
    _ask_kernel()
    if os.getppid() != parent:
        sys.exit(f"process {parent}, which started this one, is gone")
    _ask_for_children()


def _ask_kernel() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _ask_for_children() -> None:
    """The kernel's promise is not inherited, so each fork renews it.

    It counts the forking *thread* as the parent, and threads end while their process lives on: only forks
    from the main thread are covered.
    """
    from_main_thread = False

    def before() -> None:
        nonlocal from_main_thread
        from_main_thread = threading.current_thread() is threading.main_thread()

    def in_child() -> None:
        if from_main_thread:
            _ask_kernel()

    os.register_at_fork(before=before, after_in_child=in_child)


def end_sessions(leaders: Collection[subprocess.Popen[bytes]], grace: float) -> None:
    """Ask the leaders to end, wait `grace` seconds in all, then kill whatever is left of their sessions.

    Airflow puts each task in a process group of its own, so only the session holds all of them.
    """
    for leader in leaders:
        leader.terminate()
    deadline = time.monotonic() + grace
    while any(leader.poll() is None for leader in leaders) and time.monotonic() < deadline:
        time.sleep(0.05)
    sessions = {leader.pid for leader in leaders}
    while members := members_of(sessions):
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for leader in leaders:
            leader.poll()
        time.sleep(0.05)


def members_of(sessions: Collection[int]) -> list[int]:
    """The living processes of these sessions, zombies left out."""
    return [pid for pid in psutil.pids() if _session(pid) in sessions and not _is_zombie(pid)]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True
