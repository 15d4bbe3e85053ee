"""The databases at hand as sources that go wrong: the same table `data`, broken in the same ways."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

import psycopg

from connectors import mysql
from connectors.base import Connector, Extract, Request
from connectors.connection import parse_connection
from lumbung import embedded
from tests.conftest import VERSIONS, Servers
from tests.services import mariadb_database, run_mariadb, with_login

PASSWORD = "s3cr3t-of-the-source"


@dataclass(frozen=True)
class Database:
    """A source database: `url` for its owner, and `reader` for the login that the hub has."""

    kind: str
    url: str
    reader: str
    grant: str
    revoke: str

    def run(self, *statements: str) -> None:
        """Statements of its owner, each in its own commit."""
        if self.kind == "mysql":
            run_mariadb(self.url, *statements)
            return
        with psycopg.connect(self.url, autocommit=True) as link:
            for statement in statements:
                link.execute(statement.encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else may read the table within the context."""
        if self.kind == "postgres":
            with psycopg.connect(self.url) as link:
                link.execute("LOCK TABLE data IN ACCESS EXCLUSIVE MODE")
                yield
            return
        with (
            closing(mysql.connect(parse_connection("test", self.url))) as link,
            closing(link.cursor()) as cursor,
        ):
            cursor.execute("LOCK TABLES data WRITE")
            yield

    def kill(self) -> None:
        """End every session of the hub in this database."""
        if self.kind == "postgres":
            self.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'lumbung' AND datname = current_database()"
            )
            return
        user = parse_connection("test", self.reader).user
        run_mariadb(self.url, f"KILL USER {user}")


@contextmanager
def database(kind: str, servers: Servers) -> Iterator[Database]:
    """A database of this kind with an empty table `data`, which the hub's login may read.

    PostgreSQL is the embedded one: it asks for passwords.
    """
    reader = f"hub_{uuid4().hex[:12]}"
    create = "CREATE TABLE data (id int PRIMARY KEY, value varchar(400))"
    if kind == "mysql":
        with mariadb_database() as url:
            places = (f"{reader}@'%'", f"{reader}@localhost")
            grants = ", ".join(f"{place} IDENTIFIED BY '{PASSWORD}'" for place in places)
            run_mariadb(url, create, f"CREATE USER {grants}")
            name = parse_connection("test", url).database
            source = Database(
                kind, url, with_login(url, reader, PASSWORD),
                f"GRANT SELECT ON {name}.data TO {', '.join(places)}",
                f"REVOKE SELECT ON {name}.data FROM {', '.join(places)}",
            )  # fmt: skip
            source.run(source.grant)
            try:
                yield source
            finally:
                run_mariadb(url, f"DROP USER {', '.join(places)}")
        return
    with servers.database(VERSIONS[0], "template1") as owned:
        name = parse_connection("test", owned).database
        url = embedded.admin_url(servers.home(VERSIONS[0]), name)
        source = Database(
            kind, url, with_login(owned, reader, PASSWORD),
            f"GRANT SELECT ON data TO {reader}", f"REVOKE SELECT ON data FROM {reader}",
        )  # fmt: skip
        source.run(create, f"CREATE ROLE {reader} LOGIN PASSWORD '{PASSWORD}'", source.grant)
        try:
            yield source
        finally:
            source.run(f"DROP OWNED BY {reader}", f"DROP ROLE {reader}")


@dataclass(frozen=True)
class Disturbed:
    """A connector during whose read, after the first block, something happens at the source."""

    connector: Connector
    event: Callable[[], None]

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """As the connector itself."""
        with self.connector.open(request) as extract:
            yield replace(extract, blocks=self._blocks(extract))

    def _blocks(self, extract: Extract) -> Iterator[bytes]:
        yield next(extract.blocks)
        self.event()
        yield from extract.blocks
