"""REST sources: pages of JSON, read to the end or not at all."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

import httpx

from connectors.base import Connection, Extract, Request
from connectors.documents import Seen, marks, paths, sample
from connectors.json_file import note
from connectors.json_text import Row, record
from connectors.records import Record, encode_records
from connectors.rest_pages import Pages, PagesClient


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
        """Read the first rows, check that every column is there, then read on; raises `SourceError`."""
        with PagesClient(self._connection, request, self._transport, self._sleep) as client:
            pages = Pages(client, request).each()
            seen, numbers = Seen(request), count(1)
            page = _records(next(pages), numbers, request, seen)
            first = sample(page, seen)
            found = seen.columns(f"endpoint {request.contract.read.endpoint}")
            others = chain.from_iterable(_records(rows, numbers, request, seen) for rows in pages)
            blocks = encode_records(chain(first, page, others), request.names)
            try:
                yield Extract(request.names, found, blocks, numbered=True)
            finally:
                pages.close()


def _records(rows: Iterator[Row], numbers: Iterator[int], request: Request, seen: Seen) -> Iterator[Record]:
    columns, decimals = paths(request), marks(request)
    for row in rows:
        note(seen, row)
        yield record(next(numbers), row, columns, decimals)
