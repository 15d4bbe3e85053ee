"""The demo's city, small, on real servers, and a hub of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connectors.connection import from_environment
from demo import DemoUrls, build, connections, serve
from lumbung import pipeline
from lumbung.hub import Hub
from lumbung.settings import Settings
from tests.conftest import TEMPLATE, Servers
from tests.services import postgres_database

PEOPLE = 1000


@dataclass(frozen=True)
class DemoCity:
    """The city and its hub; `siak` is the URL of the residents' register."""

    home: Path
    siak: str
    hub: Hub

    def show(self, day: int) -> None:
        """Let every source be as on that day."""
        build(self.home, DemoUrls(self.siak), residents=PEOPLE, day=day)

    def planted(self, day: int) -> list[dict[str, Any]]:
        """The day's faults, by the manifest."""
        text = (self.home / "demo" / "manifest" / f"day{day}.json").read_text()
        return list(json.loads(text)["faults"])


@contextmanager
def a_demo_city(servers: Servers, home: Path, project: Path | None = None) -> Iterator[DemoCity]:
    """A city on its first day, nothing of it synced. `project` has other contracts than the repository's."""
    serve.start(home)
    try:
        with postgres_database() as siak, servers.database(18, TEMPLATE) as url:
            build(home, DemoUrls(siak), residents=PEOPLE)
            environment = {"LUMBUNG_HOME": str(home), "LUMBUNG_WAREHOUSE_URL": url}
            settings = Settings.from_environment(project, environment)
            resolve = partial(from_environment, environment=connections(home))
            yield DemoCity(home, siak, pipeline.open_hub(settings, resolve))
    finally:
        serve.stop(home)
