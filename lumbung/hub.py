"""What every stage works with: the project, its contracts, the warehouse, and the way to the sources."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.base import Connection, Connector
from connectors.connection import from_environment
from connectors.registry import needs_connection, open_connector
from expectations.modules import refuse_orphans
from lumbung import embedded, migrate
from lumbung.errors import SettingsError
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue, load_catalogue
from schemas.contract import Contract

Resolve = Callable[[str], Connection]


@dataclass(frozen=True)
class Hub:
    """One project open on one warehouse. `resolve` gives the connection with an id."""

    settings: Settings
    warehouse: Warehouse
    catalogue: Catalogue
    resolve: Resolve = field(default=from_environment, repr=False)

    def dataset(self, dataset: str) -> Contract:
        """The dataset's contract; raises `SettingsError` naming those that exist."""
        if dataset not in self.catalogue.sources:
            known = ", ".join(self.catalogue.sources) or "none"
            raise SettingsError(f"there is no dataset {dataset!r}; the project has: {known}")
        return self.catalogue.sources[dataset]

    def connection(self, contract: Contract) -> Connection:
        """The connection that the dataset is read through, resolved."""
        assert contract.server is not None, "source contracts have a server"
        name = contract.read.connection or contract.server.name
        return self.resolve(name) if needs_connection(contract) else Connection(name, contract.server.kind)

    def connector(self, contract: Contract) -> Connector:
        """The connector that reads the dataset, with its connection resolved."""
        return open_connector(contract, self.connection(contract), self.settings.project)


def open_hub(settings: Settings, resolve: Resolve | None = None) -> Hub:
    """The project's hub: contracts loaded, warehouse running and migrated.

    Raises `ContractErrors`, `SettingsError`, `WarehouseError`.
    """
    catalogue = load_catalogue(settings.project)
    refuse_orphans([*catalogue.sources.values(), *catalogue.published.values()], settings.project)
    warehouse = open_warehouse(settings)
    return Hub(settings, warehouse, catalogue, resolve or from_environment)


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse that the settings name, else the embedded one, started if need be; migrated."""
    warehouse = Warehouse(settings.warehouse_url or embedded.start(settings.home))
    warehouse.check_version()
    migrate.upgrade(warehouse.url)
    return warehouse
