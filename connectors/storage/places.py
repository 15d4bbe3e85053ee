"""Which place a dataset's files are at: the connection says, or else the contract's path or location."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from connectors.base import Connection, Request
from connectors.errors import SourceRefused
from connectors.storage.base import Budget, Storage
from connectors.storage.local import LocalStorage


class Place(NamedTuple):
    """A folder, and which of its files are meant: the one of this name, or those that match a pattern."""

    storage: Storage
    folder: str
    name: str = ""
    pattern: str = ""

    @property
    def path(self) -> str:
        """The one file, as the contract or connection calls it."""
        return self.name if self.folder in ("", ".") else f"{self.folder.rstrip('/')}/{self.name}"


@contextmanager
def place_of(request: Request, connection: Connection, root: Path, budget: Budget) -> Iterator[Place]:
    """The place of the dataset's files; local paths are relative to `root`. Raises `SourceError`."""
    location = str(_settings(request).get("location") or "")
    scheme = urlsplit(location).scheme
    if connection.kind == "sftp":
        with _sftp(request, connection, root, budget) as place:
            yield place
    elif connection.kind == "s3":
        with _s3(request, connection, budget) as place:
            yield place
    elif connection.kind == "api" or (scheme in ("http", "https") and not connection.database):
        with _http(request, connection, budget) as place:
            yield place
    elif scheme in ("s3", "sftp") and not connection.database:
        raise SourceRefused(
            f"{budget.where}: connection {connection.id} is of kind {connection.kind}, the contract's "
            f"location is {scheme}://...; set AIRFLOW_CONN_{connection.id.upper()} to one of kind {scheme}"
        )
    else:
        yield _local(request, connection, root, budget)


def _local(request: Request, connection: Connection, root: Path, budget: Budget) -> Place:
    path = connection.database or connection.extra.get("path") or _settings(request).get("path")
    pattern = request.contract.read.files
    if not path and not pattern:
        raise SourceRefused(f"{budget.where}: neither connection nor contract says where the file is")
    if pattern:
        return Place(LocalStorage(root / str(path or "."), budget.where), str(path or root.name), "", pattern)
    file = root / str(path)
    return Place(LocalStorage(file.parent, budget.where), str(Path(str(path)).parent), file.name)


@contextmanager
def _sftp(request: Request, connection: Connection, root: Path, budget: Budget) -> Iterator[Place]:
    from connectors.storage.sftp import SftpStorage

    location = unquote(urlsplit(str(_settings(request).get("location") or "")).path)
    path = str(connection.database or connection.extra.get("path") or location).lstrip("/")
    folder, name = _split(path, request.contract.read.files)
    with closing(SftpStorage(connection, folder, root, budget)) as storage:
        yield Place(storage, folder, name, request.contract.read.files)


@contextmanager
def _s3(request: Request, connection: Connection, budget: Budget) -> Iterator[Place]:
    from connectors.storage.s3 import S3Storage

    location = urlsplit(str(_settings(request).get("location") or ""))
    if connection.host and "://" not in connection.host:
        bucket, path = connection.host, connection.database
    else:
        bucket, path = location.netloc, unquote(location.path)
    if not bucket or (location.scheme not in ("", "s3")):
        raise SourceRefused(f"{budget.where}: expected s3://bucket/prefix as the contract's location")
    folder, name = _split(path.lstrip("/"), request.contract.read.files)
    with closing(S3Storage(connection, bucket, folder, budget)) as storage:
        yield Place(storage, f"s3://{bucket}/{folder}", name, request.contract.read.files)


@contextmanager
def _http(request: Request, connection: Connection, budget: Budget) -> Iterator[Place]:
    from connectors.storage.http import HttpStorage

    with closing(HttpStorage(connection, request, budget)) as storage:
        yield Place(storage, "the URL's folder", storage.name, request.contract.read.files)


def _split(path: str, pattern: str) -> tuple[str, str]:
    """Folder and file name; a path that goes with a pattern is all folder."""
    if pattern:
        return path, ""
    folder, _, name = path.rpartition("/")
    return folder, name


def _settings(request: Request) -> dict[str, object]:
    server = request.contract.server
    return server.settings if server else {}
