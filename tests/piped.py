"""Datasets from real files and SQLite tables through the pipeline, gate included."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from lumbung import pipeline
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Contract
from tests.loads_project import catalogue


class Piped:
    """A hub of these datasets, whose sources lie in `folder`."""

    def __init__(self, warehouse_url: str, folder: Path, *contracts: Contract) -> None:
        self.warehouse = Warehouse(warehouse_url)
        self.hub = Hub(Settings(folder, folder / "home"), self.warehouse, catalogue(*contracts))
        self.first = contracts[0].id

    def sync(self, dataset: str = "") -> pipeline.LoadOutcome:
        """One load of the dataset (the first when not named) through every stage."""
        return pipeline.sync(self.hub, dataset or self.first)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        with self.warehouse.connect() as session:
            return session.execute(statement.encode()).fetchall()

    def current(self, dataset: str = "") -> list[tuple[Any, ...]]:
        """The open versions, by key."""
        return self.query(f"SELECT * FROM current.{(dataset or self.first).replace('.', '__')} ORDER BY 1")

    def refused(self) -> dict[str, list[str]]:
        """Reasons of the open entries of every dataset, by key."""
        return dict(self.query("SELECT row_key, reasons FROM quarantine.entry WHERE state = 'open'"))


def run_sql(file: Path, script: str) -> None:
    """Run SQL on an SQLite file."""
    with closing(sqlite3.connect(file)) as link:
        link.executescript(script)
