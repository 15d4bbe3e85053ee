"""The warehouse's schemas and the hub's own tables, brought to a revision by Alembic."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[1] / "warehouse" / "migrations"

#: Any number, as long as every hub takes the same: two hubs that start together migrate one after the other.
_LOCK = 7_305_809_216


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the warehouse at `url` (a libpq URI) up to `revision`; at the head already, change nothing."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the warehouse at `url` back to `revision`; `base` drops everything the hub keeps."""
    _run(url, lambda config: command.downgrade(config, revision))


def _run(url: str, step: Callable[[Config], None]) -> None:
    """Run one Alembic command in one transaction: it happens wholly or not at all."""
    # libpq reads the URI, not SQLAlchemy: several hosts, service files, sslmode mean what they always mean.
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sqlalchemy.NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(sqlalchemy.text("CREATE SCHEMA IF NOT EXISTS ops"))
        config.attributes["connection"] = connection
        step(config)
    engine.dispose()
