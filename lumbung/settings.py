"""Where the project, its state and its warehouse are, read from the environment once at the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lumbung.errors import SettingsError

_SCHEMES = ("postgresql", "postgres")
_PONTIANAK = ZoneInfo("Asia/Pontianak")


@dataclass(frozen=True)
class Settings:
    """What a deployment may choose. Making one touches nothing on disk.

    `project` holds `schemas/`, `expectations/` and `warehouse/`; `home` keeps the hub's state (embedded
    server, Data Docs, Airflow); `warehouse_url` is a libpq URI, or None for the embedded server. The
    URL may hold a password, so the repr leaves it out. `mail_connection` is the id of the connection to the
    mail server; None means `smtp_default`, if that exists.
    """

    project: Path
    home: Path
    warehouse_url: str | None = field(default=None, repr=False)
    timezone: ZoneInfo = _PONTIANAK
    mail_connection: str | None = None

    def today(self) -> date:
        """The date where the city is."""
        return datetime.now(self.timezone).date()

    @classmethod
    def from_environment(
        cls, project: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> "Settings":
        """Settings from `LUMBUNG_PROJECT`, `_HOME`, `_WAREHOUSE_URL`, `_TIMEZONE`, `_MAIL_CONNECTION`.

        `project` (the command line's) comes before the environment's; without either it is the folder
        that this package lies in. Raises SettingsError.
        """
        environment = os.environ if environment is None else environment
        folder = _project(project, environment)
        home = environment.get("LUMBUNG_HOME", "").strip()
        return cls(
            project=folder,
            home=Path(home).expanduser().absolute() if home else folder / "var",
            warehouse_url=_warehouse_url(environment.get("LUMBUNG_WAREHOUSE_URL", "").strip()),
            timezone=_timezone(environment.get("LUMBUNG_TIMEZONE", "").strip()),
            mail_connection=environment.get("LUMBUNG_MAIL_CONNECTION", "").strip() or None,
        )


def _project(given: Path | None, environment: Mapping[str, str]) -> Path:
    named = given or environment.get("LUMBUNG_PROJECT", "").strip()
    folder = Path(named).expanduser().resolve() if named else Path(__file__).resolve().parents[1]
    if not (folder / "schemas").is_dir():
        raise SettingsError(
            f"{folder}: not a project, it has no folder schemas/; name one by --project or LUMBUNG_PROJECT"
        )
    return folder


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else _PONTIANAK
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(
            f"LUMBUNG_TIMEZONE: {name!r} is no time zone; expected a name such as Asia/Makassar"
        ) from None


def _warehouse_url(url: str) -> str | None:
    if not url:
        return None
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    # The URL itself is never shown: it may hold a password.
    if scheme not in _SCHEMES:
        raise SettingsError(
            "LUMBUNG_WAREHOUSE_URL: expected postgresql://user:password@host:port/database, "
            f"got something that starts with {scheme + '://' if scheme else 'no scheme'}"
        )
    return url
