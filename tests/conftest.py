"""Fixtures for every test: the embedded servers, and a fresh warehouse on one of them.

Each server starts when the first test asks for it and goes with the session. The databases are real; a
fresh one is a copy of a migrated template, which takes a tenth of a second.
"""

import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from lumbung import embedded, migrate
from lumbung.warehouse import Warehouse
from tests.accounting import ACCOUNTS, Accounts
from tests.services import with_database

VERSIONS = (18, 16)
TEMPLATE = "template_migrated"


class Servers:
    """The embedded servers of one test session, one a version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._urls: dict[int, str] = {}

    def home(self, version: int) -> Path:
        """The home of that version's server."""
        return self._folder / str(version)

    def url(self, version: int) -> str:
        """URL of the hub's database on that version's server, which is started on the first call."""
        if version not in self._urls:
            url = embedded.start(self.home(version), version)
            with _administrator(self, version) as link:
                link.execute(sql.SQL("CREATE DATABASE {} OWNER lumbung").format(sql.Identifier(TEMPLATE)))
            migrate.upgrade(with_database(url, TEMPLATE))
            self._urls[version] = url
        return self._urls[version]

    @contextmanager
    def database(self, version: int, template: str) -> Iterator[str]:
        """URL of a database owned by the hub's role; it goes when the context ends."""
        url, name = self.url(version), f"test_{uuid4().hex[:12]}"
        with _administrator(self, version) as link:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER lumbung")
            link.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield with_database(url, name)
        finally:
            ACCOUNTS.audit(embedded.admin_url(self.home(version), name))
            with _administrator(self, version) as link:
                link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def remove(self) -> None:
        """Stop the servers and delete their data."""
        for version in VERSIONS:
            embedded.remove(self.home(version))


@contextmanager
def _administrator(servers: Servers, version: int) -> Iterator[psycopg.Connection]:
    # It waits for a server that recovers: tests may kill its processes.
    with Warehouse(embedded.admin_url(servers.home(version))).open() as link:
        link.autocommit = True
        yield link


@pytest.fixture(scope="session")
def embedded_servers() -> Iterator[Servers]:
    """The embedded servers, 18 and 16, each started when first asked for."""
    # Not pytest's own temporary folder: that one is closed to the unprivileged user of the server.
    with tempfile.TemporaryDirectory(prefix="lumbung-test-") as folder:
        Path(folder).chmod(0o755)
        servers = Servers(Path(folder))
        try:
            yield servers
        finally:
            servers.remove()


@pytest.fixture(params=VERSIONS, ids=lambda version: f"postgresql{version}")
def pg_version(request: pytest.FixtureRequest) -> int:
    """Each PostgreSQL version in turn."""
    return int(request.param)


@pytest.fixture
def warehouse_url(embedded_servers: Servers) -> Iterator[str]:
    """libpq URI of a fresh, migrated warehouse on PostgreSQL 18, as the hub's own role."""
    with embedded_servers.database(VERSIONS[0], TEMPLATE) as url:
        yield url


@pytest.fixture
def warehouse_url_each(embedded_servers: Servers, pg_version: int) -> Iterator[str]:
    """As warehouse_url, once on each PostgreSQL version."""
    with embedded_servers.database(pg_version, TEMPLATE) as url:
        yield url


@pytest.fixture
def empty_url_each(embedded_servers: Servers, pg_version: int) -> Iterator[str]:
    """libpq URI of a fresh, empty database, once on each PostgreSQL version."""
    with embedded_servers.database(pg_version, "template1") as url:
        yield url


@pytest.fixture
def warehouse_admin_url(embedded_servers: Servers, warehouse_url: str) -> str:
    """As warehouse_url, for the superuser: to look at what the hub's own role may not."""
    database = urlsplit(warehouse_url).path.removeprefix("/")
    return embedded.admin_url(embedded_servers.home(VERSIONS[0]), database)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how the tests of faults end."""
    report = yield
    if report.when == "call" or report.failed:
        ACCOUNTS.note(item, passed=not report.failed)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the session adds up to."""
    for line in ACCOUNTS.words():
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its sums to the process that shows them."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["accounts"] = ACCOUNTS.plain()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over a worker's sums."""
    ACCOUNTS.take(getattr(node, "workeroutput", {}).get("accounts", Accounts().plain()))
