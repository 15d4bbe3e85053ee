"""One dataset from a real source through the three stages: what came of each row."""

from pathlib import Path
from typing import Any

from connectors.base import Connection
from connectors.connection import parse_connection
from connectors.registry import open_connector
from lumbung import landing
from lumbung.ledger import Load
from lumbung.warehouse import Warehouse
from schemas.contract import Column, Contract, Read, Server, Sync
from tests.loads_project import Loads

#: The guards are off: most rows of these tests are meant to be refused.
UNGUARDED = Sync(max_delete_pct=100, max_refused_pct=100)


def dataset(kind: str, *columns: Column, path: Path | None = None, **said: Any) -> Contract:
    """A dataset of these columns, read from the table `data`, or from the file at `path`."""
    settings = {"path": str(path)} if path else {}
    return Contract(
        id=said.pop("name", "test.data"), kind="source", version="1.0.0", status="active", title="data",
        description="", owner="test", tags=(), file=Path("schemas/sources/test/data.odcs.yaml"),
        physical_name="data", columns=columns, server=Server("test", kind, settings),
        sync=said.pop("sync", UNGUARDED), read=said.pop("read", Read()), **said,
    )  # fmt: skip


class Sourced:
    """A dataset, the source that it is read from (`url`, or the file in its contract), and a warehouse."""

    def __init__(self, warehouse_url: str, contract: Contract, url: str = "") -> None:
        self._connection = parse_connection("test", url) if url else Connection("test", "file")
        self.loads = Loads(Warehouse(warehouse_url), contract)

    def land(self) -> int:
        """Read the source; returns the load's id."""
        contract = self.loads.contract
        connector = open_connector(contract, self._connection, Path())
        return landing.land(self.loads.warehouse, contract, connector)

    def sync(self) -> Load:
        """Read the source, and take the load through all stages."""
        load_id = self.land()
        self.loads.validate(load_id)
        return self.loads.apply(load_id)

    def accepted(self) -> list[tuple[Any, ...]]:
        """The contract's columns of each row in history, by the first of them."""
        listed = ", ".join(f'"{name}"' for name in self.loads.contract.names)
        return self.loads.query(f"SELECT {listed} FROM current.{self.loads.contract.table} ORDER BY 1")

    def refused(self) -> dict[str, list[str]]:
        """Reasons of each refused row, by its key."""
        return dict(self.loads.entries())
