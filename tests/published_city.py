"""The demo's city with everything synced and published once, for all tests that only look at it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from lumbung import pipeline
from lumbung.releases import ReleaseOutcome
from tests.conftest import Servers
from tests.demo_city import DemoCity, a_demo_city

AS_OF = date(2026, 9, 30)


@dataclass(frozen=True)
class PublishedCity:
    """The city on its first day, published. Nobody changes it."""

    demo: DemoCity
    release: ReleaseOutcome

    @property
    def systems(self) -> Path:
        """Where the source systems lie that are files."""
        return self.demo.home / "demo"

    @property
    def manifest(self) -> dict[str, Any]:
        """What the city knows of itself: faults by dataset and key, and what doesn't fit on purpose."""
        return dict(json.loads((self.systems / "manifest" / "day0.json").read_text()))

    def refused(self, dataset: str) -> set[str]:
        """Keys of the dataset's rows that no correct hub takes in."""
        return {fault["key"] for fault in self.manifest["faults"] if fault["dataset"] == dataset}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the warehouse answers."""
        with psycopg.connect(self.demo.hub.settings.warehouse_url or "") as link:
            return link.execute(query.encode()).fetchall()


@contextmanager
def a_published_city(servers: Servers, home: Path) -> Iterator[PublishedCity]:
    """A city on its first day, synced and published."""
    with a_demo_city(servers, home) as demo:
        for dataset in demo.hub.catalogue.sources:
            pipeline.sync(demo.hub, dataset)
        yield PublishedCity(demo, pipeline.publish(demo.hub, AS_OF))
