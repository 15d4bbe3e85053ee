"""Sources that lead elsewhere: to other hosts, into the hub's own network, to the cloud's secrets."""

from collections.abc import Iterator

import pytest

from connectors.errors import SourceRefused
from schemas.contract import Paging
from tests.conftest import TEMPLATE, VERSIONS, Servers
from tests.integration.faults.misbehaving import Answer, Asked, City, pages, permit, refuses, served, synced

FAULT = 19

ELSEWHERE = (
    "http://localhost:1/permits",
    "//other.example/permits",
    "https://127.0.0.1/permits",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:169.254.169.254]/latest",
    "http://2852039166/latest",
    "file:///etc/hostname",
)


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("hub")
    with (
        embedded_servers.database(VERSIONS[0], TEMPLATE) as url,
        synced(url, folder, api_key="hush-hush") as made,
    ):
        yield made


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_redirect_to_elsewhere(city: City, target: str) -> None:
    """The second page redirects to another host, a private address or a file: not followed, nothing kept."""
    good = pages(city.permits(1, 6))
    city.source.answer = lambda asked: (
        Answer(status=302, headers={"Location": target}) if asked.query["page"] == "2" else good(asked)
    )
    refuses(city, "redirected to another address", SourceRefused)


@pytest.mark.parametrize("by", ["answer", "header"])
@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_next_link_to_elsewhere(city: City, target: str, by: str) -> None:
    """The link to the next page leads to another host or a private address: not followed, nothing kept."""
    in_header = {"Link": f'</permits?page=0>; rel="prev", <{target}>; rel="next"'}
    paging = Paging(style="link", size=2, next_path=None if by == "header" else "next")
    city.source.answer = lambda _: Answer(
        {"rows": [permit(4)], "next": target}, headers=in_header if by == "header" else {}
    )
    refuses(city, "redirected to another address", SourceRefused, paging=paging)


def test_a_redirect_behind_a_redirect(city: City) -> None:
    """A redirect within the host leads to one to a private address: each hop is looked at."""

    def answer(asked: Asked) -> Answer:
        target = "/moved" if asked.path == "/permits" else "http://169.254.169.254/"
        return Answer(status=307, headers={"Location": target})

    city.source.answer = answer
    refuses(city, r"redirected to another address \(http://169.254.169.254\)", SourceRefused)
    assert [asked.path for asked in city.source.asked] == ["/permits", "/moved"]


def test_the_metadata_address_is_refused_even_when_it_is_allowed(city: City) -> None:
    """The contract itself allows the cloud's metadata address: refused, for it is nobody's source."""
    hosts = ("169.254.169.254",)
    city.source.answer = lambda _: Answer(status=302, headers={"Location": "http://169.254.169.254/"})
    refuses(city, "169.254.169.254, which has a private address", SourceRefused, allowed_hosts=hosts)


def test_an_allowed_host_gets_no_credentials(city: City) -> None:
    """The contract allows another host: its pages are read, and the connection's key is not sent there."""
    with served() as other:
        target = other.url.replace("127.0.0.1", "localhost")
        here, there = city.permits(0, 2)
        other.answer = lambda _: Answer({"rows": [there], "next": None})
        paging = Paging(style="link", size=2, next_path="next")
        city.source.answer = lambda _: Answer({"rows": [here], "next": f"{target}/permits?page=2"})
        city.source.asked.clear()
        assert city.sync(paging=paging, allowed_hosts=("localhost",)).added_count == 1
        city.last += 1
        assert city.source.asked[0].headers["x-api-key"] == "hush-hush"
        assert other.asked and "hush-hush" not in str(other.asked)
    city.recovers()
