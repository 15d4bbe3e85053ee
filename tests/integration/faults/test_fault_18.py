"""Pages that repeat, lead back, or shift while they are read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.errors import SourceMalformed
from schemas.contract import Paging
from tests.conftest import TEMPLATE, VERSIONS, Servers
from tests.integration.faults.misbehaving import Answer, Asked, City, pages, permit, refuses, synced

FAULT = 18

ROWS = [permit(number) for number in range(3, 9)]


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("hub")
    with embedded_servers.database(VERSIONS[0], TEMPLATE) as url, synced(url, folder) as made:
        yield made


@pytest.mark.parametrize("style", ["page", "offset"])
def test_a_page_that_repeats_for_ever(city: City, style: Any) -> None:
    """The server ignores the page's number and sends one page for ever: an error, no endless loop."""
    served = iter(range(1000))
    city.source.answer = lambda _: Answer({"rows": ROWS[:2], "served": next(served)})
    refuses(city, "page 2 repeats an earlier one", SourceMalformed, paging=Paging(style=style, size=2))


@pytest.mark.parametrize("style", ["cursor", "link"])
def test_a_cursor_or_link_that_leads_back(city: City, style: Any) -> None:
    """The third page leads back to the second: an error, no endless loop."""
    names = {"": "b", "b": "c", "c": "b"}

    def answer(asked: Asked) -> Answer:
        # Ever new rows, so that only the way shows it.
        now, number = asked.query.get("page", ""), len(city.source.asked) * 10
        after = names[now] if style == "cursor" else f"/permits?page={names[now]}"
        return Answer({"rows": [permit(number)], "next": after})

    city.source.answer = answer
    paging = Paging(style=style, size=2, next_path="next")
    refuses(city, "after page 3 the source leads back to one that was read", SourceMalformed, paging=paging)
    city.recovers()


def shifting(before: list[Any], after: list[Any]) -> Callable[[Asked], Answer]:
    """Rows that change between the first page and the second."""
    first, then = pages(before), pages(after)
    return lambda asked: first(asked) if asked.query["page"] == "1" else then(asked)


def test_a_row_is_deleted_between_pages(city: City) -> None:
    """A row of the first page is deleted before the second is read, which skips one: the count shows it."""
    city.source.answer = shifting(ROWS, ROWS[1:])
    paging = Paging(size=2, total_path="total")
    refuses(city, "total went from 6 to 5 while the pages were read", SourceMalformed, paging=paging)


def test_fewer_rows_come_than_are_announced(city: City) -> None:
    """The server announces more rows than all of its pages have: refused."""
    city.source.answer = pages(ROWS, total=7)
    paging = Paging(size=2, total_path="total")
    refuses(city, "6 rows came and total says 7", SourceMalformed, paging=paging)
    city.recovers()


def test_a_row_comes_twice_because_another_came_in_between(city: City) -> None:
    """A row is added in front between two pages, so one comes twice: its copies are quarantined."""
    city.source.answer = shifting(ROWS, [permit(90), *ROWS])
    load = city.sync()
    assert (load.read_count, load.quarantined_count) == (7, 2)
    with city.warehouse.connect() as session:
        assert session.execute(
            "SELECT row_key, jsonb_array_length(rows) FROM quarantine.entry"
        ).fetchall() == [("00004", 2)]
