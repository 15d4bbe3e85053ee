"""Which connector reads which kind of source. Drivers are imported only when their kind is used."""

from importlib import import_module
from pathlib import Path
from typing import cast

from connectors.base import Connection, Connector
from connectors.errors import SourceRefused
from schemas.contract import Contract

#: Databases may move: a table read from one of these may be read from another, by its connection alone.
DATABASES = ("postgres", "mysql", "sqlite", "sqlserver", "oracle")
#: Kinds whose place may stand in the contract, as a path.
PATHS = ("csv", "tsv", "xlsx", "xls", "ods", "json", "jsonl", "xml", "sqlite")
#: Kind of server in the contract -> the module, and what in it makes the connector.
CONNECTORS = {
    "postgres": ("connectors.postgres", "PostgresConnector"),
    "mysql": ("connectors.mysql", "MysqlConnector"),
    "sqlite": ("connectors.sqlite", "SqliteConnector"),
    "sqlserver": ("connectors.sqlserver", "connector"),
    "oracle": ("connectors.oracle", "connector"),
    "csv": ("connectors.csv_file", "CsvConnector"),
    "tsv": ("connectors.tsv_file", "TsvConnector"),
    "xlsx": ("connectors.xlsx", "XlsxConnector"),
    "xls": ("connectors.xlsx", "XlsxConnector"),
    "ods": ("connectors.xlsx", "XlsxConnector"),
    "json": ("connectors.json_file", "JsonConnector"),
    "jsonl": ("connectors.json_file", "JsonLinesConnector"),
    "xml": ("connectors.xml_file", "XmlConnector"),
    "api": ("connectors.rest", "RestConnector"),
}


def needs_connection(contract: Contract) -> bool:
    """False for files whose path or public URL stands in the contract, unless it names a connection."""
    server = contract.server
    if contract.read.connection or server is None or server.kind not in PATHS:
        return True
    is_url = str(server.settings.get("location", "")).startswith(("http://", "https://"))
    return not (server.settings.get("path") or (is_url and server.kind != "sqlite"))


def open_connector(contract: Contract, connection: Connection, root: Path) -> Connector:
    """The connector for `contract`, speaking to `connection`; file paths are relative to `root`.

    Among databases the connection's kind decides, else the contract's. Raises `SourceRefused` for a
    kind that no connector reads.
    """
    kind = contract.server.kind if contract.server else ""
    if kind in DATABASES and connection.kind in DATABASES:
        kind = connection.kind
    if kind not in CONNECTORS:
        raise SourceRefused(
            f"{contract.id}: no connector reads servers of kind {kind!r}; known: {', '.join(CONNECTORS)}"
        )
    module, name = CONNECTORS[kind]
    return cast(Connector, getattr(import_module(module), name)(connection, root))
