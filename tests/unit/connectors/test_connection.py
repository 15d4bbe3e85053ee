"""Airflow's connections, in both forms it writes."""

from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connection
from connectors.connection import from_environment, parse_connection
from connectors.errors import SourceRefused
from connectors.registry import CONNECTORS, needs_connection, open_connector
from schemas.contract import Contract, Server


def made(kind: str, **fields: Any) -> Connection:
    return Connection("x", kind, **fields)


@pytest.mark.parametrize(
    ("text", "connection"),
    [
        ("mysql://user:pa%40ss%3A@host:3306/db?charset=utf8&x=",
         made("mysql", host="host", port=3306, user="user", password="pa@ss:", database="db",
              extra={"charset": "utf8", "x": ""})),
        ("postgresql://u@Host.example/db?__extra__=%7B%22sslmode%22%3A+%22require%22%7D",
         made("postgres", host="Host.example", user="u", database="db", extra={"sslmode": "require"})),
        ("postgres://%2Fvar%2Frun%2Fpg:5433/db", made("postgres", host="/var/run/pg", port=5433,
                                                              database="db")),
        ("postgres://u:p@[::1]:5432/db",
         made("postgres", host="::1", port=5432, user="u", password="p", database="db")),
        ("mariadb://h", made("mysql", host="h")),
        ("sqlite:////abs/My.db", made("sqlite", database="/abs/My.db")),
        ("sqlite:///rel/My.db", made("sqlite", database="rel/My.db")),
        ("sqlite://rel/My.db", made("sqlite", database="rel/My.db")),
        ("file:///abs/Dir", made("file", database="/abs/Dir")),
        ("file://rel/Dir", made("file", database="rel/Dir")),
        ("fs://?path=%2Fabs", made("file", database="/abs", extra={"path": "/abs"})),
        ("https://app:s%2Fecret@api.example:8443/v1",
         made("api", host="https://api.example", port=8443, user="app", password="s/ecret", database="v1")),
        ("http://https%3A%2F%2Fapi.example", made("api", host="https://api.example")),
        ("http://https://u:p@api.example:81/v1",
         made("api", host="https://api.example", port=81, user="u", password="p", database="v1")),
        ("http://api.example/https", made("api", host="https://api.example")),
        ('{"conn_type": "mysql", "host": "h", "login": "u", "password": "p{", "schema": "db",'
         ' "port": 3307, "extra": {"a": 1}}',
         made("mysql", host="h", port=3307, user="u", password="p{", database="db", extra={"a": 1})),
        ('{"conn_type": "http", "host": "https://h/x", "extra": "{\\"token_url\\": \\"/t\\"}"}',
         made("api", host="https://h/x", extra={"token_url": "/t"})),
        ('{"conn_type": "sqlite", "host": "/abs.db"}', made("sqlite", database="/abs.db")),
        ('{"conn_type": "file", "extra": {"path": "in"}}', made("file", database="in", extra={"path": "in"})),
    ],
)  # fmt: skip
def test_both_forms_are_read(text: str, connection: Connection) -> None:
    assert parse_connection("x", text) == connection


@pytest.mark.parametrize(
    "text",
    ["hush-hush", "mysql//u:hush@h", "mysql://u:hush@h:port/db", '{"conn_type": "mysql", "password": "hush"',
     '{"conn_type": "mysql", "extra": [1], "password": "hush"}', "db2://u:hush@h"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(SourceRefused, match="AIRFLOW_CONN_SI_AK") as caught:
        parse_connection("si_ak", text)
    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_connection_is_found_by_its_variable_or_the_variable_is_named() -> None:
    assert from_environment("siak", {"AIRFLOW_CONN_SIAK": "mysql://h"}).host == "h"
    for environment in ({}, {"AIRFLOW_CONN_SIAK": " "}):
        with pytest.raises(SourceRefused, match="set AIRFLOW_CONN_SIAK"):
            from_environment("siak", environment)


def test_a_connection_never_shows_its_password() -> None:
    assert "hush" not in repr(parse_connection("x", "mysql://u:hush@h/db?token=hush"))


def contract(kind: str, **settings: str) -> Contract:
    return Contract(
        "a.b",
        "source",
        "1",
        "active",
        "",
        "",
        "",
        (),
        Path("b.yaml"),
        "b",
        (),
        server=Server("a", kind, settings),
    )


@pytest.mark.parametrize("kind", CONNECTORS)
def test_every_kind_has_its_connector(kind: str) -> None:
    assert hasattr(open_connector(contract(kind), made("file"), Path()), "open")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(
        SourceRefused, match=r"a\.b: no connector reads servers of kind 'db2'; known: postgres"
    ):
        open_connector(contract("db2"), made("file"), Path())


def test_only_files_whose_path_is_in_the_contract_need_no_connection() -> None:
    assert not needs_connection(contract("csv", path="reference"))
    assert needs_connection(contract("csv"))
    assert needs_connection(contract("postgres", path="x"))
