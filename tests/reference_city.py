"""A warehouse with the project's code lists, in which datasets speak of places and agencies."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg import sql

from connectors.base import Connection
from lumbung.models import load_models
from lumbung.pipeline import Hub
from lumbung.release import build, plan
from lumbung.resolution import books
from lumbung.resolution.organisations import settle_organisations
from lumbung.resolution.places import settle_places
from lumbung.resolution.stage import identify
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue, load_catalogue
from schemas.contract import Contract
from tests.conftest import TEMPLATE, VERSIONS, Servers
from tests.loads_project import Loads

PROJECT = Path(__file__).parents[1]
SOURCES = load_catalogue(PROJECT).sources


def reference(name: str) -> list[dict[str, str]]:
    """The rows of a code list."""
    with (PROJECT / "warehouse" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_sent(dataset: str) -> Contract:
    """A dataset of the project whose source calls the columns as the hub does."""
    columns = tuple(replace(column, source_name=column.name) for column in SOURCES[dataset].columns)
    return replace(SOURCES[dataset], columns=columns)


@contextmanager
def a_template(servers: Servers, *lists: str) -> Iterator[str]:
    """Name of a database with these code lists synced, names within `reference`: for copies of it."""
    with servers.database(VERSIONS[0], TEMPLATE) as url:
        city = ReferenceCity(url)
        for name in lists:
            rows = [[value or None for value in row.values()] for row in reference(name)]
            city.sync(SOURCES[f"reference.{name}"], *rows)
        yield urlsplit(url).path.removeprefix("/")


class ReferenceCity:
    """A warehouse with the code lists that are synced in it already."""

    def __init__(self, url: str) -> None:
        self.warehouse = Warehouse(url)
        with self.warehouse.connect() as session:
            synced = books.applied_loads(session)
        self.sources = {name: SOURCES[name] for name in synced}

    def sync(self, dataset: Contract, *rows: list[str | None]) -> None:
        """Sync rows of a dataset, which is part of the project from now on."""
        self.sources[dataset.id] = dataset
        # The lists have their columns in an order of their own.
        names = list(reference(dataset.name)[0]) if dataset.source == "reference" else list(dataset.names)
        ordered = [[row[names.index(name)] for name in dataset.names] for row in rows]
        Loads(self.warehouse, dataset).sync(*ordered)

    def identify(self) -> int:
        """A run of the places and agencies."""
        settings = Settings(PROJECT, PROJECT, self.warehouse.url)
        hub = Hub(settings, self.warehouse, Catalogue(self.sources, {}), _no_connection)
        return identify(hub, (settle_places, settle_organisations))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self.warehouse.connect() as session:
            return session.execute(query.encode()).fetchall()

    def findings(self) -> list[tuple[Any, ...]]:
        """Role, what is written, reason, candidates, count of the open findings."""
        return self.rows(
            "SELECT role, written_code, written_name, reason, candidates, row_count FROM identity.finding "
            "WHERE to_run_id IS NULL ORDER BY 1, 2, 3, 4"
        )

    def integrate(self, folder: Path, as_of_date: date, *names: str) -> None:
        """Build these integrated models after a run of their own; they become views of the same names."""
        models_folder = folder / "warehouse" / "integrated"
        models_folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            text = (PROJECT / "warehouse" / "integrated" / f"{name}.sql").read_text("utf-8")
            (models_folder / f"{name}.sql").write_text(text, "utf-8")
        models = load_models(folder, Catalogue(self.sources, {}))
        release_id = plan(self.warehouse, models, as_of_date, self.identify())
        with self.warehouse.connect() as session:
            relations = dict(
                session.execute(
                    "SELECT table_name, relation FROM ops.release_table WHERE release_id = %s", [release_id]
                ).fetchall()
            )
        for model in models:
            build(self.warehouse, models, release_id, model.name)
            with self.warehouse.connect() as session:
                session.execute(
                    sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT * FROM {}").format(
                        sql.Identifier("public", model.table),
                        sql.Identifier("release", relations[model.table]),
                    )
                )


def _no_connection(name: str) -> Connection:
    raise AssertionError(f"no source is read here, not even {name}")
