"""SIPD's API: OAuth2 client credentials and pages of JSON, as a process of its own on 127.0.0.1.

The server ends by itself once none of the processes that asked for it is left.
"""

import contextlib
import os
import secrets
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from demo import state
from demo.model import PROJECT

CLIENT = "lumbung"
#: How long starting and stopping may take.
_SECONDS = 20.0


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
    deadline = time.monotonic() + _SECONDS
    # A server that has ended but whose parent has not noticed still looks alive: its file tells.
    while running(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    (_place(home) / "server.json").unlink(missing_ok=True)
    return True


def _started(home: Path) -> Server:
    secret, log = secrets.token_urlsafe(24), _place(home) / "server.log"
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # Not subprocess: it warns about children that outlive the object that stands for them.
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "demo.api", str(home)],
        os.environ | {"LUMBUNG_DEMO_SECRET": secret, "PYTHONPATH": os.pathsep.join(paths)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        # Out of the reach of Ctrl-C: the hub may want its sources until it has ended.
        setpgroup=0,
    )
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and is_alive(pid):
        server = running(home)
        if server is not None and server.secret == secret:
            return server
        time.sleep(0.05)
    raise RuntimeError(f"the demo's API server did not start; see {log}")


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
