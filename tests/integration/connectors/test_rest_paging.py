"""The ways in which APIs page and take keys, each to the end; and how much memory a hostile answer gets."""

import logging
import ssl
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.base import Connection, Request
from connectors.errors import SourceError, SourceMalformed, SourceRefused
from connectors.rest import RestConnector
from schemas.contract import Contract, Paging, Read
from tests.integration.connectors.reading import Reading, contract, lines_of
from tests.integration.faults.misbehaving import Answer, Asked, Misbehaving, served

ROWS = [{"id": str(number)} for number in range(5)]


@pytest.fixture
def source() -> Iterator[Misbehaving]:
    with served() as made:
        made.answer = lambda _: Answer({"rows": []})
        yield made


def of(paging: Paging, **read: Any) -> Contract:
    return contract(
        "api", "", ("id",), read=Read(**({"endpoint": "items", "records_path": "rows"} | read), paging=paging)
    )


def read(source: Misbehaving, asked: Contract | Request, **connection: Any) -> Reading:
    request = asked if isinstance(asked, Request) else Request(asked)
    given = Connection("test", "api", **({"host": source.url} | connection))
    with RestConnector(given, sleep=lambda _: None).open(request) as extract:
        return lines_of(extract)


def by_offset(asked: Asked) -> Answer:
    start, size = int(asked.query["skip"]), int(asked.query["take"])
    return Answer({"rows": ROWS[start : start + size]})


def by_cursor(asked: Asked) -> Answer:
    start = int(asked.query.get("after") or "0")
    following = str(start + 2) if start < 4 else None
    return Answer({"page": {"next": following, "total": 5}, "rows": ROWS[start : start + 2]})


def by_link(asked: Asked) -> Answer:
    start = int(asked.query.get("from", "0"))
    link = f"items?from={start + 2}&year={asked.query['year']}" if start < 4 else None
    return Answer({"rows": ROWS[start : start + 2], "next": link})


def by_header(asked: Asked) -> Answer:
    start = int(asked.query.get("from", "0"))
    link = f'</items?from=0>; rel="first", </items?year=2025&from={start + 2}>; title="a, b"; rel="next last"'
    return Answer({"rows": ROWS[start : start + 2]}, headers={"Link": link} if start < 4 else {})


WAYS: dict[str, tuple[Callable[[Asked], Answer], Paging, int]] = {
    "offset": (by_offset, Paging("offset", "skip", "take", 2), 4),
    "offset past short pages": (lambda a: by_offset(a), Paging("offset", "skip", "take", 3), 3),
    "cursor": (
        by_cursor, Paging("cursor", "after", "limit", 2, next_path="page.next", total_path="page.total"), 3,
    ),
    "link": (by_link, Paging("link", next_path="next"), 3),
    "header": (by_header, Paging("link"), 3),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_each_style_is_read_to_the_end(source: Misbehaving, way: str) -> None:
    source.answer, paging, pages = WAYS[way]
    assert read(source, of(paging, params={"year": "2025"})).rows == [(row["id"],) for row in ROWS]
    assert len(source.asked) == pages
    assert {asked.query["year"] for asked in source.asked} == {"2025"}


def test_an_empty_page_is_not_the_end_when_a_cursor_goes_on(source: Misbehaving) -> None:
    following = {"": "b", "b": "c", "c": None}
    rows: dict[str, list[dict[str, str]]] = {"": ROWS[:1], "b": [], "c": ROWS[1:2]}
    source.answer = lambda asked: Answer(
        {"rows": rows[asked.query.get("page", "")], "next": following[asked.query.get("page", "")]}
    )
    assert len(read(source, of(Paging("cursor", next_path="next"))).rows) == 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"rows": ROWS, "next": {"a": 1}}, r"at next there is {\"a\":1}, neither text nor null"),
        ({"rows": ROWS, "next": "http://[::bad]:x/"}, "leads to what is no URL"),
    ],
)
def test_a_next_link_that_is_none(source: Misbehaving, document: object, message: str) -> None:
    source.answer = lambda _: Answer(document)
    with pytest.raises(SourceMalformed, match=message):
        read(source, of(Paging("link", next_path="next")))


def test_a_window_has_two_ends_and_a_first_read_has_none(source: Misbehaving) -> None:
    given = of(Paging(page_param=""), params={"from": "{since}", "to": "{until}", "kind": "x"})
    for request in (Request(given, "1", until="9"), Request(given, "1"), Request(given)):
        read(source, request)
    assert [asked.query for asked in source.asked] == [
        {"from": "1", "to": "9", "kind": "x"}, {"from": "1", "kind": "x"}, {"kind": "x"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("connection", "header", "value"),
    [
        ({"password": "s3cret"}, "authorization", "Bearer s3cret"),
        ({"extra": {"bearer_token": "s3cret"}}, "authorization", "Bearer s3cret"),
        ({"extra": {"api_key": "s3cret"}}, "x-api-key", "s3cret"),
        ({"extra": {"api_key": "s3cret", "api_key_header": "Kunci"}}, "kunci", "s3cret"),
    ],
)
def test_tokens_and_keys_go_into_the_header(
    source: Misbehaving, connection: dict[str, Any], header: str, value: str
) -> None:
    read(source, of(Paging(page_param="")), **connection)
    assert source.asked[0].headers[header] == value


def test_a_key_in_the_query_goes_with_every_page_and_is_never_told(
    source: Misbehaving, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = {"api_key": "s3cret", "api_key_param": "kunci"}
    source.answer = by_link
    read(source, of(Paging("link", next_path="next"), params={"year": "2025"}), extra=key)
    assert [asked.query["kunci"] for asked in source.asked] == ["s3cret"] * 3
    for answer in (
        Answer(status=404),
        Answer(status=503),
        Answer(b"{"),
        Answer(status=302, headers={"Location": "//x"}),
    ):
        source.answer = lambda _, answer=answer: answer  # type: ignore[misc]
        with pytest.raises(SourceError) as caught:
            read(source, of(Paging()), extra=key)
        assert "s3cret" not in str(caught.value)
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    "extra", [{"api_key": "a\nb"}, {"headers": {"X": "é"}}, {"headers": "X"}, {"bearer_token": "é"}]
)
def test_keys_that_no_header_can_carry(source: Misbehaving, extra: dict[str, Any]) -> None:
    with pytest.raises(SourceRefused, match=r"its (headers|token)"):
        read(source, of(Paging()), extra=extra)
    assert not source.asked


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's certificate that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    signed = made.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.fault(28)
def test_a_certificate_that_is_not_to_be_trusted(tmp_path: Path) -> None:
    """An API shows a certificate that no authority has signed: refused at once, and nothing is sent."""
    with (
        served(self_signed(tmp_path)) as source,
        pytest.raises(SourceRefused, match="certificate of 127") as caught,
    ):
        read(source, of(Paging()), password="s3cret")
    assert not source.asked
    assert "s3cret" not in str(caught.value)


READER = """
import re, sys
from pathlib import Path
from connectors.base import Connection, Request
from connectors.errors import SourceMalformed
from connectors.rest import RestConnector
from schemas.contract import Paging, Read
from tests.integration.connectors.reading import contract

given = contract("api", "", ("id",), read=Read(endpoint="items", paging=Paging(page_param="")))
said, size = "read", 0
try:
    with RestConnector(Connection("test", "api", host=sys.argv[1])).open(Request(given)) as extract:
        for block in extract.blocks:
            size += len(block)
except SourceMalformed as error:
    said = str(error)
# Not getrusage: it counts what the process before had that this one was made from.
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1], size, said)
"""


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("start", "piece", "packed", "message"),
    [
        (b"[", b'{"id": "' + b"x" * 1000 + b'"},', False, "an answer is larger than 512 MiB"),
        (b'[{"id": "', b"x", False, "an answer is larger than 512 MiB"),
        (b"", b"[", True, "an answer is larger than 512 MiB"),
    ],
    ids=["rows", "text", "packed"],
)
def test_an_answer_of_a_gigabyte(
    source: Misbehaving, start: bytes, piece: bytes, packed: bool, message: str
) -> None:
    """An API answers with 1 GB in one line, packed or not: refused, within 500 MB of memory."""
    source.answer = lambda _: Answer(
        lambda: gigabyte(start, piece, packed), headers={"Content-Encoding": "gzip"} if packed else {}
    )
    command = [sys.executable, "-c", READER, source.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    kilobytes, _, said = done.stdout.split(" ", 2)
    assert int(kilobytes) < 500 << 10
    assert message in said


def gigabyte(start: bytes, piece: bytes, packed: bool) -> Iterator[bytes]:
    """The pieces of a text of 1 GB, packed by gzip or not."""
    many = piece * ((1 << 20) // len(piece))
    pack = zlib.compressobj(1, wbits=31)
    for text in chain([start], repeat(many, (1 << 30) // len(many))):
        yield pack.compress(text) if packed else text
