"""A hub whose only sources are lists of rows: what the stages do, without a source behind them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.base import Extract, Request, encode_rows
from lumbung import history, landing, ledger, validation
from lumbung.ledger import Load
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue
from schemas.contract import Column, Contract, Server, Sync
from schemas.types import postgres_type

Row = Sequence[str | None]


def column(name: str, logical: str = "string", physical: str = "", **said: Any) -> Column:
    """A column as a contract would describe it; `key=1` makes it a key column."""
    options = said.pop("options", {})
    key = said.pop("key", None)
    pg_type = postgres_type(logical, physical, options)
    assert pg_type is not None
    required = said.pop("required", key is not None)
    return Column(name, name, logical, pg_type, options, required=required, key_position=key, **said)


def contract(*columns: Column, name: str = "test.rows", **said: Any) -> Contract:
    """A dataset of these columns. Guards are off unless the test is about them."""
    sync = said.pop("sync", Sync(max_delete_pct=100, max_refused_pct=100))
    return Contract(
        id=name, kind="source", version="1.0.0", status="active", title=name, description="", owner="test",
        tags=(), file=Path(f"schemas/sources/test/{name}.odcs.yaml"), physical_name=name, columns=columns,
        server=said.pop("server", Server("test", "postgres")), sync=sync, **said,
    )  # fmt: skip


@dataclass
class Rows:
    """A connector that yields the rows it was made with, in the contract's column order."""

    rows: Sequence[Row]
    numbered: bool = False
    requests: list[Request] = field(default_factory=list)

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """The rows as COPY text."""
        self.requests.append(request)
        names = request.contract.names
        yield Extract(names, names, encode_rows(self.rows), self.numbered)


@dataclass
class Loads:
    """The three stages of one dataset after each other, without the gate."""

    warehouse: Warehouse
    contract: Contract

    def land(self, *rows: Row, numbered: bool = False) -> int:
        """Land these rows; returns the load's id."""
        return landing.land(self.warehouse, self.contract, Rows(rows, numbered))

    def validate(self, load_id: int) -> Load:
        """Validate a landed load, as if the gate had nothing to say."""
        with self.warehouse.connect() as session:
            validation.validate(session, self.contract, ledger.get(session, load_id))
            ledger.note(session, load_id, gate_seconds=0.0)
            return ledger.get(session, load_id)

    def apply(self, load_id: int) -> Load:
        """Apply a validated load."""
        with self.warehouse.connect() as session:
            return history.apply(session, self.contract, ledger.get(session, load_id))

    def sync(self, *rows: Row, numbered: bool = False) -> Load:
        """All three stages."""
        load_id = self.land(*rows, numbered=numbered)
        self.validate(load_id)
        return self.apply(load_id)

    def changed(self, **fields: Any) -> "Loads":
        """The same warehouse under another contract."""
        return Loads(self.warehouse, replace(self.contract, **fields))

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        with self.warehouse.connect() as session:
            return session.execute(statement).fetchall()

    def run(self, statement: str) -> None:
        """A statement on the warehouse that gives no rows."""
        with self.warehouse.connect() as session:
            session.execute(statement)

    def current(self) -> list[tuple[Any, ...]]:
        """The open versions, by key."""
        return self.query(f"SELECT * FROM current.{self.contract.table} ORDER BY 1")

    def entries(self, state: str = "open") -> list[tuple[Any, ...]]:
        """Keys and reasons of the quarantine's entries in this state."""
        return self.query(
            "SELECT row_key, reasons FROM quarantine.entry "
            f"WHERE dataset = '{self.contract.id}' AND state = '{state}' ORDER BY row_key"
        )


def counts(load: Load) -> dict[str, int | None]:
    """The counts of a load that are not zero."""
    names = ("added", "changed", "removed", "confirmed", "quarantined", "filtered", "superseded")
    found = {name: getattr(load, f"{name}_count") for name in names}
    return {name: count for name, count in found.items() if count}


def catalogue(*contracts: Contract) -> Catalogue:
    """A catalogue of these datasets."""
    return Catalogue({c.id: c for c in contracts}, {})
