"""A source that does not let the hub in, or has not what the contract says."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.connection import parse_connection
from connectors.errors import SourceError, SourceRefused, SourceUnavailable
from tests.conftest import Servers
from tests.integration.faults.databases import PASSWORD, Database, database
from tests.loads_project import column
from tests.services import with_login
from tests.sourced import Sourced, dataset

FAULT = 28


@dataclass(frozen=True)
class Broken:
    """A source that was read once, and a warehouse that has what came."""

    source: Database
    warehouse: str

    @property
    def sound(self) -> Sourced:
        return self.by(self.source.reader)

    def by(self, url: str) -> Sourced:
        """The same dataset by another connection."""
        contract = dataset(self.source.kind, column("id", "integer", key=1), column("value"))
        return Sourced(self.warehouse, contract, url)

    def fails(self, url: str, error: type[SourceError], *said: str) -> None:
        """A sync by this connection says what is wrong, keeps the secret, and leaves the data be."""
        attempt = self.by(url)
        with pytest.raises(error) as caught:
            attempt.sync()
        last = "SELECT load_id, state, reason FROM ops.load ORDER BY load_id DESC LIMIT 1"
        ((load_id, state, reason),) = attempt.loads.query(last)
        for text in ("test.data: ", "connection test", *said):
            assert text in str(caught.value)
        assert PASSWORD not in str(caught.value) + reason
        assert (state, reason) == ("failed", str(caught.value))
        assert attempt.accepted() == [(1, "a"), (2, "b")]
        assert attempt.loads.query(f"SELECT 1 FROM pg_tables WHERE tablename ~ '__l{load_id}$'") == []


@pytest.fixture(params=["postgres", "mysql"])
def broken(request: pytest.FixtureRequest, embedded_servers: Servers, warehouse_url: str) -> Iterator[Broken]:
    with database(request.param, embedded_servers) as source:
        source.run("INSERT INTO data VALUES (1, 'a'), (2, 'b')")
        broken = Broken(source, warehouse_url)
        assert broken.sound.sync().state == "applied"
        yield broken


def test_a_wrong_password(broken: Broken) -> None:
    """The password is wrong: the load fails, naming the connection and the variable to correct."""
    user = parse_connection("test", broken.source.reader).user
    url = with_login(broken.source.reader, user, PASSWORD + "x")
    broken.fails(url, SourceRefused, f"refused user '{user}'", "correct AIRFLOW_CONN_TEST")


def test_an_unknown_login(broken: Broken) -> None:
    """The login was dropped: the load fails, naming the connection and the variable to correct."""
    broken.fails(
        with_login(broken.source.reader, "nobody", PASSWORD), SourceRefused, "correct AIRFLOW_CONN_TEST"
    )


def test_an_unreachable_host(broken: Broken) -> None:
    """Nobody listens at the address: the load fails as one worth another try, and the next try succeeds."""
    connection = parse_connection("test", broken.source.reader)
    url = broken.source.reader.replace(f":{connection.port}/", ":1/")
    assert url != broken.source.reader
    broken.fails(url, SourceUnavailable, "did not answer")
    assert broken.sound.sync().state == "applied"


def test_a_missing_table(broken: Broken) -> None:
    """The table was renamed: the load fails, naming the table and what to correct."""
    broken.source.run("ALTER TABLE data RENAME TO elsewhere")
    broken.fails(broken.source.reader, SourceRefused, "data", "correct")


def test_a_missing_permission(broken: Broken) -> None:
    """SELECT was taken away: the load fails and says what to ask the owner for; once granted, it succeeds."""
    broken.source.run(broken.source.revoke)
    broken.fails(broken.source.reader, SourceRefused, "ask the owner", "SELECT")
    broken.source.run(broken.source.grant)
    assert broken.sound.sync().state == "applied"
