"""SIPD's API: OAuth2 client credentials and pages of JSON, as a process of its own on 127.0.0.1.

The server ends by itself once none of the processes that asked for it is left.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from demo import state

CLIENT = "lumbung"
_START_SECONDS = 20.0


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int
    secret: str = field(repr=False)


def _place(home: Path) -> Path:
    return state.folder(home) / "api"


def running(home: Path) -> Server | None:
    """The server that runs for `home`, if one does."""
    said = state.read(_place(home) / "server.json")
    if not said or not is_alive(said["pid"]):
        return None
    return Server(said["pid"], said["port"], said["secret"])


def start(home: Path, user: int | None = None) -> Server:
    """The server for `home`, started if it doesn't run; it stays until process `user` (ours) has ended.

    Raises RuntimeError when it can't be started.
    """
    users = _place(home) / "users"
    users.mkdir(parents=True, exist_ok=True)
    (users / str(user or os.getpid())).touch()
    return running(home) or _started(home)


def stop(home: Path) -> bool:
    """End the server; False when none was running."""
    server = running(home)
    if server is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
    deadline = time.monotonic() + _START_SECONDS
    while is_alive(server.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    (_place(home) / "server.json").unlink(missing_ok=True)
    return True


def _started(home: Path) -> Server:
    log = (_place(home) / "server.log").open("ab")
    secret = secrets.token_urlsafe(24)
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo.api", str(home)],
            env=os.environ | {"LUMBUNG_DEMO_SECRET": secret},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        server = running(home)
        if server is not None and server.secret == secret:
            return server
        time.sleep(0.05)
    raise RuntimeError(f"the demo's API server did not start; see {_place(home) / 'server.log'}")


def is_alive(pid: int) -> bool:
    """Whether the process runs; a child of ours that has ended is collected."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
