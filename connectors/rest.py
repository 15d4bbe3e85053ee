"""REST sources: pages of JSON, read to the end or not at all."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

import httpx

from connectors.base import Connection, Extract, Request
from connectors.columns import positions
from connectors.errors import SourceMalformed
from connectors.http_client import HttpClient
from connectors.json_text import at, parsed, text
from connectors.records import Record, encode_records

Rows = list[Any]


class RestConnector:
    """Reads one endpoint, page after page, within `read.max_seconds` altogether.

    `transport` and `sleep` stand in for the network and the clock.
    """

    def __init__(
        self,
        connection: Connection,
        root: Path | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._transport = transport
        self._sleep = sleep

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Read the first page, check its columns, then read on; raises `SourceError`."""
        contract = request.contract
        with HttpClient(self._connection, request, self._transport, self._sleep) as client:
            pages = _pages(client, request)
            first = next(pages, [])
            found = _columns(first, request)
            numbered = enumerate(chain.from_iterable(chain([first], pages)), 1)
            records = (_record(number, row, request) for number, row in numbered)
            yield Extract(contract.names, found, encode_records(records, contract.names), numbered=True)


def _pages(client: HttpClient, request: Request) -> Iterator[Rows]:
    """The rows of each page; refuses a page that comes twice and a total that is not met."""
    contract, paging = request.contract, request.contract.read.paging
    seen: set[bytes] = set()
    read = 0
    for page in count(paging.first):
        body = client.get(_query(request, page))
        document = parsed(body, contract.id)
        rows = _rows(document, request)
        total = _total(document, request)
        read += len(rows)
        digest = hashlib.sha256(body).digest()
        if rows and digest in seen:
            raise SourceMalformed(
                f"{contract.id}: page {page} repeats an earlier one; correct paging in the contract"
                " (an empty pageParam when the source has no pages)"
            )
        seen.add(digest)
        if rows:
            yield rows
        if not rows or not paging.page_param or read == total:
            break
    if total is not None and read != total:
        raise SourceMalformed(
            f"{contract.id}: {read} rows came and {paging.total_path} says {total}: rows moved between pages "
            "while they were read, or some are withheld; nothing is kept, the next run reads anew"
        )


def _query(request: Request, page: int) -> dict[str, str]:
    """The query of a page; what mentions `{since}` is left out when everything is wanted."""
    read = request.contract.read
    since = request.since
    query = {
        name: value.replace("{since}", since or "")
        for name, value in read.params.items()
        if since is not None or "{since}" not in value
    }
    if read.paging.page_param:
        query[read.paging.page_param] = str(page)
        if read.paging.size_param:
            query[read.paging.size_param] = str(read.paging.size)
    return query


def _rows(document: object, request: Request) -> Rows:
    path = request.contract.read.records_path
    rows = at(document, path)
    if not isinstance(rows, list):
        place = f"at {path}" if path else "at its top"
        raise SourceMalformed(
            f"{request.contract.id}: the answer has no list {place}; correct recordsPath in the contract"
        )
    return rows


def _total(document: object, request: Request) -> int | None:
    path = request.contract.read.paging.total_path
    if path is None:
        return None
    total = at(document, path)
    if not isinstance(total, str) or not total.isdecimal():
        raise SourceMalformed(
            f"{request.contract.id}: the answer has no count at {path}; correct totalPath in the contract"
        )
    return int(total)


def _columns(rows: Rows, request: Request) -> tuple[str, ...]:
    """Every key of the first page's rows; refuses when a declared one is in none of them."""
    contract = request.contract
    found = dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row)
    if not found:
        return tuple(column.source_name for column in contract.columns)
    nested = [c.source_name for c in contract.columns if c.source_name.partition(".")[0] in found]
    positions(contract, list(dict.fromkeys([*found, *nested])), where=f"endpoint {contract.read.endpoint}")
    return tuple(found)


def _record(number: int, row: object, request: Request) -> Record:
    if not isinstance(row, dict):
        return Record(number, (), f"expected an object, found: {text(row)}")
    return Record(number, [text(at(row, column.source_name)) for column in request.contract.columns])
