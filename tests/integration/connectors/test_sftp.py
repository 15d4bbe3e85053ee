"""Files on an SFTP server: a real OpenSSH server on a port of its own."""

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connection, Request
from connectors.connection import parse_connection
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from connectors.storage import base, sftp
from schemas.contract import Contract, Manifest, Read
from tests.integration.connectors.reading import contract, lines_of
from tests.integration.connectors.sshd import Sshd, sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, text in {"2025/b.csv": "a\n2\n", "2025/a.csv": "a\n1\n", "2024/a.csv": "a\n0\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def of(kind: str = "csv", **read: Any) -> Contract:
    settings = {"location": "sftp://documentation.example/nowhere"}
    return contract(kind, "", ["a"], settings=settings, read=Read(**{"max_seconds": 20, **read}))


def rows(server: Sshd, path: Path, asked: Contract, **given: Any) -> list[tuple[str | None, ...]]:
    extra = {"host_key": server.host_key, "key_file": str(server.key_file)} | given.pop("extra", {})
    fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": server.port, "login": server.user}
    fields |= {"schema": str(path), "extra": {k: v for k, v in extra.items() if v is not None}} | given
    connector = open_connector(asked, parse_connection("dropbox", json.dumps(fields)), Path())
    with connector.open(Request(asked)) as extract:
        return lines_of(extract).rows


def test_files_are_listed_picked_and_read(server: Sshd, home: Path) -> None:
    assert rows(server, home / "2025" / "b.csv", of()) == [("2",)]
    assert rows(server, home, of(files="*/*.csv")) == [("0",), ("1",), ("2",)]
    assert rows(server, home, of(files="**/a.csv")) == [("0",), ("1",)]
    os.utime(home / "2025" / "a.csv", (2e9, 2e9))
    assert rows(server, home, of(files="**/*.csv", pick="newest")) == [("1",)]
    (home / "2025" / "manifest.txt").write_text("file,n\na.csv,1\nb.csv,2\n")
    announced = of(files="*.csv", manifest=Manifest("manifest.txt", rows="n"))
    with pytest.raises(SourceMalformed, match=r"announces 2 rows of b\.csv, 1 are there: possibly truncated"):
        rows(server, home / "2025", announced)


def test_a_large_file_comes_whole(server: Sshd, home: Path) -> None:
    value = "x" * 9999
    count = 2 * sftp.WINDOW // 10_000 + 1
    (home / "large.csv").write_text("a\n" + f"{value}\n" * count)
    assert rows(server, home / "large.csv", of()) == [(value,)] * count


def test_the_key_may_stand_in_the_connection(server: Sshd, home: Path) -> None:
    extra = {"key_file": None, "private_key": server.key_file.read_text()}
    assert rows(server, home / "2025" / "a.csv", of(), extra=extra) == [("1",)]


@pytest.mark.fault(28)
def test_an_unknown_host_is_refused_until_its_key_is_given(server: Sshd, home: Path) -> None:
    path = home / "2025" / "a.csv"
    with pytest.raises(SourceRefused, match=r"host key of .* is not known: ssh-ed25519 SHA256:") as caught:
        rows(server, path, of(), extra={"host_key": None})
    shown = re.search(r"set extra host_key to '(.*)'", str(caught.value))
    assert shown and shown[1] == server.host_key
    assert rows(server, path, of(), extra={"host_key": shown[1].split()[1]}) == [("1",)]
    assert rows(server, path, of(), extra={"host_key": None, "no_host_key_check": "true"}) == [("1",)]


@pytest.mark.fault(28)
def test_another_host_key_than_the_pinned_one_is_refused(server: Sshd, home: Path) -> None:
    other = " ".join((server.folder / "user.pub").read_text().split()[:2])
    with pytest.raises(SourceRefused, match="shows another host key than host_key"):
        rows(server, home, of(files="*"), extra={"host_key": other})


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PAUSES", (0.01,))


@pytest.mark.fault(28)
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("given", "path", "kind", "message"),
    [
        ({"extra": {"key_file": None}, "password": "hush"}, "2025/a.csv", SourceRefused,
         "refused the login of .*AIRFLOW_CONN_DROPBOX"),
        ({"extra": {"key_file": "hush.pem"}}, "2025/a.csv", SourceRefused, "key_file can't be read"),
        ({"extra": {"key_file": None, "private_key": "hush"}}, "2025/a.csv", SourceRefused,
         "private_key can't be read; expected an Ed25519"),
        ({"extra": {"host_key": "hush"}}, "2025/a.csv", SourceRefused, "host_key can't be read"),
        ({}, "2025/c.csv", SourceMalformed, r"no file .*2025/c\.csv"),
        ({}, "2025", SourceMalformed, r"no file .*2025"),
        ({"port": 1}, "2025/a.csv", SourceUnavailable, r"127\.0\.0\.1 can't be read now"),
        ({"host": "nowhere.invalid"}, "2025/a.csv", SourceUnavailable, r"nowhere\.invalid can't be read now"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_without_secrets(
    server: Sshd, home: Path, given: dict[str, Any], path: str, kind: type[SourceError], message: str
) -> None:  # fmt: skip
    with pytest.raises(kind, match=message) as caught:
        rows(server, home / path, of(), **given)
    assert str(caught.value).startswith("test.dataset")
    assert "hush" not in str(caught.value)


@pytest.mark.fault(28)
def test_a_folder_that_is_not_there_is_named(server: Sshd, home: Path) -> None:
    with pytest.raises(SourceRefused, match=r"no .*/2023 on 127\.0\.0\.1; correct the path"):
        rows(server, home / "2023", of(files="*"))


@pytest.mark.fault(23)
def test_a_server_that_comes_back_is_asked_again(server: Sshd, home: Path) -> None:
    server.stop()
    back = threading.Timer(0.7, server.start)
    back.start()
    try:
        assert rows(server, home / "2025" / "a.csv", of()) == [("1",)]
    finally:
        back.join()


@pytest.mark.fault(16)
def test_a_server_that_stops_answering_is_left_at_the_time_limit(server: Sshd, home: Path) -> None:
    """The server accepts the login and then falls silent, as a machine does whose disk hangs."""
    pipe = home / "pipe.csv"
    os.mkfifo(pipe)
    given = Connection(
        "dropbox", "sftp", "127.0.0.1", server.port, server.user,
        extra={"host_key": server.host_key, "key_file": str(server.key_file)},
    )  # fmt: skip
    began = time.monotonic()
    storage = sftp.SftpStorage(given, str(home).lstrip("/"), Path(), base.Budget("x", 2))
    try:
        with pytest.raises(SourceUnavailable, match="x: the read took longer than maxSeconds"):
            storage.fetch(base.Stored("pipe.csv"), home)
    finally:
        storage.close()
        # Let the server's process go on to its end.
        os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))
    assert time.monotonic() - began < 10
