"""The embedded server as a process: is it there, is its port free, with what settings does it start."""

import os
import random
import shlex
import shutil
import socket
import time
from pathlib import Path

from lumbung.errors import EmbeddedError

#: Below the range from which systems take ports for outgoing connections, so that the port stays free.
_PORTS = range(15_432, 25_432)

_ORPHAN_SECONDS = 30.0
_MB = 1 << 20


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on now."""
    for port in random.sample(_PORTS, k=100):
        if not port_is_taken(port):
            return port
    raise EmbeddedError(f"127.0.0.1: no free port found between {_PORTS.start} and {_PORTS.stop}")


def port_is_taken(port: int) -> bool:
    """Whether something listens there. Connections that are only closing don't count, as for PostgreSQL."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def running_pid(data: Path) -> int | None:
    """The process id of the server on this data folder, or None.

    A pid file alone proves nothing: after a kill or a reboot its number may be anybody's.
    """
    pid = _written_pid(data)
    return pid if pid is not None and str(data) in _arguments(pid) else None


def await_orphans(data: Path) -> None:
    """Make the folder safe to start on after its server was killed.

    Backends of a killed server finish what they do before they notice; starting beside them would damage
    the data. Raises EmbeddedError when some won't end.
    """
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while orphans := _working_in(data):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{data}: processes {orphans} of a killed server still work on it; end them")
        time.sleep(0.1)
    pid = _written_pid(data)
    if pid is None or _exists(pid):
        # Half-written, somebody else's, or a zombie's: PostgreSQL would stumble over it and refuse.
        (data / "postmaster.pid").unlink(missing_ok=True)


def _written_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _arguments(pid: int) -> list[str]:
    """A process's command line; empty when it is gone, or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def _working_in(data: Path) -> list[int]:
    """Server processes whose working folder is this data folder: every backend's is."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_server = (entry / "exe").readlink().name == "postgres"
            if is_server and (entry / "cwd").readlink() == data:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def server_options(version: int, port: int) -> str:
    """The server's settings as one shell-quoted string for `pg_ctl -o`."""
    settings = _listening(port) | _sized(os.cpu_count() or 2, _memory()) | _SETTINGS
    if version >= 18:
        settings["io_workers"] = "2"
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())


_SETTINGS = {
    # No replicas: a table filled in the transaction that makes it skips the WAL. fsync stays on.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors quote the values they choke on: personal data, which no log may hold.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


def _listening(port: int) -> dict[str, str]:
    return {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}


def _sized(cores: int, memory: int) -> dict[str, str]:
    shared_memory = shutil.disk_usage("/dev/shm").total if Path("/dev/shm").is_dir() else 0
    return {
        "shared_buffers": f"{max(32, min(memory // 4 // _MB, 2048))}MB",
        "effective_cache_size": f"{memory // 2 // _MB}MB",
        "work_mem": f"{max(4, min(memory // 64 // _MB, 64))}MB",
        "maintenance_work_mem": f"{max(16, min(memory // 16 // _MB, 512))}MB",
        "max_worker_processes": str(cores + 6),
        "max_parallel_workers": str(cores),
        "max_parallel_workers_per_gather": str(cores),
        "max_parallel_maintenance_workers": str(cores),
        # Containers often have 64 MB there, too little for a parallel hash join.
        "dynamic_shared_memory_type": "posix" if shared_memory >= 1024 * _MB else "mmap",
    }


def _memory() -> int:
    """Bytes of memory this process may use: the machine's, or less where a control group says so."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine
