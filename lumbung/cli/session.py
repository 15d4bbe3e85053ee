"""One use of the command line: which project, its settings, its hub."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from lumbung.settings import Settings
from schemas.contract import Contract

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from connectors.base import Connection
    from lumbung.hub import Hub
    from schemas.catalogue import Catalogue


@dataclass
class Session:
    """What the commands share. `project` is the folder that `--project` names, if it does."""

    project: Path | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings; raises `SettingsError`."""
        return Settings.from_environment(self.project)

    @cached_property
    def hub(self) -> "Hub":
        """The project's hub, with the warehouse running; raises what `open_hub` raises."""
        from lumbung.hub import open_hub

        return open_hub(self.settings, resolve=self.resolve)

    @property
    def engine(self) -> "Engine":
        """The warehouse, for reports."""
        return self.hub.warehouse.engine

    @property
    def catalogue(self) -> "Catalogue":
        """The project's contracts."""
        return self.hub.catalogue

    def dataset(self, name: str) -> Contract:
        """The dataset's contract; a name that isn't there is a fault of the command line."""
        if name not in self.catalogue.sources:
            raise typer.BadParameter(f"there is no dataset {name!r}{_hint(name, self.catalogue.sources)}")
        return self.catalogue.sources[name]

    def resolve(self, connection_id: str) -> "Connection":
        """A source's connection: from the environment, else from the secrets backend Airflow is told of."""
        from connectors.connection import from_environment, variable

        if os.environ.get("AIRFLOW__SECRETS__BACKEND") and not os.environ.get(variable(connection_id)):
            # On import Airflow writes its configuration there; else that would be ~/airflow.
            os.environ.setdefault("AIRFLOW_HOME", str(self.settings.home / "airflow"))
            from lumbung.airflow_runtime.stages import resolve

            return resolve(connection_id)
        return from_environment(connection_id)


def session_of(context: typer.Context) -> Session:
    """The session that the command runs in."""
    return cast(Session, context.obj)


def _hint(name: str, known: dict[str, Contract]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; the project has {', '.join(known) or 'none'}"
