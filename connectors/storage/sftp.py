"""Files on an SFTP server, whose host key has to be known."""

import base64
import binascii
import hashlib
import io
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeVar

import paramiko
from paramiko.pkey import UnknownKeyType

from connectors.base import Connection
from connectors.errors import SourceRefused, SourceUnavailable
from connectors.storage.base import Budget, Stored, local_name, ordered
from connectors.storage.globs import leads_out, walked

CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 60.0
#: Bytes asked for at once, in pieces of a size that every server grants: so much is in memory.
WINDOW, PIECE = 1 << 22, 1 << 15
_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)

T = TypeVar("T")


class SftpStorage:
    """The files in a folder of the server; every question is asked again when the line breaks.

    `folder` begins at the server's root, or with `~/` at the user's home. `root` is where relative key
    files lie. Extras as Airflow's SFTP connection has them: `private_key` or `key_file` with
    `private_key_passphrase`, `host_key`, `no_host_key_check`.
    """

    def __init__(self, connection: Connection, folder: str, root: Path, budget: Budget) -> None:
        self._connection = connection
        self._folder = PurePosixPath(folder.removeprefix("~/") if folder.startswith("~/") else f"/{folder}")
        self._root = root
        self._budget = budget
        self._where = f"{budget.where}: connection {connection.id}"
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None
        self._watch: threading.Timer | None = None

    def close(self) -> None:
        """Hang up."""
        if self._client:
            self._client.close()
        if self._watch:
            self._watch.cancel()
        self._client = self._sftp = None

    def listed(self, pattern: str) -> list[Stored]:
        """As `Storage.listed`."""
        if leads_out(pattern):
            raise SourceRefused(f"{self._where}: {pattern} leads out of its folder; correct read.files")

        def found(sftp: paramiko.SFTPClient) -> list[Stored]:
            times: dict[str, float] = {}
            names = walked(pattern, lambda folder: self._entries(sftp, folder, times))
            return ordered((Stored(name, times[name]) for name in names), pattern, self._where)

        return self._asked(found, str(self._folder))

    def named(self, name: str) -> Stored | None:
        """As `Storage.named`."""
        path = str(self._folder / name)

        def found(sftp: paramiko.SFTPClient) -> Stored | None:
            try:
                seen = sftp.stat(path)
            except FileNotFoundError:
                return None
            return Stored(name, float(seen.st_mtime or 0)) if stat.S_ISREG(seen.st_mode or 0) else None

        return self._asked(found, path)

    def fetch(self, stored: Stored, folder: Path) -> Path:
        """A copy of the file; raises `SourceUnavailable` when it changes while it is read."""
        path = str(self._folder / stored.name)
        target = folder / local_name(stored.name)

        def copied(sftp: paramiko.SFTPClient) -> Path:
            before = sftp.stat(path)
            with sftp.open(path, "rb") as file:
                size = self._budget.copy(_chunks(file, before.st_size or 0), target)
            after = sftp.stat(path)
            if (before.st_size, before.st_mtime) != (size, after.st_mtime) or after.st_size != size:
                self._budget.take(-size)
                raise SourceUnavailable(f"{self._where}: {stored.name} changed while it was read")
            return target

        return self._asked(copied, path)

    def _entries(
        self, sftp: paramiko.SFTPClient, folder: str, times: dict[str, float]
    ) -> Iterator[tuple[str, bool]]:
        """What lies in the folder; notes when each file was changed. Links are followed to files only."""
        for entry in sftp.listdir_iter(str(self._folder / folder)):
            self._budget.left()
            path = f"{folder}/{entry.filename}" if folder else entry.filename
            mode, changed = entry.st_mode or 0, entry.st_mtime
            if stat.S_ISLNK(mode):
                try:
                    seen = sftp.stat(str(self._folder / path))
                except FileNotFoundError:
                    continue
                mode, changed = 0 if stat.S_ISDIR(seen.st_mode or 0) else seen.st_mode or 0, seen.st_mtime
            times[path] = float(changed or 0)
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
                yield entry.filename, stat.S_ISDIR(mode)

    def _asked(self, question: Callable[[paramiko.SFTPClient], T], path: str) -> T:
        """The answer, over a new line whenever the one before is broken."""

        def attempt() -> T:
            try:
                with self._translated(path):
                    return question(self._connected())
            except SourceUnavailable:
                self.close()
                raise

        return self._budget.persist(attempt)

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        """Turn errors of the network, of SSH and of the server into ours."""
        c = self._connection
        try:
            yield
        except paramiko.BadHostKeyException as error:
            raise SourceRefused(
                f"{self._where}: {c.host} shows another host key than host_key, {_shown(error.key)}; "
                "ask its owner whether it was changed"
            ) from None
        except paramiko.AuthenticationException:
            raise SourceRefused(
                f"{self._where}: {c.host} refused the login of {c.user or 'nobody'}; correct user, password "
                f"or key in AIRFLOW_CONN_{c.id.upper()}"
            ) from None
        except FileNotFoundError:
            raise SourceRefused(f"{self._where}: no {path} on {c.host}; correct the path") from None
        except PermissionError:
            raise SourceRefused(
                f"{self._where}: {c.user} may not read {path} on {c.host}; ask its owner for permission"
            ) from None
        except (paramiko.SSHException, EOFError, OSError, UnicodeError) as error:
            said = str(error) or type(error).__name__
            raise SourceUnavailable(f"{self._where}: {c.host} can't be read now: {said}") from None

    def _connected(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            self._client = paramiko.SSHClient()
            seconds = min(CONNECT_SECONDS, self._budget.left())
            c = self._connection
            self._trust(self._client)
            self._client.connect(
                c.host, c.port or 22, c.user or None, c.password or None, self._key(),
                timeout=seconds, banner_timeout=seconds, auth_timeout=seconds, channel_timeout=seconds,
                allow_agent=False, look_for_keys=False,
            )  # fmt: skip
            # Each wait has its limit, but a server that answers by drops keeps to them all.
            self._watch = threading.Timer(self._budget.left(), self._client.close)
            self._watch.daemon = True
            self._watch.start()
            self._sftp = self._client.open_sftp()
            channel = self._sftp.get_channel()
            if channel:
                channel.settimeout(ANSWER_SECONDS)
        return self._sftp

    def _trust(self, client: paramiko.SSHClient) -> None:
        """Let `client` know the host key, from the connection or else from this machine's known hosts."""
        c = self._connection
        if str(c.extra.get("no_host_key_check", "")).lower() == "true":
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            return
        client.set_missing_host_key_policy(_Refuse(self._where))
        if not c.extra.get("host_key"):
            client.load_system_host_keys()
            return
        host = c.host if (c.port or 22) == 22 else f"[{c.host}]:{c.port}"
        key = self._host_key(str(c.extra["host_key"]))
        client.get_host_keys().add(host, key.get_name(), key)

    def _host_key(self, text: str) -> paramiko.PKey:
        """The key of `ssh-ed25519 AAAA...`, or of the second part alone."""
        try:
            blob = base64.b64decode(max(text.split(), key=len))
            kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii")
            return paramiko.PKey.from_type_string(kind, blob)
        except (binascii.Error, ValueError, paramiko.SSHException, UnknownKeyType):
            raise self._unreadable("host_key", "a line such as 'ssh-ed25519 AAAA...'") from None

    def _key(self) -> paramiko.PKey | None:
        extra = self._connection.extra
        text, file = extra.get("private_key"), extra.get("key_file")
        if file:
            try:
                text = (self._root / str(file)).read_text("ascii")
            except (OSError, ValueError):
                raise self._unreadable(
                    "key_file", "the path of a private key in PEM or OpenSSH form"
                ) from None
        if not text:
            return None
        phrase = extra.get("private_key_passphrase") or None
        for kind in _KEYS:
            try:
                return kind.from_private_key(io.StringIO(str(text).replace("\\n", "\n")), phrase)
            except (paramiko.SSHException, ValueError, IndexError, UnicodeDecodeError):
                continue
        raise self._unreadable("private_key", "an Ed25519, ECDSA or RSA key and its private_key_passphrase")

    def _unreadable(self, name: str, expected: str) -> SourceRefused:
        variable = f"AIRFLOW_CONN_{self._connection.id.upper()}"
        return SourceRefused(f"{self._where}: extra {name} can't be read; expected {expected} in {variable}")


class _Refuse(paramiko.MissingHostKeyPolicy):
    """Refuses a server whose key is not known, and says what to do."""

    def __init__(self, where: str) -> None:
        self._where = where

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        raise SourceRefused(
            f"{self._where}: the host key of {hostname} is not known: {_shown(key)}; compare it with what "
            f"its owner says, then set extra host_key to '{key.get_name()} {key.get_base64()}'"
        )


def _shown(key: paramiko.PKey) -> str:
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _chunks(file: paramiko.SFTPFile, size: int) -> Iterator[bytes]:
    """The file's bytes, a window at a time."""
    for start in range(0, size, WINDOW):
        end = min(size, start + WINDOW)
        pieces = [(place, min(PIECE, end - place)) for place in range(start, end, PIECE)]
        yield from file.readv(pieces)
