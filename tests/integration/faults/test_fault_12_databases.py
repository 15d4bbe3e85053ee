"""Databases whose texts are not in the encoding that they declare."""

import psycopg

from tests.loads_project import column, counts
from tests.services import mariadb_database, postgres_database, run_mariadb
from tests.sourced import Sourced, dataset

FAULT = 12

COLUMNS = (column("id", "integer", key=1), column("value"))


def from_mariadb(warehouse_url: str, charset: str, *values: str) -> Sourced:
    """A hub that has loaded these SQL literals from a column that is declared so."""
    rows = ", ".join(f"({number}, {value})" for number, value in enumerate(values, 1))
    with mariadb_database() as url:
        run_mariadb(url, f"CREATE TABLE data (id int PRIMARY KEY, value varchar(40) CHARACTER SET {charset})")
        run_mariadb(url, f"SET STATEMENT sql_mode = '' FOR INSERT INTO data VALUES {rows}")
        hub = Sourced(warehouse_url, dataset("mysql", *COLUMNS), url)
        hub.sync()
        return hub


def test_latin1_and_mojibake_in_mariadb(warehouse_url: str) -> None:
    """MariaDB: Latin-1 comes decoded; UTF-8 stored as Latin-1 comes as the source shows it."""
    hub = from_mariadb(warehouse_url, "latin1", "X'52656EE9'", "X'52656EC3A9'", "X'93'")
    assert hub.accepted() == [(1, "Ren\u00e9"), (2, "Ren\u00c3\u00a9"), (3, "\u201c")]


def test_double_encoded_text_in_mariadb(warehouse_url: str) -> None:
    """MariaDB: text that was encoded twice is valid, and comes exactly as it is stored."""
    hub = from_mariadb(warehouse_url, "utf8mb4", "X'52656EC383C2A9'", "X'F09F8CBE'")
    assert hub.accepted() == [(1, "Ren\u00c3\u00a9"), (2, "\U0001f33e")]


def test_bytes_that_are_no_text_in_mariadb(warehouse_url: str) -> None:
    """MariaDB: half a character and NUL bytes are quarantined rows, with what they held; the others come."""
    hub = from_mariadb(warehouse_url, "ucs2", "X'D83D'", "X'00410000'", "X'00410042'")
    assert hub.accepted() == [(3, "AB")]
    assert set(hub.refused()) == {"1", "2"}


def test_a_column_that_is_declared_ascii_and_is_not(warehouse_url: str) -> None:
    """MariaDB: UTF-8 in a column declared ASCII comes, other bytes are quarantined, never `?`."""
    hub = from_mariadb(warehouse_url, "ascii", "X'52656EC3A9'", "X'52656EE9'", "'sound'")
    assert hub.accepted() == [(1, "Ren\u00e9"), (3, "sound")]
    assert set(hub.refused()) == {"2"}


def test_a_postgresql_database_that_declares_no_encoding(warehouse_url: str) -> None:
    """PostgreSQL with SQL_ASCII: what is UTF-8 comes, a row with other bytes is quarantined with its key."""
    with postgres_database("template0", "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'") as url:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute("SET client_encoding = SQL_ASCII")
            link.execute("CREATE TABLE data (id int PRIMARY KEY, value text)")
            link.execute(
                r"INSERT INTO data VALUES (1, E'Ren\xc3\xa9'), (2, E'Ren\xe9\t\\'), (3, E'a\tb\\N'), "
                "(4, NULL)"
            )
        hub = Sourced(warehouse_url, dataset("postgres", *COLUMNS), url)
        assert counts(hub.sync()) == {"added": 3, "quarantined": 1}
        assert hub.accepted() == [(1, "Ren\u00e9"), (3, "a\tb\\N"), (4, None)]
        assert set(hub.refused()) == {"2"}
        ((raw,),) = hub.loads.query("SELECT rows::text FROM quarantine.entry")
        assert "xe9" in raw
