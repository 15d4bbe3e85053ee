"""A source that goes away, or goes on writing, while it is read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors import mysql, postgres
from connectors.connection import parse_connection
from connectors.errors import SourceUnavailable
from connectors.registry import open_connector
from lumbung import landing
from tests.conftest import Servers
from tests.integration.faults.databases import Database, Disturbed, database
from tests.loads_project import column, counts
from tests.sourced import Sourced, dataset

FAULT = 23
#: More than sockets and drivers hold back, so that a read is still going on after its first block.
MANY = 60_000
FILL = {
    "postgres": "INSERT INTO data SELECT n, repeat('x', 300) FROM generate_series({}, {}) AS n",
    "mysql": "INSERT INTO data SELECT seq, REPEAT('x', 300) FROM seq_{}_to_{}",
}


@pytest.fixture(params=["postgres", "mysql"])
def source(request: pytest.FixtureRequest, embedded_servers: Servers) -> Iterator[Database]:
    with database(request.param, embedded_servers) as source:
        yield source


def hub(source: Database, warehouse_url: str) -> Sourced:
    contract = dataset(source.kind, column("id", "integer", key=1), column("value"))
    return Sourced(warehouse_url, contract, source.reader)


def disturbed(hub: Sourced, source: Database, event: Callable[[], None]) -> int:
    """Land while the event happens in the middle of the read."""
    contract = hub.loads.contract
    connector = open_connector(contract, parse_connection("test", source.reader), Path())
    return landing.land(hub.loads.warehouse, contract, Disturbed(connector, event))


def test_a_source_that_dies_while_it_is_read(source: Database, warehouse_url: str) -> None:
    """The source's session is killed mid-read: nothing of the load is seen, and the next try has it all."""
    source.run("INSERT INTO data VALUES (1, 'before')")
    city = hub(source, warehouse_url)
    city.sync()
    source.run("DELETE FROM data", FILL[source.kind].format(1, MANY))
    with pytest.raises(
        SourceUnavailable, match=r"^test\.data: connection test: .* did not answer or broke off"
    ):
        disturbed(city, source, source.kill)
    last = "SELECT load_id, state, read_count FROM ops.load ORDER BY load_id DESC LIMIT 1"
    ((load_id, state, read),) = city.loads.query(last)
    assert (state, read) == ("failed", None)
    assert city.loads.query(f"SELECT 1 FROM pg_tables WHERE tablename ~ '__l{load_id}$'") == []
    assert city.accepted() == [(1, "before")]
    assert counts(city.sync()) == {"added": MANY - 1, "changed": 1}


def test_a_source_that_writes_while_it_is_read(source: Database, warehouse_url: str) -> None:
    """The source changes, deletes and adds rows mid-read: the load is the state at which the read began."""
    source.run(FILL[source.kind].format(1, MANY))
    city = hub(source, warehouse_url)
    more = FILL[source.kind].format(MANY + 1, MANY + 500)
    load_id = disturbed(
        city,
        source,
        lambda: source.run("UPDATE data SET value = 'new'", "DELETE FROM data WHERE id < 999", more),
    )
    city.loads.validate(load_id)
    city.loads.apply(load_id)
    summed = (
        "SELECT count(*), min(id), max(id), count(*) FILTER (WHERE value = 'new') FROM current.test__data"
    )
    assert city.loads.query(summed) == [(MANY, 1, MANY, 0)]
    assert counts(city.sync()) == {"added": 500, "changed": MANY - 998, "removed": 998}


@pytest.mark.fault(3)
def test_a_table_that_its_owner_has_locked(
    source: Database, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source's table is locked by its owner: the load gives up in time, and the next try succeeds."""
    source.run("INSERT INTO data VALUES (1, 'a')")
    city = hub(source, warehouse_url)
    monkeypatch.setitem(postgres.SESSION, "lock_timeout", "200ms")
    patient = [
        statement.replace("lock_wait_timeout = 60", "lock_wait_timeout = 1") for statement in mysql.SESSION
    ]
    monkeypatch.setattr(mysql, "SESSION", patient)
    with source.locked(), pytest.raises(SourceUnavailable, match="did not answer or broke off"):
        city.sync()
    assert counts(city.sync()) == {"added": 1}
