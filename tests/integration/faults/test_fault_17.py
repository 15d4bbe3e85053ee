"""Answers that are no whole answer, at the first page or in the middle."""

import gzip
from collections.abc import Callable, Iterator

import pytest

from connectors import rest_pages
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tests.conftest import TEMPLATE, VERSIONS, Servers
from tests.integration.faults.misbehaving import Answer, Asked, City, pages, permit, refuses, synced

FAULT = 17

ROWS = [permit(number) for number in range(3, 9)]


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("hub")
    with embedded_servers.database(VERSIONS[0], TEMPLATE) as url, synced(url, folder) as made:
        yield made


def second(answer: Answer) -> Callable[[Asked], Answer]:
    """Good pages, but for the second."""
    good = pages(ROWS)
    return lambda asked: answer if asked.query["page"] == "2" else good(asked)


@pytest.mark.parametrize(
    ("answer", "message", "error"),
    [
        (Answer({"error": "x"}, status=404), "permits answered with status 404", SourceRefused),
        (Answer(status=500), "failed 4 times, last: status 500", SourceUnavailable),
        (
            Answer(b'{"rows": [{"id": "5", "chan'),
            "is no complete JSON: Unterminated string .*character 23",
            SourceMalformed,
        ),
        (Answer(b'{"rows": [{"id": "5", "changed_at": 50}]'), "is no complete JSON", SourceMalformed),
        (Answer(b"<!DOCTYPE html><title>Masuk</title>"), "is an HTML page, not JSON", SourceMalformed),
        (Answer({"message": "not today"}), "has no list at rows", SourceMalformed),
        (Answer(b""), "is no complete JSON", SourceMalformed),
        (Answer({"rows": ROWS}, cut=30), "failed 4 times, last: RemoteProtocolError", SourceUnavailable),
        (
            Answer({"rows": ROWS}, headers={"Content-Length": "33"}),
            "is no complete JSON",
            SourceMalformed,
        ),
        (
            Answer({"rows": ROWS}, headers={"Content-Length": "99999"}),
            "failed 4 times, last: RemoteProtocolError",
            SourceUnavailable,
        ),
    ],
    ids=["404", "500", "truncated", "unclosed", "html", "other", "empty", "cut", "shorter", "longer"],
)
def test_an_error_in_the_middle_of_the_pages(
    city: City, answer: Answer, message: str, error: type[SourceError]
) -> None:
    """The second page is an error, half an answer or a login page: nothing of the first is kept either."""
    city.source.answer = second(answer)
    refuses(city, message, error)
    assert {asked.query["page"] for asked in city.source.asked} == {"1", "2"}


def test_the_next_sync_after_broken_ones(city: City) -> None:
    """After loads that broke off in the middle, the next one starts where the last good one ended."""
    city.source.answer = second(Answer(b"{"))
    refuses(city, "is no complete JSON", SourceMalformed)
    city.recovers()


@pytest.mark.parametrize("packed", ["gzip", "gzip, gzip", "zstd"])
def test_an_answer_that_unpacks_to_too_much(city: City, monkeypatch: pytest.MonkeyPatch, packed: str) -> None:
    """A small answer unpacks to more than a page may have, or is packed twice: refused while it unpacks."""
    monkeypatch.setattr(rest_pages, "LARGEST", 1 << 24)
    bomb = gzip.compress(b'{"rows": ["' + b" " * (1 << 25))
    city.source.answer = second(Answer(bomb, headers={"Content-Encoding": packed}))
    refuses(city, "larger than 16 MiB|is packed as", SourceMalformed)
