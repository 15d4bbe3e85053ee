"""A web server of ours that behaves as badly as real ones do, and a hub that reads from it.

A test sets `answer`; whatever it returns is sent: too slowly, cut off, packed, or never.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import http_client
from connectors.base import Connection
from lumbung import pipeline
from lumbung.hub import Hub
from lumbung.ledger import Load
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Contract, Paging, Read, Server, Sync
from tests.loads_project import catalogue, column, contract

DATASET = "perizinan.permits"


class Asked(NamedTuple):
    """A request as the server saw it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Answer(NamedTuple):
    """What to send: bytes, the pieces that a function makes, or anything else as JSON.

    `drip` and `slow_head` are pauses after each byte (s). `cut` bytes of the body are sent, if it is given;
    with `hangs` nothing at all is.
    """

    body: object = b""
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    drip: float = 0
    slow_head: float = 0
    cut: int | None = None
    hangs: bool = False


class Misbehaving:
    """The server: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Answer] = lambda asked: Answer([])
        self.released = threading.Event()
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    served: Misbehaving

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(url.path, query, headers)
        self.served.asked.append(asked)
        try:
            self._send(self.served.answer(asked))
        except OSError:
            # The hub has hung up, as it should.
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        if answer.hangs:
            self.served.released.wait(20)
            return
        head = f"HTTP/1.1 {answer.status} Said\r\nConnection: close\r\n"
        body = b"" if callable(answer.body) else answer.body
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        length = {} if callable(answer.body) else {"Content-Length": str(len(body))}
        for name, value in (length | answer.headers).items():
            head += f"{name}: {value}\r\n"
        self._write(f"{head}\r\n".encode(), answer.slow_head)
        self._write(body[: answer.cut], answer.drip)
        for piece in answer.body() if callable(answer.body) else ():
            self.wfile.write(piece)
        self.close_connection = True

    def _write(self, data: bytes, pause: float) -> None:
        for place in range(len(data)) if pause else ():
            self.wfile.write(data[place : place + 1])
            if self.served.released.wait(pause):
                return
        self.wfile.write(b"" if pause else data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the test's screen."""


@contextmanager
def served(tls: ssl.SSLContext | None = None) -> Iterator[Misbehaving]:
    """A server on a free port of this machine, by HTTPS with `tls`."""
    source = Misbehaving()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"served": source}))
    source.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    if tls:
        # The handshake belongs to the request's thread, not to the one that accepts.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield source
    finally:
        source.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def permits(**read: Any) -> Contract:
    """Permits, read since the last change that the hub knows."""
    given: dict[str, Any] = {
        "endpoint": "permits", "records_path": "rows", "params": {"since": "{since}"},
        "paging": Paging(size=2), "max_seconds": 2,
    }  # fmt: skip
    return contract(
        column("id", key=1), column("changed_at", "integer", required=True), column("status"),
        name=DATASET, server=Server("perizinan", "api"), read=Read(**(given | read)),
        sync=Sync(mode="incremental", watermark=("changed_at",), max_delete_pct=100, max_refused_pct=100),
    )  # fmt: skip


def permit(number: int) -> dict[str, str]:
    """A permit as the source tells it."""
    return {"id": f"{number:05}", "changed_at": str(number * 10), "status": f"at {number}"}


def pages(rows: list[Any], total: int | None = None) -> Callable[[Asked], Answer]:
    """What a sound server answers: two rows a page."""

    def answer(asked: Asked) -> Answer:
        start = (int(asked.query.get("page", "1")) - 1) * 2
        return Answer({"rows": rows[start : start + 2], "total": len(rows) if total is None else total})

    return answer


@dataclass
class City:
    """A hub that has synced permits from the server: numbers to `last`, each changed at ten times its own."""

    source: Misbehaving
    warehouse: Warehouse
    folder: Path
    extra: dict[str, Any] = field(default_factory=dict)
    last: int = 0

    def hub(self, **read: Any) -> Hub:
        """The hub; `read` is how the contract says that permits are read."""
        of = permits(**read)
        settings = Settings(self.folder, self.folder / "home")
        return Hub(settings, self.warehouse, catalogue(of), self._resolve)

    def _resolve(self, name: str) -> Connection:
        return Connection(name, "api", self.source.url, extra=self.extra)

    def sync(self, **read: Any) -> Load:
        """A sync through every stage."""
        return pipeline.sync(self.hub(**read), DATASET)

    def seen(self) -> object:
        """What the hub has of the dataset: watermark, rows, quarantine, and loads that were applied."""
        with self.warehouse.connect() as session:
            return [
                session.execute(query.encode()).fetchall()
                for query in (
                    "SELECT watermark, last_applied_load_id FROM ops.dataset",
                    "SELECT h::text FROM history.perizinan__permits AS h ORDER BY id, recorded_from",
                    "SELECT dataset, row_key, state FROM quarantine.entry",
                    "SELECT count(*) FROM ops.load WHERE state = 'applied'",
                )
            ]

    def ended(self) -> tuple[str, str]:
        """State and reason of the newest load."""
        with self.warehouse.connect() as session:
            query = "SELECT state, reason FROM ops.load ORDER BY load_id DESC LIMIT 1"
            found = session.execute(query).fetchone()
        assert found is not None
        return found[0], found[1]

    def recovers(self) -> None:
        """The server is well again: the next sync asks from the same watermark, and takes what is new."""
        self.source.asked.clear()
        rows = self.permits(0, 2)
        self.source.answer = pages(rows)
        load = self.sync()
        assert self.source.asked[0].query["since"] == rows[0]["changed_at"]
        assert (load.added_count, load.confirmed_count) == (1, 1)
        self.last += 1

    def permits(self, first: int, count: int) -> list[dict[str, str]]:
        """Permits from the last one that the hub knows (0), or the first that it doesn't (1)."""
        return [permit(self.last + first + place) for place in range(count)]


@contextmanager
def synced(warehouse_url: str, folder: Path, **extra: Any) -> Iterator[City]:
    """A city whose hub knows the permits 1 to 3."""
    with served() as source, pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_client, "PAUSES", (0.01, 0.02, 0.02))
        city = City(source, Warehouse(warehouse_url), folder, extra)
        source.answer = pages(city.permits(1, 3))
        assert city.sync().added_count == 3
        city.last = 3
        yield city


def refuses(city: City, message: str, error: type[Exception], **read: Any) -> None:
    """The sync fails with this message, which the ledger has too, and what the hub had stays as it was."""
    before = city.seen()
    city.source.asked.clear()
    city.source.released.clear()
    with pytest.raises(error, match=message) as caught:
        city.sync(**read)
    assert city.seen() == before
    assert city.ended() == ("failed", str(caught.value))
