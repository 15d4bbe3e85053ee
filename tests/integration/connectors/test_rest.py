"""REST sources, on a real local server that behaves as badly as real ones do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import Connection, Request
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.rest import RestConnector
from schemas.contract import Contract, Paging, Read
from tests.integration.connectors.reading import Reading, contract, incremental, lines_of


class Asked(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


class Answer(NamedTuple):
    body: object = b""
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    drip: float = 0


class Source:
    """A server whose answers a test scripts; it keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Answer] = lambda asked: Answer([])
        self.slept: list[float] = []
        self.url = ""

    def read(self, of: Contract, since: str | None = None, **connection: Any) -> Reading:
        given = Connection("test", "api", **({"host": self.url} | connection))
        with RestConnector(given, sleep=self.slept.append).open(Request(of, since)) as extract:
            return lines_of(extract)


class Handler(BaseHTTPRequestHandler):
    source: Source

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        form = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        asked = Asked(
            self.command, url.path, one(url.query), {k.lower(): v for k, v in self.headers.items()}, one(form)
        )
        self.source.asked.append(asked)
        answer = self.source.answer(asked)
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in ({"content-length": str(len(body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for byte in range(len(body)) if answer.drip else ():
                self.wfile.write(body[byte : byte + 1])
                time.sleep(answer.drip)
            self.wfile.write(b"" if answer.drip else body)
        except OSError:
            pass

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the test's screen."""


def one(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


@pytest.fixture
def source() -> Iterator[Source]:
    served = Source()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"source": served}))
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def of(*columns: str, **read: Any) -> Contract:
    sync = {"sync": incremental(read.pop("watermark"))} if "watermark" in read else {}
    settings = {"location": read.pop("location", "https://documentation.example/api/v1")}
    given: dict[str, Any] = {"endpoint": "items", "paging": Paging(size=2)} | read
    return contract("api", "", columns or ("id",), settings=settings, read=Read(**given), **sync)


def paged(rows: list[Any], total: int | None = None) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        start = (int(asked.query["page"]) - 1) * 2
        return Answer({"data": {"rows": rows[start : start + 2]}, "meta": {"total": total}})

    return answer


def test_pages_are_read_to_the_end_at_the_connections_host(source: Source) -> None:
    source.answer = paged([{"id": i, "x": None} for i in range(5)])
    reading = source.read(of(records_path="data.rows", params={"year": "2025"}))
    assert reading.rows == [("0",), ("1",), ("2",), ("3",), ("4",)]
    assert reading.source_columns == ("id", "x")
    assert [asked.query["page"] for asked in source.asked] == ["1", "2", "3", "4"]
    assert {(asked.path, asked.query["year"], asked.query["per_page"]) for asked in source.asked} == {
        ("/api/v1/items", "2025", "2")
    }


def test_a_known_total_saves_the_empty_page_and_is_checked(source: Source) -> None:
    shape = {"records_path": "data.rows", "paging": Paging(size=2, total_path="meta.total")}
    source.answer = paged([{"id": i} for i in range(4)], total=4)
    assert len(source.read(of(**shape)).rows) == 4
    assert len(source.asked) == 2
    for total in (3, 5):
        source.answer = paged([{"id": i} for i in range(4)], total=total)
        with pytest.raises(SourceMalformed, match=f"4 rows came and meta.total says {total}"):
            source.read(of(**shape))


def test_values_keep_the_documents_own_text(source: Source) -> None:
    source.answer = lambda _: Answer(
        b'[{"a": 1.10, "b": 12345678901234567890, "c": 1E+3, "d": true, "e": null, "f": "0012",'
        b' "g": {"k": [1.0, "\\u00e9", false]}, "in": {"ner": "x"}}, {"a": "second"}]'
    )
    reading = source.read(of(*"abcdefg", "n:in.ner", paging=Paging(page_param="")))
    assert reading.rows == [
        ("1.10", "12345678901234567890", "1E+3", "true", None, "0012", '{"k":[1.0,"\u00e9",false]}', "x"),
        ("second", None, None, None, None, None, None, None),
    ]
    assert [asked.query for asked in source.asked] == [{}]


def test_rows_that_are_no_rows_or_hold_what_cannot_be_stored_are_faults(source: Source) -> None:
    source.answer = lambda _: Answer(b'[{"id": "a\\u0000b"}, {"id": "\\ud800"}, [1], {"id": 4}]')
    reading = source.read(of(paging=Paging(page_param="")))
    assert reading.faults == {
        1: r"id: NUL byte: a\x00b",
        2: r"id: undecodable bytes: \ud800",
        3: "expected an object, found: [1]",
    }
    assert reading.rows == [(None,), (None,), (None,), ("4",)]


def test_since_goes_where_the_contract_puts_it_and_nowhere_in_a_full_read(source: Source) -> None:
    given = of(
        "id", params={"changed_after": "{since}", "kind": "x"}, paging=Paging(page_param=""), watermark="id"
    )
    source.read(given, since="2025-01-01 00:00:00+00")
    source.read(given)
    assert [asked.query for asked in source.asked] == [
        {"changed_after": "2025-01-01 00:00:00+00", "kind": "x"},
        {"kind": "x"},
    ]


@pytest.mark.fault(16)
def test_busy_servers_are_waited_for_as_long_as_they_ask(source: Source) -> None:
    answers = iter(
        [
            Answer(status=429, headers={"retry-after": "7"}),
            Answer(status=503),
            Answer(b"x", status=500),
            Answer([{"id": 1}]),
            Answer([]),
        ]
    )
    source.answer = lambda _: next(answers)
    assert source.read(of()).rows == [("1",)]
    assert source.slept == [7.0, 1.0, 2.0]


@pytest.mark.fault(16)
def test_a_storm_ends_within_bounds_and_is_unavailable(source: Source) -> None:
    source.answer = lambda _: Answer(b"secret detail", status=502)
    with pytest.raises(SourceUnavailable, match="failed 6 times, last: status 502"):
        source.read(of())
    assert len(source.asked) == 6
    source.answer = lambda _: Answer(status=429, headers={"retry-after": "3601"})
    with pytest.raises(SourceUnavailable, match="waiting 3601 s more would exceed maxSeconds"):
        source.read(of())


@pytest.mark.fault(16)
def test_a_slow_drip_ends_with_the_total_time(source: Source) -> None:
    source.answer = lambda _: Answer([{"id": 1}] * 100, drip=0.05)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="answered too slowly"):
        source.read(of(max_seconds=1))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b"<!DOCTYPE html><h1>Login</h1>"), "an HTML page"),
        (Answer(b'[{"id": 1}, {"id"'), "no complete JSON"),
        (Answer(b""), "no complete JSON"),
        (Answer(b'[{"id": NaN}]'), "no complete JSON"),
        (Answer(b"[" * 100_000), "no complete JSON"),
        (Answer({"error": "x"}), "has no list at its top"),
        (Answer([{"id": 1}]), "page 2 repeats an earlier one"),
        (Answer(b"not gzip", headers={"content-encoding": "gzip"}), "compression is damaged"),
    ],
)
def test_what_makes_no_sense_is_malformed(source: Source, answer: Answer, message: str) -> None:
    source.answer = lambda _: answer
    with pytest.raises(SourceMalformed, match=message):
        source.read(of())


@pytest.mark.fault(17)
def test_an_error_in_the_middle_of_the_pages_is_never_a_partial_success(source: Source) -> None:
    good = paged([{"id": i} for i in range(5)])
    source.answer = lambda asked: good(asked) if asked.query["page"] == "1" else Answer(b"{}", status=404)
    with pytest.raises(SourceRefused, match="/api/v1/items answered with status 404"):
        source.read(of(records_path="data.rows"))


@pytest.mark.fault(17)
def test_a_body_that_breaks_off_is_tried_again(source: Source) -> None:
    answers = iter([Answer(b'[{"id"', headers={"content-length": "100"}), Answer([{"id": 1}]), Answer([])])
    source.answer = lambda _: next(answers)
    assert source.read(of()).rows == [("1",)]


@pytest.mark.fault(19)
def test_redirects_are_followed_within_the_host_only(source: Source) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/api/v1/items":
            return Answer(status=302, headers={"location": target})
        return Answer([{"id": 1}] if asked.query.get("page", "1") == "1" else [])

    source.answer = answer
    target = "/moved"
    assert source.read(of(paging=Paging(page_param=""))).rows == [("1",)]
    for elsewhere in (
        "http://localhost:1/x",
        "http://169.254.169.254/",
        "https://127.0.0.1/",
        "//other.example/x",
    ):
        target = elsewhere
        with pytest.raises(SourceRefused, match="redirected to another address"):
            source.read(of())
    target = "/api/v1/items"
    with pytest.raises(SourceMalformed, match="redirected more than 5 times"):
        source.read(of())


def test_an_endpoint_that_leaves_the_host_is_refused(source: Source) -> None:
    with pytest.raises(SourceRefused, match="another host"):
        source.read(of(endpoint="http://169.254.169.254/latest"))
    assert not source.asked


@pytest.mark.parametrize("takes", ["form", "basic"])
def test_oauth_tokens_are_fetched_renewed_and_not_shown(source: Source, takes: str) -> None:
    issued: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.path == "/token":
            assert asked.method == "POST" and asked.form["grant_type"] == "client_credentials"
            in_form = asked.form.get("client_id") == "app" and asked.form.get("client_secret") == "hush-hush"
            in_header = asked.headers.get("authorization") == "Basic YXBwOmh1c2gtaHVzaA=="
            if not (in_form if takes == "form" else in_header):
                return Answer({"error": "invalid_client"}, status=401)
            issued.append(f"token{len(issued)}")
            return Answer({"access_token": issued[-1], "expires_in": 3600})
        if asked.headers.get("authorization") != f"Bearer {issued[-1]}" or (
            len(issued) == 1 and asked.query["page"] == "2"
        ):
            return Answer(status=401)
        return Answer([{"id": asked.query["page"]}] if int(asked.query["page"]) < 4 else [])

    source.answer = answer
    credentials: dict[str, Any] = {"user": "app", "password": "hush-hush", "extra": {"token_url": "/token"}}
    assert source.read(of(), **credentials).rows == [("1",), ("2",), ("3",)]
    assert len(issued) == 2
    with pytest.raises(SourceRefused, match="token endpoint answered with status 401") as caught:
        source.read(of(), **credentials | {"password": "wrong-hush"})
    assert "hush" not in str(caught.value)


def test_a_token_that_is_never_accepted_is_refused_after_one_renewal(source: Source) -> None:
    source.answer = lambda asked: (
        Answer({"access_token": "t"}) if asked.path == "/token" else Answer(status=401)
    )
    with pytest.raises(SourceRefused, match=r"status 401; correct AIRFLOW_CONN_TEST"):
        source.read(of(), user="app", password="p", extra={"token_url": "/token"})
    assert len(source.asked) == 4


def test_basic_credentials_and_extra_headers_are_sent(source: Source) -> None:
    source.read(of(), user="u", password="p", extra={"headers": {"X-Key": "k"}})
    assert source.asked[0].headers["authorization"] == "Basic dTpw"
    assert source.asked[0].headers["x-key"] == "k"


def test_a_declared_column_in_no_row_is_refused(source: Source) -> None:
    source.answer = lambda _: Answer([{"id": 1}, {"name": "x"}])
    with pytest.raises(SourceRefused, match="endpoint items has no column nik; it has id, name"):
        source.read(of("id", "name", "nik"))


def test_hosts_that_do_not_answer_or_are_none(source: Source) -> None:
    with pytest.raises(SourceUnavailable, match="failed 6 times, last: ConnectError"):
        source.read(of(), host="http://127.0.0.1:1")
    for host in ("http://host:port", "ftp://x", "http://api..example"):
        with pytest.raises(SourceError, match="correct AIRFLOW_CONN_TEST"):
            source.read(of(), host=host)
    with pytest.raises(SourceRefused, match="gives a host"):
        source.read(of(location=""), host="")
