"""The city's connections as the environment of the hub: AIRFLOW_CONN_<ID>."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from demo import serve, state
from demo.systems.simda import Server


def connections(home: Path) -> dict[str, str]:
    """`AIRFLOW_CONN_<ID>` -> JSON for every source of the city; SIPD only while its server runs."""
    place = state.folder(home)
    urls = state.read(place / "urls.json")
    found = {
        "siak": _postgres(urls["siak"]),
        "simda": _mysql(urls["mysql"]) if urls["mysql"] else _sqlite(place / "simda.db"),
        "perizinan": _sqlite(place / "perizinan.db"),
        "planning": _sqlite(place / "planning.db"),
        "esakip": _sqlite(place / "esakip.db"),
        **{name: _sqlite(place / f"{name}.db") for name in ("simbg", "tte", "arsip", "inovasi")},
        **{name: _files(place / name) for name in ("oss", "siup")},
        "sismiop": _sqlite(place / "sismiop.db"),
        "bphtb": _sqlite(place / "bphtb.db"),
        "pajak": _sqlite(place / "pajak.db"),
        "djpk": _files(place / "djpk"),
        "pendapatan": _files(place / "pendapatan"),
        "emonev": _files(place / "emonev"),
        "akuntansi": _files(place / "akuntansi"),
        "lapor": _files(place / "lapor"),
        "sipd_ekspor": _files(place / "sipd_ekspor"),
    }
    if server := serve.running(home):
        found["sipd"] = _api(server)
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(link) for name, link in sorted(found.items())}


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "conn_type": "postgres",
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 5432,
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "schema": parts.path.strip("/"),
    }


def _mysql(url: str) -> dict[str, Any]:
    server = Server.of(url)
    return {
        "conn_type": "mysql",
        "host": server.host,
        "port": server.port,
        "login": server.user,
        "password": server.password,
        "schema": server.database,
    }


def _sqlite(file: Path) -> dict[str, Any]:
    return {"conn_type": "sqlite", "host": str(file.absolute())}


def _files(place: Path) -> dict[str, Any]:
    return {"conn_type": "fs", "extra": {"path": str(place.absolute())}}


def _api(server: serve.Server) -> dict[str, Any]:
    return {
        "conn_type": "http",
        "host": "127.0.0.1",
        "port": server.port,
        "login": serve.CLIENT,
        "password": server.secret,
        "schema": "api",
        "extra": {"token_url": "/oauth/token"},
    }
