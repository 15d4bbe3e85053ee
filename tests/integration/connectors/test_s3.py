"""Files in an S3 bucket, on a local server that speaks S3."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from connectors.base import Request
from connectors.connection import parse_connection
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from connectors.storage import base
from schemas.contract import Contract, Manifest, Read
from tests.integration.connectors.reading import contract, lines_of

KEYS = {"login": "key", "password": "hush"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="module")
def bucket(endpoint: str) -> Iterator[Any]:
    client = botocore.session.get_session().create_client(
        "s3", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id="key",
        aws_secret_access_key="hush",
    )  # fmt: skip
    client.create_bucket(Bucket="drop")
    for key, text in {
        "in/2025/a.csv": "a\n1\n", "in/2025/b.csv": "a\n2\n", "in/2024/a.csv": "a\n0\n", "in/2025/": "",
        "in/2025/manifest.txt": "file,n\na.csv,1\nb.csv,2\n", "in/zero.csv": "", "other/a.csv": "a\n9\n",
    }.items():  # fmt: skip
        client.put_object(Bucket="drop", Key=key, Body=text.encode())
    yield client
    client.close()


def of(location: str = "s3://drop/in", **read: Any) -> Contract:
    return contract(
        "csv", "", ["a"], settings={"location": location}, read=Read(**{"max_seconds": 20, **read})
    )


def rows(endpoint: str, asked: Contract, **given: Any) -> list[tuple[str | None, ...]]:
    fields = {"conn_type": "aws", "extra": {"endpoint_url": endpoint}} | KEYS | given
    connector = open_connector(asked, parse_connection("minio", json.dumps(fields)), Path())
    with connector.open(Request(asked)) as extract:
        return lines_of(extract).rows


@pytest.mark.usefixtures("bucket")
def test_objects_are_listed_picked_and_read(endpoint: str) -> None:
    assert rows(endpoint, of("s3://drop/in/2025/b.csv")) == [("2",)]
    assert rows(endpoint, of(files="*/*.csv")) == [("0",), ("1",), ("2",)]
    assert rows(endpoint, of(files="**/a.csv")) == [("0",), ("1",)]
    assert rows(endpoint, of("s3://drop", files="in/2025/[b]*")) == [("2",)]
    announced = of("s3://drop/in/2025", files="*.csv", manifest=Manifest("manifest.txt", rows="n"))
    with pytest.raises(SourceMalformed, match=r"announces 2 rows of b\.csv, 1 are there: possibly truncated"):
        rows(endpoint, announced)


@pytest.mark.usefixtures("bucket")
def test_a_connection_may_say_the_bucket(endpoint: str) -> None:
    given = {"conn_type": "s3", "host": "drop", "schema": "other/a.csv"}
    assert rows(endpoint, of("s3://documentation/only"), **given) == [("9",)]


def test_a_public_bucket_is_asked_without_signature(endpoint: str, bucket: Any) -> None:
    bucket.put_object(Bucket="drop", Key="public.csv", Body=b"a\n5\n", ACL="public-read")
    assert rows(endpoint, of("s3://drop/public.csv"), login="", password="") == [("5",)]
    with pytest.raises(SourceRefused, match=r"s3://drop/other/a\.csv is refused \("):
        rows(endpoint, of("s3://drop/other/a.csv"), login="", password="")


def test_the_newest_object_is_the_one_put_last(endpoint: str, bucket: Any) -> None:
    bucket.put_object(Bucket="drop", Key="new/b.csv", Body=b"a\n1\n")
    bucket.put_object(Bucket="drop", Key="new/c.csv", Body=b"a\n2\n")
    assert rows(endpoint, of("s3://drop/new", files="*", pick="newest")) == [("2",)]


def test_a_large_object_comes_whole(endpoint: str, bucket: Any) -> None:
    value = "x" * 9999
    count = 2 * base.CHUNK // 10_000 + 1
    bucket.put_object(Bucket="drop", Key="large.csv", Body=("a\n" + f"{value}\n" * count).encode())
    assert rows(endpoint, of("s3://drop/large.csv")) == [(value,)] * count


@pytest.mark.fault(28)
@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("location", "given", "kind", "message"),
    [
        ("s3://drop/in/none.csv", {}, SourceMalformed, r"no file s3://drop/in/none\.csv"),
        ("s3://drop/in/zero.csv", {}, SourceMalformed, r"zero\.csv is empty"),
        ("s3://nowhere/x.csv", {}, SourceRefused, r"no s3://nowhere/x\.csv \(NoSuchBucket\)"),
        ("https://drop/x.csv", {}, SourceRefused, "expected s3://bucket/prefix"),
        ("", {}, SourceRefused, "expected s3://bucket/prefix"),
        ("s3://Drop_/x.csv", {}, SourceRefused, "can't be asked for|no s3://Drop_"),
        ("s3://drop/in/x.csv", {"extra": {"endpoint_url": "http://127.0.0.1:1"}}, SourceUnavailable,
         "can't be read now: EndpointConnectionError"),
        ("s3://drop/in/x.csv", {"extra": {"endpoint_url": "hush"}}, SourceRefused,
         "can't be asked for.*AIRFLOW_CONN_MINIO"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_without_secrets(
    endpoint: str, location: str, given: dict[str, Any], kind: type[SourceError], message: str
) -> None:
    with pytest.MonkeyPatch.context() as patched, pytest.raises(kind, match=message) as caught:
        patched.setattr(base, "PAUSES", (0.01,))
        rows(endpoint, of(location), **given)
    assert str(caught.value).startswith("test.dataset")
    assert "hush" not in str(caught.value)


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("InvalidAccessKeyId", 403, SourceRefused), ("AccessDenied", 403, SourceRefused),
     ("SlowDown", 503, SourceUnavailable), ("InternalError", 500, SourceUnavailable)],
)  # fmt: skip
def test_refusals_and_outages_are_told_apart(code: str, status: int, kind: type[SourceError]) -> None:
    """The local server checks no keys, so that its refusals are made here."""
    from botocore.exceptions import ClientError

    from connectors.base import Connection
    from connectors.storage.s3 import S3Storage

    storage = S3Storage(
        Connection("minio", "s3", user="k", password="hush"), "drop", "", base.Budget("x", 9, [].append)
    )
    error = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.MonkeyPatch.context() as patched, pytest.raises(kind, match=rf"\({code}\)|now: {code}"):
        patched.setattr(storage, "_below", lambda key: (_ for _ in ()).throw(ClientError(error, "List")))  # type: ignore[arg-type]
        storage.named("x")
    storage.close()
