"""The real services that integration tests speak to: where they are, and throwaway databases on them.

`LUMBUNG_TEST_POSTGRES_URL` and `LUMBUNG_TEST_MARIADB_URL` say where they are (default: the local ones).
A test whose service is absent skips with the reason, or fails when `LUMBUNG_REQUIRE_SERVICES=1`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from connectors.connection import parse_connection


def missing(what: str) -> NoReturn:
    """Skip the test for want of `what`, or fail it when services are required."""
    if os.environ.get("LUMBUNG_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{what}, and LUMBUNG_REQUIRE_SERVICES=1", pytrace=False)
    pytest.skip(what)


def corpus() -> Path:
    """The folder of real inputs that `LUMBUNG_CORPUS` names."""
    folder = os.environ.get("LUMBUNG_CORPUS", "")
    if not folder or not Path(folder).is_dir():
        missing("LUMBUNG_CORPUS names no folder")
    return Path(folder)


def require_postgres() -> str:
    """URL of a PostgreSQL server whose user may create databases and roles."""
    url = os.environ.get("LUMBUNG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    return _answering(url, _try_postgres)


def require_mariadb() -> str:
    """URL of a MariaDB or MySQL server whose user may create databases and users."""
    url = os.environ.get("LUMBUNG_TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/mysql")
    return _answering(url, _try_mariadb)


@contextmanager
def postgres_database(template: str = "template1", options: str = "") -> Iterator[str]:
    """URL of a database that lives as long as the context. `options` ends its CREATE DATABASE."""
    url = require_postgres()
    name = f"lumbung_test_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ").format(sql.Identifier(name), sql.Identifier(template))
            + sql.SQL(options)
        )
        try:
            yield with_database(url, name)
        finally:
            link.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def mariadb_database() -> Iterator[str]:
    """URL of a MariaDB database (utf8mb4) that lives as long as the context."""
    url = require_mariadb()
    name = f"lumbung_test_{uuid4().hex[:12]}"
    run_mariadb(url, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield with_database(url, name)
    finally:
        run_mariadb(url, f"DROP DATABASE {name}")


def run_mariadb(url: str, *statements: str) -> None:
    """Run the statements, each in its own commit."""
    import mysql.connector

    c = parse_connection("test", url)
    with mysql.connector.connect(
        host=c.host, port=c.port or 3306, user=c.user, password=c.password, database=c.database,
        charset="utf8mb4", collation="utf8mb4_general_ci", autocommit=True, connection_timeout=3,
    ) as link:  # fmt: skip
        cursor = link.cursor()
        for statement in statements:
            cursor.execute(statement)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_login(url: str, user: str, password: str) -> str:
    """The same database for another user."""
    address = urlsplit(url)
    return urlunsplit(address._replace(netloc=f"{user}:{password}@{address.netloc.rpartition('@')[2]}"))


def _answering(url: str, attempt: Callable[[str], str]) -> str:
    reason = attempt(url)
    return missing(reason) if reason else url


@cache
def _try_postgres(url: str) -> str:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error as error:
        return f"no PostgreSQL to test against: {error}"
    return ""


@cache
def _try_mariadb(url: str) -> str:
    import mysql.connector

    try:
        run_mariadb(url, "DO 0")
    except mysql.connector.Error as error:
        return f"no MariaDB to test against: {error}"
    return ""
