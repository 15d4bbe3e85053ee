"""How files are picked, where they are: what contracts may say of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.base import Connection
from connectors.connection import parse_connection
from connectors.registry import needs_connection
from schemas.contract import Column, Contract, Manifest, Read, Server, Sync
from schemas.loading import load_contract
from schemas.refusals import refusals

NEW = Sync(mode="incremental")


def made(kind: str, sync: Sync = NEW, **read: Any) -> Contract:
    return Contract(
        id="city.report", kind="source", version="1", status="active", title="", description="", owner="",
        tags=(), file=Path("report.odcs.yaml"), physical_name="report",
        columns=(Column("key", "key", "string", "text", key_position=1),),
        server=Server("city", kind, {"path": "x"}), read=Read(**read), sync=sync,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "json", "jsonl", "xml"])
def test_files_of_every_kind_are_picked(kind: str) -> None:
    read = {"files": "**/*", "members": "x/*", "manifest": Manifest("manifest*.csv"), "pick": "new"}
    assert dict(refusals(made(kind, **read))) == {}


@pytest.mark.parametrize(
    ("kind", "read", "sync", "where", "reason"),
    [
        ("csv", {"pick": "new"}, Sync(), "read.pick", "a snapshot would remove"),
        ("api", {"pick": "new"}, NEW, "read.pick", "is for files; this source is of kind api"),
        ("postgres", {"files": "*"}, Sync(), "read.files", "is for files"),
        ("sqlite", {"members": "*"}, Sync(), "read.members", "is for files"),
        ("mysql", {"manifest": Manifest("m")}, Sync(), "read.manifest", "is for files"),
        ("csv", {"files": "../*.csv"}, Sync(), "read.files", "leads out of the source's folder"),
        ("csv", {"files": "/etc/*"}, Sync(), "read.files", "leads out"),
        ("csv", {"manifest": Manifest("x/../../m.csv")}, Sync(), "manifest.file", "leads out"),
    ],
)
def test_what_can_not_be_picked_is_refused(
    kind: str, read: dict[str, Any], sync: Sync, where: str, reason: str
) -> None:
    found = dict(refusals(made(kind, sync, **read)))
    assert any(place.endswith(where) and reason in why for place, why in found.items()), found


@pytest.mark.parametrize(
    ("server", "is_needed"),
    [
        ({"type": "sftp", "location": "sftp://host/in"}, True),
        ({"type": "s3", "location": "s3://bucket/in"}, True),
        ({"type": "custom", "location": "https://data.example/x.csv"}, False),
        ({"type": "custom", "path": "x.csv"}, False),
        ({"type": "custom"}, True),
    ],
)
def test_the_format_says_the_kind_and_the_server_where(
    tmp_path: Path, server: dict[str, str], is_needed: bool
) -> None:
    document = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": "city.report", "version": "1.0.0",
        "status": "active", "servers": [{"server": "city", "format": "csv", **server}],
        "schema": [{"name": "report", "properties": [
            {"name": "key", "logicalType": "string", "primaryKey": True, "classification": "public"}]}],
    }  # fmt: skip
    file = tmp_path / "report.odcs.yaml"
    file.write_text(yaml.safe_dump(document))
    contract = load_contract(file)
    assert contract.server is not None
    assert contract.server.kind == "csv"
    assert needs_connection(contract) == is_needed


@pytest.mark.parametrize(
    ("text", "connection"),
    [
        ("sftp://u:p%40ss@Files.example:2222/in/data?host_key=ssh-ed25519%20AAAA",
         Connection("x", "sftp", "Files.example", 2222, "u", "p@ss", "in/data",
                    {"host_key": "ssh-ed25519 AAAA"})),
        ('{"conn_type": "ssh", "host": "h", "login": "u", "extra": {"key_file": "k"}}',
         Connection("x", "sftp", "h", None, "u", "", "", {"key_file": "k"})),
        ("aws://KEY:se%2Fcret@/?endpoint_url=http%3A%2F%2Fminio%3A9000&region_name=id",
         Connection("x", "s3", "", None, "KEY", "se/cret", "",
                    {"endpoint_url": "http://minio:9000", "region_name": "id"})),
        ("s3://KEY:secret@bucket/in", Connection("x", "s3", "bucket", None, "KEY", "secret", "in")),
    ],
)  # fmt: skip
def test_connections_to_places_of_files(text: str, connection: Connection) -> None:
    assert parse_connection("x", text) == connection
