"""What several integration tests look at."""

from collections.abc import Iterator

import pytest

from tests.conftest import Servers
from tests.published_city import PublishedCity, a_published_city


@pytest.fixture(scope="session")
def published_city(
    embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PublishedCity]:
    """The demo's city, published once in the session."""
    with a_published_city(embedded_servers, tmp_path_factory.mktemp("published")) as city:
        yield city
