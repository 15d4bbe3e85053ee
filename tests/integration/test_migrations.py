"""The warehouse's own tables: up, down and up again, all or nothing, on PostgreSQL 18 and 16."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from lumbung import migrate
from lumbung.errors import WarehouseError
from lumbung.warehouse import Warehouse
from tests.services import missing, require_postgres

ROOMS = {
    "landing", "staging", "history", "current", "quarantine",
    "integrated", "identity", "release", "published", "api", "ops",
}  # fmt: skip

OBJECTS = """
    SELECT n.nspname, c.relname, c.relkind::text, pg_get_viewdef(c.oid),
           (SELECT array_agg(attname || ' ' || format_type(atttypid, atttypmod) ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT n.nspname, p.proname, 'function', pg_get_functiondef(p.oid), NULL
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND p.prokind = 'f'
    ORDER BY 1, 2, 3
"""


def _fetch(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as link:
        return link.execute(query).fetchall()


def _rooms(url: str) -> set[object]:
    query = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'"
    return {name for (name,) in _fetch(url, query)} - {"information_schema", "public"}


def test_up_down_up_ends_where_the_first_up_did(empty_url_each: str) -> None:
    migrate.upgrade(empty_url_each)
    assert _rooms(empty_url_each) == ROOMS
    first = _fetch(empty_url_each, OBJECTS)
    assert ("ops", "load") in {row[:2] for row in first}

    migrate.downgrade(empty_url_each, "base")
    assert _rooms(empty_url_each) == {"ops"}
    assert {row[1] for row in _fetch(empty_url_each, OBJECTS)} == {"alembic_version", "alembic_version_pkc"}

    migrate.upgrade(empty_url_each)
    assert _fetch(empty_url_each, OBJECTS) == first


def test_upgrading_twice_changes_nothing(warehouse_url_each: str) -> None:
    first = _fetch(warehouse_url_each, OBJECTS)
    migrate.upgrade(warehouse_url_each)
    assert _fetch(warehouse_url_each, OBJECTS) == first


def test_two_hubs_may_migrate_at_the_same_time(empty_url_each: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate.upgrade, [empty_url_each, empty_url_each]))
    assert _fetch(empty_url_each, "SELECT count(*) FROM ops.alembic_version") == [(1,)]


def test_a_migration_that_fails_leaves_nothing_behind(empty_url_each: str) -> None:
    with psycopg.connect(empty_url_each) as link:
        link.execute("CREATE SCHEMA quarantine")
        link.execute("CREATE TABLE quarantine.entry (in_the_way int)")
    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(empty_url_each)
    assert _rooms(empty_url_each) == {"quarantine"}


def test_the_hub_needs_no_superuser(warehouse_url_each: str) -> None:
    query = "SELECT current_user::text, rolsuper FROM pg_roles WHERE rolname = current_user"
    assert _fetch(warehouse_url_each, query) == [("lumbung", False)]


def test_a_postgresql_too_old_is_refused_in_one_line() -> None:
    url = require_postgres()
    version = int(str(_fetch(url, "SELECT current_setting('server_version_num')")[0][0])) // 10_000
    if version >= 16:
        missing("LUMBUNG_TEST_POSTGRES_URL names a PostgreSQL that isn't old enough to be refused")
    with pytest.raises(WarehouseError) as refusal:
        Warehouse(url).check_version()
    assert f"PostgreSQL {version}" in str(refusal.value)
    assert "16" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_supported_versions_are_accepted(warehouse_url_each: str) -> None:
    Warehouse(warehouse_url_each).check_version()
