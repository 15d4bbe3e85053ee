"""One file behind a URL, with the manners of `HttpClient`: credentials, retries, redirects within bounds."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote

import httpx

from connectors.base import Connection, Request
from connectors.errors import SourceMalformed, SourceRefused, SourceUnavailable
from connectors.hosts import same_origin
from connectors.http_client import HttpClient, base_url
from connectors.storage.base import CHUNK, Budget, Stored, local_name
from connectors.storage.globs import has_magic

_HTML = (b"<!doctype html", b"<html")


class HttpStorage:
    """The file at the connection's or contract's URL, and those beside it by name."""

    def __init__(
        self,
        connection: Connection,
        request: Request,
        budget: Budget,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._where = f"{budget.where}: connection {connection.id}"
        self._client = _FileClient(connection, request, budget, sleep)

    @property
    def name(self) -> str:
        """What the file is called: the last part of the URL's path."""
        return self._client.name

    def close(self) -> None:
        """Close the connections."""
        self._client.__exit__(None, None, None)

    def listed(self, pattern: str) -> list[Stored]:
        """The one file of this name; refuses globs."""
        if has_magic(pattern):
            raise SourceRefused(
                f"{self._where}: {pattern}: files can't be listed over HTTP; give the URL of each file"
            )
        return [Stored(pattern)]

    def named(self, name: str) -> Stored | None:
        """The file, whether it is there or not: `fetch` will tell."""
        return Stored(name)

    def fetch(self, stored: Stored, folder: Path) -> Path:
        """A copy of the file, complete as far as the server says how long it is."""
        target = folder / local_name(unquote(stored.name))
        self._client.download(stored.name, target)
        return target


class _FileClient(HttpClient):
    """An `HttpClient` that writes answers to a file."""

    def __init__(
        self, connection: Connection, request: Request, budget: Budget, sleep: Callable[[float], None]
    ) -> None:
        self._files = request.contract.read.files
        super().__init__(connection, request, None, sleep)
        self._budget = budget
        self._target: Path | None = None
        self._came = ""

    @property
    def name(self) -> str:
        return self._files or self._url.path.rpartition("/")[2]

    def download(self, name: str, target: Path) -> None:
        """Write the file beside the URL, or the URL's own, to `target`."""
        folder = self._below(self._base) if self._files else self._url
        url = self._url if name == self.name else folder.join(name)
        if not same_origin(url, self._base):
            raise SourceRefused(f"{self._where}: {name} leads to another host; correct it in the contract")
        self._target, self._came = target, ""
        try:
            response, _ = self._followed(url)
            if response.status_code == 401 and self._token:
                self._token = ""
                response, _ = self._followed(url)
        except SourceUnavailable as error:
            raise SourceUnavailable(f"{error}{self._came}") from None
        if not response.is_success:
            self._refuse(response.status_code, url)

    def _refuse(self, status: int, url: httpx.URL) -> NoReturn:
        if status in (404, 410):
            raise SourceRefused(
                f"{self._where}: no file {url.path} at {url.host} ({status}); correct the URL"
            )
        raise self._refusal(f"{url.host} answered with status {status} for {url.path}")

    def _asking(self, url: httpx.URL) -> httpx.Request:
        request = super()._asking(url)
        # Content-Length is then the file's own.
        request.headers.update({"Accept": "*/*", "Accept-Encoding": "identity"})
        return request

    def _body(self, response: httpx.Response) -> bytes:
        """Write the body of a successful answer to the file, within time and size; a token comes as ever."""
        if response.request.method != "GET" or self._target is None:
            return super()._body(response)
        if not response.is_success:
            return b""
        self._budget.copy(self._chunks(response), self._target)
        return b""

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        length = response.headers.get("content-length", "?")
        start = b""
        try:
            for chunk in response.iter_bytes(CHUNK):
                self._left("answered too slowly")
                if not start:
                    start = chunk[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
                    if start.startswith(_HTML):
                        raise SourceMalformed(
                            f"{self._where}: {response.url.path} is an HTML page, not the file; open it in a "
                            "browser: perhaps the source wants a login, or the file has moved"
                        )
                yield chunk
        except httpx.TransportError:
            self._came = f"; the file broke off after {response.num_bytes_downloaded} of {length} bytes"
            raise

    def _addresses(self, request: Request) -> tuple[httpx.URL, httpx.URL]:
        """The source's address, and the file's URL: `read.files` below it, if that is given."""
        contract = request.contract
        said = str(contract.server.settings.get("location", "")) if contract.server else ""
        try:
            location = httpx.URL(said)
            base = url = base_url(self._connection, location)
        except httpx.InvalidURL:
            raise self._refusal("its host is no URL") from None
        if base.path == location.path and not base.query:
            url = base.copy_with(query=location.query or None)
        if self._files:
            url = self._below(base).join(self._files)
        if base.scheme not in ("http", "https") or not base.host:
            raise self._refusal("neither it nor the contract's location gives a host")
        return base, url

    @staticmethod
    def _below(base: httpx.URL) -> httpx.URL:
        """The base as a folder, that names are joined to."""
        return base.copy_with(path=base.path.rstrip("/") + "/", query=None)
