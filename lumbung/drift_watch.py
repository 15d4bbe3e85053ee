"""Looking at a source for drift: by its catalogue if it has one, else by what it hands over."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.base import Request
from connectors.errors import ColumnsMissing, SourceError
from connectors.inspection import inspect, table_name
from connectors.registry import DATABASES
from lumbung import ledger
from lumbung.drift import Change, Shape, Watch, changes, shape_of
from lumbung.errors import ModelError
from lumbung.hub import Hub
from lumbung.lineage import readers
from lumbung.models import load_models
from schemas.contract import Contract


def look(hub: Hub, contract: Contract) -> list[Change]:
    """Every change of the dataset's source, with the models' columns that it reaches.

    Raises `SourceError` when the source can't be read.
    """
    shape = catalogue_shape(hub, contract)
    found = list(shape) if shape is not None else _names_handed_over(hub, contract)
    with hub.warehouse.connect() as session:
        before = ledger.known_shape(session, contract)
    return changes(contract, found, shape, before, lambda of, name: readers_of(hub, of, name))


def readers_of(hub: Hub, contract: Contract, column: str) -> Sequence[str]:
    """The models' columns that are made from a column of the dataset."""
    models = load_models(hub.settings.project, hub.catalogue)
    return readers(models, f"current.{contract.table}", column)


def catalogue_shape(hub: Hub, contract: Contract) -> Shape | None:
    """What the source's catalogue says of the dataset's table; None where there is no catalogue.

    Raises `SourceError`: a table that is gone is said so by the connector, not here.
    """
    server = contract.server
    if server is None or server.kind not in DATABASES:
        return None
    kind, connection = server.kind, hub.connection(contract)
    if not connection.database and server.settings.get("path"):
        connection = replace(connection, database=str(server.settings["path"]))
    # With the schema first: the default one may have a table of the same name.
    found = inspect(connection, hub.settings.project, kind, [table_name(contract)])
    found = found or inspect(connection, hub.settings.project, kind, [contract.physical_name])
    return shape_of(found[0]) if found else None


def watch(hub: Hub, contract: Contract) -> Watch:
    """What a landing of the dataset needs to see drift.

    A catalogue that can't be read is none: what is wrong with the source, its connector says better.
    """
    try:
        shape = catalogue_shape(hub, contract)
    except SourceError:
        shape = None
    return Watch(shape, readers=lambda of, name: _readers_or_none(hub, of, name))


def _readers_or_none(hub: Hub, contract: Contract, column: str) -> Sequence[str]:
    """As `readers_of`; models that can't be read are no reason not to land."""
    try:
        return readers_of(hub, contract, column)
    except ModelError:
        return ()


def _names_handed_over(hub: Hub, contract: Contract) -> list[str]:
    """The columns that a source without a catalogue hands over; of one that lacks some, those it has."""
    try:
        with hub.connector(contract).open(Request(contract)) as extract:
            return list(extract.source_columns)
    except ColumnsMissing as missing:
        return list(missing.found)
