"""Files behind a URL, on a real local server that behaves as badly as real ones do."""

import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors import hosts, http_client
from connectors.base import Connection, FileRead, Request
from connectors.connection import parse_connection
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.registry import needs_connection, open_connector
from schemas.contract import Contract, Manifest, Read
from tests.integration.connectors.reading import contract, lines_of

Rows = list[tuple[str | None, ...]]


class Answer(NamedTuple):
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    drip: float = 0


class Site:
    """A server whose answers a test scripts by path; it keeps the paths and headers it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Callable[[str], Answer] = lambda path: Answer(b"a\n1\n")
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self.site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.site.answer(self.path)
        self.send_response(answer.status)
        for name, value in ({"content-length": str(len(answer.body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for byte in range(len(answer.body)) if answer.drip else ():
                self.wfile.write(answer.body[byte : byte + 1])
                time.sleep(answer.drip)
            self.wfile.write(b"" if answer.drip else answer.body)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the test's screen."""


def served() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"site": site}))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


site = pytest.fixture(served, name="site")
elsewhere = pytest.fixture(served, name="elsewhere")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "PAUSES", (0.01, 0.02))


def of(location: str, kind: str = "csv", **read: Any) -> Contract:
    settings = {"location": location}
    return contract(kind, "", ["a"], settings=settings, read=Read(**{"max_seconds": 20, **read}))


def rows(asked: Contract, connection: str = "") -> Rows:
    given = parse_connection("site", connection) if connection else Connection("site", "csv")
    with open_connector(asked, given, Path()).open(Request(asked)) as extract:
        return lines_of(extract).rows


def test_a_public_file_needs_no_connection(site: Site) -> None:
    asked = of(f"{site.url}/data/export.csv?type=1")
    assert not needs_connection(asked)
    with open_connector(asked, Connection("site", "csv"), Path()).open(Request(asked)) as extract:
        assert lines_of(extract).rows == [("1",)]
        assert [(f.name, f.size) for f in extract.files] == [("export.csv", 4)]
        assert all(isinstance(f, FileRead) for f in extract.files)
    assert [path for path, _ in site.asked] == ["/data/export.csv?type=1"]
    assert site.asked[0][1]["accept-encoding"] == "identity"


def test_the_connection_says_host_and_credentials_and_the_contract_the_path(site: Site) -> None:
    asked = of("https://documentation.example/data/export.csv")
    url = site.url.replace("http://", "http://u:p@")
    assert rows(asked, url) == [("1",)]
    path, headers = site.asked[0]
    assert path == "/data/export.csv"
    assert headers["authorization"].startswith("Basic ")
    assert rows(of("https://documentation.example", files="x/y.csv"), f"{url}/base") == [("1",)]
    assert site.asked[1][0] == "/base/x/y.csv"


def test_archives_and_manifests_come_by_http_too(site: Site, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("m.csv", "a\n1\n2\n")
    files = {"/d/download": (tmp_path / "z").read_bytes(), "/d/list.csv": b"file,n\ndownload,3\n"}
    site.answer = lambda path: Answer(files[path])
    assert rows(of(f"{site.url}/d/download")) == [("1",), ("2",)]
    with pytest.raises(
        SourceMalformed, match="announces 3 rows of download, 2 are there: possibly truncated"
    ):
        rows(of(f"{site.url}/d/download", manifest=Manifest("list.csv", rows="n")))


@pytest.mark.fault(16)
def test_a_busy_server_is_asked_again_and_its_wishes_are_heard(site: Site) -> None:
    answers = [Answer(status=429, headers={"retry-after": "1"}), Answer(status=503), Answer(b"a\n1\n")]
    site.answer = lambda path: answers[len(site.asked) - 1]
    began = time.monotonic()
    assert rows(of(f"{site.url}/x.csv")) == [("1",)]
    assert 1 <= time.monotonic() - began < 3


@pytest.mark.fault(17)
def test_what_broke_off_is_fetched_anew_and_never_read_in_part(site: Site) -> None:
    short = Answer(b"a\n1\n2\n", headers={"content-length": "5000"})
    answers = [short, Answer(b"a\n1\n2\n3\n")]
    site.answer = lambda path: answers[len(site.asked) - 1]
    assert rows(of(f"{site.url}/x.csv")) == [("1",), ("2",), ("3",)]
    site.answer = lambda path: short
    with pytest.raises(SourceUnavailable, match="the file broke off after 6 of 5000 bytes"):
        rows(of(f"{site.url}/x.csv"))


@pytest.mark.fault(28)
@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (Answer(status=503), SourceUnavailable, "failed 3 times, last: status 503"),
        (Answer(status=429, headers={"retry-after": "3600"}), SourceUnavailable, "would exceed maxSeconds"),
        (Answer(status=404), SourceRefused, r"no file /d/x\.csv at 127\.0\.0\.1 \(404\); correct the URL"),
        (
            Answer(status=403),
            SourceRefused,
            r"answered with status 403 for /d/x\.csv; correct AIRFLOW_CONN_SITE",
        ),
        (Answer(b"\n <!DOCTYPE html><p>Login"), SourceMalformed, r"/d/x\.csv is an HTML page, not the file"),
        (Answer(b""), SourceMalformed, r"x\.csv is empty"),
        (Answer(b"PK\x03\x04..."), SourceMalformed, r"x\.csv is a spreadsheet, not CSV"),
    ],
)
def test_what_is_wrong_is_said(site: Site, answer: Answer, kind: type[SourceError], message: str) -> None:
    site.answer = lambda path: answer
    with pytest.raises(kind, match=rf"^test\.dataset.*{message}"):
        rows(of(f"{site.url}/d/x.csv"))


@pytest.mark.fault(16)
def test_a_slow_drip_ends_at_the_time_limit(site: Site) -> None:
    site.answer = lambda path: Answer(b"a\n" + b"1\n" * 500, drip=0.05)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="answered too slowly; the read took longer than maxSeconds"):
        rows(of(f"{site.url}/x.csv", max_seconds=1))
    assert time.monotonic() - began < 5


@pytest.mark.fault(19)
def test_a_redirect_to_another_host_is_followed_only_where_allowed(site: Site, elsewhere: Site) -> None:
    target = elsewhere.url.replace("127.0.0.1", "localhost")
    site.answer = lambda path: Answer(status=302, headers={"location": f"{target}/y.csv"})
    url = site.url.replace("http://", "http://u:hush@")
    with pytest.raises(SourceRefused, match=r"redirected to another address \(http://localhost\)"):
        rows(of("", files="x.csv"), url)
    assert not elsewhere.asked
    assert rows(of("", files="x.csv", allowed_hosts=("localhost",)), url) == [("1",)]
    assert "authorization" in site.asked[0][1]
    assert "authorization" not in elsewhere.asked[0][1]


@pytest.mark.fault(19)
def test_a_public_source_can_not_lead_to_a_private_address(
    site: Site, elsewhere: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of the source stands for a public address; that of the other does not, allowed or not."""
    sorts = {"127.0.0.1": frozenset[str](), "localhost": frozenset({"private"})}
    monkeypatch.setattr(hosts, "nearness", lambda host, where: sorts[host])
    target = elsewhere.url.replace("127.0.0.1", "localhost")
    site.answer = lambda path: Answer(status=302, headers={"location": f"{target}/y.csv"})
    with pytest.raises(SourceRefused, match="localhost, which has a private address"):
        rows(of(f"{site.url}/x.csv", allowed_hosts=("localhost",)))
    assert not elsewhere.asked


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("10.1.2.3", True), ("169.254.169.254", True), ("::1", True),
     ("100.64.0.1", True), ("0.0.0.0", True), ("8.8.8.8", False), ("::ffff:127.0.0.1", True)],
)  # fmt: skip
def test_private_addresses_are_known(host: str, expected: bool) -> None:
    assert bool(hosts.nearness(host, "x")) == expected


@pytest.mark.parametrize("files", ["*.csv", "http://other.example/x.csv"])
def test_files_over_http_are_neither_listed_nor_elsewhere(site: Site, files: str) -> None:
    with pytest.raises(SourceRefused, match=r"can't be listed over HTTP|leads to another host"):
        rows(of(f"{site.url}/d", files=files))
    assert not site.asked


def test_too_much_is_refused_while_it_comes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.storage.base.MOST_BYTES", 1000)
    site.answer = lambda path: Answer(b"a\n" + b"1\n" * 1000)
    with pytest.raises(SourceMalformed, match="split the files"):
        rows(of(f"{site.url}/x.csv"))
