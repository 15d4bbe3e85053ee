"""Web servers that are busy, broken, slow or silent."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.errors import SourceUnavailable
from tests.conftest import TEMPLATE, VERSIONS, Servers
from tests.integration.faults.misbehaving import Answer, City, pages, permit, refuses, synced

FAULT = 16


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("hub")
    with embedded_servers.database(VERSIONS[0], TEMPLATE) as url, synced(url, folder) as made:
        yield made


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed(city: City, form: str) -> None:
    """The server says 429 with Retry-After in seconds or as a date: the hub waits that long, then goes on."""
    good, told = pages(city.permits(1, 1)), list[float]()

    def answer(asked: object) -> Answer:
        told.append(time.monotonic())
        if len(told) > 1:
            return good(asked)  # type: ignore[arg-type]
        later = datetime.now(UTC) + timedelta(seconds=2)
        return Answer(
            status=429, headers={"Retry-After": "1" if form == "seconds" else format_datetime(later)}
        )

    city.source.answer = answer
    assert city.sync(max_seconds=10).added_count == 1
    city.last += 1
    # A date has whole seconds: up to one less.
    assert told[1] - told[0] >= 0.99


def test_retry_after_beyond_the_time_limit(city: City) -> None:
    """The server asks to come back in an hour: the sync ends at once and says so; the watermark stays."""
    city.source.answer = lambda _: Answer(status=429, headers={"Retry-After": "3600"})
    began = time.monotonic()
    refuses(city, "status 429, and waiting 3600 s more would exceed maxSeconds", SourceUnavailable)
    assert time.monotonic() - began < 2
    city.recovers()


def test_a_storm_of_errors(city: City) -> None:
    """The server answers 503 to everything: tries, then an error; the watermark stays."""
    city.source.answer = lambda _: Answer(b"password=hunter2", status=503)
    refuses(city, r"127\.0\.0\.1 failed 4 times, last: status 503$", SourceUnavailable)
    assert len(city.source.asked) == 4
    city.recovers()


def test_a_storm_that_passes(city: City) -> None:
    """The server answers 503 twice and then well: nobody notices."""
    good = pages(city.permits(1, 1))
    city.source.asked.clear()
    city.source.answer = lambda asked: good(asked) if len(city.source.asked) > 2 else Answer(status=503)
    assert city.sync().added_count == 1
    city.last += 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"rows": [permit(4)] * 50}, drip=0.05),
        Answer({"rows": []}, slow_head=0.1),
        Answer(hangs=True),
    ],
    ids=["body", "head", "hang"],
)
def test_a_slow_drip_or_a_hang_ends_with_the_time_limit(city: City, answer: Answer) -> None:
    """The server sends a byte now and then, in body or head, or nothing: it ends with maxSeconds."""
    city.source.answer = lambda _: answer
    began = time.monotonic()
    refuses(city, "the read took longer than maxSeconds", SourceUnavailable, max_seconds=1)
    assert time.monotonic() - began < 3
    city.source.released.set()
    city.recovers()


def test_a_connection_that_breaks_off_is_tried_again(city: City) -> None:
    """The server breaks off in the middle of an answer, once: the answer is asked for again, whole."""
    good = pages(city.permits(1, 1))
    city.source.asked.clear()
    city.source.answer = lambda asked: good(asked)._replace(cut=20 if len(city.source.asked) == 1 else None)
    assert city.sync().added_count == 1
    city.last += 1
