"""Connections as Airflow writes them, in URI or JSON form, read without Airflow.

A source's address and credentials live in `AIRFLOW_CONN_<ID>`; contracts never hold them. No message
made here repeats any part of the text, for it holds the password.
"""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from connectors.base import Connection
from connectors.errors import SourceRefused

KINDS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "sqlserver",
    "sqlserver": "sqlserver",
    "oracle": "oracle",
    "http": "api",
    "https": "api",
    "api": "api",
    "file": "file",
    "fs": "file",
    "local": "file",
    "csv": "file",
    "xlsx": "file",
    "sftp": "sftp",
    "ssh": "sftp",
    "s3": "s3",
    "aws": "s3",
    "xls": "file",
    "ods": "file",
    "smtp": "smtp",
}


def variable(connection_id: str) -> str:
    """The environment variable that holds the connection `connection_id`."""
    return f"AIRFLOW_CONN_{connection_id.upper()}"


def from_environment(connection_id: str, environment: Mapping[str, str] | None = None) -> Connection:
    """The connection from `AIRFLOW_CONN_<ID>`; `SourceRefused` when it is missing or unreadable."""
    text = (os.environ if environment is None else environment).get(variable(connection_id), "")
    if not text.strip():
        raise SourceRefused(
            f"connection {connection_id}: set {variable(connection_id)} to the source's address (URI or JSON)"
        )
    return parse_connection(connection_id, text)


def parse_connection(connection_id: str, text: str) -> Connection:
    """Read `text`, an Airflow connection as URI (`mysql://user:pa%40ss@host/db?key=value`) or JSON.

    Raises `SourceRefused` naming the variable, never the text, when it can't be read.
    """
    try:
        fields = _from_json(text) if text.lstrip().startswith("{") else _from_uri(text.strip())
        return _connection(connection_id, fields)
    except (ValueError, TypeError, AttributeError):
        raise SourceRefused(
            f"connection {connection_id}: {variable(connection_id)} is neither a URI such as "
            'mysql://user:password@host:3306/database nor JSON such as {"conn_type": "mysql", "host": ...}'
        ) from None


def _connection(connection_id: str, fields: dict[str, Any]) -> Connection:
    scheme = str(fields.get("conn_type") or "").lower().replace("-", "_")
    kind = KINDS.get(scheme)
    if kind is None:
        raise SourceRefused(
            f"connection {connection_id}: unknown kind in {variable(connection_id)}; "
            f"known: {', '.join(sorted(KINDS))}"
        )
    host, database = str(fields.get("host") or ""), str(fields.get("schema") or "")
    extra = _extra(fields.get("extra"))
    if kind in ("file", "sqlite"):
        host, database = "", host + database or str(extra.get("path") or "")
    if kind == "api":
        host, database = _api_host(scheme, host, database)
    return Connection(
        id=connection_id,
        kind=kind,
        host=host,
        port=int(fields["port"]) if fields.get("port") else None,
        user=str(fields.get("login") or ""),
        password=str(fields.get("password") or ""),
        database=database,
        extra=extra,
    )


def _api_host(scheme: str, host: str, database: str) -> tuple[str, str]:
    """The host with its scheme, and the base path.

    Airflow writes https either as the kind, as part of the host, or as the "schema" of an http connection.
    """
    if not host or "://" in host:
        return host, database
    if database in ("http", "https"):
        scheme, database = database, ""
    return f"{'https' if scheme == 'https' else 'http'}://{host}", database


def _extra(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        value = json.loads(value) if value.strip() else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("extra is no object")
    return value


def _from_json(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def _from_uri(text: str) -> dict[str, Any]:
    """Airflow's URI form. Not `urlsplit`: it lowers the case of hosts, which may be paths here."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise ValueError("no scheme")
    inner, nested, after = rest.partition("://")
    protocol = f"{inner}://" if nested and inner in ("http", "https") else ""
    rest, _, query = (after if protocol else rest).partition("?")
    authority, slash, path = rest.partition("/")
    credentials, _, address = authority.rpartition("@")
    login, _, password = credentials.partition(":")
    host, port = _address(address)
    if scheme.lower() == "file" and not host:
        path = slash + path.lstrip("/")
    return {
        "conn_type": scheme,
        "login": unquote(login),
        "password": unquote(password),
        "host": protocol + unquote(host) if host else "",
        "port": port,
        "schema": _path(scheme, host, unquote(path), slash),
        "extra": _query(query),
    }


def _path(scheme: str, host: str, path: str, slash: str) -> str:
    """What follows the host; when a path begins in the host's place (`file://rel/dir`), the rest of it."""
    return slash + path if host and KINDS.get(scheme.lower()) in ("file", "sqlite") else path


def _address(address: str) -> tuple[str, str]:
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = address.partition(":")
    return host, port


def _query(query: str) -> dict[str, Any]:
    """`?a=b&c=d`, or Airflow's `?__extra__=<JSON>`."""
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    return dict(json.loads(pairs["__extra__"])) if "__extra__" in pairs else pairs
