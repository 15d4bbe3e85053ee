"""The pages of an endpoint, one after the other: how the next one is asked for, and when it is too much."""

import hashlib
import io
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import IO, TextIO

import httpx

from connectors.base import Request
from connectors.documents import encoding, refuse_other, undecodable
from connectors.errors import SourceMalformed
from connectors.http_client import HttpClient
from connectors.json_stream import Document
from connectors.json_text import Row, text

#: The largest page (bytes). It is kept on disk until its rows are read, above this size in memory.
LARGEST, IN_MEMORY = 1 << 29, 1 << 22


class PagesClient(HttpClient):
    """Fetches whole pages: an answer that breaks off is asked for again before any of its rows are read."""

    _page: IO[bytes] | None = None

    @property
    def url(self) -> httpx.URL:
        """The endpoint."""
        return self._url

    @contextmanager
    def fetched(self, url: httpx.URL) -> Iterator[tuple[httpx.Response, TextIO]]:
        """The successful answer to GET and its text."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as page:
            self._page = page
            response, _ = self._answered(url)
            page.seek(0)
            start = page.read(256)
            refuse_other(start, f"{self._dataset}: the answer", "JSON")
            name = encoding(start[:4], "utf-8")
            page.seek(0)
            yield response, io.TextIOWrapper(page, name, undecodable(name))

    def led(self, url: httpx.URL, location: str) -> httpx.URL:
        """Where a link on the page at `url` leads; refused if it may not lead there."""
        return self._led(url, location)

    def _body(self, response: httpx.Response) -> bytes:
        if response.request.method != "GET" or not response.is_success or self._page is None:
            return super()._body(response)
        self._page.seek(0)
        self._page.truncate()
        for piece in self._pieces(response, LARGEST):
            self._page.write(piece)
        return b""


class Pages:
    """One read of an endpoint. Nothing of it is good before its last page is."""

    def __init__(self, client: PagesClient, request: Request) -> None:
        self._client = client
        self._request = request
        self._paging = request.contract.read.paging
        self._id = request.contract.id
        self._pages = self._read = 0
        self._total: int | None = None
        self._digests: set[bytes] = set()
        self._links: set[str] = set()

    def each(self) -> Generator[Iterator[Row]]:
        """The rows of each page, to be read to their end before those of the next.

        Raises `SourceMalformed` for a page or link that comes twice, a total that changes or is not met.
        """
        url: httpx.URL | None = self._client.url.copy_merge_params(self._query(self._first()))
        while url is not None:
            self._pages += 1
            before = self._read
            with self._client.fetched(url) as (response, page):
                document = self._document(page)
                yield self._counted(document)
            self._check_total(document)
            url = self._next(url, response, document, self._read - before)
        if self._total is not None and self._read != self._total:
            raise SourceMalformed(
                f"{self._id}: {self._read} rows came and {self._paging.total_path} says {self._total}: rows "
                "moved between pages while they were read, or some are withheld; nothing is kept, the next "
                "run reads anew"
            )

    def _document(self, page: TextIO) -> Document:
        wanted = [path for path in (self._paging.total_path, self._paging.next_path) if path]
        path = self._request.contract.read.records_path
        return Document(page, f"{self._id}: the answer", path, wanted)

    def _counted(self, document: Document) -> Iterator[Row]:
        """The page's rows; refused at its end if it has the very rows of an earlier one."""
        digest = hashlib.sha256()
        before = self._read
        for row in document.rows(lambda said: digest.update(said.encode("utf-8", "surrogatepass"))):
            self._read += 1
            yield row
        if self._read > before and digest.digest() in self._digests:
            raise SourceMalformed(
                f"{self._id}: page {self._pages} repeats an earlier one; correct paging in the contract"
                " (an empty pageParam when the source has no pages)"
            )
        self._digests.add(digest.digest())

    def _check_total(self, document: Document) -> None:
        path = self._paging.total_path
        if path is None:
            return
        total = document.found.get(path)
        if not isinstance(total, str) or not total.isdecimal() or not total.isascii():
            raise SourceMalformed(
                f"{self._id}: the answer has no count at {path}; correct totalPath in the contract"
            )
        if self._total not in (None, int(total)):
            raise SourceMalformed(
                f"{self._id}: {path} went from {self._total} to {total} while the pages were read, so rows "
                "may have moved between them; nothing is kept, the next run reads anew"
            )
        self._total = int(total)

    def _first(self) -> str | None:
        """What pageParam says of the first page; None when it is left out."""
        if self._paging.style in ("cursor", "link"):
            return None
        return "0" if self._paging.style == "offset" else str(self._paging.first)

    def _next(
        self, url: httpx.URL, response: httpx.Response, document: Document, rows: int
    ) -> httpx.URL | None:
        """The next page's URL; None at the end."""
        style = self._paging.style
        if style == "link":
            return self._linked(response, document)
        if style == "cursor":
            cursor = self._following(document)
            return self._client.url.copy_merge_params(self._query(self._once(cursor))) if cursor else None
        if not rows or not self._paging.page_param or self._read == self._total:
            return None
        page = self._read if style == "offset" else self._paging.first + self._pages
        return url.copy_merge_params(self._query(str(page)))

    def _linked(self, response: httpx.Response, document: Document) -> httpx.URL | None:
        link = self._following(document) if self._paging.next_path else _next_link(response)
        if not link:
            return None
        target = self._client.led(response.request.url, link)
        self._once(str(target))
        return target

    def _following(self, document: Document) -> str:
        """The cursor or link that the page has; "" when it has none."""
        found = document.found.get(self._paging.next_path or "")
        if found in (None, "", False):
            return ""
        if not isinstance(found, str):
            raise SourceMalformed(
                f"{self._id}: at {self._paging.next_path} there is {str(text(found))[:60]}, neither text nor "
                "null; correct nextPath in the contract"
            )
        return str(found)

    def _once(self, link: str) -> str:
        if link in self._links:
            raise SourceMalformed(
                f"{self._id}: after page {self._pages} the source leads back to one that was read; "
                "nothing is kept: tell its owner"
            )
        self._links.add(link)
        return link

    def _query(self, page: str | None) -> dict[str, str]:
        """The query of a page; what speaks of a bound that is not set is left out."""
        read, paging = self._request.contract.read, self._paging
        bounds = {"{since}": self._request.since, "{until}": self._request.until}
        query = {}
        for name, value in read.params.items():
            named = [mark for mark in bounds if mark in value]
            if all(bounds[mark] is not None for mark in named):
                for mark in named:
                    value = value.replace(mark, bounds[mark] or "")
                query[name] = value
        if paging.size_param and (paging.page_param or paging.style == "link"):
            query[paging.size_param] = str(paging.size)
        if page is not None and paging.page_param:
            query[paging.page_param] = page
        return query


def _next_link(response: httpx.Response) -> str:
    """The URL whose relation is `next` in the Link header (RFC 8288); "" when there is none."""
    links = response.links.values()
    return next((link.get("url", "") for link in links if "next" in link.get("rel", "").lower().split()), "")
